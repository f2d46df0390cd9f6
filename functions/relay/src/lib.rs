//! From the change stream to the queue: a record that has something to do now becomes a job, and so does an account
//! whose days changed. No business
//! rules, no outside calls. What is not relayed is still in the due index, and the sweep finds it.

use std::collections::HashMap;

use app::{App, Job};
use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use boot::{Boot, BootError};
use domain::Timestamp;
use serde_dynamo::AttributeValue;

/// The attributes of an account that the sum over everybody is made of.
const DAYS: [&str; 2] = ["days_remaining", "days_reserved"];

/// Relays changes.
#[derive(Clone)]
pub struct Handler(App);

/// The function's handler.
///
/// # Errors
/// [`BootError`].
pub fn handler(boot: &Boot) -> Result<Handler, BootError> {
    Ok(Handler(boot.app()?))
}

impl Handler {
    /// Queues a job for each change that left something to do now; names the first that was not queued.
    ///
    /// # Errors
    /// None: a failure is told per record.
    pub async fn call(&self, event: Event) -> Result<DynamoDbEventResponse, lambda_runtime::Error> {
        let now = self.0.now();
        let left = |record| [due_job(record, now), rollup(record)].into_iter().flatten().map(move |job| (record, job));
        let due: Vec<_> = event.records.iter().flat_map(left).collect();
        let bodies: Vec<_> = due.iter().filter_map(|(_, job)| serde_json::to_string(job).ok()).collect();
        let mut response = DynamoDbEventResponse::default();
        if bodies.is_empty() {
            return Ok(response);
        }
        let missed = match self.0.queue.send_all(&bodies).await {
            Ok(missed) => missed.first().copied(),
            Err(error) => {
                tracing::error!(%error, "changes could not be queued");
                Some(0)
            }
        };
        if let Some((record, _)) = missed.and_then(|index| due.get(index)) {
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier.clone_from(&record.change.sequence_number);
            response.batch_item_failures.push(failure);
        }
        Ok(response)
    }
}

type Image = HashMap<String, AttributeValue>;

fn text<'a>(image: &'a Image, name: &str) -> Option<&'a str> {
    match image.get(name) {
        Some(AttributeValue::S(text) | AttributeValue::N(text)) => Some(text),
        _ => None,
    }
}

/// The job that follows an account whose days changed.
fn rollup(record: &EventRecord) -> Option<Job> {
    let (old, new) = (record.change.old_image.clone().into_inner(), record.change.new_image.clone().into_inner());
    let days = |image: &Image| DAYS.map(|name| text(image, name).map(str::to_owned));
    Job::rollup(text(&new, "pk")?, text(&new, "sk")?, &days(&old), &days(&new))
}

/// The job that a change left, if it is due by now and was not so before.
fn due_job(record: &EventRecord, now: Timestamp) -> Option<Job> {
    let new: Image = record.change.new_image.clone().into_inner();
    let text = |name: &str| text(&new, name);
    let due_at: Timestamp = text("due_at")?.parse().ok()?;
    let job = Job::read(text("due_kind")?, text("pk")?, text("sk")?).ok()?;
    (due_at <= now).then_some(job)
}
