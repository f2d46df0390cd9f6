//! `GET /.well-known/openid-configuration`, `GET /.well-known/jwks.json`, and which browsers may
//! read the programs' doors.

use axum::extract::State;
use axum::http::{HeaderValue, Method, header, request::Parts};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::authorize::is_loopback;
use super::issuer::Issuer;
use super::keys;
use crate::PublicUrl;

pub(super) fn routes() -> Router<Issuer> {
    Router::new().route("/.well-known/openid-configuration", get(configuration)).route("/.well-known/jwks.json", get(key_set))
}

/// Lets pages of the console read the answers: any loopback origin, and the product's own.
pub(super) fn cors(public_url: PublicUrl) -> CorsLayer {
    let ours = move |origin: &HeaderValue, _: &Parts| {
        origin.to_str().is_ok_and(|origin| {
            let url = url::Url::parse(origin);
            url.is_ok_and(|url| is_loopback(&url)) || is_origin_of(origin, &public_url.get())
        })
    };
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(ours))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
}

fn is_origin_of(origin: &str, url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| url.origin().ascii_serialization() == origin)
}

async fn configuration(State(issuer): State<Issuer>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", issuer.url);
    Json(json!({
        "issuer": issuer.url,
        "authorization_endpoint": at("/oauth2/authorize"),
        "token_endpoint": at("/oauth2/token"),
        "userinfo_endpoint": at("/oauth2/userInfo"),
        "revocation_endpoint": at("/oauth2/revoke"),
        "end_session_endpoint": at("/logout"),
        "jwks_uri": at("/.well-known/jwks.json"),
        "prompt_values_supported": ["none", "login", "create"],
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic"],
        "scopes_supported": ["openid", "email", "profile"],
        "claims_supported": ["sub", "email", "email_verified", "name", "cognito:groups"],
    }))
}

async fn key_set(State(issuer): State<Issuer>) -> Json<Value> {
    let now = issuer.now();
    Json(issuer.state.read(|state| keys::key_set(&state.keys, now)))
}
