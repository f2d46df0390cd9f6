//! The queue of jobs (SQS). A message that was not taken is an error, so that its sender keeps it.
//!
//! Invariants: delivery is at least once and in no order; whoever receives must bear that. The client is
//! made on first use: most functions send nothing.

use std::sync::{Arc, OnceLock};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;

use super::PipeError;

/// The most messages of one batch.
const BATCH: usize = 10;
/// The longest batch, and so the longest message, in bytes.
const LONGEST_BATCH: usize = 256 * 1024;
/// One queue. Cheap to clone; clones share their client.
#[derive(Clone)]
pub struct Queue(Arc<Inner>);

struct Inner {
    aws: net::Aws,
    client: OnceLock<Client>,
    url: String,
}

impl Queue {
    /// The queue at that address.
    pub fn new(aws: &net::Aws, url: impl Into<String>) -> Self {
        Self(Arc::new(Inner { aws: aws.clone(), client: OnceLock::new(), url: url.into() }))
    }

    fn client(&self) -> &Client {
        self.0.client.get_or_init(|| Client::new(&self.0.aws.sdk_config()))
    }

    /// Sends one message.
    ///
    /// # Errors
    /// [`PipeError`].
    pub async fn send(&self, body: &str) -> Result<(), PipeError> {
        if body.len() > LONGEST_BATCH {
            return Err(PipeError::TooLong(body.len()));
        }
        let call = self.client().send_message().queue_url(&self.0.url).message_body(body);
        call.send().await.map(drop).map_err(|error| failure(&error))
    }

    /// Sends many, ten at a time; gives the positions of those that the queue did not take, in order.
    /// After a batch that failed as a whole the rest is not tried, and counts as not taken.
    ///
    /// # Errors
    /// [`PipeError`] when nothing at all was taken.
    pub async fn send_all(&self, messages: &[String]) -> Result<Vec<usize>, PipeError> {
        let mut failed = Vec::new();
        let mut begin = 0;
        while begin < messages.len() {
            let end = batch_end(messages, begin);
            match self.send_batch(messages.get(begin..end).unwrap_or_default(), begin).await {
                Ok(mut some) => failed.append(&mut some),
                Err(error) if begin == 0 => return Err(error),
                Err(error) => {
                    tracing::warn!(%error, "the queue did not take a batch");
                    failed.extend(begin..messages.len());
                    return Ok(failed);
                }
            }
            begin = end;
        }
        Ok(failed)
    }

    async fn send_batch(&self, messages: &[String], first: usize) -> Result<Vec<usize>, PipeError> {
        let entries: Result<Vec<_>, _> = messages.iter().enumerate().map(|(at, message)| entry(first + at, message)).collect();
        let entries = entries.map_err(|_| PipeError::Corrupt("a batch entry"))?;
        let call = self.client().send_message_batch().queue_url(&self.0.url).set_entries(Some(entries));
        let answer = call.send().await.map_err(|error| failure(&error))?;
        let mut failed: Vec<usize> = answer.failed().iter().filter_map(|failed| failed.id().parse().ok()).collect();
        failed.sort_unstable();
        Ok(failed)
    }
}

/// Where the batch that begins at `begin` ends: ten messages or 256 KiB, and one message at least.
fn batch_end(messages: &[String], begin: usize) -> usize {
    let mut bytes = 0;
    let rest = messages.get(begin..).unwrap_or_default().iter().take(BATCH);
    let fitting = rest.take_while(|message| {
        bytes += message.len();
        bytes <= LONGEST_BATCH
    });
    begin + fitting.count().max(1)
}

fn entry(at: usize, message: &str) -> Result<SendMessageBatchRequestEntry, aws_sdk_sqs::error::BuildError> {
    SendMessageBatchRequestEntry::builder().id(at.to_string()).message_body(message).build()
}

fn failure<E: ProvideErrorMetadata + std::error::Error + 'static>(error: &E) -> PipeError {
    let text = net::redact::text(&DisplayErrorContext(error).to_string());
    match error.code() {
        Some("QueueDoesNotExist" | "AWS.SimpleQueueService.NonExistentQueue" | "AccessDenied" | "AccessDeniedException") => {
            PipeError::Missing(text)
        }
        _ => PipeError::Unavailable(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_have_ten_messages_or_a_quarter_of_a_megabyte() {
        let small: Vec<_> = (0..25).map(|_| "x".to_owned()).collect();
        assert_eq!((batch_end(&small, 0), batch_end(&small, 10), batch_end(&small, 20)), (10, 20, 25));
        let large: Vec<_> = (0..3).map(|_| "x".repeat(200 * 1024)).collect();
        assert_eq!((batch_end(&large, 0), batch_end(&large, 1), batch_end(&large, 2)), (1, 2, 3));
    }
}
