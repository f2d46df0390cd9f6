//! A slash at the end of a path is as good as none, at every provider. Absent: any other mending of paths.

use axum::Router;
use axum::extract::Request;
use http::Uri;
use tower::util::MapRequest;

/// The routes, looked up without a slash at the end. They stand behind a fallback, because a layer would come too late.
pub(crate) fn ignored(routes: Router) -> Router {
    Router::new().fallback_service(MapRequest::new(routes, trimmed))
}

fn trimmed(mut request: Request) -> Request {
    let path = request.uri().path();
    let short = path.trim_end_matches('/');
    if short.is_empty() || short.len() == path.len() {
        return request;
    }
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    if let Ok(uri) = format!("{short}{query}").parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    request
}
