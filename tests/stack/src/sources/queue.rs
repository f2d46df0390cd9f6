//! A queue's messages, handed to a function in batches, as Lambda's event source mapping does: what
//! the function does not name as failed is deleted, the rest comes back when its visibility runs out
//! and goes to the dead letters by the queue's own redrive policy. FIFO queues are absent.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName, QueueAttributeName};
use serde_json::{Map, Value, json};
use tokio::task::JoinSet;

use super::{SourceError, Surface};
use crate::resources::said;
use crate::template::{Facts, QueueSource};

/// How many batches are worked on at once, at most: more would only contend on one machine.
const LANES_LIMIT: usize = 4;
/// How long one request waits for messages, in seconds.
const LONG_POLL_S: i32 = 20;
/// The most messages that one request receives or deletes.
const REQUEST_LIMIT: usize = 10;
/// How many requests a batch is gathered by, at most.
const GATHER_LIMIT: usize = 20;
/// How long to wait after a request that failed.
const PAUSE_AFTER_ERROR: Duration = Duration::from_millis(250);

/// A queue that is being worked off.
pub(super) struct Queue {
    surface: Surface,
    name: String,
    url: String,
}

impl Queue {
    pub(super) async fn start(
        surface: &Surface,
        function: &str,
        source: &QueueSource,
        facts: &Facts,
        tasks: &mut JoinSet<()>,
    ) -> Result<Self, SourceError> {
        let name = source.arn.rsplit(':').next().unwrap_or_default().to_owned();
        let found = surface.clients.sqs.get_queue_url().queue_name(&name).send().await;
        let url = found.map_err(|cause| SourceError::Missing(said(cause)))?.queue_url.unwrap_or_default();
        for _ in 0..source.concurrency.clamp(1, LANES_LIMIT) {
            let lane = Lane {
                surface: surface.clone(),
                function: function.to_owned(),
                source: source.clone(),
                url: url.clone(),
                region: facts.region().to_owned(),
            };
            tasks.spawn(lane.run());
        }
        Ok(Self { surface: surface.clone(), name, url })
    }

    pub(super) async fn restless(&self) -> Option<String> {
        let visible = QueueAttributeName::ApproximateNumberOfMessages;
        let request = self.surface.clients.sqs.get_queue_attributes().queue_url(&self.url);
        let answer = request.attribute_names(visible.clone()).send().await.ok()?;
        let many: u64 = answer.attributes?.get(&visible)?.parse().ok()?;
        (many > 0).then(|| format!("{many} messages wait in {}", self.name))
    }
}

/// One of several that work off the same queue.
struct Lane {
    surface: Surface,
    function: String,
    source: QueueSource,
    url: String,
    region: String,
}

impl Lane {
    async fn run(self) {
        loop {
            let first = match self.receive(LONG_POLL_S, REQUEST_LIMIT).await {
                Ok(messages) if messages.is_empty() => continue,
                Ok(messages) => messages,
                Err(cause) => {
                    tracing::debug!(cause, "no messages could be received");
                    tokio::time::sleep(PAUSE_AFTER_ERROR).await;
                    continue;
                }
            };
            let _busy = self.surface.activity.begin();
            let batch = self.gather(first).await;
            self.deliver(batch).await;
        }
    }

    async fn receive(&self, wait_s: i32, many: usize) -> Result<Vec<Message>, String> {
        let most = many.min(REQUEST_LIMIT).min(usize::try_from(self.source.batch_size).unwrap_or(1)).max(1);
        let request = self.surface.clients.sqs.receive_message().queue_url(&self.url);
        let request = request.max_number_of_messages(i32::try_from(most).unwrap_or(1)).wait_time_seconds(wait_s);
        let request = request.message_system_attribute_names(MessageSystemAttributeName::All);
        let answer = request.message_attribute_names("All").send().await.map_err(said)?;
        Ok(answer.messages.unwrap_or_default())
    }

    // More messages, as long as the window and the batch leave room.
    async fn gather(&self, mut batch: Vec<Message>) -> Vec<Message> {
        let began = Instant::now();
        let most = usize::try_from(self.source.batch_size).unwrap_or(REQUEST_LIMIT);
        for _ in 0..GATHER_LIMIT {
            if batch.len() >= most || began.elapsed() >= self.source.window {
                break;
            }
            let wait_s = i32::from(!self.source.window.is_zero());
            match self.receive(wait_s, most - batch.len()).await {
                Ok(more) => batch.extend(more),
                Err(_) => break,
            }
        }
        batch
    }

    async fn deliver(&self, batch: Vec<Message>) {
        let records: Vec<Value> = batch.iter().map(|message| self.record(message)).collect();
        let answer = self.surface.invoker.invoke(&self.function, &json!({ "Records": records })).await;
        let done = match answer {
            Ok(answer) if self.source.partial => without_failures(batch, &answer),
            Ok(_) => batch,
            Err(_) => Vec::new(),
        };
        for chunk in done.chunks(REQUEST_LIMIT) {
            if let Err(cause) = self.delete(chunk).await {
                tracing::warn!(cause, "messages that were worked off could not be deleted");
            }
        }
    }

    fn record(&self, message: &Message) -> Value {
        let system = message.attributes.iter().flatten();
        let system: Map<String, Value> = system.map(|(name, value)| (name.as_str().to_owned(), json!(value))).collect();
        let own = message.message_attributes.iter().flatten();
        let own: Map<String, Value> =
            own.map(|(name, value)| (name.clone(), json!({ "dataType": value.data_type, "stringValue": value.string_value }))).collect();
        json!({
            "messageId": message.message_id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "md5OfBody": message.md5_of_body,
            "attributes": system,
            "messageAttributes": own,
            "eventSource": "aws:sqs",
            "eventSourceARN": self.source.arn,
            "awsRegion": self.region,
        })
    }

    async fn delete(&self, messages: &[Message]) -> Result<(), String> {
        let mut request = self.surface.clients.sqs.delete_message_batch().queue_url(&self.url);
        for (place, message) in messages.iter().enumerate() {
            let handle = message.receipt_handle.clone().unwrap_or_default();
            let entry = DeleteMessageBatchRequestEntry::builder().id(place.to_string()).receipt_handle(handle).build();
            request = request.entries(entry.map_err(said)?);
        }
        request.send().await.map(drop).map_err(said)
    }
}

/// The messages that the function did not name. A name that is none of theirs fails them all, as at AWS.
fn without_failures(batch: Vec<Message>, answer: &Value) -> Vec<Message> {
    let Some(failed) = failures(answer) else {
        return Vec::new();
    };
    let ids: HashSet<&str> = batch.iter().filter_map(|message| message.message_id.as_deref()).collect();
    if !failed.iter().all(|id| ids.contains(id.as_str())) {
        return Vec::new();
    }
    let is_done = |message: &Message| message.message_id.as_ref().is_some_and(|id| !failed.contains(id));
    batch.into_iter().filter(is_done).collect()
}

/// The identifiers of what failed; `None` when the answer is not understood.
pub(super) fn failures(answer: &Value) -> Option<HashSet<String>> {
    let failed = match &answer["batchItemFailures"] {
        Value::Null => return Some(HashSet::new()),
        Value::Array(failed) => failed,
        _ => return None,
    };
    let id = |item: &Value| item["itemIdentifier"].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
    failed.iter().map(id).collect()
}
