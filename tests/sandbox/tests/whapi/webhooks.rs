//! What comes to the product: events in three modes, with headers, retried, in two spellings.

use sandbox::faults::{FaultKind, FaultPlan, FaultRule, Provider};
use serde_json::json;

use crate::world::{Ear, STATUS_MS, World, hook};

const TO: &str = "97339000001";

#[tokio::test]
async fn a_sent_message_is_echoed_and_followed_by_its_statuses() {
    let (world, ear) = (World::start().await, Ear::open().await);
    let channel = world.linked().await;
    let wanted = hook(&ear.url(), &[("messages", "post"), ("statuses", "post")]);
    world.gate(&channel, "PATCH", "/settings", Some(wanted)).await.ok();
    let sent = world.gate(&channel, "POST", "/messages/text", Some(json!({"to": TO, "body": "Hello"}))).await.ok();
    let echo = ear.wait_for(1).await.remove(0);
    assert_eq!(echo.event(), "messages.post");
    assert_eq!(echo.body["messages"], json!([sent["message"]]));
    assert_eq!(echo.body["channel_id"], channel.id);
    assert!(echo.headers.keys().all(|name| !name.as_str().contains("signature")));

    for (count, status, code) in [(2, "sent", 2), (3, "delivered", 3), (4, "read", 4)] {
        world.advance_ms(STATUS_MS);
        let heard = ear.wait_for(count).await.remove(count - 1);
        assert_eq!(heard.event(), "statuses.post");
        let noted = &heard.body["statuses"][0];
        assert_eq!((&noted["id"], &noted["status"], &noted["code"]), (&sent["message"]["id"], &json!(status), &json!(code)));
    }
}

#[tokio::test]
async fn linking_and_unlinking_tell_of_user_channel_and_code() {
    let (world, ear) = (World::start().await, Ear::open().await);
    let channel = world.channel().await;
    let all = [("users", "post"), ("users", "delete"), ("channel", "post"), ("channel", "patch")];
    world.gate(&channel, "PATCH", "/settings", Some(hook(&ear.url(), &all))).await.ok();
    world.show_code(&channel).await;
    ear.wait_for(4).await;
    let mut phases: Vec<String> =
        ear.heard().iter().filter_map(|heard| heard.body["health"]["status"]["text"].as_str().map(str::to_owned)).collect();
    phases.sort();
    assert_eq!(phases, ["INIT", "LAUNCH", "QR"]);
    let code = ear.heard().into_iter().find(|heard| heard.event() == "channel.patch").unwrap();
    assert_eq!(code.body["qr"]["status"], "OK");

    let phone = world.whapi.scan("chn_1", None).unwrap()["phone"].clone();
    ear.wait_for(6).await;
    let user = ear.heard().into_iter().find(|heard| heard.event() == "users.post").unwrap();
    assert_eq!(user.body["user"]["id"], phone);
    world.whapi.unlink("chn_1").unwrap();
    ear.wait_for(8).await;
    assert!(ear.events().contains(&"users.delete".to_owned()));
}

#[tokio::test]
async fn path_and_method_modes_say_the_event_in_the_request_itself() {
    let (world, ear) = (World::start().await, Ear::open().await);
    let channel = world.linked().await;
    let events = json!([{"type": "messages", "method": "post"}, {"type": "messages", "method": "delete"}]);
    let modes = json!({"webhooks": [
        {"url": ear.url(), "mode": "path", "events": events},
        {"url": ear.url(), "mode": "method", "events": events, "headers": {"X-Daypass-Secret": "hush"}},
    ]});
    world.gate(&channel, "PATCH", "/settings", Some(modes)).await.ok();
    let message = world.whapi.message("chn_1", TO, "Hello").unwrap();
    let id = message["message"]["id"].as_str().unwrap();
    ear.wait_for(2).await;
    world.gate(&channel, "DELETE", &format!("/messages/{id}"), None).await.ok();
    let mut came: Vec<String> = ear.wait_for(4).await.iter().map(|heard| format!("{} {}", heard.method, heard.path)).collect();
    came.sort();
    assert_eq!(came, ["DELETE /hook/messages", "POST /hook/messages", "POST /hook/messages/delete", "POST /hook/messages/post"]);
    let with_header = ear.heard().iter().filter(|heard| heard.headers.contains_key("x-daypass-secret")).count();
    assert_eq!(with_header, 2);
}

#[tokio::test]
async fn only_200_is_success_and_retries_wait_longer_each_time() {
    let (world, ear) = (World::start().await, Ear::open().await);
    let channel = world.linked().await;
    world.gate(&channel, "PATCH", "/settings", Some(hook(&ear.url(), &[("messages", "post")]))).await.ok();
    ear.answer_next(&[500, 204, 404, 200]);
    world.whapi.message("chn_1", TO, "Hello").unwrap();
    ear.wait_for(1).await;
    for (number, pause_ms) in [(2, 3_000), (3, 6_000), (4, 9_000)] {
        until_idle(&world).await;
        assert_eq!(world.frame.deliverer.waiting_later(), 1);
        world.advance_ms(pause_ms);
        ear.wait_for(number).await;
    }
    until_idle(&world).await;
    assert_eq!(world.frame.deliverer.waiting_later(), 0);
}

async fn until_idle(world: &World) {
    world.frame.deliverer.quiet().await;
}

#[tokio::test]
async fn the_verb_is_spelled_either_way() {
    let (world, ear) = (World::start().await, Ear::open().await);
    let channel = world.linked().await;
    world.gate(&channel, "PATCH", "/settings", Some(hook(&ear.url(), &[("messages", "post")]))).await.ok();
    world.whapi.switch(|switches| switches.method_spelling = true);
    world.whapi.message("chn_1", TO, "Hello").unwrap();
    let heard = ear.wait_for(1).await;
    assert_eq!(heard[0].body["event"], json!({"type": "messages", "method": "post"}));
}

#[tokio::test]
async fn faults_lose_an_answer_but_not_the_deed() {
    let world = World::start().await;
    let channel = world.channel().await;
    let lost = FaultRule {
        route: Some("POST /channels/{id}/extend".to_owned()),
        times: Some(1),
        ..FaultRule::always(Provider::Whapi, FaultKind::LostAnswer)
    };
    world.frame.faults.set(FaultPlan { seed: 1, rules: vec![lost] });
    let url = format!("{}/channels/{}/extend", world.whapi.manager_url(), channel.id);
    let body = json!({"days": 30, "comment": "x"});
    let answer = world.client().post(url).bearer_auth(world.whapi.partner_token()).json(&body).send().await;
    assert!(answer.is_err());
    assert_eq!(world.balance().await, 9_970);
}

#[tokio::test]
async fn a_webhook_too_old_is_given_up() {
    let (world, ear) = (World::start().await, Ear::open().await);
    let channel = world.linked().await;
    let mut wanted = hook(&ear.url(), &[("messages", "post")]);
    wanted["webhooks"][0]["webhook_max_age_seconds"] = json!(15);
    world.gate(&channel, "PATCH", "/settings", Some(wanted)).await.ok();
    ear.answer_next(&[500, 500, 500]);
    world.whapi.message("chn_1", TO, "Hello").unwrap();
    for (number, pause_ms) in [(1, 3_000), (2, 6_000)] {
        ear.wait_for(number).await;
        until_idle(&world).await;
        world.advance_ms(pause_ms);
    }
    ear.wait_for(3).await;
    until_idle(&world).await;
    assert_eq!(world.frame.deliverer.waiting_later(), 0);
}
