//! What the channels' API answers to somebody who links a number.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clients::outcome::CallError;
use clients::whapi::{Gate, HealthState, Logout, QrAnswer, WebhookTarget, needs_linking, not_ready};
use domain::Secret;
use net::Http;

use crate::pretend::Pretend;

fn token() -> Secret {
    Secret::new("channel")
}

async fn login(status: u16, body: impl Into<Vec<u8>>) -> Result<QrAnswer, CallError> {
    let server = Pretend::always(status, body).await;
    Gate::new(server.url.clone(), Http::new()).login_qr(&token()).await
}

#[tokio::test]
async fn a_code_is_a_picture_or_a_word_why_not() {
    let picture = STANDARD.encode(b"\x89PNG\r\n\x1a\n0000");
    let ready = login(200, format!(r#"{{"status":"OK","base64":"{picture}","expire":20}}"#)).await;
    let png_data_uri = format!("data:image/png;base64,{picture}");
    assert_eq!(ready, Ok(QrAnswer::Ready { png_data_uri, expire_seconds: Some(20) }));
    assert_eq!(login(200, r#"{"status":"WAITING"}"#).await, Ok(QrAnswer::Waiting));
    assert_eq!(login(200, r#"{"status":"TIMEOUT"}"#).await, Ok(QrAnswer::Timeout));
    assert_eq!(login(200, r#"{"status":"ERROR"}"#).await, Ok(QrAnswer::Failed));
    assert_eq!(login(409, r#"{"error":{"code":409,"message":"Channel already authenticated"}}"#).await, Ok(QrAnswer::AlreadyLinked));
    assert_eq!(login(409, "").await, Ok(QrAnswer::AlreadyLinked));
    assert_eq!(login(422, r#"{"error":{"code":422,"message":"Render QR failed"}}"#).await, Ok(QrAnswer::Failed));
    let new = login(404, r#"{"error":{"code":404,"message":"Channel not found"}}"#).await;
    assert!(new.is_err_and(|error| not_ready(&error)));
    let mobile = login(406, r#"{"error":{"code":406,"message":"Not acceptable for mobile type channel"}}"#).await;
    assert_eq!(mobile.err().and_then(|error| error.status()), Some(406));
    assert!(matches!(login(200, "[]").await, Err(CallError::Unknown { .. })));
}

#[tokio::test]
async fn health_is_asked_without_waking_the_channel() {
    let body = r#"{"start_at":1777975200,"uptime":9,"status":{"code":4,"text":"AUTH"},"user":{"id":"97336612345","name":"Noor"}}"#;
    let server = Pretend::always(200, body).await;
    let reading = Gate::new(server.url.clone(), Http::new()).health(&token(), false).await.unwrap();
    assert_eq!((reading.state, reading.phone.as_deref()), (HealthState::Auth, Some("97336612345")));
    assert_eq!(server.asked()[0].query, "wakeup=false");
    let odd = Pretend::always(200, r#"{"status":{"text":"HIBERNATING"}}"#).await;
    let reading = Gate::new(odd.url.clone(), Http::new()).health(&token(), false).await.unwrap();
    assert_eq!(reading.state, HealthState::Unknown("HIBERNATING".to_owned()));
    assert!(!reading.state.is_linked());
}

#[tokio::test]
async fn an_unlinked_number_is_told_from_a_bad_token() {
    let unlinked = Pretend::always(401, r#"{"code":401,"error":"need channel authorization"}"#).await;
    let error = Gate::new(unlinked.url.clone(), Http::new()).settings(&token()).await.unwrap_err();
    assert!(needs_linking(&error) && !not_ready(&error));
    let bad = Pretend::always(401, r#"{"error":{"code":401,"message":"Unauthorized"}}"#).await;
    assert!(!needs_linking(&Gate::new(bad.url.clone(), Http::new()).settings(&token()).await.unwrap_err()));
}

#[tokio::test]
async fn who_is_out_already_is_out() {
    let out = Pretend::always(409, r#"{"error":{"code":409,"message":"Channel already logged out"}}"#).await;
    assert_eq!(Gate::new(out.url.clone(), Http::new()).logout(&token()).await, Ok(Logout::WasOut));
    let done = Pretend::always(200, r#"{"success":true}"#).await;
    assert_eq!(Gate::new(done.url.clone(), Http::new()).logout(&token()).await, Ok(Logout::Done));
}

#[tokio::test]
async fn a_pairing_code_is_shown_as_it_came() {
    let server = Pretend::always(200, r#"{"code":"ABC-D123"}"#).await;
    let code = Gate::new(server.url.clone(), Http::new()).pairing_code(&token(), "97336612345").await;
    assert_eq!(code.ok().as_ref().map(Secret::expose), Some("ABC-D123"));
    assert_eq!(server.asked()[0].path, "/users/login/97336612345");
}

#[tokio::test]
async fn a_live_channel_has_no_limits() {
    let live = Pretend::always(204, "").await;
    assert_eq!(Gate::new(live.url.clone(), Http::new()).limits(&token()).await, Ok(None));
    let trial = Pretend::always(200, r#"{"messages":150,"chats":["a","b"],"checks":30,"requests":990}"#).await;
    let limits = Gate::new(trial.url.clone(), Http::new()).limits(&token()).await.unwrap().unwrap();
    assert_eq!((limits.messages, limits.chats, limits.requests), (Some(150), 2, Some(990)));
}

#[tokio::test]
async fn a_webhook_carries_the_header_that_we_will_know_it_by() {
    let server = Pretend::always(200, r#"{"changes":[]}"#).await;
    let target = WebhookTarget { url: "https://d.example/hook".to_owned(), header: ("x-daypass".to_owned(), Secret::new("s3cret")) };
    Gate::new(server.url.clone(), Http::new()).set_webhook(&token(), &target).await.unwrap();
    let sent = server.asked()[0].json();
    let hook = &sent["webhooks"][0];
    assert_eq!((&hook["url"], &hook["mode"]), (&"https://d.example/hook".into(), &"body".into()));
    assert_eq!(hook["headers"]["x-daypass"], "s3cret");
    assert!(hook["events"].as_array().is_some_and(|events| events.iter().all(|event| event["method"].is_string())));
}
