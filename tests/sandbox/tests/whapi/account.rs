//! The partner's days: extensions, what comes back, the low balance.

use sandbox::SandboxConfig;
use serde_json::json;

use crate::world::{DAY_MS, Ear, World};

async fn till(world: &World, id: &str) -> i64 {
    world.manager("GET", &format!("/channels/{id}"), None).await.ok()["activeTill"].as_i64().unwrap()
}

#[tokio::test]
async fn an_extension_moves_days_from_the_account_and_twice_is_twice() {
    let world = World::start().await;
    let channel = world.channel().await;
    let before = till(&world, &channel.id).await;
    let (path, body) = (format!("/channels/{}/extend", channel.id), json!({"days": 30, "comment": "top-up"}));
    let mut said_till = Vec::new();
    for _ in 0..2 {
        let answer = world.manager("POST", &path, Some(body.clone())).await.ok();
        assert_eq!(answer["success"], true);
        said_till.push(answer.get("activeTill").is_some());
    }
    assert!(said_till.contains(&true) && said_till.contains(&false), "the new end is said now and then");
    assert_eq!(till(&world, &channel.id).await, before + 60 * DAY_MS);
    assert_eq!(world.balance().await, 9_940);
    let truth = world.whapi.account().unwrap();
    assert_eq!(truth["days_balance"], 9_940);
    assert_eq!(truth["channels"][0]["days_added"], 60);
    assert_eq!(truth["channels"][0]["created_by_us"], true);
}

#[tokio::test]
async fn an_extension_needs_days_and_a_comment_and_a_channel() {
    let world = World::start().await;
    let channel = world.channel().await;
    let path = format!("/channels/{}/extend", channel.id);
    let wrong = [
        json!({"days": 30}),
        json!({"comment": "x"}),
        json!({"days": "30", "comment": "x"}),
        json!({"days": 0, "comment": "x"}),
        json!({"days": -5, "comment": "x"}),
        json!({"days": 1, "comment": "x", "currency": "EUR"}),
    ];
    for body in wrong {
        world.manager("POST", &path, Some(body)).await.refused(400);
    }
    let fine = json!({"days": 1, "comment": "x"});
    world.manager("POST", "/channels/NOBODY-12345/extend", Some(fine)).await.refused(404);
    assert_eq!(world.balance().await, 10_000);
}

#[tokio::test]
async fn an_expired_channel_is_extended_from_now() {
    let world = World::start().await;
    let channel = world.channel().await;
    world.advance_days(10);
    assert_eq!(world.health(&channel).await["status"]["text"], "STOP");
    let before_ms = world.now_ms();
    let body = json!({"days": 30, "comment": "again"});
    world.manager("POST", &format!("/channels/{}/extend", channel.id), Some(body)).await.ok();
    let till = till(&world, &channel.id).await;
    assert!((before_ms..=world.now_ms()).contains(&(till - 30 * DAY_MS)));
    assert_eq!(world.health(&channel).await["status"]["text"], "NOT_INIT");
}

#[tokio::test]
async fn a_balance_too_small_refuses_as_switched_and_takes_nothing() {
    let world = World::start().await;
    let channel = world.channel().await;
    world.whapi.set_balance(20).unwrap();
    let path = format!("/channels/{}/extend", channel.id);
    let body = json!({"days": 30, "comment": "too much"});
    world.manager("POST", &path, Some(body.clone())).await.refused(400);
    world.whapi.switch(|switches| switches.insufficient_status = 403);
    world.manager("POST", &path, Some(body)).await.refused(403);
    assert_eq!(world.balance().await, 20);
}

#[tokio::test]
async fn deleting_gives_back_the_unused_days_but_never_the_trial() {
    let world = World::start().await;
    let channel = world.channel().await;
    let path = format!("/channels/{}", channel.id);
    world.manager("DELETE", &path, None).await.ok();
    assert_eq!(world.balance().await, 10_000);

    let channel = world.channel().await;
    let path = format!("/channels/{}", channel.id);
    world.manager("POST", &format!("{path}/extend"), Some(json!({"days": 30, "comment": "x"}))).await.ok();
    world.advance_days(16);
    world.manager("DELETE", &path, None).await.ok();
    // 36 days less 16, and what began of the next.
    assert_eq!(world.balance().await, 9_989);
}

#[tokio::test]
async fn stopping_with_saved_days_takes_them_back() {
    let world = World::start().await;
    let channel = world.channel().await;
    let path = format!("/channels/{}", channel.id);
    world.manager("POST", &format!("{path}/extend"), Some(json!({"days": 30, "comment": "x"}))).await.ok();
    world.manager("POST", &format!("{path}/stop"), Some(json!({"saveDays": true}))).await.ok();
    assert_eq!(world.balance().await, 10_000);
    assert!(till(&world, &channel.id).await <= world.now_ms());
}

#[tokio::test]
async fn a_mode_is_set_unless_it_is_ignored_and_live_never_goes_back_to_trial() {
    let world = World::start().await;
    let channel = world.channel().await;
    let path = format!("/channels/{}/mode", channel.id);
    world.whapi.switch(|switches| switches.modes_ignored = 1);
    let live = || Some(json!({"mode": "live"}));
    let mode = || world.whapi.account().unwrap()["channels"][0]["mode"].clone();
    world.manager("PATCH", &path, live()).await.ok();
    assert_eq!(mode(), "trial");
    world.manager("PATCH", &path, live()).await.ok();
    assert_eq!(mode(), "live");
    world.manager("PATCH", &path, Some(json!({"mode": "trial"}))).await.refused(403);
    world.manager("PATCH", &path, Some(json!({"mode": "gold"}))).await.refused(400);
    for _ in 0..3 {
        let shown = world.manager("GET", &format!("/channels/{}", channel.id), None).await.ok();
        assert!(shown.get("mode").is_none_or(|mode| mode == "live"), "no mode means live");
    }
}

#[tokio::test]
async fn the_partner_is_told_once_when_the_balance_reaches_the_limit() {
    let (world, ear) = (World::start().await, Ear::open().await);
    let channel = world.channel().await;
    let settings = format!("/partners/{}/settings", world.whapi.partner_name());
    let webhook = json!({"url": ear.url(), "events": [{"type": "days", "method": "post"}], "mode": "body"});
    let wanted = json!({"webhooks": [webhook], "days_limit": 30});
    world.manager("PATCH", &settings, Some(wanted)).await.ok();
    let read = world.manager("GET", &settings, None).await.ok();
    assert_eq!((&read["days_limit"], &read["liveDays"]), (&json!(30.0), &json!(10_000)));
    world.manager("GET", "/partners/somebody-else/settings", None).await.refused(403);

    world.whapi.set_balance(40).unwrap();
    let path = format!("/channels/{}/extend", channel.id);
    for days in [5, 10, 5] {
        world.manager("POST", &path, Some(json!({"days": days, "comment": "x"}))).await.ok();
    }
    let heard = ear.wait_for(1).await;
    assert_eq!((&heard[0].body["currentDays"], &heard[0].body["daysLimit"]), (&json!(25), &json!(30)));

    world.whapi.low_balance(12).unwrap();
    assert_eq!(ear.wait_for(2).await[1].body["currentDays"], 12);
    assert_eq!(world.balance().await, 12);
}

#[tokio::test]
async fn without_an_address_of_its_own_the_notice_goes_to_the_product() {
    let ear = Ear::open().await;
    let public_url = ear.url().replace("/hook", "");
    let world = World::with(SandboxConfig { public_url, ..SandboxConfig::default() }).await;
    world.whapi.low_balance(5).unwrap();
    let heard = ear.wait_for(1).await;
    assert_eq!(heard[0].path, "/v1/webhooks/whapi/partner");
    assert_eq!(heard[0].body["currentDays"], 5);
}
