//! What a trial may not: messages, chats, checks and requests are counted until the channel is live.

use serde_json::json;

use crate::world::World;

async fn trial(world: &World) -> crate::world::Channel {
    let channel = world.channel().await;
    world.show_code(&channel).await;
    world.whapi.scan("chn_1", None).unwrap();
    channel
}

#[tokio::test]
async fn a_trial_writes_to_five_chats_and_a_live_channel_to_all() {
    let world = World::start().await;
    let channel = trial(&world).await;
    let text = |number: i32| Some(json!({"to": format!("97339{number:06}"), "body": "Hello"}));
    for number in 0..5 {
        world.gate(&channel, "POST", "/messages/text", text(number)).await.ok();
    }
    let sixth = world.gate(&channel, "POST", "/messages/text", text(5)).await;
    assert_eq!(sixth.refused(402), "Trial version limit exceeded");
    world.gate(&channel, "POST", "/messages/text", text(4)).await.ok();
    let left = world.gate(&channel, "GET", "/limits", None).await.ok();
    assert_eq!((&left["messages"], left["chats"].as_array().unwrap().len()), (&json!(144), 5));

    world.whapi.switch(|switches| switches.flat_errors = true);
    let flat = world.gate(&channel, "POST", "/messages/text", text(6)).await;
    assert_eq!((flat.status, flat.body), (402, json!({"code": 402, "error": "trial version limit exceeded"})));

    // Days alone do not make it live.
    let path = format!("/channels/{}", channel.id);
    world.manager("POST", &format!("{path}/extend"), Some(json!({"days": 30, "comment": "x"}))).await.ok();
    assert_eq!(world.gate(&channel, "POST", "/messages/text", text(6)).await.status, 402);
    world.manager("PATCH", &format!("{path}/mode"), Some(json!({"mode": "live"}))).await.ok();
    world.gate(&channel, "POST", "/messages/text", text(6)).await.ok();
    let limits = world.gate(&channel, "GET", "/limits", None).await;
    assert_eq!((limits.status, limits.body), (204, json!(null)));
}

#[tokio::test]
async fn a_day_has_a_hundred_and_fifty_messages_and_thirty_checks() {
    let world = World::start().await;
    let channel = trial(&world).await;
    let text = || Some(json!({"to": "97339000001", "body": "Hello"}));
    for _ in 0..150 {
        world.gate(&channel, "POST", "/messages/text", text()).await.ok();
    }
    world.gate(&channel, "POST", "/messages/text", text()).await.refused(402);
    let numbers: Vec<String> = (0..30).map(|number| format!("97339{number:06}")).collect();
    let check = || Some(json!({"contacts": numbers}));
    let checked = world.gate(&channel, "POST", "/contacts", check()).await.ok();
    assert_eq!(checked["contacts"][0], json!({"input": "97339000000", "status": "valid", "wa_id": "97339000000"}));
    world.gate(&channel, "POST", "/contacts", check()).await.refused(402);

    world.advance_days(1);
    world.gate(&channel, "POST", "/messages/text", text()).await.ok();
}
