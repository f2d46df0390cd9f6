//! `/local/…`: what only the local stack has. The panel for people, and the same by JSON for scripts
//! and tests: the providers' side of the story, the clock, faults, mail. Everything else goes to the
//! gateway.
//!
//! A control answers 200 with what it did, 404 for an id that nobody has, 409 for what the provider
//! could not do in its state, 400 for a body that is not understood.

mod controls;
mod panel;
mod paypal;
mod reply;
mod time;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;

use crate::stack::Shared;

/// The stack's front door: `/local/…` beside the gateway.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let controls = controls::router().merge(paypal::router()).merge(time::router()).merge(panel::router());
    controls.fallback(gateway).with_state(shared)
}

async fn gateway(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    if request.uri().path().starts_with("/local/") {
        return reply::unknown("there is no such control");
    }
    shared.answer(request).await
}
