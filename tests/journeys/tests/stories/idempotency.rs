//! `Idempotency-Key`: the same wish sent twice is done once.

use futures::future::join_all;
use journeys::{Answer, Person, World, days};
use reqwest::Method;
use serde_json::{Value, json};

async fn keyed(person: &Person, path: &str, key: &str, body: &Value) -> Answer {
    let request = person.request(Method::POST, path).await.header("idempotency-key", key).json(body);
    person.world().send(request).await
}

/// The same key and body: the same answer, word for word, and nothing done again; another body: refused.
#[tokio::test]
async fn the_same_key_is_done_once() {
    let world = World::start().await;
    let (person, other) = (world.customer().await, world.customer().await);
    keyed(&person, "/v1/channels", "first", &json!({ "name": "Shop" })).await.refused(402, "no_plan");
    for person in [&person, &other] {
        person.buy("Business").await;
    }
    let first = keyed(&person, "/v1/channels", "first", &json!({ "name": "Shop" })).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, None), "a refusal is not kept");
    world.settle().await;
    for _ in 0..3 {
        let again = keyed(&person, "/v1/channels", "first", &json!({ "name": "Shop" })).await;
        assert_eq!((again.status, &again.text), (201, &first.text));
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
    }
    keyed(&person, "/v1/channels", "first", &json!({ "name": "Other" })).await.refused(422, "idempotency_key_reused");
    let shop = first.ok()["channel"]["id"].as_str().unwrap().to_owned();
    world.settle().await;
    assert_eq!(person.all("/v1/channels").await.len(), 1);

    let theirs = keyed(&other, "/v1/channels", "first", &json!({ "name": "Mine" })).await.with(201);
    assert_ne!(theirs["channel"]["id"], shop.as_str(), "keys are each customer's own");
    let before = person.prove().await;
    let path = format!("/v1/channels/{shop}/extend");
    let extended = keyed(&person, &path, "first", &json!({ "days": 4 })).await;
    assert_eq!(extended.status, 202, "keys are each route's own: {}", extended.text);
    assert_eq!(keyed(&person, &path, "first", &json!({ "days": 4 })).await.text, extended.text);
    keyed(&person, &path, "first", &json!({ "days": 5 })).await.refused(422, "idempotency_key_reused");
    world.settle().await;
    assert_eq!(person.prove().await, before - 4);
    assert_eq!(person.prove_channel(&shop).await, 34);
    world.advance(days(1) + days(1)).await;
    keyed(&person, &path, "first", &json!({ "days": 5 })).await.with(202);
    world.settle().await;
    assert_eq!(person.prove_channel(&shop).await, 39, "after a day a key is new");
}

/// Twenty times at the same moment: one runs, the others wait or get its answer.
#[tokio::test]
async fn at_the_same_moment_one_runs() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Business").await;
    let wish = json!({ "name": "Shop" });
    let answers = join_all((0..20).map(|_| keyed(&person, "/v1/channels", "together", &wish))).await;
    let mut made = Vec::new();
    for answer in answers {
        if answer.status == 201 {
            made.push(answer.text);
        } else {
            answer.refused(409, "request_in_progress");
        }
    }
    assert!(!made.is_empty() && made.iter().all(|text| text == &made[0]), "{made:?}");
    world.settle().await;
    assert_eq!(person.all("/v1/channels").await.len(), 1);
    let shop = person.all("/v1/channels").await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/channels/{shop}/extend");
    let before = person.prove().await;
    let days = json!({ "days": 3 });
    let _ = join_all((0..20).map(|_| keyed(&person, &path, "together", &days))).await;
    assert_eq!(person.prove().await, before - 3);
    let plan = json!({ "plan_id": world.plan("Growth").await, "payment_method": "paypal" });
    let _ = join_all((0..5).map(|_| keyed(&person, "/v1/subscriptions", "together", &plan))).await;
    let at_paypal = world.get("/local/paypal/subscriptions").await.ok();
    assert_eq!(at_paypal["subscriptions"].as_array().unwrap().len(), 2, "the first purchase and one checkout");
}

/// Keys that are none; and a key's answer with a secret in it is never kept.
#[tokio::test]
async fn keys_are_visible_text_and_secrets_are_not_kept() {
    let world = World::start().await;
    let person = world.customer().await;
    let name = json!({ "name": "Till", "scopes": ["read"] });
    for key in ["", " ", "two words", "ключ", &"x".repeat(256)] {
        let request = person.request(Method::POST, "/v1/api-keys").await.json(&name);
        let request = request.header("idempotency-key", reqwest::header::HeaderValue::from_bytes(key.as_bytes()).unwrap());
        let problem = world.send(request).await.refused(422, "validation_failed");
        assert_eq!(problem["errors"][0]["field"], "Idempotency-Key", "{key:?}");
    }
    let first = keyed(&person, "/v1/api-keys", "secret", &name).await;
    let again = keyed(&person, "/v1/api-keys", "secret", &name).await;
    assert_eq!(again.header("idempotency-replayed"), None);
    assert_ne!(first.with(201)["key"], again.with(201)["key"]);
    for replayed in [None, Some("true")] {
        let read = keyed(&person, "/v1/notifications/read", "read", &json!({ "ids": [] })).await;
        assert_eq!((read.status, read.header("content-type"), read.header("idempotency-replayed")), (204, None, replayed));
    }
    assert_eq!(person.all("/v1/api-keys").await.len(), 2);
}

/// A wish that a provider failed is not kept: the same key tries again.
#[tokio::test]
async fn what_failed_may_be_tried_again_with_its_key() {
    let world = World::start().await;
    let person = world.customer().await;
    let wish = json!({ "plan_id": world.plan("Starter").await, "payment_method": "paypal" });
    world
        .faults(json!([{ "provider": "paypal", "route": "POST /v1/billing/subscriptions", "kind": "status", "status": 500, "rate": 1.0 }]))
        .await;
    let failed = keyed(&person, "/v1/subscriptions", "buy", &wish).await;
    assert!(matches!(failed.status, 502..=504), "{} {}", failed.status, failed.text);
    failed.problem();
    world.calm().await;
    let begun = keyed(&person, "/v1/subscriptions", "buy", &wish).await.with(201);
    person.approve(begun["subscription"]["id"].as_str().unwrap()).await;
    assert_eq!(person.prove().await, 30);
}
