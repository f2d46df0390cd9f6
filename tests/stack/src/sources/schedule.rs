//! Schedules on the shared clock. When the clock is moved past several times of one schedule it fires
//! once, as EventBridge does after an outage; what it missed is found by the job itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::task::JoinSet;

use super::Surface;
use super::expression::{Expression, ExpressionError};
use crate::invoke::InvokeError;
use crate::resources::said;
use crate::template::{Function, Schedule};

/// Lambda's wait before it repeats a call that nobody waits for; the second wait is twice as long.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// Lambda's number of repetitions.
const AGAIN_LIMIT: u32 = 2;

pub(super) struct Schedules {
    entries: Vec<Arc<Entry>>,
}

struct Entry {
    function: String,
    schedule: Schedule,
    expression: Expression,
    /// When it fires next; `None` is never.
    next: Mutex<Option<Timestamp>>,
}

impl Schedules {
    pub(super) fn start(surface: &Surface, functions: &[Function], tasks: &mut JoinSet<()>) -> Result<Self, ExpressionError> {
        let mut entries = Vec::new();
        for function in functions {
            for schedule in &function.schedules {
                let expression = Expression::parse(&schedule.expression)?;
                let next = Mutex::new(expression.next(surface.clock.now()));
                let (function, schedule) = (function.id.clone(), schedule.clone());
                let entry = Arc::new(Entry { function, schedule, expression, next });
                tasks.spawn(keep_firing(surface.clone(), Arc::clone(&entry)));
                entries.push(entry);
            }
        }
        Ok(Self { entries })
    }

    pub(super) fn jobs(&self) -> Vec<String> {
        self.entries.iter().map(|entry| entry.schedule.job().to_owned()).collect()
    }

    pub(super) async fn run(&self, surface: &Surface, job: &str) -> Option<Result<Value, InvokeError>> {
        let named = |entry: &&Arc<Entry>| entry.schedule.job() == job || entry.schedule.name == job;
        let entry = self.entries.iter().find(named)?;
        let _busy = surface.activity.begin();
        Some(surface.invoker.invoke(&entry.function, &entry.schedule.input).await)
    }

    pub(super) fn restless(&self, now: Timestamp) -> Vec<String> {
        let due = self.entries.iter().filter(|entry| entry.next().is_some_and(|next| next <= now));
        due.map(|entry| format!("{} is due", entry.schedule.job())).collect()
    }
}

impl Entry {
    fn next(&self) -> MutexGuard<'_, Option<Timestamp>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn keep_firing(surface: Surface, entry: Arc<Entry>) {
    loop {
        let Some(next) = *entry.next() else { return };
        surface.clock.sleep_until(next).await;
        let busy = surface.activity.begin();
        // A clock that was put back meanwhile is no reason to fire again.
        *entry.next() = entry.expression.next(surface.clock.now().max(next));
        let answer = surface.invoker.invoke(&entry.function, &entry.schedule.input).await;
        drop(busy);
        if answer.is_err() {
            try_again(&surface, &entry).await;
        }
    }
}

async fn try_again(surface: &Surface, entry: &Entry) {
    for attempt in 1..=AGAIN_LIMIT.min(entry.schedule.retries) {
        let wait = AGAIN_AFTER.saturating_mul(i32::try_from(attempt).unwrap_or(1));
        surface.clock.sleep_until(sandbox::clock::later(surface.clock.now(), wait)).await;
        let _busy = surface.activity.begin();
        if surface.invoker.invoke(&entry.function, &entry.schedule.input).await.is_ok() {
            return;
        }
    }
    let Some(queue) = &entry.schedule.dead_letters else {
        return;
    };
    if let Err(cause) = send(surface, queue, entry.schedule.input.to_string()).await {
        tracing::error!(cause, "a job that failed could not be put away");
    }
}

/// Sends a text to the queue of this ARN.
pub(super) async fn send(surface: &Surface, arn: &str, text: String) -> Result<(), String> {
    let name = arn.rsplit(':').next().unwrap_or_default();
    let found = surface.clients.sqs.get_queue_url().queue_name(name).send().await.map_err(said)?;
    let request = surface.clients.sqs.send_message().queue_url(found.queue_url.unwrap_or_default());
    request.message_body(text).send().await.map(drop).map_err(said)
}
