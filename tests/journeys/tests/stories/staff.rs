//! What staff do about days: give them with a reason, release frozen ones, settle what waits for a person.

use journeys::{Person, World, days};
use reqwest::Method;
use serde_json::{Value, json};

async fn grant(admin: &Person, user: &str, key: &str, body: Value) -> journeys::Answer {
    let request = admin.request(Method::POST, &format!("/v1/admin/users/{user}/grant-days")).await;
    admin.world().send(request.header("Idempotency-Key", key).json(&body)).await
}

/// BAL-6: days are given once under one key, with a reason that the customer reads; they go to channels like bought ones.
#[tokio::test]
async fn days_are_given_once_and_with_a_reason() {
    let world = World::start().await;
    let (person, admin) = (world.customer().await, world.admin().await);
    let gift = json!({ "days": 12, "reason": "WHAPI was down" });
    let given = grant(&admin, &person.id, "gift-1", gift.clone()).await.with(200);
    assert_eq!((&given["entries"][0]["kind"], &given["entries"][0]["days"]), (&json!("grant"), &json!(12)), "{given}");
    assert_eq!(grant(&admin, &person.id, "gift-1", gift.clone()).await.with(200), given);
    assert_eq!(person.prove().await, 12);
    assert!(person.was_told("You were given 12 days: WHAPI was down").await);
    assert_eq!(person.ledger().await[0]["note"], "WHAPI was down");
    let seen = admin.get(&format!("/v1/admin/users/{}", person.id)).await.ok();
    assert_eq!((&seen["email"], &seen["balance"]["days_remaining"]), (&json!(person.email()), &json!(12)), "{seen:#}");
    assert_eq!((&seen["lots"][0]["left"], &seen["movements"][0]["note"]), (&json!(12), &json!("WHAPI was down")), "{seen:#}");

    grant(&admin, &person.id, "gift-2", json!({ "days": 0, "reason": " " })).await.refused(422, "validation_failed");
    grant(&admin, &person.id, "gift-3", json!({ "days": -5, "reason": "x" })).await.refused(422, "validation_failed");
    let nobody = "usr_01kah6w1m0e8c9q2v7r4t5y6z8";
    grant(&admin, nobody, "gift-4", gift.clone()).await.refused(404, "not_found");
    admin.get(&format!("/v1/admin/users/{nobody}")).await.refused(404, "not_found");
    grant(&person, &person.id, "gift-5", gift).await.refused(403, "forbidden");
    assert_eq!(person.prove().await, 12);
}

/// Thirty days bought, twelve used, eighteen left: told lot by lot, from the entries alone (BAL-7).
#[tokio::test]
async fn every_credit_tells_what_is_left_of_it() {
    let world = World::start().await;
    let (person, admin) = (world.customer().await, world.admin().await);
    person.buy("Starter").await;
    let shop = person.add_working_channel("Shop").await;
    assert_eq!(person.remaining().await, 0);
    grant(&admin, &person.id, "more", json!({ "days": 30, "reason": "sorry" })).await.with(200);
    world.settle().await;
    person.extend(&shop, 12).await.with(202);
    world.settle().await;
    let lots = person.get("/v1/balance/lots").await.ok()["items"].clone();
    let figures: Vec<_> = lots.as_array().unwrap().iter().map(|lot| (&lot["days"], &lot["used"], &lot["left"])).collect();
    assert_eq!(figures, [(&json!(30), &json!(30), &json!(0)), (&json!(30), &json!(12), &json!(18))], "{lots:#}");
    person.delete_channel(&shop).await;
    let lots = person.get("/v1/balance/lots").await.ok()["items"].clone();
    let left: i64 = lots.as_array().unwrap().iter().filter_map(|lot| lot["left"].as_i64()).sum();
    assert_eq!(left, person.prove().await, "{lots:#}");
}

/// PAY-5: frozen days are released once, and can be spent then; what comes back to them stays free.
#[tokio::test]
async fn frozen_days_are_released_once() {
    let world = World::start().await;
    let (person, admin) = (world.customer().await, world.admin().await);
    let subscription = person.buy("Growth").await;
    world.control("paypal/refund", json!({ "subscription_id": subscription })).await;
    world.settle().await;
    assert_eq!(person.prove().await, 0);
    let ledger = person.ledger().await;
    let frozen = ledger.iter().find(|entry| entry["kind"] == "freeze").expect("a freeze")["id"].clone();
    let path = format!("/v1/admin/users/{}/release-days", person.id);
    let wish = json!({ "entry_id": frozen, "reason": "The bank made a mistake" });
    admin.post(&path, wish.clone()).await.with(200);
    admin.post(&path, wish.clone()).await.refused(409, "state_forbids");
    assert_eq!(person.prove().await, 90);
    assert_eq!(person.get("/v1/balance").await.ok()["days_frozen"], 0);
    assert!(person.was_told("90 days that were frozen can be spent again").await);
    let shop = person.add_working_channel("Shop").await;
    person.delete_channel(&shop).await;
    assert_eq!(person.prove().await, 89, "what comes back to released days is free");
    admin.post(&path, json!({ "entry_id": ledger[0]["id"], "reason": "again" })).await.refused(409, "state_forbids");
    person.post(&path, wish).await.refused(403, "forbidden");
}

/// CH-5: what only a person can settle is settled by that person's word, and nothing stays stuck.
#[tokio::test]
async fn an_extension_that_only_a_person_can_settle_is_settled_by_one() {
    let world = World::start().await;
    let (person, admin) = (world.customer().await, world.admin().await);
    person.buy("Growth").await;
    let shop = person.add_working_channel("Shop").await;
    world.faults(json!([{ "provider": "whapi", "route": "POST /channels/{id}/extend", "kind": "lost_request", "times": 1 }])).await;
    person.extend(&shop, 20).await.with(202);
    world.settle().await;
    let line = person.line(&shop).await;
    world.extend_by_hand(&line, 7).await;
    world.sweep_for(2, journeys::minutes(2)).await;
    let finding = admin.findings("extension.drift").await.first().expect("a finding").clone();
    let path = format!("/v1/admin/findings/{}/resolve", finding["id"].as_str().unwrap());
    admin.post(&path, json!({})).await.refused(422, "validation_failed");
    let settled = admin.post(&path, json!({ "extension": "void" })).await.with(200);
    assert!(settled["finding"]["resolved_at"].is_string(), "{settled}");
    assert_eq!(person.prove().await, 60);
    assert!(admin.findings("extension.drift").await.is_empty(), "a settled finding is not in the list of open ones");
    person.extend(&shop, 5).await.with(202);
    world.settle().await;
    world.advance(days(0)).await;
    assert_eq!(person.prove().await, 55, "the channel takes days again");
}
