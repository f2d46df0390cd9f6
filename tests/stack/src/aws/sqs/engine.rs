//! The queues themselves, on a thread and a runtime of their own: they keep time by tokio's clock,
//! which on a runtime with one thread can be moved. A jump makes delays, visibility timeouts and
//! waiting receives run out as if the time had passed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::BodyExt;
use rustack_sqs_core::config::SqsConfig;
use rustack_sqs_core::handler::RustackSqsHandler;
use rustack_sqs_core::provider::{RustackSqs, SqsSnapshot};
use rustack_sqs_http::dispatch::SqsHandler;
use rustack_sqs_http::response::error_to_response;
use rustack_sqs_http::router::resolve_operation;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use crate::aws::{ACCOUNT_ID, AwsError, REGION};

/// What is asked of the engine's thread.
enum Order {
    Call { operation: String, body: Bytes, reply: oneshot::Sender<(StatusCode, Bytes)> },
    Advance { by: Duration, done: oneshot::Sender<()> },
    Clear { done: oneshot::Sender<()> },
}

/// The way to the engine's thread, which ends when this is dropped.
pub(super) struct Engine {
    orders: mpsc::UnboundedSender<Order>,
}

const STOPPED: AwsError = AwsError::Stopped("the queues");

impl Engine {
    /// Starts the thread.
    pub(super) fn start(port: u16) -> Result<Self, AwsError> {
        let (orders, received) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        std::thread::Builder::new().name("sqs".to_owned()).spawn(move || runtime.block_on(obey(received, port)))?;
        Ok(Self { orders })
    }

    /// Calls one operation by its name; answers the status and the body.
    pub(super) async fn call(&self, operation: &str, request: Value) -> Result<(StatusCode, Value), AwsError> {
        let (reply, answered) = oneshot::channel();
        let order = Order::Call { operation: operation.to_owned(), body: Bytes::from(request.to_string()), reply };
        self.orders.send(order).map_err(|_| STOPPED)?;
        let (status, body) = answered.await.map_err(|_| STOPPED)?;
        Ok((status, serde_json::from_slice(&body)?))
    }

    /// Moves the engine's clock forward.
    pub(super) async fn advance(&self, by: Duration) -> Result<(), AwsError> {
        let (done, finished) = oneshot::channel();
        let order = Order::Advance { by, done };
        self.orders.send(order).map_err(|_| STOPPED)?;
        finished.await.map_err(|_| STOPPED)
    }

    /// Deletes every queue.
    pub(super) async fn clear(&self) -> Result<(), AwsError> {
        let (done, finished) = oneshot::channel();
        self.orders.send(Order::Clear { done }).map_err(|_| STOPPED)?;
        finished.await.map_err(|_| STOPPED)
    }
}

async fn obey(mut orders: mpsc::UnboundedReceiver<Order>, port: u16) {
    let provider = Arc::new(RustackSqs::new(SqsConfig {
        skip_signature_validation: true,
        default_region: REGION.to_owned(),
        account_id: ACCOUNT_ID.to_owned(),
        host: "127.0.0.1".to_owned(),
        port,
    }));
    let handler = Arc::new(RustackSqsHandler::new(Arc::clone(&provider)));
    while let Some(order) = orders.recv().await {
        match order {
            Order::Call { operation, body, reply } => {
                tokio::spawn(answer(Arc::clone(&handler), operation, body, reply));
            }
            Order::Advance { by, done } => {
                tokio::time::pause();
                tokio::time::advance(by).await;
                tokio::time::resume();
                let _ = done.send(());
            }
            Order::Clear { done } => {
                let cleared = provider.import_snapshot(SqsSnapshot::default()).await;
                if cleared.is_ok() {
                    let _ = done.send(());
                }
            }
        }
    }
}

/// Runs one call, and drops it when nobody waits any more: else a receive that was given up would
/// still take the next message.
async fn answer(handler: Arc<RustackSqsHandler>, operation: String, body: Bytes, mut reply: oneshot::Sender<(StatusCode, Bytes)>) {
    let answered = tokio::select! {
        answered = call(&handler, &operation, body) => answered,
        () = reply.closed() => return,
    };
    let _ = reply.send(answered);
}

async fn call(handler: &RustackSqsHandler, operation: &str, body: Bytes) -> (StatusCode, Bytes) {
    let mut headers = HeaderMap::new();
    if let Ok(target) = HeaderValue::from_str(&format!("AmazonSQS.{operation}")) {
        headers.insert("x-amz-target", target);
    }
    let answered = match resolve_operation(&headers) {
        Ok(operation) => handler.handle_operation(operation, body).await,
        Err(error) => Err(error),
    };
    let response = answered.unwrap_or_else(|error| error_to_response(&error, "local"));
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes());
    (parts.status, body.unwrap_or_default())
}
