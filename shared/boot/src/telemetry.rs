//! Logs: one JSON line per event when deployed, readable lines locally. What is secret has no way to be
//! printed, so nothing is filtered here.

use tracing_subscriber::EnvFilter;

use crate::env::{self, Env};

/// What is logged unless told.
const USUAL: &str = "info";

/// Starts logging; later calls change nothing.
pub fn start(variables: &Env) {
    let filter = variables.get(env::DAYPASS_LOG).unwrap_or(USUAL);
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new(USUAL));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_target(false);
    let _ = match variables.get(env::AWS_LAMBDA_FUNCTION_NAME) {
        Some(_) => lines.json().flatten_event(true).with_current_span(true).without_time().try_init(),
        None => lines.with_writer(std::io::stderr).try_init(),
    };
}
