//! Stories, calls, people's other ids, cards, and the two ways to speak.

use sandbox::whapi::{Dialect, ErrorShape, EventSpelling};
use serde_json::{Value, json};

use crate::world::{DAY_MS, Ear, World, hook};

const HUDA: &str = "97339000001";

#[tokio::test]
async fn a_story_is_found_for_a_day_and_can_be_told_again() {
    let world = World::start().await;
    let channel = world.linked().await;
    let told = world.gate(&channel, "POST", "/stories/send/text", Some(json!({"caption": "Soup"}))).await.ok();
    let story = &told["message"];
    assert_eq!((&story["type"], &story["text"]["body"]), (&json!("story"), &json!("Soup")));
    let path = format!("/stories/{}", story["id"].as_str().unwrap());
    assert_eq!(world.gate(&channel, "GET", &path, None).await.ok()["id"], story["id"]);

    world.advance_ms(DAY_MS / 2);
    assert_eq!(world.gate(&channel, "PUT", &path, Some(json!({"contacts": [HUDA]}))).await.status, 201);
    assert_eq!(world.gate(&channel, "GET", "/stories", None).await.ok()["total"], 2);
    assert_eq!(world.gate(&channel, "GET", "/chats", None).await.ok()["total"], 0, "stories are no chat");
    world.advance_ms(DAY_MS / 2);
    world.gate(&channel, "GET", &path, None).await.refused(404);
    assert_eq!(world.gate(&channel, "GET", "/stories", None).await.ok()["total"], 1);
}

#[tokio::test]
async fn a_story_takes_what_its_route_is_for() {
    let world = World::start().await;
    let channel = world.linked().await;
    let picture = "data:image/png;base64,UE5H";
    for path in ["/stories", "/stories/send/media", "/messages/story", "/messages/story/media"] {
        let told = world.gate(&channel, "POST", path, Some(json!({"media": picture, "caption": "Soup"}))).await.ok();
        assert_eq!((&told["message"]["image"]["mime_type"], &told["message"]["image"]["caption"]), (&json!("image/png"), &json!("Soup")));
    }
    let refused: [(&str, Value, u16); 5] = [
        ("/stories", json!({}), 400),
        ("/stories/send/text", json!({"media": picture}), 400),
        ("/stories/send/audio", json!({"media": picture}), 415),
        ("/stories/send/media", json!({"media": "image-0000"}), 404),
        ("/messages/story/text", json!({"caption": "Soup", "background_color": "red"}), 400),
    ];
    for (path, body, status) in refused {
        world.gate(&channel, "POST", path, Some(body)).await.refused(status);
    }
}

#[tokio::test]
async fn a_call_rings_until_it_is_rejected_or_missed() {
    let (world, ear) = (World::start().await, Ear::open().await);
    let channel = world.linked().await;
    world.gate(&channel, "PATCH", "/settings", Some(hook(&ear.url(), &[("calls", "post")]))).await.ok();
    let call = world.whapi.call("chn_1", HUDA, None).unwrap()["call"].clone();
    let path = format!("/calls/{}", call["id"].as_str().unwrap());
    world.gate(&channel, "DELETE", &path, Some(json!({"callFrom": "97339000002"}))).await.refused(404);
    world.gate(&channel, "POST", &format!("{path}/reject"), Some(json!({"callFrom": HUDA}))).await.ok();
    world.gate(&channel, "DELETE", &path, Some(json!({"callFrom": HUDA}))).await.refused(404);
    world.whapi.call("chn_1", HUDA, Some(10)).unwrap();
    world.advance_ms(10_000);
    let told = ear.wait_for(6).await;
    let mut words: Vec<&str> = told.iter().map(|heard| heard.body["calls"][0]["status"].as_str().unwrap()).collect();
    words.sort_unstable();
    assert_eq!(words, ["canceled", "initiated", "initiated", "missed", "ringing", "ringing"]);
    let link = world.gate(&channel, "POST", "/calls/group_link", Some(json!({"start_time": "1810202551"}))).await.ok();
    assert!(link["link"].as_str().unwrap().starts_with("https://"));
}

#[tokio::test]
async fn people_have_another_id_and_a_card() {
    let world = World::start().await;
    let channel = world.linked().await;
    let one = world.gate(&channel, "GET", &format!("/contacts/lids/{HUDA}"), None).await.ok();
    let both = world.gate(&channel, "GET", &format!("/contacts/lids?ContactIDList={HUDA},97339000002"), None).await.ok();
    assert_eq!((&both[HUDA], both.as_object().unwrap().len()), (&one, 2));
    assert_ne!(both[HUDA], both["97339000002"]);
    world.gate(&channel, "GET", "/contacts/lids/0009000", None).await.refused(404);
    let to = json!({"to": "97339000002"});
    world.gate(&channel, "POST", &format!("/contacts/{HUDA}"), Some(to.clone())).await.refused(404);
    world.gate(&channel, "PUT", "/contacts", Some(json!({"phone": HUDA, "name": "Huda"}))).await.ok();
    let sent = world.gate(&channel, "POST", &format!("/contacts/{HUDA}"), Some(to)).await.ok();
    assert!(sent["message"]["contact"]["vcard"].as_str().unwrap().contains("FN:Huda"));
}

#[tokio::test]
async fn it_speaks_as_it_is_told_until_a_reset() {
    let (world, ear) = (World::start().await, Ear::open().await);
    let channel = world.linked().await;
    world.gate(&channel, "PATCH", "/settings", Some(hook(&ear.url(), &[("calls", "post")]))).await.ok();
    let other = Dialect { error_shape: ErrorShape::Flat, event_spelling: EventSpelling::Method };
    world.whapi.speak(other);
    assert_eq!(world.whapi.dialect(), other);
    let refused = world.gate(&channel, "GET", "/newsletters/1203@newsletter", None).await;
    assert_eq!(refused.body, json!({"code": 404, "error": "specified newsletter not found"}));
    world.whapi.call("chn_1", HUDA, None).unwrap();
    assert_eq!(ear.wait_for(1).await[0].body["event"], json!({"type": "calls", "method": "post"}));
    world.whapi.reset();
    assert_eq!(world.whapi.dialect(), Dialect::default());
}
