//! What SQS refuses before it looks at a message: numbers out of range, names of entries that repeat
//! or are no names, a dead-letter queue that does not exist.

use http::StatusCode;
use serde_json::{Value, json};

use super::ledger::Ledger;

/// The longest delay of a message, in seconds.
const DELAY_LIMIT_SECONDS: i64 = 900;
/// The longest time a received message stays invisible, in seconds.
const VISIBILITY_LIMIT_SECONDS: i64 = 43_200;
/// The longest wait of a receive, in seconds.
const WAIT_LIMIT_SECONDS: i64 = 20;
/// How many messages one receive may ask for.
const RECEIVE_LIMIT: i64 = 10;
/// How many receives a redrive policy may allow.
const RECEIVE_COUNT_LIMIT: i64 = 1_000;
/// How long an entry's id may be.
const ENTRY_ID_LIMIT: usize = 80;

/// A refusal in the words of SQS.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    code: &'static str,
    message: String,
}

impl Refusal {
    /// A parameter has a value it may not have.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self { code: "InvalidParameterValue", message: message.into() }
    }

    /// A receipt handle that no receive ever gave out.
    pub(super) fn receipt_handle() -> Self {
        Self { code: "ReceiptHandleIsInvalid", message: "The input receipt handle is invalid.".to_owned() }
    }

    /// As the answer to a whole request.
    pub(super) fn into_answer(self) -> (StatusCode, Value) {
        let body = json!({
            "__type": format!("com.amazonaws.sqs#{}", self.code),
            "message": self.message,
        });
        (StatusCode::BAD_REQUEST, body)
    }

    /// As the failure of one entry of a batch.
    pub(super) fn into_entry(self, id: &Value) -> Value {
        json!({"Id": id, "SenderFault": true, "Code": self.code, "Message": self.message})
    }
}

/// The name of the queue a request is for: the last part of its URL.
pub(super) fn queue_of(request: &Value) -> &str {
    let url = request["QueueUrl"].as_str().unwrap_or("");
    url.rsplit('/').next().unwrap_or("")
}

/// Checks a request by itself.
pub(super) fn check(operation: &str, request: &Value, ledger: &Ledger) -> Result<(), Refusal> {
    match operation {
        "SendMessage" => in_range(request, "DelaySeconds", 0, DELAY_LIMIT_SECONDS),
        "ReceiveMessage" => {
            in_range(request, "MaxNumberOfMessages", 1, RECEIVE_LIMIT)?;
            in_range(request, "VisibilityTimeout", 0, VISIBILITY_LIMIT_SECONDS)?;
            in_range(request, "WaitTimeSeconds", 0, WAIT_LIMIT_SECONDS)
        }
        "ChangeMessageVisibility" => check_visibility(request),
        "SendMessageBatch" | "DeleteMessageBatch" | "ChangeMessageVisibilityBatch" => check_entries(request),
        "CreateQueue" | "SetQueueAttributes" => check_redrive(request, ledger),
        _ => Ok(()),
    }
}

fn check_visibility(request: &Value) -> Result<(), Refusal> {
    in_range(request, "VisibilityTimeout", 0, VISIBILITY_LIMIT_SECONDS)?;
    let handle = request["ReceiptHandle"].as_str();
    match handle.and_then(super::Handle::parse) {
        Some(_known) => Ok(()),
        None => Err(Refusal::receipt_handle()),
    }
}

fn check_entries(request: &Value) -> Result<(), Refusal> {
    for entry in request["Entries"].as_array().into_iter().flatten() {
        let id = entry["Id"].as_str().unwrap_or("");
        let allowed = |character: char| character.is_ascii_alphanumeric() || character == '-' || character == '_';
        if id.is_empty() || id.len() > ENTRY_ID_LIMIT || !id.chars().all(allowed) {
            return Err(Refusal {
                code: "AWS.SimpleQueueService.InvalidBatchEntryId",
                message: "A batch entry id can only contain alphanumeric characters, hyphens and \
                          underscores. It can be at most 80 letters long."
                    .to_owned(),
            });
        }
        in_range(entry, "DelaySeconds", 0, DELAY_LIMIT_SECONDS)?;
        in_range(entry, "VisibilityTimeout", 0, VISIBILITY_LIMIT_SECONDS)?;
    }
    Ok(())
}

fn check_redrive(request: &Value, ledger: &Ledger) -> Result<(), Refusal> {
    let Some(policy) = request["Attributes"]["RedrivePolicy"].as_str() else {
        return Ok(());
    };
    if policy.is_empty() {
        return Ok(());
    }
    let invalid = |reason: &str| Refusal::invalid(format!("Value {policy} for parameter RedrivePolicy is invalid. Reason: {reason}"));
    let parsed: Value = serde_json::from_str(policy).map_err(|_| invalid("Redrive policy is not a valid JSON map."))?;
    let target = parsed["deadLetterTargetArn"].as_str().unwrap_or("");
    if !ledger.knows(target.rsplit(':').next().unwrap_or("")) {
        return Err(invalid("Dead letter target does not exist."));
    }
    let count = &parsed["maxReceiveCount"];
    let count = count.as_i64().or_else(|| count.as_str()?.parse().ok());
    match count {
        Some(1..=RECEIVE_COUNT_LIMIT) => Ok(()),
        _ => Err(invalid("Invalid value for maxReceiveCount.")),
    }
}

fn in_range(value: &Value, name: &str, least: i64, most: i64) -> Result<(), Refusal> {
    match value[name].as_i64() {
        Some(given) if given < least || given > most => Err(Refusal::invalid(format!(
            "Value {given} for parameter {name} is invalid. Reason: Must be between {least} and \
             {most}, if provided."
        ))),
        _ => Ok(()),
    }
}
