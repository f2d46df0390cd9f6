//! Which calls of AWS an invocation makes, by the names that the SDK itself gives them, in their order.
//!
//! Listening costs time, so it begins only where calls are told, and stays.

use std::cell::RefCell;

use tracing::span::{Attributes, Id};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// How the names of calls of a service begin, as the SDK has them.
const SERVICES: [&str; 4] = ["DynamoDB.", "S3.", "SQS.", "Secrets Manager."];

tokio::task_local! {
    static CALLS: RefCell<Vec<&'static str>>;
}

/// Does the work and tells which calls it made. Calls from tasks that it spawned are not seen.
pub async fn traced<F: Future>(work: F) -> (F::Output, Vec<&'static str>) {
    let told = async move {
        let output = work.await;
        (output, CALLS.with(RefCell::take))
    };
    CALLS.scope(RefCell::default(), told).await
}

/// Begins to listen; later calls change nothing.
pub fn listen() {
    let _ = tracing_subscriber::registry().with(Names).try_init();
}

struct Names;

impl<S: Subscriber> Layer<S> for Names {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.is_span() && SERVICES.iter().any(|service| metadata.name().starts_with(service))
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        let name = attributes.metadata().name();
        let _ = CALLS.try_with(|calls| calls.borrow_mut().push(name));
    }
}

/// Calls in few words, in their order: `GetItem · TransactWriteItems`, those of the table without its name.
pub fn in_words(calls: &[&str]) -> String {
    let mut words: Vec<(String, usize)> = Vec::new();
    for call in calls {
        let word = call.strip_prefix(SERVICES[0]).unwrap_or(call);
        match words.last_mut() {
            Some((last, times)) if last == word => *times += 1,
            _ => words.push((word.to_owned(), 1)),
        }
    }
    let counted = words.into_iter().map(|(word, times)| if times > 1 { format!("{times} × {word}") } else { word });
    counted.collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_calls_are_counted() {
        let calls = ["DynamoDB.GetItem", "DynamoDB.GetItem", "Secrets Manager.GetSecretValue", "DynamoDB.PutItem"];
        assert_eq!(in_words(&calls), "2 × GetItem · Secrets Manager.GetSecretValue · PutItem");
    }
}
