//! The panel: one page on which a person plays everybody else.

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use crate::stack::Shared;

const PAGE: &str = include_str!("panel/index.html");
const STYLE: &str = include_str!("panel/panel.css");
const TOKENS: &str = include_str!("panel/tokens.css");
const SCRIPT: &str = include_str!("panel/panel.js");

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/local", get(|| async { Redirect::permanent("/local/") }))
        .route("/local/", get(|| file(PAGE, "text/html; charset=utf-8")))
        .route("/local/panel.css", get(|| file(STYLE, "text/css; charset=utf-8")))
        .route("/local/tokens.css", get(|| file(TOKENS, "text/css; charset=utf-8")))
        .route("/local/panel.js", get(|| file(SCRIPT, "text/javascript; charset=utf-8")))
}

async fn file(text: &'static str, kind: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], text).into_response()
}
