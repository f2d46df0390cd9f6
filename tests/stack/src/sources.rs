//! What calls functions besides the gateway: a queue's messages, a table's changes, a schedule.
//!
//! Each source says whether it is quiet, so that [`crate::settle`] can wait for all of them. Dropping
//! [`Sources`] ends them; a message that was being worked on comes back, as when an environment dies.

mod expression;
mod filter;
mod queue;
mod schedule;
mod stream;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use serde_json::Value;
use tokio::task::JoinSet;

use crate::aws::Clients;
use crate::invoke::{InvokeError, Invoker};
use crate::template::{Facts, Function};
use sandbox::Clock;

pub use expression::{Expression, ExpressionError};
pub use filter::matches;
use queue::Queue;
use schedule::Schedules;
pub use stream::Positions;
use stream::Stream;

/// Why a source could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A schedule's expression is not understood.
    #[error(transparent)]
    Expression(#[from] ExpressionError),
    /// A queue or a stream is not there.
    #[error("{0}")]
    Missing(String),
}

/// What the sources have in common.
#[derive(Clone)]
pub(crate) struct Surface {
    pub(crate) clients: Clients,
    pub(crate) invoker: Invoker,
    pub(crate) clock: Clock,
    pub(crate) activity: Activity,
}

impl Surface {
    pub(crate) fn new(clients: Clients, invoker: Invoker, clock: Clock) -> Self {
        Self { clients, invoker, clock, activity: Activity::default() }
    }
}

/// Counts what sources do, so that somebody who waits sees whether anything happened in between.
#[derive(Clone, Default)]
pub(crate) struct Activity {
    busy: Arc<AtomicUsize>,
    steps: Arc<AtomicU64>,
}

impl Activity {
    pub(crate) fn begin(&self) -> Busy {
        self.busy.fetch_add(1, Ordering::SeqCst);
        self.steps.fetch_add(1, Ordering::SeqCst);
        Busy(self.clone())
    }

    pub(crate) fn busy(&self) -> usize {
        self.busy.load(Ordering::SeqCst)
    }

    pub(crate) fn steps(&self) -> u64 {
        self.steps.load(Ordering::SeqCst)
    }
}

/// Held while a source works on something.
pub(crate) struct Busy(Activity);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::SeqCst);
    }
}

/// All sources of a running stack.
pub struct Sources {
    surface: Surface,
    queues: Vec<Queue>,
    streams: Vec<Stream>,
    schedules: Schedules,
    _tasks: JoinSet<()>,
}

impl Sources {
    /// Starts what the functions' events say.
    ///
    /// # Errors
    /// When a source is not there or not understood.
    pub(crate) async fn start(surface: Surface, functions: &[Function], positions: Positions, facts: &Facts) -> Result<Self, SourceError> {
        let mut tasks = JoinSet::new();
        let mut queues = Vec::new();
        let mut streams = Vec::new();
        for function in functions {
            for source in &function.queues {
                queues.push(Queue::start(&surface, &function.id, source, facts, &mut tasks).await?);
            }
            for source in &function.streams {
                streams.push(Stream::start(&surface, &function.id, source, positions.clone(), &mut tasks));
            }
        }
        let schedules = Schedules::start(&surface, functions, &mut tasks)?;
        Ok(Self { surface, queues, streams, schedules, _tasks: tasks })
    }

    /// The names of the scheduled jobs.
    #[must_use]
    pub fn jobs(&self) -> Vec<String> {
        self.schedules.jobs()
    }

    /// Runs a scheduled job now and waits for it; `None` when there is none of this name.
    pub async fn run(&self, job: &str) -> Option<Result<Value, InvokeError>> {
        self.schedules.run(&self.surface, job).await
    }

    /// How many steps the sources have taken since they were started.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.surface.activity.steps()
    }

    /// What is not quiet yet, in words; empty when all is.
    pub async fn restless(&self) -> Vec<String> {
        let mut restless = Vec::new();
        for queue in &self.queues {
            restless.extend(queue.restless().await);
        }
        for stream in &self.streams {
            restless.extend(stream.restless().await);
        }
        restless.extend(self.schedules.restless(self.surface.clock.now()));
        let busy = self.surface.activity.busy();
        restless.extend((busy > 0).then(|| format!("{busy} batches are being worked on")));
        restless
    }
}
