//! `GET·POST /oauth2/userInfo`: who an access token speaks for, as far as its scopes go.
//!
//! As at Cognito, `email_verified` is a text here and a boolean in the id token.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use super::claims::has_scope;
use super::issuer::Issuer;
use super::state::User;

pub(super) fn routes() -> Router<Issuer> {
    Router::new().route("/oauth2/userInfo", get(user_info).post(user_info))
}

async fn user_info(State(issuer): State<Issuer>, headers: HeaderMap) -> Response {
    let claims = bearer(&headers).and_then(|token| issuer.read_access_token(token));
    let known = claims.and_then(|claims| {
        let subject = claims.get("sub")?.as_str()?;
        let scope = claims.get("scope")?.as_str()?.to_owned();
        let user = issuer.state.read(|state| state.users.get(subject).cloned())?;
        Some((user, scope))
    });
    match known {
        None => refuse(StatusCode::UNAUTHORIZED, "invalid_token", "The access token has ended or is not ours."),
        Some((_, scope)) if !has_scope(&scope, "openid") => refuse(StatusCode::FORBIDDEN, "insufficient_scope", "openid is needed."),
        Some((user, scope)) => Json(describe(&user, &scope)).into_response(),
    }
}

fn describe(user: &User, scope: &str) -> Value {
    let mut said = Map::new();
    said.insert("sub".into(), json!(user.subject));
    if has_scope(scope, "email") {
        said.insert("email".into(), json!(user.email));
        said.insert("email_verified".into(), json!(user.verified.to_string()));
    }
    if has_scope(scope, "profile") && !user.name.is_empty() {
        said.insert("name".into(), json!(user.name));
    }
    said.insert("username".into(), json!(user.subject));
    Value::Object(said)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (kind, token) = value.split_once(' ')?;
    kind.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn refuse(status: StatusCode, error: &str, description: &str) -> Response {
    let body = json!({"error": error, "error_description": description});
    let mut response = (status, Json(body)).into_response();
    let challenge = format!("Bearer error=\"{error}\", error_description=\"{description}\"");
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}
