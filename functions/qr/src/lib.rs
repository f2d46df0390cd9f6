//! Linking a number: a QR code, a pairing code, and how far it is. Whoever sees a code can take the number,
//! so a code needs a caller who may write, and is never kept or cached.

use app::{App, linking};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use boot::{Boot, BootError};
use domain::PhoneNumber;
use domain::id::ChannelId;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use web::idempotency::Unkept;
use web::openapi::CallerErrors;
use web::view::channel::{ChannelView, link_word};
use web::view::time;
use web::{Answer, Caller, Id, Json, Problem, Writer};

/// The function's routes.
///
/// # Errors
/// [`BootError`].
pub fn router(boot: &Boot) -> Result<Router, BootError> {
    let routes = Router::new()
        .route("/v1/channels/{id}/qr", get(qr))
        .route("/v1/channels/{id}/pairing-code", post(pairing_code))
        .route("/v1/channels/{id}/link", get(link));
    Ok(web::api(routes, boot.app()?))
}

/// Its part of the OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(qr, pairing_code, link))]
    struct Document;
    Document::openapi()
}

/// A code to scan.
#[derive(Debug, Serialize, ToSchema)]
struct QrAnswer {
    /// The picture as a `data:` URI.
    #[schema(example = "data:image/png;base64,iVBORw0KGgo=")]
    qr: String,
    /// How long it can be scanned, in seconds.
    expires_in: u32,
    /// Until when.
    expires_at: String,
}

/// The phone that will type the code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PairingBody {
    /// Its number, with its country code.
    #[schema(example = "+97336612345")]
    phone: String,
}

/// A code to type.
#[derive(Debug, Serialize, ToSchema)]
struct PairingAnswer {
    /// What to type in WhatsApp.
    #[schema(example = "ABCD-1234")]
    code: String,
}

/// How far a linking is.
#[derive(Debug, Serialize, ToSchema)]
struct LinkAnswer {
    /// `not_started`, `waiting`, `connecting`, `linked` or `timed_out`.
    state: String,
    /// The channel as it is now.
    channel: ChannelView,
}

/// A fresh QR code.
#[utoipa::path(get, path = "/v1/channels/{id}/qr", tag = "Linking", security(("bearer" = [])), params(("id" = String, Path)), responses((status = 200, body = QrAnswer), CallerErrors))]
async fn qr(State(app): State<App>, Writer(actor): Writer, Id(id): Id<ChannelId>) -> Answer<axum::Json<QrAnswer>> {
    let qr = linking::qr(&app, &actor, &id).await?;
    Ok(axum::Json(QrAnswer { qr: qr.png_data_uri, expires_in: qr.expires_in_seconds, expires_at: time(qr.expires_at) }))
}

/// A pairing code for a phone.
#[utoipa::path(post, path = "/v1/channels/{id}/pairing-code", tag = "Linking", security(("bearer" = [])), params(("id" = String, Path)), request_body = PairingBody, responses((status = 200, body = PairingAnswer), CallerErrors))]
async fn pairing_code(
    State(app): State<App>,
    Writer(actor): Writer,
    Id(id): Id<ChannelId>,
    Json(body): Json<PairingBody>,
) -> Answer<Response> {
    let wrong = |_| {
        Problem::fields(vec![app::FieldError::new(
            "phone",
            "Give a telephone number that exists, with its country code, such as +97336612345.",
        )])
    };
    let phone = PhoneNumber::parse(&body.phone).map_err(wrong)?;
    let code = linking::pairing_code(&app, &actor, &id, &phone).await?;
    Ok((Extension(Unkept), axum::Json(PairingAnswer { code: code.expose().to_owned() })).into_response())
}

/// How far the linking is.
#[utoipa::path(get, path = "/v1/channels/{id}/link", tag = "Linking", security(("bearer" = [])), params(("id" = String, Path)), responses((status = 200, body = LinkAnswer), CallerErrors))]
async fn link(State(app): State<App>, Caller(actor): Caller, Id(id): Id<ChannelId>) -> Answer<axum::Json<LinkAnswer>> {
    let (state, channel) = linking::state(&app, &actor, &id).await?;
    Ok(axum::Json(LinkAnswer { state: link_word(state).to_owned(), channel: ChannelView::of(&channel, app.now()) }))
}
