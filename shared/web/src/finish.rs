//! What every answer gets: the request's id, no caching, and the id in every problem document.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use lambda_http::RequestExt;
use tracing::Instrument;

use crate::problem::Problem;

/// The id that the gateway gave a request; empty when there was no gateway.
pub(crate) fn request_id(request: &Request) -> String {
    match request.request_context_ref() {
        Some(lambda_http::request::RequestContext::ApiGatewayV2(context)) => context.request_id.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

pub(crate) async fn finish(request: Request, next: Next) -> Response {
    let id = request_id(&request);
    let span = tracing::info_span!("request", request_id = %id, method = %request.method(), path = request.uri().path());
    let mut response = next.run(request).instrument(span).await;
    if let Some(mut problem) = response.extensions_mut().remove::<Problem>() {
        problem.instance = id.as_str().into();
        response = problem.into_response();
    } else if response.status().is_client_error() && !is_ours(&response) {
        response = refused_by_the_router(&response, &id);
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert("x-request-id", value);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn is_ours(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/"))
}

/// The router's own refusals (a path or query that cannot be read) as problem documents.
fn refused_by_the_router(response: &Response, id: &str) -> Response {
    let mut problem = match response.status().as_u16() {
        404 => Problem::not_found(),
        405 => Problem::new("method_not_allowed", "This address does not take that method."),
        413 => Problem::new("body_too_large", "The body is too large."),
        415 => Problem::new("unsupported_media_type", "Send application/json."),
        _ => Problem::new("validation_failed", "The address or its query cannot be read."),
    };
    problem.instance = id.into();
    problem.into_response()
}
