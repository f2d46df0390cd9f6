//! Faults on the way, a restart, a reset.

use sandbox::SandboxConfig;
use sandbox::faults::{FaultKind, FaultPlan, FaultRule, Provider};
use serde_json::json;

use super::shop::{Shop, link, read};

fn once(kind: FaultKind, route: &str, status: Option<u16>) -> FaultPlan {
    let rule = FaultRule { route: Some(route.to_owned()), status, times: Some(1), ..FaultRule::always(Provider::Paypal, kind) };
    FaultPlan { seed: 1, rules: vec![rule] }
}

#[tokio::test]
async fn a_lost_answer_is_found_again_by_its_request_id() {
    let shop = Shop::open().await;
    let plan = shop.plan(json!({})).await;
    shop.frame.faults.set(once(FaultKind::LostAnswer, "POST /v1/billing/subscriptions", None));
    let body = json!({"plan_id": plan, "custom_id": "sub_lost"});
    let request = shop.request(reqwest::Method::POST, "/v1/billing/subscriptions").header("PayPal-Request-Id", "lost-1");
    assert!(request.json(&body).send().await.is_err());
    let (status, made) = shop.post_as("lost-1", "/v1/billing/subscriptions", body).await;
    assert_eq!(status, 200);
    assert_eq!(shop.paypal.inspect("sub_lost").unwrap()["subscription_id"], made["id"]);
}

#[tokio::test]
async fn too_many_requests_and_a_gateways_page_look_as_they_do() {
    let shop = Shop::open().await;
    shop.frame.faults.set(once(FaultKind::Status, "/v1/billing/plans", Some(429)));
    let answer = shop.request(reqwest::Method::GET, "/v1/billing/plans").send().await.unwrap();
    assert!(!answer.headers().contains_key("retry-after"), "nobody says when to come again");
    let (status, limited) = read(answer).await;
    assert_eq!((status, &limited["name"]), (429, &json!("RATE_LIMIT_REACHED")));
    assert_eq!(limited["message"], "Too many requests. Blocked due to rate limiting.");
    shop.frame.faults.set(once(FaultKind::Status, "POST /v1/oauth2/token", Some(401)));
    let refused = shop.ask_token(&shop.paypal.client_id(), &shop.paypal.client_secret()).await;
    assert_eq!(read(refused).await.1["error"], "invalid_client", "the identity service has a form of its own");
    shop.frame.faults.set(once(FaultKind::Status, "/v1/billing/plans", Some(502)));
    let page = shop.request(reqwest::Method::GET, "/v1/billing/plans").send().await.unwrap();
    assert_eq!((page.status().as_u16(), page.headers()["content-type"].to_str().unwrap()), (502, "text/html"));
    assert_eq!(shop.get("/v1/billing/plans").await.0, 200);
}

#[tokio::test]
async fn a_restart_goes_on_where_the_process_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let config = SandboxConfig { data_dir: Some(folder.path().to_owned()), ..SandboxConfig::default() };
    let shop = Shop::open_with(config.clone()).await;
    let id = shop.active(json!({})).await;
    let (client_id, webhook_id, authorities) = (shop.paypal.client_id(), shop.paypal.webhook_id(), shop.paypal.ca_pem());
    let sales = shop.transactions(&id).await;
    drop(shop);

    let shop = Shop::open_with(config).await;
    assert_eq!((shop.paypal.client_id(), shop.paypal.webhook_id(), shop.paypal.ca_pem()), (client_id, webhook_id, authorities));
    assert_eq!(shop.transactions(&id).await, sales);
    let subscription = shop.subscription(&id).await;
    assert!(link(&subscription, "self").starts_with(&shop.paypal.url()), "links follow the socket");
    shop.paypal.renew("sub_test").unwrap();
    shop.quiet().await;
    assert_eq!(shop.listener.of("PAYMENT.SALE.COMPLETED").len(), 1);
}

#[tokio::test]
async fn a_reset_forgets_everything_but_who_the_merchant_is() {
    let mut shop = Shop::open().await;
    let id = shop.active(json!({})).await;
    let (client_id, webhook_id) = (shop.paypal.client_id(), shop.paypal.webhook_id());
    let _ = shop.paypal.register_webhook("https://shop.test/more");
    shop.paypal.reset();
    assert_eq!(shop.get("/v1/billing/plans").await.0, 401, "tokens are gone too");
    shop.sign_in().await;
    assert_eq!(shop.get(&format!("/v1/billing/subscriptions/{id}")).await.0, 404);
    assert_eq!((shop.paypal.client_id(), shop.paypal.webhook_id()), (client_id, webhook_id));
    assert_eq!(shop.get("/v1/notifications/webhooks").await.1["webhooks"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_answered_in_json() {
    let shop = Shop::open().await;
    let (status, unknown) = shop.get("/v1/no/such").await;
    assert_eq!((status, &unknown["name"]), (404, &json!("RESOURCE_NOT_FOUND")));
    let answer = shop.request(reqwest::Method::DELETE, "/v1/billing/plans").send().await.unwrap();
    assert_eq!(answer.status(), 405);
    assert_eq!(answer.headers()["allow"], "POST,GET,HEAD");
}
