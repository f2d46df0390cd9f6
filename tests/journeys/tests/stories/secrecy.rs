//! What nobody is ever shown.

use journeys::{Person, World};
use reqwest::Method;
use serde_json::json;

/// What may be asked for, of all that the document lists, with that id in every place that takes one.
async fn readable(world: &World, id: &str) -> Vec<String> {
    let document = world.get("/openapi.json").await.ok();
    let paths = document["paths"].as_object().expect("paths");
    let read = paths.iter().filter(|(_, methods)| methods["get"].is_object());
    read.map(|(path, _)| path.replace("{id}", id)).collect()
}

async fn assert_hidden(person: &Person, paths: &[String], secrets: &[(&str, String)]) {
    for path in paths {
        let answer = person.get(path).await;
        let told = format!("{:?} {}", answer.headers, answer.text);
        for (what, secret) in secrets {
            assert!(!told.contains(secret.as_str()), "{path} shows {what}: {told}");
        }
    }
}

/// CH-1, CH-6, ADM-1: a channel's token at WHAPI, our own token there and our keys at PayPal stand in no
/// answer of any route, whoever asks.
#[tokio::test]
async fn no_answer_holds_a_token_or_a_key() {
    let world = World::start().await;
    let (person, admin) = (world.customer().await, world.admin().await);
    person.buy("Growth").await;
    let shop = person.add_working_channel("Shop").await;
    let line = person.line(&shop).await;
    let at_whapi = world.by_hand(Method::GET, &format!("/channels/{}", line.id), None).await.ok();
    let endpoints = world.endpoints().await;
    let text = |value: &serde_json::Value| value.as_str().filter(|text| text.len() > 10).expect("a secret").to_owned();
    let secrets = [
        ("the channel's token", text(&at_whapi["token"])),
        ("the partner token", text(&endpoints["whapi_partner_token"])),
        ("PayPal's secret", text(&endpoints["paypal_client_secret"])),
    ];
    let paths = readable(&world, &shop).await;
    assert!(paths.len() > 15, "{paths:?}");
    for caller in [&person, &admin] {
        assert_hidden(caller, &paths, &secrets).await;
    }
    for (path, body) in [("refresh", json!({})), ("extend", json!({ "days": 1 })), ("pairing-code", json!({ "phone": "+97336612345" }))] {
        let answer = person.post(&format!("/v1/channels/{shop}/{path}"), body).await;
        assert!(answer.status < 300, "{path}: {} {}", answer.status, answer.text);
        assert!(secrets.iter().all(|(_, secret)| !answer.text.contains(secret.as_str())), "{path}: {}", answer.text);
    }
}
