//! `POST /v1/oauth2/token`: an access token for the application's id and secret (HTTP Basic, form body).
//! Its errors have the identity service's own form. There is no refresh token; a token ends by the shared clock.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::{Service, times};

const SCOPES: &str = "https://uri.paypal.com/services/subscriptions https://uri.paypal.com/services/applications/webhooks \
https://uri.paypal.com/services/applications/verify-webhook-signature https://uri.paypal.com/services/payments/payment \
https://uri.paypal.com/services/payments/refund https://uri.paypal.com/services/payments/payment/authcapture openid";

#[derive(Serialize)]
struct Granted {
    scope: &'static str,
    access_token: String,
    token_type: &'static str,
    app_id: String,
    expires_in: i64,
    nonce: String,
}

#[derive(Serialize)]
struct Denied {
    error: &'static str,
    error_description: &'static str,
}

/// `POST /v1/oauth2/token`
pub(super) async fn grant(State(service): State<Service>, headers: HeaderMap, bytes: Bytes) -> Response {
    if !credentials(&headers).is_some_and(|(id, secret)| service.is_client(&id, &secret)) {
        let mut response = denied(StatusCode::UNAUTHORIZED, "invalid_client", "Client Authentication failed");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"IdentityService\""));
        return response;
    }
    let grant_type = url::form_urlencoded::parse(&bytes).find(|(key, _)| key == "grant_type").map(|(_, value)| value.into_owned());
    match grant_type.as_deref() {
        Some("client_credentials") => granted(&service),
        None | Some("") => denied(StatusCode::BAD_REQUEST, "unsupported_grant_type", "Grant Type is NULL"),
        Some(_) => denied(StatusCode::BAD_REQUEST, "unsupported_grant_type", "unsupported grant_type"),
    }
}

fn granted(service: &Service) -> Response {
    let body = service.desk(|desk| {
        let (access_token, expires_in) = desk.grant_token();
        let app_id = desk.world.identity.as_ref().map(|identity| identity.app_id.clone()).unwrap_or_default();
        let nonce = format!("{}{}", times::stamp(desk.now), desk.ids.token(43));
        Granted { scope: SCOPES, access_token, token_type: "Bearer", app_id, expires_in, nonce }
    });
    Json(body).into_response()
}

fn denied(status: StatusCode, error: &'static str, error_description: &'static str) -> Response {
    (status, Json(Denied { error, error_description })).into_response()
}

fn credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (_, encoded) = value.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))?;
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}
