//! `Idempotency-Key`: an unsafe request with a key is done once; its answer is given again. Answers with a
//! secret in them are never kept: their routes carry [`Unkept`].

use app::App;
use app::idempotency::{Begun, abandon, begin, finish};
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::account::Actor;
use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;

use crate::auth::actor;
use crate::body::{LARGEST_BYTES, read};
use crate::problem::{Problem, chain};

/// The longest key, in characters.
const LONGEST_KEY: usize = 255;

/// Marks an answer that holds a secret: it is not kept, the same key does it again.
#[derive(Debug, Clone, Copy)]
pub struct Unkept;

struct Keyed {
    actor: Actor,
    route: String,
    key: String,
}

pub(crate) async fn once(State(app): State<App>, request: Request, next: Next) -> Response {
    match keyed(&request) {
        Ok(Some(keyed)) => run(app, keyed, request, next).await.unwrap_or_else(IntoResponse::into_response),
        Ok(None) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// The key of an unsafe request of a known caller.
fn keyed(request: &Request) -> Result<Option<Keyed>, Problem> {
    let unsafe_method = matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH | Method::DELETE);
    let Some(given) = request.headers().get("idempotency-key").filter(|_| unsafe_method) else { return Ok(None) };
    let wrong = || Problem::fields(vec![app::FieldError::new("Idempotency-Key", "Give 1 to 255 visible ASCII characters.")]);
    let key = given.to_str().map_err(|_| wrong())?;
    if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong());
    }
    let (parts, path) = (request, request.extensions().get::<MatchedPath>());
    let Some(path) = path else { return Ok(None) };
    let route = format!("{} {}", parts.method(), path.as_str());
    let mut head = http::Request::new(()).into_parts().0;
    head.extensions = parts.extensions().clone();
    match actor(&head) {
        Ok(actor) => Ok(Some(Keyed { actor, route, key: key.to_owned() })),
        Err(_) => Ok(None),
    }
}

async fn run(app: App, keyed: Keyed, request: Request, next: Next) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let bytes = read(Request::new(body), LARGEST_BYTES).await?;
    let mut fingerprint = path.into_bytes();
    fingerprint.push(0);
    fingerprint.extend_from_slice(&bytes);
    if let Begun::Replay { status, body } = begin(&app, &keyed.actor, &keyed.route, &keyed.key, &fingerprint).await? {
        return Ok(replay(status, body));
    }
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    Ok(keep(&app, &keyed, response).await)
}

fn replay(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let kind = if status.is_success() { "application/json" } else { "application/problem+json" };
    let replayed = [(header::HeaderName::from_static("idempotency-replayed"), HeaderValue::from_static("true"))];
    if body.is_empty() {
        return (status, replayed).into_response();
    }
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static(kind))], replayed, body).into_response()
}

/// Keeps a success. A refusal changed nothing and may pass (a provider that is down, days that arrive), so it is
/// forgotten and the same key tries again.
async fn keep(app: &App, keyed: &Keyed, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let secret = parts.extensions.get::<Unkept>().is_some();
    let text = std::str::from_utf8(&bytes).ok().filter(|_| parts.status.is_success() && !secret);
    let kept = match text {
        Some(text) => finish(app, &keyed.actor, &keyed.route, &keyed.key, parts.status.as_u16(), text).await,
        None => abandon(app, &keyed.actor, &keyed.route, &keyed.key).await,
    };
    if let Err(error) = kept {
        // What was done is done: the caller hears of it all the same.
        tracing::error!(error = %chain(&error), "an answer could not be kept for its Idempotency-Key");
    }
    Response::from_parts(parts, Body::from(bytes))
}
