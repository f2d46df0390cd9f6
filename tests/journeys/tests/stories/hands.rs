//! Somebody else's hand at WHAPI: days, channels and tokens change without us. Nothing is guessed, nobody
//! gains or loses days by it, and a person hears of it.

use jiff::Timestamp;
use journeys::{Person, World, days, minutes, seconds};
use reqwest::Method;
use serde_json::{Value, json};

/// Somebody with one channel and sixty days in the balance.
async fn owner(world: &World) -> (Person, String) {
    let person = world.customer().await;
    person.buy("Growth").await;
    let shop = person.add_working_channel("Shop").await;
    assert_eq!(person.prove().await, 60);
    (person, shop)
}

fn end(channel: &Value) -> Timestamp {
    channel["active_till"].as_str().and_then(|till| till.parse().ok()).expect("an end")
}

/// CH-5, CH-10, BAL-3: days that staff gave are shown and keep the channel alive, and are not the
/// customer's: deleting gives back what was paid for. Staff hears of the drift once.
#[tokio::test]
async fn days_given_by_hand_are_not_the_customers() {
    let world = World::start().await;
    let (person, shop) = owner(&world).await;
    let before = end(&person.channel(&shop).await);
    world.extend_by_hand(&person.line(&shop).await, 10).await;
    for _ in 0..2 {
        world.job("reconcile-whapi").await;
        let moved = end(&person.channel(&shop).await).duration_since(before);
        assert!((moved - days(10)).abs() < minutes(1), "{moved:?}");
    }
    let findings = world.admin().await.findings("channel.drift").await;
    assert_eq!((findings.len(), &findings[0]["user_id"]), (1, &json!(person.id)), "{findings:#?}");
    world.advance(days(2)).await;
    person.delete_channel(&shop).await;
    assert_eq!(person.moved("return").await, (1, 27), "thirty were paid for, and the third day has begun");
    assert_eq!(person.prove().await, 87);
}

/// CH-5: an answer was lost, and meanwhile somebody put days on the channel by hand. What WHAPI says is
/// neither what was nor what we asked for: a person decides, no day moves, and nothing else is called.
#[tokio::test]
async fn an_unknown_extension_that_cannot_be_read_back_waits_for_a_person() {
    for (kind, arrived) in [("lost_answer", 7), ("lost_request", 0)] {
        let world = World::start().await;
        let (person, shop) = owner(&world).await;
        let line = person.line(&shop).await;
        let remaining = person.prove().await;
        world.faults(json!([{ "provider": "whapi", "route": "POST /channels/{id}/extend", "kind": kind, "times": 1 }])).await;
        person.extend(&shop, 7).await.with(202);
        world.settle().await;
        world.calm().await;
        world.extend_by_hand(&line, 4).await;
        world.sweep_for(3, minutes(3)).await;
        let unsettled = person.extensions(&shop).await[0].clone();
        assert_eq!((&unsettled["state"], &unsettled["days"]), (&json!("unknown"), &json!(7)), "{kind}");
        let findings = world.admin().await.findings("extension.drift").await;
        assert_eq!(findings.len(), 1, "{kind}: {findings:#?}");
        assert!(findings[0]["text"].as_str().unwrap().contains(unsettled["id"].as_str().unwrap()), "{findings:#?}");
        person.extend(&shop, 2).await.with(202);
        world.sweep_for(3, days(1)).await;
        assert_eq!(person.extensions(&shop).await[0]["state"], "queued", "nothing else happens on that channel");
        assert_eq!(person.line(&shop).await.days_added, line.days_added + arrived + 4, "{kind}");
        assert_eq!(person.prove().await, remaining - 9, "what is not known is neither given back nor posted");
        assert_eq!(world.admin().await.findings("extension.drift").await.len(), 1, "the same thing is one finding");
    }
}

/// CH-5, CH-10, CH-13: somebody deleted a channel at WHAPI. An extension gives its days back, staff hears of
/// it, and the customer can delete it here and gets back what was paid for.
#[tokio::test]
async fn a_channel_that_is_gone_at_whapi_gives_its_days_back() {
    let world = World::start().await;
    let (person, shop) = owner(&world).await;
    world.delete_by_hand(&person.line(&shop).await).await;
    person.extend(&shop, 12).await.with(202);
    world.settle().await;
    let extension = person.extensions(&shop).await[0].clone();
    assert_eq!((&extension["state"], &extension["reason"]), (&json!("void"), &json!("The channel is gone at WHAPI.")));
    assert_eq!(person.prove().await, 60);
    assert_eq!(person.channel(&shop).await["gone"], true);
    person.extend(&shop, 12).await.refused(409, "state_forbids");
    for _ in 0..2 {
        world.job("reconcile-whapi").await;
        assert_eq!(world.admin().await.findings("channel.gone").await.len(), 1);
    }
    person.buy("Starter").await;
    world.sweep_for(3, minutes(11)).await;
    assert_eq!(person.moved("return").await, (1, 12), "nothing is tried on it by itself");
    person.delete_channel(&shop).await;
    assert_eq!(person.prove().await, 119);
    assert_eq!(person.get("/v1/me").await.ok()["limits"]["channels"]["used"], 0);
}

/// CH-13: WHAPI did not find a channel for a while, and has it again. The night sees that, and it can be extended.
#[tokio::test]
async fn a_channel_that_is_back_at_whapi_goes_on() {
    let world = World::start().await;
    let (person, shop) = owner(&world).await;
    let route = format!("GET /channels/{}", person.line(&shop).await.id);
    world.faults(json!([{ "provider": "whapi", "route": route, "kind": "status", "status": 404, "rate": 1.0 }])).await;
    person.extend(&shop, 12).await.with(202);
    world.settle().await;
    assert_eq!((person.channel(&shop).await["gone"].clone(), person.prove().await), (json!(true), 60));
    world.calm().await;
    world.job("reconcile-whapi").await;
    assert_eq!(person.channel(&shop).await["gone"], false);
    person.extend(&shop, 12).await.with(202);
    world.settle().await;
    assert_eq!((person.prove_channel(&shop).await, person.prove().await), (42, 48));
}

/// CH-13: WHAPI said that a channel was deleted, and kept it. The night finds it and deletes it again; the customer has the
/// days back once.
#[tokio::test]
async fn a_deleted_channel_that_whapi_kept_is_deleted_again() {
    let world = World::start().await;
    let (person, shop) = owner(&world).await;
    let line = person.line(&shop).await;
    let is_there = || async { world.whapi().await["channels"].as_array().unwrap().iter().any(|channel| channel["id"] == line.id.as_str()) };
    world
        .faults(json!([{ "provider": "whapi", "route": "DELETE /channels/{ChannelID}", "kind": "status", "status": 200, "rate": 1.0 }]))
        .await;
    person.delete_channel(&shop).await;
    world.calm().await;
    assert!(is_there().await);
    for _ in 0..2 {
        world.job("reconcile-whapi").await;
        assert!(!is_there().await);
        assert_eq!(person.prove().await, 89);
    }
    assert!(world.admin().await.all("/v1/admin/findings").await.is_empty());
}

/// CH-5, CH-10: a token that is not ours any more may see 404 everywhere. That is no proof that a channel is
/// gone: nothing is given back, nothing is forgotten, and everything goes on when it sees again.
#[tokio::test]
async fn a_404_from_a_blind_token_is_not_gone() {
    let world = World::start().await;
    let (person, shop) = owner(&world).await;
    let office = person.add_working_channel("Office").await;
    assert_eq!(person.prove().await, 30);
    world
        .faults(json!([
            { "provider": "whapi", "route": "GET /channels/list", "kind": "status", "status": 404 },
            { "provider": "whapi", "route": "GET /channels/{id}", "kind": "status", "status": 404 },
            { "provider": "whapi", "route": "DELETE /channels/{id}", "kind": "status", "status": 404 },
        ]))
        .await;
    person.extend(&shop, 12).await.with(202);
    person.delete(&format!("/v1/channels/{office}")).await.with(202);
    world.sweep_for(3, minutes(3)).await;
    world.job("reconcile-whapi").await;
    assert_eq!(person.extensions(&shop).await[0]["state"], "queued");
    assert_eq!(person.channel(&office).await["status"], "deleting");
    assert_eq!(person.prove().await, 18, "nothing came back");
    assert!(world.admin().await.all("/v1/admin/findings").await.is_empty());
    world.calm().await;
    world.sweep_for(4, minutes(10)).await;
    assert_eq!(person.prove_channel(&shop).await, 42);
    person.get(&format!("/v1/channels/{office}")).await.refused(404, "not_found");
    assert_eq!(person.prove().await, 18 + 29);
    assert_eq!(person.lines().await.len(), 1);
}

/// CH-13: a channel at WHAPI that is none of ours is shown to staff, once, and touched by nobody.
#[tokio::test]
async fn a_stranger_at_whapi_is_a_finding() {
    let world = World::start().await;
    let (person, shop) = owner(&world).await;
    for name in ["By hand", "By hand · chn_01kah6w1m0e8c9q2v7r4t5y6z8"] {
        world.by_hand(Method::PUT, "/channels", Some(json!({ "name": name, "projectId": "default" }))).await.ok();
    }
    for _ in 0..2 {
        world.job("reconcile-whapi").await;
        assert_eq!(world.admin().await.findings("channel.stranger").await.len(), 2);
    }
    assert_eq!(person.lines().await.len(), 3);
    person.prove_channel(&shop).await;
}

/// CH-2, CH-13: a lost request for a channel. It may still arrive, and a list that is paged by offset may
/// skip a row: only after two whole looks that came late enough is the channel asked for again.
#[tokio::test]
async fn a_channel_is_asked_for_again_only_after_two_whole_looks() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Growth").await;
    world.faults(json!([{ "provider": "whapi", "route": "PUT /channels", "kind": "lost_request", "times": 1 }])).await;
    let shop = person.add_channel("Shop").await;
    world.sweep_for(2, seconds(35)).await;
    assert_eq!(person.channel(&shop).await["provision"]["state"], "creating");
    assert!(person.lines().await.is_empty(), "the request may still arrive");
    world.sweep_for(1, seconds(60)).await;
    assert!(person.lines().await.is_empty(), "one look is none: a row may have been skipped");
    assert_eq!(person.channel(&shop).await["provision"]["state"], "creating");
    world.sweep_for(2, seconds(31)).await;
    assert_eq!(person.lines().await.len(), 1);
    world.sweep_for(2, minutes(1)).await;
    assert_eq!(person.prove_channel(&shop).await, 30);
}
