//! A channel's settings: read, changed in part, reset.

use serde_json::json;

use crate::world::{Ear, World, hook};

#[tokio::test]
async fn settings_change_in_part_and_say_what_changed() {
    let world = World::start().await;
    let channel = world.channel().await;
    let before = world.gate(&channel, "GET", "/settings", None).await.ok();
    let wanted = json!({"callback_backoff_delay_ms": 5000, "webhooks": [{"url": "http://127.0.0.1:9/hook"}]});
    let changed = world.gate(&channel, "PATCH", "/settings", Some(wanted)).await.ok();
    assert_eq!(changed["before_update"], before);
    assert_eq!(changed["changes"], json!(["callback_backoff_delay_ms", "webhooks"]));
    let after = world.gate(&channel, "GET", "/settings", None).await.ok();
    assert_eq!(changed["after_update"], after);
    assert_eq!(after["max_callback_backoff_delay_ms"], 900_000);
    // The vendor's own default is a deprecated event.
    assert_eq!(after["webhooks"][0]["events"], json!([{"type": "message", "method": "put"}]));
    assert_eq!(after["webhooks"][0]["mode"], "body");

    world.gate(&channel, "DELETE", "/settings", None).await.ok();
    assert_eq!(world.gate(&channel, "GET", "/settings", None).await.ok(), before);
    assert_eq!(world.gate(&channel, "DELETE", "/settings", None).await.refused(409), "Settings already reset");
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused() {
    let world = World::start().await;
    let channel = world.channel().await;
    let six = json!({"a": "1", "b": "2", "c": "3", "d": "4", "e": "5", "f": "6"});
    let wrong = [
        json!({"callback_backoff_delay_ms": 100}),
        json!({"webhooks": [{"mode": "body"}]}),
        json!({"webhooks": [{"url": "http://x/", "mode": "carrier pigeon"}]}),
        json!({"webhooks": [{"url": "http://x/", "events": [{"type": "weather", "method": "post"}]}]}),
        json!({"webhooks": [{"url": "http://x/", "headers": six}]}),
        json!({"webhooks": [{"url": "http://x/", "webhook_max_age_seconds": 1}]}),
        json!({"proxy": "socks5://desk:secret@proxy.test"}),
        json!({"proxy": "socks5://desk:sec ret@proxy.test:1080"}),
        json!({"proxy": "http://desk:secret@proxy.test:1080"}),
    ];
    for body in wrong {
        assert_eq!(world.gate(&channel, "PATCH", "/settings", Some(body)).await.refused(400), "Wrong settings format");
    }
    let age = json!({"webhooks": [{"url": "http://x/", "webhook_max_age_seconds": null}]});
    world.gate(&channel, "PATCH", "/settings", Some(age)).await.ok();
    for proxy in ["socks5h://desk@work:secret@proxy.test:1080", ""] {
        world.gate(&channel, "PATCH", "/settings", Some(json!({"proxy": proxy}))).await.ok();
    }
}

#[tokio::test]
async fn the_webhook_can_be_tried_and_events_are_listed() {
    let (world, ear) = (World::start().await, Ear::open().await);
    let channel = world.channel().await;
    let events = world.gate(&channel, "GET", "/settings/events", None).await.ok();
    assert!(events.as_array().unwrap().contains(&json!({"type": "users", "method": "post"})));
    let test = json!({"type": "messages", "url": ear.url(), "mode": "body", "headers": {"x-secret": "s"}});
    world.gate(&channel, "POST", "/settings/webhook_test", Some(test)).await.ok();
    let heard = ear.wait_for(1).await;
    assert_eq!((heard[0].event().as_str(), &heard[0].headers["x-secret"]), ("messages.post", &"s".parse().unwrap()));
    let wrong = json!({"type": "messages", "url": "nowhere", "mode": "body"});
    world.gate(&channel, "POST", "/settings/webhook_test", Some(wrong)).await.refused(400);
    world.gate(&channel, "PATCH", "/settings", Some(hook(&ear.url(), &[("users", "post")]))).await.ok();
}
