//! Channels from wish to deletion, when all goes well.

use futures::future::join_all;
use journeys::{World, days, minutes};
use serde_json::json;

/// CH-3, CH-4: channels without days wait as pending; arriving days go to them by themselves, the oldest
/// first, in steps of thirty or what is left.
#[tokio::test]
async fn days_go_to_pending_channels_oldest_first() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Growth").await;
    let first = person.add_working_channel("First").await;
    person.extend(&first, 59).await.with(202);
    world.settle().await;
    assert_eq!(person.prove().await, 1);
    let added = join_all(["A", "B", "C", "D"].map(|name| person.ask_for_channel(name))).await;
    let mut ids: Vec<String> = added.into_iter().map(|answer| answer.with(201)["channel"]["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    world.settle().await;
    world.sweep_for(2, minutes(1)).await;
    let mut waiting = Vec::new();
    for id in ids {
        let days = person.prove_channel(&id).await;
        assert!(days == 0 || days == 1, "what is left is one day");
        let status = person.channel(&id).await["status"].clone();
        assert_eq!(status, if days == 0 { "pending" } else { "active" });
        waiting.extend((days == 0).then_some(id));
    }
    assert_eq!((waiting.len(), person.prove().await), (3, 0));
    person.get(&format!("/v1/channels/{}/qr", waiting[0])).await.refused(402, "no_days");
    person.delete_channel(&first).await;
    assert_eq!(person.moved("return").await, (1, 88));
    for (id, days) in waiting.iter().zip([30, 30, 28]) {
        assert_eq!(person.prove_channel(id).await, days, "the oldest first: {waiting:?}");
        assert_eq!(person.channel(id).await["status"], "active");
    }
    assert_eq!(person.prove().await, 0);
}

/// PLAN-5, CH-3: fifty requests at the same moment never pass the limit together.
#[tokio::test]
async fn the_limit_of_channels_holds_under_fifty_requests_at_once() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Business").await;
    let names: Vec<String> = (0..50).map(|number| format!("Shop {number}")).collect();
    let answers = join_all(names.iter().map(|name| person.ask_for_channel(name))).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    for refused in answers.into_iter().filter(|answer| answer.status != 201) {
        let problem = refused.refused(409, "channel_limit_reached");
        assert!(problem["detail"].as_str().unwrap().starts_with("Channel limit reached for your plan."));
    }
    assert_eq!(made, 5);
    world.settle().await;
    world.sweep_for(2, minutes(1)).await;
    assert_eq!(person.lines().await.len(), 5);
    let me = person.get("/v1/me").await.ok();
    assert_eq!((&me["limits"]["channels"]["used"], &me["limits"]["channels"]["limit"]), (&json!(5), &json!(5)));
    assert_eq!(person.prove().await, 30);
    let one = person.all("/v1/channels").await[0]["id"].as_str().unwrap().to_owned();
    person.delete_channel(&one).await;
    person.ask_for_channel("In its place").await.with(201);
}

/// CH-2: a channel is renamed here and at WHAPI, where our id stays at the end of its name.
#[tokio::test]
async fn a_renamed_channel_keeps_our_id_at_whapi() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Growth").await;
    let shop = person.add_working_channel("Shop").await;
    assert_eq!(person.line(&shop).await.name, format!("Shop · {shop}"));
    let renamed = person.patch(&format!("/v1/channels/{shop}"), json!({ "name": "  زهور المنامة 🌸 " })).await.ok();
    assert_eq!(renamed["name"], "زهور المنامة 🌸");
    assert_eq!(person.line(&shop).await.name, format!("زهور المنامة 🌸 · {shop}"));
    for bad in ["", "   ", "a · b", "line\nbreak", &"x".repeat(61)] {
        let problem = person.patch(&format!("/v1/channels/{shop}"), json!({ "name": bad })).await.refused(422, "validation_failed");
        assert_eq!(problem["errors"][0]["field"], "name", "{bad:?}");
    }
    let lines = person.lines().await;
    assert!(lines.iter().all(|line| line.name.ends_with(&shop)), "{lines:?}");
}

/// CH-10, BAL-3: what comes back are whole days that were paid for: not the trial, not the day that began.
#[tokio::test]
async fn deletion_gives_back_whole_paid_days_and_no_trial() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Growth").await;
    for round in 0..3 {
        let shop = person.add_working_channel("Shop").await;
        let before = person.prove().await;
        world.advance(days(5)).await;
        person.delete_channel(&shop).await;
        assert_eq!(person.prove().await, before + 24, "round {round}: twenty-four whole paid days are left");
    }
    assert_eq!(person.prove().await, 90 - 3 * 6);
    assert!(person.lines().await.is_empty());
    assert_eq!(person.get("/v1/me").await.ok()["limits"]["channels"]["used"], 0);
}

/// CH-3, CH-10: a channel that never had days gives none back.
#[tokio::test]
async fn deleting_a_pending_channel_gives_nothing() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Growth").await;
    let first = person.add_working_channel("First").await;
    person.extend(&first, 30).await.with(202);
    world.settle().await;
    let added = join_all(["A", "B"].map(|name| person.ask_for_channel(name))).await;
    let ids: Vec<String> = added.into_iter().map(|answer| answer.with(201)["channel"]["id"].as_str().unwrap().to_owned()).collect();
    world.settle().await;
    world.sweep_for(1, minutes(1)).await;
    let mut pending = Vec::new();
    for id in ids {
        pending.extend((person.channel(&id).await["status"] == "pending").then_some(id));
    }
    assert_eq!((pending.len(), person.prove().await), (1, 0));
    person.delete_channel(&pending[0]).await;
    assert_eq!(person.prove().await, 0);
    assert_eq!(person.lines().await.len(), 2);
}

/// CH-4: the business's bill at WHAPI says for whom and for which extension each day was taken.
#[tokio::test]
async fn whapi_is_told_for_whom_its_days_are() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Growth").await;
    let shop = person.add_working_channel("Shop").await;
    person.extend(&shop, 5).await.with(202);
    world.settle().await;
    let mut expected: Vec<String> = Vec::new();
    for extension in person.extensions(&shop).await.iter().rev() {
        expected.push(format!("Auto top-up for {} · {}", person.email(), extension["id"].as_str().unwrap()));
    }
    let channels = world.sandbox(|sandbox| sandbox.whapi.channels()).await;
    let said: Vec<&str> = channels.iter().flat_map(|channel| &channel.additions).map(|addition| addition.comment.as_str()).collect();
    assert_eq!((said.len(), said), (2, expected.iter().map(String::as_str).collect()));
}
