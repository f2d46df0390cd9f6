//! Logs: one JSON line per event when deployed, readable lines locally. What is secret has no way to be
//! printed, so nothing is filtered here. Figures of the business are lines of their own (`figures`).

mod figures;

use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::SubscriberInitExt;

use crate::env::{self, Env};

/// Starts logging; later calls change nothing. `DAYPASS_LOG` is a level, or levels by module as in
/// `info,store=debug`. Filters by fields are absent: they bring regular expressions into every function.
pub fn start(variables: &Env) {
    let told = variables.get(env::DAYPASS_LOG).and_then(|told| told.parse().ok());
    let filter = told.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let filter = filter.with_target(app::figures::TARGET, LevelFilter::OFF);
    let lines = layer().with_target(false);
    let (lines, figures): (Box<dyn Layer<Registry> + Send + Sync>, _) = match variables.get(env::AWS_LAMBDA_FUNCTION_NAME) {
        Some(_) => (lines.json().flatten_event(true).with_current_span(true).without_time().boxed(), Some(figures::Figures)),
        None => (lines.with_writer(std::io::stderr).boxed(), None),
    };
    let _ = tracing_subscriber::registry().with(lines.with_filter(filter)).with(figures).try_init();
}
