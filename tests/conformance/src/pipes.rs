//! The queue and the secrets, over the real SDK and our HTTP client, against servers that speak AWS's JSON.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clients::pipes::{PipeError, Queue, Secrets};
use domain::Secret;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::pretend::{Asked, Pretend, Reply};

fn aws(server: &Pretend) -> net::Aws {
    let credentials = net::aws::credentials("AKIDEXAMPLE", &Secret::new("secret"), None);
    net::Aws::new("me-south-1", Some(server.url.as_str().trim_end_matches('/').to_owned()), credentials)
}

fn answer(status: u16, body: &Value) -> Reply {
    (status, vec![("content-type", "application/x-amz-json-1.1".to_owned())], body.to_string().into_bytes())
}

fn target(asked: &Asked) -> &str {
    asked.header("x-amz-target").and_then(|target| target.rsplit('.').next()).unwrap_or_default()
}

/// Secrets Manager whose platform secret counts how often it was read.
async fn secrets_manager() -> Pretend {
    let reads = Arc::new(AtomicUsize::new(0));
    Pretend::new(move |asked| match (target(asked), asked.json()["SecretId"].as_str()) {
        ("GetSecretValue", Some("platform")) => {
            let read = reads.fetch_add(1, Ordering::SeqCst) + 1;
            answer(200, &json!({"SecretString": json!({"whapi_partner_token": format!("token-{read}")}).to_string()}))
        }
        ("GetSecretValue", Some("broken")) => answer(200, &json!({"SecretString": "{"})),
        ("PutSecretValue", _) => answer(200, &json!({"VersionId": "v"})),
        _ => answer(400, &json!({"__type": "ResourceNotFoundException", "Message": "no such secret"})),
    })
    .await
}

#[tokio::test]
async fn a_secret_is_kept_for_less_than_a_minute_and_a_saved_one_is_in_use_at_once() {
    let server = secrets_manager().await;
    let secrets = Secrets::new(&aws(&server), "platform", "keyring");
    let now: Timestamp = "2026-05-05T10:00:00Z".parse().unwrap();
    let token = async |secrets: &Secrets, seconds: i64| {
        let platform = secrets.platform(now + SignedDuration::from_secs(seconds)).await.unwrap();
        platform.whapi_partner_token.unwrap().expose().to_owned()
    };
    assert_eq!(token(&secrets, 0).await, "token-1");
    assert_eq!(token(&secrets.clone(), 49).await, "token-1");
    assert_eq!(token(&secrets, 59).await, "token-2");
    let mut changed = secrets.platform_afresh(now + SignedDuration::from_secs(60)).await.unwrap();
    assert_eq!(changed.whapi_partner_token.as_ref().map(Secret::expose), Some("token-3"));
    changed.whapi_partner_token = Some(Secret::new("new"));
    secrets.save_platform(&changed, now + SignedDuration::from_secs(61)).await.unwrap();
    assert_eq!(token(&secrets, 62).await, "new");
    let saved = server.asked().into_iter().find(|asked| target(asked) == "PutSecretValue").unwrap().json();
    assert_eq!(saved["SecretString"], r#"{"whapi_partner_token":"new"}"#);
}

#[tokio::test]
async fn a_secret_that_is_missing_or_broken_is_no_empty_secret() {
    let server = secrets_manager().await;
    let now = Timestamp::UNIX_EPOCH;
    let missing = Secrets::new(&aws(&server), "nowhere", "nowhere");
    assert!(matches!(missing.platform(now).await.err(), Some(PipeError::Missing(_))));
    assert!(matches!(missing.keyring(now).await.err(), Some(PipeError::Missing(_))));
    let broken = Secrets::new(&aws(&server), "broken", "broken");
    assert!(matches!(broken.platform(now).await.err(), Some(PipeError::Corrupt(_))));
}

#[tokio::test]
async fn many_messages_go_in_tens_and_those_not_taken_are_named() {
    let server = Pretend::new(|asked| {
        let entries = asked.json()["Entries"].as_array().cloned().unwrap_or_default();
        let (bad, good): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| entry["MessageBody"] == "bad");
        let good: Vec<_> = good.iter().map(|entry| json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "x"})).collect();
        let bad: Vec<_> = bad.iter().map(|entry| json!({"Id": entry["Id"], "Code": "InternalError", "SenderFault": false})).collect();
        answer(200, &json!({"Successful": good, "Failed": bad}))
    })
    .await;
    let queue = Queue::new(&aws(&server), format!("{}000000000000/jobs", server.url));
    let mut messages: Vec<String> = (0..23).map(|number| format!("job {number}")).collect();
    messages[3] = "bad".to_owned();
    messages[21] = "bad".to_owned();
    assert_eq!(queue.send_all(&messages).await, Ok(vec![3, 21]));
    let sizes: Vec<_> = server.asked().iter().map(|asked| asked.json()["Entries"].as_array().map_or(0, Vec::len)).collect();
    assert_eq!(sizes, [10, 10, 3]);
    assert_eq!(queue.send_all(&[]).await, Ok(Vec::new()));
    assert_eq!(queue.send(&"x".repeat(300 * 1024)).await, Err(PipeError::TooLong(300 * 1024)));
}

#[tokio::test]
async fn aws_that_fails_is_tried_again_a_few_times_and_then_said_to_be_away() {
    let server = Pretend::new(|_| answer(503, &json!({"__type": "ServiceUnavailable"}))).await;
    let queue = Queue::new(&aws(&server), format!("{}000000000000/jobs", server.url));
    assert!(matches!(queue.send("job").await, Err(PipeError::Unavailable(_))));
    assert!((2..=4).contains(&server.asked().len()), "{} attempts", server.asked().len());
}
