//! SQS: an engine that keeps the queues (`engine`), and in front of it what the engine does not mind
//! (`rules`, `ledger`): ranges of parameters, receipt handles nobody gave out, a deletion after the
//! message became visible again, redrive to a queue that does not exist, retention, and times by our
//! clock instead of the machine's. Messages live in memory only.

mod engine;
mod ledger;
mod rules;

use std::sync::Mutex;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use jiff::SignedDuration;
use s3s::Body;
use sandbox::Clock;
use serde_json::{Value, json};

use super::AwsError;
use super::cells::lock;
use super::reply::{self, JSON_1_0};
use engine::Engine;
use ledger::{Handle, Ledger};
use rules::Refusal;

/// How often a receive that found only deleted or outlived messages is tried again.
const RECEIVE_ATTEMPTS: usize = 20;

/// The queues.
pub(crate) struct Sqs {
    engine: Engine,
    clock: Clock,
    ledger: Mutex<Ledger>,
    /// How far ahead of the machine's time the engine is, in milliseconds.
    followed_ms: tokio::sync::Mutex<i64>,
}

impl Sqs {
    /// Starts the engine; queue URLs name `port` on loopback.
    pub(crate) fn start(clock: Clock, port: u16) -> Result<Self, AwsError> {
        Ok(Self {
            engine: Engine::start(port)?,
            ledger: Mutex::new(Ledger::default()),
            followed_ms: tokio::sync::Mutex::new(clock.offset_ms()),
            clock,
        })
    }

    /// Moves the engine's clock as far as ours was moved: what became visible or due is so at once.
    pub(crate) async fn follow_clock(&self) -> Result<(), AwsError> {
        let mut followed_ms = self.followed_ms.lock().await;
        let offset_ms = self.clock.offset_ms();
        let ahead = SignedDuration::from_millis(offset_ms.saturating_sub(*followed_ms));
        // A clock that is put back takes nothing back: what was due has been due.
        if ahead.is_positive() {
            // Past the longest wait of any message a jump changes nothing, and the engine counts
            // each second of it.
            let jump = ahead.min(lock(&self.ledger).longest_wait());
            self.engine.advance(jump.unsigned_abs()).await?;
        }
        *followed_ms = offset_ms;
        Ok(())
    }

    /// Deletes every queue.
    pub(crate) async fn reset(&self) -> Result<(), AwsError> {
        self.engine.clear().await?;
        *lock(&self.ledger) = Ledger::default();
        Ok(())
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, headers: &HeaderMap, body: Bytes) -> Response<Body> {
        let target = headers.get("x-amz-target");
        let target = target.and_then(|value| value.to_str().ok()).unwrap_or("");
        let operation = target.rsplit('.').next().unwrap_or("").to_owned();
        if self.follow_clock().await.is_err() {
            return reply::broken(JSON_1_0, "the queues have stopped");
        }
        let Ok(request) = serde_json::from_slice::<Value>(&body) else {
            return refused(&Refusal::invalid("the request is not JSON"));
        };
        if let Err(refusal) = rules::check(&operation, &request, &lock(&self.ledger)) {
            return refused(&refusal);
        }
        self.perform(&operation, request).await
    }

    async fn perform(&self, operation: &str, request: Value) -> Response<Body> {
        let answered = match operation {
            "ReceiveMessage" => self.receive(request).await,
            "DeleteMessage" => self.delete(request).await,
            "DeleteMessageBatch" => self.delete_batch(request).await,
            _ => self.engine.call(operation, request.clone()).await.inspect(|(status, response)| {
                if status.is_success() {
                    let now = self.clock.now();
                    lock(&self.ledger).note(operation, &request, response, now);
                }
            }),
        };
        match answered {
            Ok((status, response)) => finish(status, &response),
            Err(error) => reply::broken(JSON_1_0, &error.to_string()),
        }
    }

    async fn receive(&self, request: Value) -> Result<(StatusCode, Value), AwsError> {
        let queue = rules::queue_of(&request).to_owned();
        let mut answered = (StatusCode::OK, json!({}));
        for _attempt in 0..RECEIVE_ATTEMPTS {
            answered = self.engine.call("ReceiveMessage", request.clone()).await?;
            let (status, response) = &mut answered;
            let found = response["Messages"].as_array().map_or(0, Vec::len);
            if !status.is_success() || found == 0 {
                break;
            }
            let now = self.clock.now();
            let dropped = lock(&self.ledger).received(&queue, &request, response, now);
            for receipt_handle in dropped {
                self.discard(&request, receipt_handle).await?;
            }
            if response["Messages"].as_array().is_some_and(|left| !left.is_empty()) {
                break;
            }
        }
        Ok(answered)
    }

    /// Takes a message out of the engine that its owner deleted, or that outlived its retention.
    async fn discard(&self, request: &Value, receipt_handle: String) -> Result<(), AwsError> {
        let deletion = json!({"QueueUrl": request["QueueUrl"], "ReceiptHandle": receipt_handle});
        self.engine.call("DeleteMessage", deletion).await?;
        Ok(())
    }

    async fn delete(&self, request: Value) -> Result<(StatusCode, Value), AwsError> {
        let handle = request["ReceiptHandle"].as_str().and_then(Handle::parse);
        let Some(handle) = handle else {
            return Ok(Refusal::receipt_handle().into_answer());
        };
        let answered = self.engine.call("DeleteMessage", request).await?;
        if answered.0.is_success() {
            lock(&self.ledger).deleted(&handle, self.clock.now());
        }
        Ok(answered)
    }

    async fn delete_batch(&self, mut request: Value) -> Result<(StatusCode, Value), AwsError> {
        let mut failed = Vec::new();
        let mut handles = Vec::new();
        if let Some(entries) = request["Entries"].as_array_mut() {
            entries.retain(|entry| {
                let handle = entry["ReceiptHandle"].as_str().and_then(Handle::parse);
                if handle.is_none() {
                    failed.push(Refusal::receipt_handle().into_entry(&entry["Id"]));
                }
                let is_known = handle.is_some();
                handles.extend(handle);
                is_known
            });
        }
        if handles.is_empty() && !failed.is_empty() {
            return Ok((StatusCode::OK, json!({"Successful": [], "Failed": failed})));
        }
        let (status, mut response) = self.engine.call("DeleteMessageBatch", request).await?;
        if status.is_success() {
            let now = self.clock.now();
            let mut ledger = lock(&self.ledger);
            handles.iter().for_each(|handle| ledger.deleted(handle, now));
            if let Some(already) = response["Failed"].as_array_mut() {
                already.append(&mut failed);
            } else {
                response["Failed"] = Value::Array(failed);
            }
        }
        Ok((status, response))
    }
}

fn refused(refusal: &Refusal) -> Response<Body> {
    let (status, response) = refusal.clone().into_answer();
    finish(status, &response)
}

fn finish(status: StatusCode, response: &Value) -> Response<Body> {
    let mut answer = reply::answer(status, JSON_1_0, response.to_string());
    if let Some(kind) = response["__type"].as_str() {
        let fault = if status.is_server_error() { "Receiver" } else { "Sender" };
        let code = kind.rsplit('#').next().unwrap_or(kind);
        if let Ok(value) = format!("{code};{fault}").parse() {
            answer.headers_mut().insert("x-amzn-query-error", value);
        }
    }
    answer
}
