//! API keys: `GET·POST /v1/api-keys`, `DELETE /v1/api-keys/{id}`. Only a person handles keys.

use app::{ApiKey, App};
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::id::KeyId;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::idempotency::Unkept;
use web::openapi::CallerErrors;
use web::page::ListView;
use web::view::{maybe_time, time};
use web::{Answer, Caller, Id, Json, Person, Writer};

/// A key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// Its first characters.
    prefix: String,
    /// What it may do.
    scopes: Vec<String>,
    /// When it was made.
    created_at: String,
    /// When it was last used.
    last_used_at: Option<String>,
}

/// A new key, with its secret, which is shown here alone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewKeyView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// What it may do.
    scopes: Vec<String>,
    /// The key itself.
    key: String,
    /// Its first characters.
    prefix: String,
}

/// What a key is made from.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyBody {
    /// A name for it.
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    /// What it may do: `*`, `read`, `channels`.
    scopes: Vec<String>,
}

impl From<ApiKey> for KeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            prefix: key.prefix,
            scopes: key.scopes,
            created_at: time(key.created_at),
            last_used_at: maybe_time(key.last_used_at),
        }
    }
}

/// The account's keys.
#[utoipa::path(get, path = "/v1/api-keys", tag = "API keys", security(("bearer" = [])), responses((status = 200, body = ListView<KeyView>), CallerErrors))]
pub(crate) async fn list(State(app): State<App>, Caller(actor): Caller, _: Person) -> Answer<axum::Json<ListView<KeyView>>> {
    let keys = app::keys::list(&app, &actor).await?;
    Ok(axum::Json(ListView { items: keys.into_iter().map(Into::into).collect(), next_cursor: None }))
}

/// Makes a key. Its secret is in this answer and nowhere else, so the answer is never kept.
#[utoipa::path(post, path = "/v1/api-keys", tag = "API keys", security(("bearer" = [])), request_body = KeyBody, responses((status = 201, body = NewKeyView), CallerErrors))]
pub(crate) async fn create(State(app): State<App>, Writer(actor): Writer, _: Person, Json(body): Json<KeyBody>) -> Answer<Response> {
    let (key, secret) = app::keys::create(&app, &actor, &body.name, body.scopes).await?;
    let view =
        NewKeyView { id: key.id.to_string(), name: key.name, scopes: key.scopes, key: secret.expose().to_owned(), prefix: key.prefix };
    Ok((StatusCode::CREATED, Extension(Unkept), axum::Json(view)).into_response())
}

/// Revokes a key; it stops working within a minute.
#[utoipa::path(delete, path = "/v1/api-keys/{id}", tag = "API keys", security(("bearer" = [])), params(("id" = String, Path)), responses((status = 204, description = "Revoked"), CallerErrors))]
pub(crate) async fn revoke(State(app): State<App>, Writer(actor): Writer, _: Person, Id(id): Id<KeyId>) -> Answer<StatusCode> {
    app::keys::revoke(&app, &actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
