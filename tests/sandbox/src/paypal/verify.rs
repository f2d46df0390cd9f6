//! What proves a webhook:
//!
//! - `GET /v1/notifications/certs/{name}`: the leaf, alone, open to everybody
//! - `POST /v1/notifications/verify-webhook-signature`: the vendor judges itself, over the very bytes of `webhook_event`
//!
//! A wrong signature is an answer (`FAILURE`), not an error. Mock events cannot be verified here: their listener id is nobody's.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::delivery::{ALGORITHM, signed_text};
use super::problem::{self, Fault, Issue, Problem};
use super::request::{self, Answer, Key};
use super::{Service, shapes};

/// `GET /v1/notifications/certs/{name}`
pub(super) async fn certificate(State(service): State<Service>, Key(name): Key) -> Response {
    let found = service.look(|world, _| world.identity.as_ref().and_then(|identity| identity.keyring.certificate(&name)));
    let headers = [(header::CONTENT_TYPE, "application/x-pem-file"), (header::CACHE_CONTROL, "public,max-age=86400")];
    found.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |pem| (headers, pem).into_response())
}

#[derive(Deserialize)]
struct Posted<'a> {
    auth_algo: String,
    cert_url: String,
    transmission_id: String,
    transmission_sig: String,
    transmission_time: String,
    webhook_id: String,
    #[serde(borrow)]
    webhook_event: &'a RawValue,
}

/// `POST /v1/notifications/verify-webhook-signature`
pub(super) async fn postback(State(service): State<Service>, headers: HeaderMap, bytes: Bytes) -> Answer {
    request::body(&headers, &bytes, &shapes::VERIFICATION, problem::OLDER)?;
    let broken = |_| Problem::invalid(problem::OLDER, &[Fault::body("/", Issue::Syntax)]);
    let posted: Posted<'_> = serde_json::from_slice(&bytes).map_err(broken)?;
    let status = if genuine(&service, &posted) { "SUCCESS" } else { "FAILURE" };
    Ok(Json(json!({ "verification_status": status })).into_response())
}

fn genuine(service: &Service, posted: &Posted<'_>) -> bool {
    let known = service.look(|world, site| {
        let name = posted.cert_url.strip_prefix(&format!("{site}/v1/notifications/certs/"));
        let keyring = world.identity.as_ref().map(|identity| &identity.keyring);
        let certificate = name.zip(keyring).and_then(|(name, keyring)| keyring.certificate(name));
        certificate.is_some() && world.webhooks.contains_key(&posted.webhook_id)
    });
    let event = posted.webhook_event.get().as_bytes();
    let text = signed_text(&posted.transmission_id, &posted.transmission_time, &posted.webhook_id, event);
    known && posted.auth_algo == ALGORITHM && service.verifies(&text, &posted.transmission_sig)
}
