//! From a new subscription to the first payment: creation, the payer's page, approval, what a program then reads.

use reqwest::Method;
use serde_json::{Value, json};

use super::shop::{Shop, issue, link, merge, read, rels};

#[tokio::test]
async fn a_customer_subscribes_on_the_page_and_comes_back_to_the_merchant() {
    let shop = Shop::open().await;
    let plan = shop.plan(json!({"name": "Growth <5>"})).await;
    let context = json!({"application_context": {"brand_name": "Tea & Co"}, "custom_id": "sub_01TEST"});
    let (id, approve) = shop.subscribe(&plan, context).await;
    assert!(id.starts_with("I-") && id.len() == 14 && approve.contains("/webapps/billing/subscriptions?ba_token=BA-"));

    let page = shop.client.get(&approve).send().await.unwrap();
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    let html = page.text().await.unwrap();
    assert!(html.contains("Tea &amp; Co") && html.contains("Growth &lt;5&gt;") && html.contains("10.00 USD every 30 days"), "{html}");
    assert!(!html.contains("<script"));

    let ba_token = approve.split_once("ba_token=").unwrap().1;
    let choice = [("ba_token", ba_token), ("action", "approve")];
    let answer = shop.client.post(shop.at("/webapps/billing/subscriptions")).form(&choice).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    let back = answer.headers()["location"].to_str().unwrap().to_owned();
    assert!(back.starts_with(&format!("https://shop.test/back?from=paypal&subscription_id={id}&ba_token={ba_token}&token=")), "{back}");

    let subscription = shop.subscription(&id).await;
    assert_eq!((&subscription["status"], &subscription["custom_id"]), (&json!("ACTIVE"), &json!("sub_01TEST")));
    assert_eq!(subscription["billing_info"]["last_payment"]["amount"]["value"], "10.0", "printed with one decimal");
    assert!(subscription["billing_info"]["next_billing_time"].as_str().unwrap().ends_with("T10:00:00Z"));
    assert_eq!(subscription["subscriber"]["tenant"], "PAYPAL");
    assert_eq!(rels(&subscription), ["cancel", "capture", "edit", "self", "suspend"]);

    shop.quiet().await;
    let about: Vec<String> = shop.listener.types().into_iter().filter(|name| !name.contains("PLAN") && !name.contains("PRODUCT")).collect();
    assert_eq!(about.len(), 3, "{about:?}");
    let sale = shop.listener.of("PAYMENT.SALE.COMPLETED").remove(0).event();
    assert!(sale.get("resource_version").is_none());
    let resource = &sale["resource"];
    assert_eq!((&resource["billing_agreement_id"], &resource["custom"]), (&json!(id), &json!("sub_01TEST")));
    assert_eq!(resource["amount"], json!({"total": "10.00", "currency": "USD", "details": {"subtotal": "10.00"}}));
    let activated = shop.listener.of("BILLING.SUBSCRIPTION.ACTIVATED").remove(0).event();
    assert_eq!(activated["resource_version"], "2.0");
    assert_eq!(activated["resource"]["billing_info"]["cycle_executions"][0]["cycles_completed"], 0, "told before the payment");

    let again = shop.client.get(&approve).send().await.unwrap().text().await.unwrap();
    assert!(again.contains("has been approved"));
}

#[tokio::test]
async fn the_payer_who_cancels_on_the_page_changes_nothing() {
    let shop = Shop::open().await;
    let plan = shop.plan(json!({})).await;
    let (id, approve) = shop.subscribe(&plan, json!({})).await;
    let choice = [("ba_token", approve.split_once("ba_token=").unwrap().1), ("action", "cancel")];
    let answer = shop.client.post(shop.at("/webapps/billing/subscriptions")).form(&choice).send().await.unwrap();
    assert!(answer.headers()["location"].to_str().unwrap().starts_with("https://shop.test/no?subscription_id="));
    assert_eq!(shop.subscription(&id).await["status"], "APPROVAL_PENDING");
    let unknown = shop.client.get(shop.at("/webapps/billing/subscriptions?ba_token=BA-NOBODY")).send().await.unwrap();
    assert_eq!(unknown.status(), 404);
}

#[tokio::test]
async fn a_request_id_makes_one_subscription_for_72_hours() {
    let mut shop = Shop::open().await;
    let plan = shop.plan(json!({})).await;
    let body = json!({"plan_id": plan, "custom_id": "sub_once"});
    let (first_status, first) = shop.post_as("s-1", "/v1/billing/subscriptions", body.clone()).await;
    assert_eq!(first_status, 201);
    assert_eq!(first.as_object().unwrap().len(), 4, "the short form: {first}");
    shop.paypal.approve(first["id"].as_str().unwrap()).unwrap();
    let (again_status, again) = shop.post_as("s-1", "/v1/billing/subscriptions", body.clone()).await;
    assert_eq!((again_status, &again["id"], &again["status"]), (200, &first["id"], &json!("ACTIVE")));
    shop.pass(3).await;
    let (status, other) = shop.post_as("s-1", "/v1/billing/subscriptions", body).await;
    assert_eq!(status, 201);
    assert_ne!(other["id"], first["id"]);
}

#[tokio::test]
async fn the_whole_subscription_comes_when_it_is_preferred() {
    let shop = Shop::open().await;
    let plan = shop.plan(json!({})).await;
    let request = shop.request(Method::POST, "/v1/billing/subscriptions").header("Prefer", "return=representation");
    let (status, made) = read(request.json(&json!({"plan_id": plan})).send().await.unwrap()).await;
    assert_eq!((status, &made["plan_id"], &made["quantity"], &made["plan_overridden"]), (201, &json!(plan), &json!("1"), &json!(false)));
    assert_eq!(rels(&made), ["approve", "edit", "self"]);
    let path = format!("/v1/billing/subscriptions/{}", made["id"].as_str().unwrap());
    assert!(shop.get(&path).await.1.get("plan").is_none());
    let (_, with_plan) = shop.get(&format!("{path}?fields=last_failed_payment,plan")).await;
    assert_eq!(with_plan["plan"]["name"], "Starter");
}

#[tokio::test]
async fn a_faulty_subscription_is_refused_in_the_words_of_its_documentation() {
    let shop = Shop::open().await;
    let plan = shop.plan(json!({})).await;
    let with = |changes: Value| {
        let mut body = json!({"plan_id": plan});
        merge(&mut body, changes);
        body
    };
    for (body, status, wanted) in [
        (json!({}), 400, "MISSING_REQUIRED_PARAMETER"),
        (with(json!({"start_time": "2020-01-01T00:00:00Z"})), 400, "INVALID_PARAMETER_VALUE"),
        (with(json!({"custom_id": "x".repeat(128)})), 400, "INVALID_STRING_MAX_LENGTH"),
        (with(json!({"custom_id": "abo-ü"})), 400, "INVALID_PARAMETER_SYNTAX"),
        (with(json!({"application_context": {"return_url": "https://shop.test/"}})), 400, "MISSING_REQUIRED_PARAMETER"),
        (with(json!({"quantity": "3"})), 422, "SUBSCRIPTION_CANNOT_HAVE_QUANTITY"),
        (with(json!({"shipping_amount": {"currency_code": "EUR", "value": "1"}})), 422, "CURRENCY_MISMATCH"),
        (with(json!({"plan": {"billing_cycles": [{"sequence": 7}]}})), 422, "INVALID_BILLING_CYCLE_SEQUENCE"),
        (json!({"plan_id": "P-NOBODY"}), 404, "INVALID_RESOURCE_ID"),
    ] {
        let (given, answer) = shop.post("/v1/billing/subscriptions", body).await;
        assert_eq!((given, issue(&answer)), (status, wanted), "{answer}");
    }
    let empty = shop.request(Method::POST, "/v1/billing/subscriptions").header("content-type", "application/json").send().await.unwrap();
    let (status, answer) = read(empty).await;
    assert_eq!((status, issue(&answer)), (400, "MISSING_REQUEST_BODY"));
    assert_eq!(shop.get("/v1/billing/subscriptions/I-NOBODY").await.0, 404);
}

#[tokio::test]
async fn continue_waits_for_the_merchant_after_the_payer() {
    let shop = Shop::open().await;
    let plan = shop.plan(json!({})).await;
    let (id, _) = shop.subscribe(&plan, json!({"application_context": {"user_action": "CONTINUE"}})).await;
    let done = shop.paypal.approve(&id).unwrap();
    assert_eq!((&done["status"], done["sales"].as_array().unwrap().len()), (&json!("APPROVED"), 0));
    assert_eq!(shop.post(&format!("/v1/billing/subscriptions/{id}/activate"), json!({"reason": "Go"})).await.0, 204);
    assert_eq!(shop.subscription(&id).await["status"], "ACTIVE");
    assert_eq!(shop.transactions(&id).await.len(), 1);
}

#[tokio::test]
async fn a_later_start_waits_for_its_time_and_the_merchant_cannot_hurry_it() {
    let mut shop = Shop::open().await;
    let plan = shop.plan(json!({})).await;
    let start = (shop.now() + jiff::SignedDuration::from_hours(48)).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let (id, _) = shop.subscribe(&plan, json!({"start_time": start})).await;
    shop.paypal.approve(&id).unwrap();
    let (status, refused) = shop.post(&format!("/v1/billing/subscriptions/{id}/activate"), json!({})).await;
    assert_eq!((status, issue(&refused)), (422, "SUBSCRIPTION_CANNOT_BE_ACTIVATED"));
    shop.pass(3).await;
    assert_eq!(shop.subscription(&id).await["status"], "ACTIVE");
    assert_eq!(shop.transactions(&id).await[0]["time"], json!(start));
}

#[tokio::test]
async fn subscriptions_are_listed_by_plan_status_and_time() {
    let shop = Shop::open().await;
    let plan = shop.plan(json!({})).await;
    let (first, _) = shop.subscribe(&plan, json!({})).await;
    let (second, _) = shop.subscribe(&plan, json!({})).await;
    shop.paypal.approve(&first).unwrap();
    let (_, active) = shop.get(&format!("/v1/billing/subscriptions?plan_ids={plan}&statuses=ACTIVE&total_required=true")).await;
    assert_eq!((&active["total_items"], &active["subscriptions"][0]["id"]), (&json!(1), &json!(first)));
    let (_, all) = shop.get("/v1/billing/subscriptions?created_after=2020-01-01T00:00:00Z").await;
    assert_eq!(all["subscriptions"][0]["id"], json!(second), "the newest first");
    assert_eq!(shop.get("/v1/billing/subscriptions?statuses=SLEEPING").await.0, 400);
    assert!(link(&all, "self").contains("page=1"));
    let panel = shop.paypal.subscriptions().unwrap();
    assert_eq!((&panel["subscriptions"][1]["status"], &panel["subscriptions"][0]["plan"]), (&json!("ACTIVE"), &json!("Starter")));
}
