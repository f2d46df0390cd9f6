//! What the product logs in a story: our own mistakes are kept, the rest is shown to whoever wants to see it.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::subscriber::with_default;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};
use tracing_subscriber::{Layer, filter::LevelFilter};

/// What is our mistake whoever says it: a record that cannot be read, a commit that must not be, an answer of 500.
const MISTAKES: [&str; 4] = ["LEDGER MISMATCH", "code=\"internal\"", "corrupt: ", "Something on our side is wrong"];

/// A mistake that was logged.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    /// The line.
    pub(crate) text: String,
}

/// Listens to what is logged in a thread.
#[derive(Clone, Debug)]
pub(crate) struct Ear {
    level: LevelFilter,
    shown: bool,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Ear {
    /// Keeps mistakes, shows nothing.
    pub(crate) fn quiet() -> Self {
        Self { level: LevelFilter::WARN, shown: false, heard: Arc::default() }
    }

    /// Shows everything of that level, too.
    pub(crate) fn showing(level: LevelFilter) -> Self {
        Self { level, shown: true, heard: Arc::default() }
    }

    /// Listens while something is done.
    pub(crate) fn listen<T>(&self, work: impl FnOnce() -> T) -> T {
        with_default(Registry::default().with(self.clone().with_filter(self.level)), work)
    }

    /// The mistakes that were heard.
    pub(crate) fn take(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Ear {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        if *event.metadata().level() <= Level::WARN && MISTAKES.iter().any(|mistake| line.0.contains(mistake)) {
            self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(Heard { text: line.0.clone() });
        }
        if self.shown {
            show(&format!("      {} {}:{}", event.metadata().level(), event.metadata().target(), line.0));
        }
    }
}

#[allow(clippy::print_stdout, reason = "what a person asked to see")]
fn show(line: &str) {
    println!("{line}");
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = match field.name() {
            "message" => write!(self.0, " {value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}
