//! That a plan hits what it says, as often as it says, and the same again with the same seed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::{get, post};
use serde_json::json;

use super::*;
use crate::clock::Clock;
use crate::serve::{Listening, serve};

fn plan(value: serde_json::Value) -> FaultPlan {
    let plan: FaultPlan = serde_json::from_value(value).unwrap();
    plan.check().unwrap();
    plan
}

fn fates(faults: &Faults, count: usize) -> Vec<bool> {
    let lost = |_| faults.request(Provider::Whapi, "GET", "/users/login").ending.is_some();
    (0..count).map(lost).collect()
}

#[test]
fn the_same_seed_hits_the_same_requests_again_and_another_seed_others() {
    let faults = Faults::new();
    let rules = json!([{"provider": "whapi", "kind": "lost_answer", "rate": 0.3}]);
    faults.set(plan(json!({"seed": 7, "rules": rules})));
    let first = fates(&faults, 1_000);
    faults.set(plan(json!({"seed": 7, "rules": rules})));
    assert_eq!(fates(&faults, 1_000), first);
    faults.set(plan(json!({"seed": 8, "rules": rules})));
    assert_ne!(fates(&faults, 1_000), first);

    let hit = first.iter().filter(|hit| **hit).count();
    assert!((240..360).contains(&hit), "{hit} of 1000 at a rate of 0.3");
}

#[test]
fn rules_draw_apart_so_that_a_request_of_one_does_not_move_the_other() {
    let rules = json!([
        {"provider": "paypal", "kind": "status", "rate": 0.5},
        {"provider": "whapi", "kind": "lost_request", "rate": 0.5},
    ]);
    let faults = Faults::new();
    faults.set(plan(json!({"seed": 1, "rules": rules})));
    let alone = fates(&faults, 50);
    faults.set(plan(json!({"seed": 1, "rules": rules})));
    let _ = faults.request(Provider::Paypal, "POST", "/v1/oauth2/token");
    assert_eq!(fates(&faults, 50), alone);
}

#[test]
fn a_rule_ends_after_its_times_and_the_hits_are_counted() {
    let faults = Faults::new();
    faults.set(plan(json!({"rules": [{"provider": "whapi", "kind": "garbage", "times": 2}]})));
    assert_eq!(fates(&faults, 4), [true, true, false, false]);
    assert_eq!(faults.hits(), BTreeMap::from([(FaultKind::Garbage, 2)]));
    faults.set(FaultPlan::default());
    assert_eq!(fates(&faults, 1), [false]);
    assert!(faults.hits().is_empty());
}

#[test]
fn a_route_is_a_template_with_its_method_or_a_part_of_the_path() {
    let faults = Faults::new();
    let hit = |route: &str, method: &str, path: &str| {
        faults.set(plan(json!({"rules": [{"provider": "whapi", "route": route, "kind": "garbage"}]})));
        faults.request(Provider::Whapi, method, path).ending.is_some()
    };
    assert!(hit("POST /channels/{id}/extend", "POST", "/channels/ABC/extend"));
    assert!(hit("POST /channels/{id}/extend", "POST", "/channels/ABC/extend/"));
    assert!(!hit("POST /channels/{id}/extend", "GET", "/channels/ABC/extend"));
    assert!(!hit("POST /channels/{id}", "POST", "/channels/ABC/extend"));
    assert!(hit("/channels/{id}/extend", "PATCH", "/channels/ABC/extend"));
    assert!(hit("extend", "POST", "/channels/ABC/extend"));
    assert!(!hit("login", "POST", "/channels/ABC/extend"));
}

#[test]
fn another_provider_is_left_alone() {
    let faults = Faults::new();
    faults.set(plan(json!({"rules": [{"provider": "paypal", "kind": "garbage"}]})));
    assert_eq!(fates(&faults, 1), [false]);
}

#[test]
fn a_webhook_that_is_dropped_is_neither_doubled_nor_held() {
    let faults = Faults::new();
    faults.set(plan(json!({"rules": [
        {"provider": "paypal", "kind": "duplicate_webhook"},
        {"provider": "paypal", "kind": "reorder_webhook"},
        {"provider": "paypal", "kind": "drop_webhook", "times": 1},
    ]})));
    let ask = || faults.webhook(Provider::Paypal, "POST", "/v1/webhooks/paypal");
    let dropped = WebhookFate { dropped: true, ..WebhookFate::default() };
    assert_eq!(ask(), dropped);
    assert_eq!(ask(), WebhookFate { duplicated: true, reordered: true, dropped: false });
}

#[test]
fn a_plan_that_makes_no_sense_is_refused_with_its_place() {
    let refused = |value| serde_json::from_value::<FaultPlan>(value).unwrap().check().unwrap_err();
    let rate = json!({"rules": [{"provider": "oidc", "kind": "slow", "rate": 1.5}]});
    assert_eq!(refused(rate), "rules[0]: rate is from 0 to 1");
    let status = json!({"rules": [{"provider": "oidc", "kind": "status", "status": 99}]});
    assert_eq!(refused(status), "rules[0]: status is from 200 to 599");
    let unknown = json!({"rules": [{"provider": "oidc", "kind": "slow", "speed": 1}]});
    assert!(serde_json::from_value::<FaultPlan>(unknown).is_err());
}

/// A provider of one route that counts how often it was done.
async fn provider() -> (Listening, Faults, Arc<AtomicU32>) {
    let (faults, done) = (Faults::new(), Arc::new(AtomicU32::new(0)));
    let count = Arc::clone(&done);
    let extend = move || async move { count.fetch_add(1, Ordering::SeqCst).to_string() };
    let router = Router::new().route("/extend", post(extend)).route("/health", get(|| async { "ok" })).layer(layer(
        Provider::Whapi,
        faults.clone(),
        Clock::new(),
    ));
    (serve(router, 0).await.unwrap(), faults, done)
}

fn client() -> reqwest::Client {
    crate::deliver::http_client().unwrap()
}

async fn extend(listening: &Listening) -> Result<reqwest::Response, reqwest::Error> {
    client().post(format!("{}/extend", listening.url())).send().await
}

#[tokio::test]
async fn a_lost_request_is_not_done_and_a_lost_answer_is_done_once() {
    let (listening, faults, done) = provider().await;
    faults.set(plan(json!({"rules": [{"provider": "whapi", "route": "extend", "kind": "lost_request"}]})));
    assert!(extend(&listening).await.is_err());
    assert_eq!(done.load(Ordering::SeqCst), 0);

    faults.set(plan(json!({"rules": [{"provider": "whapi", "route": "extend", "kind": "lost_answer"}]})));
    assert!(extend(&listening).await.is_err());
    assert_eq!(done.load(Ordering::SeqCst), 1);

    let health = client().get(format!("{}/health", listening.url())).send().await.unwrap();
    assert_eq!(health.text().await.unwrap(), "ok");
}

#[tokio::test]
async fn a_status_comes_in_the_providers_own_shape_and_502_as_a_page() {
    let (listening, faults, done) = provider().await;
    faults.set(plan(json!({"rules": [{"provider": "whapi", "kind": "status", "status": 429}]})));
    let refused = extend(&listening).await.unwrap();
    assert_eq!(refused.status(), 429);
    assert!(!refused.headers().contains_key("retry-after"), "no provider says when to come again");
    let body: serde_json::Value = refused.json().await.unwrap();
    assert_eq!(body, json!({"error": {"code": 429, "message": "Too Many Requests"}}));

    faults.set(plan(json!({"rules": [{"provider": "whapi", "kind": "status", "status": 502}]})));
    let page = extend(&listening).await.unwrap();
    assert_eq!(page.headers()["content-type"], "text/html");
    assert!(page.text().await.unwrap().contains("<h1>502 Bad Gateway</h1>"));
    assert_eq!(done.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn garbage_looks_well_and_cannot_be_read() {
    let (listening, faults, _) = provider().await;
    faults.set(plan(json!({"rules": [{"provider": "whapi", "kind": "garbage"}]})));
    let garbage = extend(&listening).await.unwrap();
    assert_eq!(garbage.status(), 200);
    assert!(garbage.json::<serde_json::Value>().await.is_err());
}

#[tokio::test]
async fn a_slow_answer_is_done_and_comes_late() {
    let (listening, faults, done) = provider().await;
    faults.set(plan(json!({"rules": [{"provider": "whapi", "kind": "slow", "delay_ms": 150}]})));
    let begun = Instant::now();
    assert_eq!(extend(&listening).await.unwrap().status(), 200);
    assert!(begun.elapsed() >= Duration::from_millis(150));
    assert_eq!(done.load(Ordering::SeqCst), 1);
}
