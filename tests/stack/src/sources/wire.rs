//! A stream's record as Lambda's event has it: DynamoDB's own JSON.

use std::collections::HashMap;

use aws_sdk_dynamodbstreams::primitives::Blob;
use aws_sdk_dynamodbstreams::types::{AttributeValue, Record, StreamRecord};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// The record of an event.
pub(super) fn record(record: &Record, stream_arn: &str, region: &str) -> Value {
    let mut event = json!({
        "eventID": record.event_id,
        "eventName": record.event_name.as_ref().map(|name| name.as_str()),
        "eventVersion": record.event_version.as_deref().unwrap_or("1.1"),
        "eventSource": "aws:dynamodb",
        "awsRegion": region,
        "dynamodb": record.dynamodb.as_ref().map(change),
        "eventSourceARN": stream_arn,
    });
    if let Some(identity) = &record.user_identity {
        event["userIdentity"] = json!({ "type": identity.r#type, "principalId": identity.principal_id });
    }
    event
}

fn change(change: &StreamRecord) -> Value {
    let mut event = json!({
        "Keys": image(change.keys.as_ref()),
        "SequenceNumber": change.sequence_number,
        "SizeBytes": change.size_bytes.unwrap_or_default(),
        "StreamViewType": change.stream_view_type.as_ref().map(|view| view.as_str()),
        "ApproximateCreationDateTime": change.approximate_creation_date_time.map_or(0.0, |at| at.as_secs_f64()),
    });
    for (name, content) in [("NewImage", &change.new_image), ("OldImage", &change.old_image)] {
        if let Some(content) = content {
            event[name] = image(Some(content));
        }
    }
    event
}

fn image(image: Option<&HashMap<String, AttributeValue>>) -> Value {
    let entries = image.into_iter().flatten();
    Value::Object(entries.map(|(name, value)| (name.clone(), attribute(value))).collect::<Map<_, _>>())
}

fn attribute(value: &AttributeValue) -> Value {
    let encoded = |blob: &Blob| STANDARD.encode(blob.as_ref());
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::B(bytes) => json!({ "B": encoded(bytes) }),
        AttributeValue::Bool(truth) => json!({ "BOOL": truth }),
        AttributeValue::Null(truth) => json!({ "NULL": truth }),
        AttributeValue::Ss(texts) => json!({ "SS": texts }),
        AttributeValue::Ns(numbers) => json!({ "NS": numbers }),
        AttributeValue::Bs(all) => json!({ "BS": all.iter().map(encoded).collect::<Vec<_>>() }),
        AttributeValue::L(items) => json!({ "L": items.iter().map(attribute).collect::<Vec<_>>() }),
        AttributeValue::M(entries) => json!({ "M": image(Some(entries)) }),
        _ => Value::Null,
    }
}
