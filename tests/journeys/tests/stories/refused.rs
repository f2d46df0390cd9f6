//! WHAPI says no in its own words: nothing happened there, so what was reserved comes back at once, and the
//! customer is told why.

use journeys::{World, days, minutes};
use serde_json::json;

/// BAL-3, CH-5: every status with which WHAPI refuses an extension gives the days back, once, with the reason
/// on the extension; the next extension goes through.
#[tokio::test]
async fn an_extension_that_whapi_refuses_gives_its_days_back() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Growth").await;
    let shop = person.add_working_channel("Shop").await;
    for (number, status) in [400, 403, 404, 422].into_iter().enumerate() {
        world
            .faults(json!([{ "provider": "whapi", "route": "POST /channels/{id}/extend", "kind": "status", "status": status, "times": 1 }]))
            .await;
        person.extend(&shop, 7).await.with(202);
        world.settle().await;
        let refused = person.extensions(&shop).await[0].clone();
        assert_eq!(refused["state"], "void", "{status}: {refused}");
        assert!(refused["reason"].as_str().unwrap().starts_with("WHAPI refused it: "), "{refused}");
        assert_eq!(person.prove_channel(&shop).await, 30, "{status}");
        assert_eq!(person.moved("return").await.0, number + 1);
        assert_eq!(person.prove().await, 60, "{status}");
    }
    world.calm().await;
    world.sweep_for(2, minutes(10)).await;
    assert_eq!(person.moved("return").await, (4, 28), "what a customer asked for is not tried again by itself");
    person.extend(&shop, 7).await.with(202);
    world.settle().await;
    assert_eq!(person.prove_channel(&shop).await, 37);
    let history = person.all(&format!("/v1/channels/{shop}/history")).await;
    assert_eq!(history.iter().filter(|line| line["kind"] == "channel.extension_failed").count(), 4);
}

/// BAL-3, BAL-8, CH-4: our own account at WHAPI has no days. What was paid is credited all the same, a new
/// channel waits without losing anything, and gets its days by itself once there are some.
#[tokio::test]
async fn customers_lose_nothing_while_our_account_at_whapi_is_empty() {
    let world = World::start().await;
    world.control("whapi/balance", json!({ "days": 0 })).await;
    let person = world.customer().await;
    person.buy("Growth").await;
    assert_eq!(person.prove().await, 90);
    let shop = person.add_channel("Shop").await;
    world.sweep_for(2, minutes(1)).await;
    assert_eq!(person.prove_channel(&shop).await, 0);
    assert_eq!((person.channel(&shop).await["status"].clone(), person.prove().await), (json!("pending"), 90));
    world.control("whapi/balance", json!({ "days": 1_000 })).await;
    world.sweep_for(3, minutes(11)).await;
    assert_eq!(person.prove_channel(&shop).await, 30);
    assert_eq!((person.channel(&shop).await["status"].clone(), person.prove().await), (json!("active"), 60));
}

/// CH-4, BAL-3: a renewal that WHAPI refuses day after day is tried less and less often, staff are told once, and when
/// WHAPI takes it the channel goes on.
#[tokio::test]
async fn what_whapi_refuses_again_and_again_waits_longer_each_time() {
    let world = World::start().await;
    let (person, admin) = (world.customer().await, world.admin().await);
    person.buy("Growth").await;
    let shop = person.add_working_channel("Shop").await;
    world.faults(json!([{ "provider": "whapi", "route": "POST /channels/{id}/extend", "kind": "status", "status": 422 }])).await;
    let end = person.end_of_channel(&shop).await;
    world.advance(end.duration_since(world.now().await) - days(1)).await;
    world.sweep_for(36, minutes(10)).await;
    let tried = person.moved("return").await.0;
    assert!((5..=6).contains(&tried), "after 10, 30, 60 and 120 minutes each: {tried}");
    assert_eq!((person.prove_channel(&shop).await, person.prove().await), (30, 60));
    let findings = admin.findings("extension.refused").await;
    assert_eq!(findings.len(), 1, "{findings:?}");
    world.calm().await;
    world.sweep_for(13, minutes(10)).await;
    assert_eq!((person.prove_channel(&shop).await, person.prove().await), (60, 30));
    assert_eq!(person.moved("return").await.0, tried);
}

/// CH-2, PLAN-5: WHAPI refuses to make a channel. The customer is told, its place under the limit is free
/// again, no day was taken, and the refused one can be removed.
#[tokio::test]
async fn a_channel_that_whapi_refuses_takes_no_place() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Starter").await;
    world.faults(json!([{ "provider": "whapi", "route": "PUT /channels", "kind": "status", "status": 422, "times": 1 }])).await;
    let refused = person.add_channel("Refused").await;
    let channel = person.channel(&refused).await;
    assert_eq!((&channel["provision"]["state"], &channel["status"]), (&json!("refused"), &json!("pending")), "{channel}");
    assert!(channel["provision"]["reason"].is_string(), "{channel}");
    assert!(person.was_told("WHAPI refused the channel “Refused”").await, "{:?}", person.told().await);
    person.extend(&refused, 5).await.refused(409, "state_forbids");
    assert_eq!(person.get("/v1/me").await.ok()["limits"]["channels"]["used"], 0);
    assert_eq!(person.prove().await, 30);
    let shop = person.add_working_channel("Shop").await;
    assert_eq!(person.prove_channel(&shop).await, 30);
    person.delete_channel(&refused).await;
    assert_eq!(person.get("/v1/me").await.ok()["limits"]["channels"]["used"], 1);
    assert_eq!(person.prove().await, 0);
    assert_eq!(person.lines().await.len(), 1);
}
