//! Our dialect of HTTP: who calls, what a body must look like, how errors are told, what things look
//! like in JSON.
//!
//! Invariants: every error is a problem document (RFC 9457) and only [`problem`] knows status codes; a
//! customer's data is reached through [`auth::Caller`] alone; no answer of the API may be cached.

pub mod auth;
pub mod body;
mod finish;
pub mod idempotency;
pub mod openapi;
pub mod page;
pub mod path;
pub mod problem;
pub mod view;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};

pub use auth::{AdminCaller, Caller, Person, Writer};
pub use body::Json;
pub use idempotency::Once;
pub use page::PageQuery;
pub use path::Id;
pub use problem::Problem;

/// What a handler answers: something, or a problem.
pub type Answer<T> = Result<T, Problem>;

/// Wraps a function's routes: problems for whatever goes wrong, the request's id on every answer, unsafe
/// requests with an `Idempotency-Key` done once.
pub fn api(routes: Router<app::App>, app: app::App) -> Router {
    routes
        .fallback(problem::no_route)
        .method_not_allowed_fallback(problem::no_method)
        .layer(from_fn_with_state(app.clone(), idempotency::once))
        .layer(from_fn(finish::finish))
        .with_state(app)
}

/// The same for routes that providers or strangers call: no idempotency, which needs a caller.
pub fn open(routes: Router<app::App>, app: app::App) -> Router {
    routes.fallback(problem::no_route).method_not_allowed_fallback(problem::no_method).layer(from_fn(finish::finish)).with_state(app)
}
