//! Everything that WHAPI was seen to send is read; what we send has the fields of what it documents.

use clients::outcome::CallError;
use clients::whapi::webhook::{self, Event};
use clients::whapi::{Gate, HealthState, Manager, WebhookTarget};
use domain::{Days, Secret};
use net::Http;
use serde_json::Value;
use url::Url;

use crate::own;
use crate::pretend::Pretend;
use crate::recordings::Folder;

fn documents(part: &str) -> Vec<(String, Vec<u8>)> {
    let home = tempfile::tempdir().unwrap();
    let folders = Folder::all(own::make(home.path()));
    let found = folders.iter().flat_map(Folder::whapi).filter(|(name, _)| name.contains(part)).collect::<Vec<_>>();
    assert!(!found.is_empty(), "no WHAPI recordings with {part} in their name");
    found
}

fn token() -> Secret {
    Secret::new("token")
}

#[test]
fn every_webhook_is_read_to_its_last_member() {
    for (name, body) in documents("webhook-") {
        let envelope = webhook::parse(&body).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(envelope.unreadable, 0, "{name}");
        assert!(!envelope.verb.is_empty(), "{name}");
        let recorded: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(envelope.channel_id.as_deref(), recorded["channel_id"].as_str(), "{name}");
        assert!(is_understood(&recorded, &envelope.event), "{name}: {:?}", envelope.event);
    }
}

/// What we work with is read with its time; what we do not work with is nothing.
fn is_understood(recorded: &Value, event: &Event) -> bool {
    let has = |key: &str| recorded.get(key).is_some();
    match event {
        Event::Linked { user } | Event::Unlinked { user } => user.phone.is_some(),
        Event::Health { reading } => !matches!(reading.state, HealthState::Unknown(_)),
        Event::Messages(items) => items.iter().all(|item| item.at.is_some()),
        Event::Statuses(items) => items.iter().all(|item| item.at.is_some()),
        Event::Calls(items) => items.iter().all(|item| item.at.is_some()),
        Event::Other => !["user", "health", "messages", "statuses", "calls"].iter().any(|key| has(key)),
    }
}

/// Answers of the kinds that people have recorded, by words in their file's name.
#[tokio::test]
async fn every_good_answer_is_read() {
    let mut read = 0;
    for (name, body) in documents(".200.json") {
        let server = Pretend::always(200, body).await;
        let (manager, gate) = (Manager::new(server.url.clone(), Http::new()), Gate::new(server.url.clone(), Http::new()));
        let error = match name.as_str() {
            name if name.contains("list") => manager.list_channels(&token(), 0, 100).await.err(),
            name if name.contains("partners") => manager.partner(&token()).await.err(),
            name if name.contains("channels") => manager.get_channel(&token(), "A").await.err(),
            name if name.contains("health") => gate.health(&token(), false).await.err(),
            name if name.contains("login") => gate.login_qr(&token()).await.err(),
            name if name.contains("settings") => gate.settings(&token()).await.err(),
            name if name.contains("limits") => gate.limits(&token()).await.err(),
            _ => continue,
        };
        assert_eq!(error, None, "{name}");
        read += 1;
    }
    assert!(read > 0);
}

#[tokio::test]
async fn a_created_channel_is_read_with_its_times_in_milliseconds() {
    for (name, body) in documents("manager-put-channels.200") {
        let recorded: Value = serde_json::from_slice(&body).unwrap();
        let server = Pretend::always(200, body).await;
        let made = Manager::new(server.url.clone(), Http::new()).create_channel(&token(), "Bot", None, Some("p")).await;
        let Ok(channel) = made else { panic!("{name} was not read") };
        assert_eq!(channel.id, recorded["id"]);
        assert_eq!(channel.token.expose(), recorded["token"]);
        assert_eq!(channel.active_till.as_millisecond(), recorded["activeTill"].as_i64().unwrap());
        assert_eq!(channel.mode.as_deref(), recorded["mode"].as_str());
        assert!(channel.api_url.is_some_and(|url| !url.ends_with('/')), "{name}");
    }
}

#[tokio::test]
async fn an_error_in_either_shape_is_a_refusal() {
    let documented = ("documented".to_owned(), br#"{"error":{"code":402,"message":"Trial version limit exceeded"}}"#.to_vec());
    let home = tempfile::tempdir().unwrap();
    let recorded = Folder::all(own::make(home.path()))
        .iter()
        .flat_map(Folder::whapi)
        .filter(|(name, _)| name.starts_with("error-402"))
        .collect::<Vec<_>>();
    for (name, body) in recorded.into_iter().chain([documented]) {
        let server = Pretend::always(402, body).await;
        let answer = Gate::new(server.url.clone(), Http::new()).health(&token(), false).await;
        let Err(CallError::Refused(refused)) = answer else { panic!("{name}: {answer:?}") };
        assert_eq!((refused.status, refused.code.as_str()), (402, "402"));
        assert!(refused.message.to_lowercase().contains("limit"), "{name}");
    }
}

/// What our client sends for a call that was recorded under that name.
async fn ours(name: &str) -> Option<Value> {
    let channel = r#"{"id":"A","activeTill":1777975200123}"#;
    let server = Pretend::always(200, channel).await;
    let (manager, gate) = (Manager::new(server.url.clone(), Http::new()), Gate::new(server.url.clone(), Http::new()));
    let hook = Url::parse("https://hooks.example/whapi").unwrap();
    let target = WebhookTarget { url: hook.to_string(), header: ("x-test".to_owned(), Secret::new("s")) };
    match name {
        "manager-put-channels" => drop(manager.create_channel(&token(), "Bot", None, None).await),
        "manager-post-extend" => drop(manager.extend(&token(), "A", Days::new(30), "why").await),
        "manager-patch-mode" => drop(manager.set_mode(&token(), "A", "live").await),
        "manager-patch-partner-settings" => drop(manager.set_low_balance_webhook(&token(), "acme", &hook, 30).await),
        "gate-patch-settings" => drop(gate.set_webhook(&token(), &target).await),
        _ => return None,
    }
    let asked = server.asked().pop()?;
    let method = asked.method.as_str().to_lowercase();
    assert!(name.contains(&format!("-{method}-")), "{name} was sent with {method}");
    Some(asked.json())
}

#[tokio::test]
async fn what_we_send_has_every_field_of_what_is_documented() {
    let home = tempfile::tempdir().unwrap();
    for folder in Folder::all(own::make(home.path())) {
        for (name, body) in folder.whapi().iter().filter_map(|(name, body)| Some((name.strip_suffix(".request.json")?, body))) {
            let recorded: Value = serde_json::from_slice(body).unwrap();
            let Some(sent) = ours(name).await else { continue };
            assert_same_shape(name, &recorded, &sent);
        }
    }
}

fn assert_same_shape(place: &str, recorded: &Value, sent: &Value) {
    match (recorded, sent) {
        (Value::Object(recorded), Value::Object(sent)) => {
            for (key, value) in recorded {
                let found = sent.get(key).unwrap_or_else(|| panic!("{place}: {key} is not sent"));
                assert_same_shape(&format!("{place}.{key}"), value, found);
            }
        }
        (Value::Array(recorded), Value::Array(sent)) => {
            if let (Some(recorded), Some(sent)) = (recorded.first(), sent.first()) {
                assert_same_shape(&format!("{place}[]"), recorded, sent);
            }
        }
        (recorded, sent) => {
            let same = std::mem::discriminant(recorded) == std::mem::discriminant(sent);
            assert!(same, "{place}: {sent} is sent, {recorded} is documented");
        }
    }
}
