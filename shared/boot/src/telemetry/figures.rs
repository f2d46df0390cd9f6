//! Figures of the business as CloudWatch reads them off a line of the log (the embedded metric format): no
//! call, no client, nothing to wait for.

use std::fmt::Debug;
use std::io::Write as _;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;

/// The namespace of our metrics.
const NAMESPACE: &str = "Daypass";

/// Writes each figure as a line of its own; all other events pass by.
pub(super) struct Figures<W>(pub(super) W);

impl<S, W> Layer<S> for Figures<W>
where
    S: Subscriber,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == app::figures::TARGET {
            let mut figure = Figure::default();
            event.record(&mut figure);
            let _ = writeln!(self.0.make_writer(), "{}", figure.line());
        }
    }
}

/// One figure as it was told.
#[derive(Debug, Default)]
struct Figure {
    name: String,
    by: u64,
    at_ms: i64,
}

impl Figure {
    /// The line; a name is one of ours, so that nothing in it needs escaping.
    fn line(&self) -> String {
        let Self { name, by, at_ms } = self;
        let metrics = format!(r#"[{{"Namespace":"{NAMESPACE}","Dimensions":[[]],"Metrics":[{{"Name":"{name}","Unit":"Count"}}]}}]"#);
        format!(r#"{{"_aws":{{"Timestamp":{at_ms},"CloudWatchMetrics":{metrics}}},"{name}":{by}}}"#)
    }
}

impl Visit for Figure {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "name" {
            value.clone_into(&mut self.name);
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "by" {
            self.by = value;
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        if field.name() == "at_ms" {
            self.at_ms = value;
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_a_metric_with_its_value_beside_it() {
        let figure = Figure { name: "DaysCredited".to_owned(), by: 30, at_ms: 1_795_251_600_000 };
        let metric = r#"{"Namespace":"Daypass","Dimensions":[[]],"Metrics":[{"Name":"DaysCredited","Unit":"Count"}]}"#;
        let line = format!(r#"{{"_aws":{{"Timestamp":1795251600000,"CloudWatchMetrics":[{metric}]}},"DaysCredited":30}}"#);
        assert_eq!(figure.line(), line);
    }
}
