//! Logs: one JSON line per event when deployed, readable lines locally. What is secret has no way to be
//! printed, so nothing is filtered here. Figures of the business are lines of their own (`figures`).

mod figures;

use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::env::{self, Env};

/// Starts logging; later calls change nothing. `DAYPASS_LOG` is a level, or levels by module as in
/// `info,store=debug`. Filters by fields are absent: they bring regular expressions into every function.
pub fn start(variables: &Env) {
    let told = variables.get(env::DAYPASS_LOG).and_then(|told| told.parse().ok());
    let filter = told.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let filter = filter.with_target(app::figures::TARGET, LevelFilter::OFF);
    let _ = match variables.get(env::AWS_LAMBDA_FUNCTION_NAME) {
        Some(_) => deployed(filter, std::io::stdout).try_init(),
        None => tracing_subscriber::registry().with(layer().with_target(false).with_writer(std::io::stderr).with_filter(filter)).try_init(),
    };
}

fn deployed<W>(filter: Targets, out: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Clone + Send + Sync + 'static,
{
    let lines = layer().with_target(false).json().flatten_event(true).with_current_span(true).without_time();
    tracing_subscriber::registry().with(lines.with_writer(out.clone()).with_filter(filter)).with(figures::Figures(out))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_figure_is_a_line_of_its_own_among_the_others() {
        let kept = Kept::default();
        let out = kept.clone();
        let filter = Targets::new().with_default(LevelFilter::INFO).with_target(app::figures::TARGET, LevelFilter::OFF);
        tracing::subscriber::with_default(deployed(filter, move || out.clone()), || {
            let span = tracing::info_span!("request", request_id = "r-1");
            let _in = span.enter();
            tracing::info!(target: app::figures::TARGET, name = "DaysCredited", by = 30_u32, at_ms = 7_i64);
            tracing::warn!(channel = "chn_1", "said in a line");
            tracing::debug!("not said");
        });
        let told = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), 2, "{told}");
        assert!(lines[0].starts_with(r#"{"_aws":{"Timestamp":7,"#) && lines[0].ends_with(r#""DaysCredited":30}"#), "{told}");
        for part in [r#""level":"WARN""#, r#""message":"said in a line""#, r#""channel":"chn_1""#, r#""request_id":"r-1""#] {
            assert!(lines[1].contains(part), "{part} in {told}");
        }
    }
}
