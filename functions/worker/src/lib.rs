//! The jobs of the queue. A job is a hint: the record that it names decides what is done. What fails comes
//! again by itself, message by message; after five times it is a dead letter, and the due index still has it.

use app::{App, Job};
use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use boot::{Boot, BootError};
use futures::StreamExt;

/// How many jobs of a batch are worked on at the same time.
const AT_ONCE: usize = 8;

/// Works on batches.
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
    /// Works on a batch; names the messages that must come again.
    ///
    /// # Errors
    /// None: a failure is told per message.
    pub async fn call(&self, event: SqsEvent) -> Result<SqsBatchResponse, lambda_runtime::Error> {
        let outcomes = futures::stream::iter(event.records).map(|message| self.one(message)).buffer_unordered(AT_ONCE);
        let failed: Vec<String> = outcomes.filter_map(|failed| async move { failed }).collect().await;
        let mut response = SqsBatchResponse::default();
        for id in failed {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            response.batch_item_failures.push(failure);
        }
        Ok(response)
    }

    /// Does one job; gives the message's id when it must come again.
    async fn one(&self, message: SqsMessage) -> Option<String> {
        let id = message.message_id.unwrap_or_default();
        let Ok(job) = serde_json::from_str::<Job>(message.body.as_deref().unwrap_or_default()) else {
            tracing::error!(message_id = id, "a message of the queue is no job");
            return Some(id);
        };
        match app::work::run(&self.0, &job).await {
            Ok(done) => {
                tracing::info!(%job, ?done, "job");
                None
            }
            Err(error) => {
                tracing::warn!(%job, error = %chain(&error), "a job failed and comes again");
                Some(id)
            }
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
