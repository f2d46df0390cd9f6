//! `Idempotency-Key`: an unsafe request with a key is done once; its answer is given again. Answers with a
//! secret in them are never kept: their routes carry [`Unkept`].

use app::App;
use app::idempotency::{self, Begun, abandon, begin, finish, release};
use axum::body::Body;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::account::Actor;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;

use crate::auth::actor;
use crate::body::{LARGEST_BYTES, read};
use crate::problem::{Problem, chain};

/// The longest key, in characters.
const LONGEST_KEY: usize = 255;
/// The code of a provider's own no, after which nothing is left of what was begun.
const REFUSED_BY_PROVIDER: &str = "provider_refused";

/// Marks an answer that holds a secret: it is not kept, the same key does it again.
#[derive(Debug, Clone, Copy)]
pub struct Unkept;

/// The run of a request that came under a key; a handler that makes something names it by this.
#[derive(Debug, Clone)]
pub struct Once(pub Option<idempotency::Once>);

impl<S: Send + Sync> FromRequestParts<S> for Once {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(parts.extensions.get().cloned()))
    }
}

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
    let once = match begin(&app, keyed.actor, keyed.route, keyed.key, &fingerprint).await? {
        Begun::Now(once) => once,
        Begun::Replay { status, body } => return Ok(replay(status, body)),
    };
    let mut request = Request::from_parts(parts, Body::from(bytes));
    request.extensions_mut().insert(once.clone());
    let response = next.run(request).await;
    Ok(keep(&app, &once, response).await)
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

/// Whether an answer says that this run did nothing. A provider that was slow, or trouble of our own, says no such thing.
fn is_refusal(status: StatusCode) -> bool {
    status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS
}

/// Keeps a success. A refusal changed nothing and may pass (days that arrive), so it is forgotten and its key is free.
/// Where this run or an earlier one may have done something, the key stays with its request, which may be tried again.
async fn keep(app: &App, once: &idempotency::Once, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let secret = parts.extensions.get::<Unkept>().is_some();
    let by_provider = parts.extensions.get::<Problem>().is_some_and(|problem| problem.code == REFUSED_BY_PROVIDER);
    let is_free = secret || by_provider || (is_refusal(parts.status) && !once.is_again());
    let kept = match std::str::from_utf8(&bytes) {
        Ok(text) if parts.status.is_success() && !secret => finish(app, once, parts.status.as_u16(), text).await,
        _ if is_free => abandon(app, once).await,
        _ => release(app, once).await,
    };
    if let Err(error) = kept {
        // What was done is done: the caller hears of it all the same.
        tracing::error!(error = %chain(&error), "an answer could not be kept for its Idempotency-Key");
    }
    Response::from_parts(parts, Body::from(bytes))
}
