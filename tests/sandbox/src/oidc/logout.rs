//! `GET /logout`: ends the browser's session and sends it on.
//!
//! Takes Cognito's `client_id` and `logout_uri`, or OpenID Connect's `post_logout_redirect_uri`
//! and `state`. Tokens given out before live on until they end or are revoked.

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::authorize::go_to;
use super::issuer::Issuer;
use super::{CLIENT_ID, pages};

pub(super) fn routes() -> Router<Issuer> {
    Router::new().route("/logout", get(logout))
}

#[derive(Deserialize)]
struct Asked {
    client_id: Option<String>,
    logout_uri: Option<String>,
    post_logout_redirect_uri: Option<String>,
    state: Option<String>,
}

async fn logout(State(issuer): State<Issuer>, headers: HeaderMap, Query(asked): Query<Asked>) -> Response {
    let ours = asked.client_id.as_deref().is_none_or(|id| id == CLIENT_ID);
    let wanted = asked.logout_uri.or(asked.post_logout_redirect_uri);
    let mut response = match wanted.map(|uri| issuer.returnable(&uri)) {
        _ if !ours => pages::dead_end("The application that sent you here is not known."),
        None => pages::signed_out(),
        Some(None) => pages::dead_end("The address to go back to is not registered."),
        Some(Some(mut url)) => {
            if let Some(state) = &asked.state {
                url.query_pairs_mut().append_pair("state", state);
            }
            go_to(&url, StatusCode::FOUND)
        }
    };
    issuer.end_session(&headers, &mut response);
    response
}
