//! What may be believed after each kind of answer of WHAPI's partner API.

use std::time::Duration;

use clients::outcome::CallError;
use clients::whapi::Manager;
use domain::{Days, Secret};
use net::Http;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use url::Url;

use crate::pretend::Pretend;

const OWN: &str = r#"{"error":{"code":404,"message":"Specified channel not found"}}"#;
const FLAT: &str = r#"{"code":400,"error":"wrong days"}"#;
const CLOUD: &str = r#"{"title":"Error 1010: Access denied","detail":"browser signature banned"}"#;
const PAGE: &str = "<html><body>502 Bad Gateway</body></html>";

fn token() -> Secret {
    Secret::new("partner")
}

fn word(outcome: &Result<(), CallError>) -> &'static str {
    match outcome {
        Ok(()) => "done",
        Err(CallError::Refused(_)) => "refused",
        Err(CallError::RateLimited { .. }) => "rate limited",
        Err(CallError::NotSent { .. }) => "not sent",
        Err(CallError::Unknown { .. }) => "unknown",
    }
}

async fn extend(base: &Url) -> Result<(), CallError> {
    let manager = Manager::new(base.clone(), Http::new()).with_timeout(Duration::from_millis(300));
    manager.extend(&token(), "FALCON-7QX2M", Days::new(30), "why").await
}

#[tokio::test]
async fn only_the_providers_own_words_say_that_nothing_happened() {
    let table = [
        (200, r#"{"success":true}"#, "done"),
        (200, r#"{"result":true}"#, "done"),
        (200, r#"{"success":false}"#, "unknown"),
        (200, "{\"succ", "unknown"),
        (200, "", "unknown"),
        (302, "", "unknown"),
        (400, FLAT, "refused"),
        (401, OWN, "refused"),
        (403, OWN, "refused"),
        (404, OWN, "refused"),
        (422, OWN, "refused"),
        (402, OWN, "unknown"),
        (409, OWN, "unknown"),
        (400, PAGE, "unknown"),
        (403, CLOUD, "unknown"),
        (404, "", "unknown"),
        (429, PAGE, "rate limited"),
        (500, OWN, "unknown"),
        (502, PAGE, "unknown"),
        (503, OWN, "unknown"),
    ];
    for (status, body, expected) in table {
        let server = Pretend::always(status, body).await;
        let outcome = extend(&server.url).await;
        assert_eq!(word(&outcome), expected, "{status} {body}: {outcome:?}");
        assert_eq!(server.asked().len(), 1, "{status} {body} was called again");
    }
}

#[tokio::test]
async fn a_refusal_keeps_its_words_and_a_limit_its_wait() {
    let server = Pretend::always(404, OWN).await;
    let Err(CallError::Refused(refused)) = extend(&server.url).await else { panic!("not refused") };
    assert_eq!((refused.status, refused.code.as_str()), (404, "404"));
    assert_eq!(refused.message, "Specified channel not found");
    let limited = Pretend::new(|_| (429, vec![("retry-after", "17".to_owned())], Vec::new())).await;
    assert_eq!(extend(&limited.url).await, Err(CallError::RateLimited { retry_after: Some(Duration::from_secs(17)) }));
}

#[tokio::test]
async fn a_connection_that_was_never_made_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    assert_eq!(word(&extend(&base).await), "not sent");
}

#[tokio::test]
async fn an_answer_that_never_came_leaves_it_unknown() {
    for hang_up in [true, false] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let server = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 1024];
            let _ = socket.read(&mut buffer).await;
            if hang_up { None } else { Some((socket, listener)) }
        });
        assert_eq!(word(&extend(&base).await), "unknown", "hang up: {hang_up}");
        drop(server.await.unwrap());
    }
}

#[tokio::test]
async fn the_request_says_who_calls_and_for_which_channel() {
    let server = Pretend::always(200, r#"{"success":true}"#).await;
    let manager = Manager::new(server.url.join("base/").unwrap(), Http::new());
    manager.extend(&token(), "FALCON/7?x", Days::new(30), "Auto top-up").await.unwrap();
    let asked = server.asked().pop().unwrap();
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/base/channels/FALCON%2F7%3Fx/extend"));
    assert_eq!(asked.json(), serde_json::json!({"days": 30, "comment": "Auto top-up"}));
    assert_eq!(asked.header("authorization"), Some("Bearer partner"));
    assert!(asked.header("user-agent").is_some_and(|agent| agent.starts_with("Daypass/")));
    for id in ["", "..", "."] {
        assert_eq!(word(&manager.delete_channel(&token(), id).await), "not sent");
    }
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_list_is_read_in_both_shapes_and_tells_what_it_lost() {
    let row = r#"{"id":"A","activeTill":1777975200,"name":"x"}"#;
    let table = [
        (format!(r#"{{"channels":[{row},{{"id":"B"}}],"count":2,"total":5,"offset":0}}"#), (1, 2, 1, true)),
        (format!(r#"{{"channels":[{row}],"total":1}}"#), (1, 1, 0, false)),
        (format!("[{row},{row}]"), (2, 2, 0, true)),
        (format!("[{row}]"), (1, 1, 0, false)),
        ("[]".to_owned(), (0, 0, 0, false)),
    ];
    for (body, expected) in table {
        let server = Pretend::always(200, body.clone()).await;
        let page = Manager::new(server.url.clone(), Http::new()).list_channels(&token(), 0, 2).await.map_err(|error| error.to_string());
        let page = page.unwrap_or_else(|error| panic!("{body}: {error}"));
        assert_eq!((page.channels.len(), page.rows, page.unreadable, page.more), expected, "{body}");
        assert!(page.channels.iter().all(|channel| channel.active_till.as_second() == 1_777_975_200));
        assert_eq!(server.asked()[0].query, "offset=0&count=2");
    }
    let server = Pretend::always(200, r#"{"items":[]}"#).await;
    assert!(Manager::new(server.url.clone(), Http::new()).list_channels(&token(), 0, 2).await.is_err());
}

#[tokio::test]
async fn a_balance_that_cannot_be_read_is_unknown_and_not_zero() {
    for (body, expected) in [(r#"{"balance":2250}"#, Some(2250)), (r#"{"balance":"-4"}"#, Some(-4)), (r#"{"id":"p"}"#, None)] {
        let server = Pretend::always(200, body).await;
        assert_eq!(Manager::new(server.url.clone(), Http::new()).partner_balance(&token()).await, Ok(expected), "{body}");
    }
}
