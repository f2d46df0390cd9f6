//! The passing of time: renewals, failures, ends.

use serde_json::{Value, json};

use super::shop::{Shop, issue};

fn finite(cycles: u32) -> Value {
    json!({"billing_cycles": [{"frequency": {"interval_unit": "DAY", "interval_count": 30}, "tenure_type": "REGULAR", "sequence": 1,
        "total_cycles": cycles, "pricing_scheme": {"fixed_price": {"value": "10", "currency_code": "USD"}}}]})
}

#[tokio::test]
async fn a_jump_of_the_clock_brings_each_renewal_at_its_own_time() {
    let mut shop = Shop::open().await;
    let id = shop.active(json!({})).await;
    shop.listener.forget();
    shop.pass(95).await;
    let lines = shop.transactions(&id).await;
    assert_eq!(lines.len(), 4, "the first payment and three renewals");
    let times: Vec<&str> = lines.iter().rev().skip(1).map(|line| line["time"].as_str().unwrap()).collect();
    assert!(times.iter().all(|time| time.ends_with("T10:00:00Z")) && times.is_sorted(), "{times:?}");
    let first: jiff::Timestamp = times[0].parse().unwrap();
    let last: jiff::Timestamp = times[2].parse().unwrap();
    assert_eq!(last.duration_since(first), jiff::SignedDuration::from_hours(24 * 60), "thirty days each, not a month");
    let sales = shop.listener.of("PAYMENT.SALE.COMPLETED");
    assert_eq!(sales.len(), 3);
    let subscription = shop.subscription(&id).await;
    assert_eq!(subscription["billing_info"]["cycle_executions"][0]["cycles_completed"], 4);
}

#[tokio::test]
async fn the_clock_alone_renews_without_anybody_asking() {
    let shop = Shop::open().await;
    shop.active(json!({})).await;
    shop.listener.forget();
    shop.clock.advance(jiff::SignedDuration::from_hours(24 * 31));
    shop.listener.hears("PAYMENT.SALE.COMPLETED").await;
}

#[tokio::test]
async fn renew_bills_now_and_leaves_the_later_days_where_they_were() {
    let mut shop = Shop::open().await;
    let id = shop.active(json!({})).await;
    let before = shop.subscription(&id).await["billing_info"]["next_billing_time"].as_str().unwrap().to_owned();
    let answer = shop.paypal.renew("sub_test").unwrap();
    assert_eq!((&answer["subscription_id"], answer["sales"].as_array().unwrap().len()), (&json!(id), 2));
    let after = answer["next_billing_time"].as_str().unwrap().to_owned();
    let gap = after.parse::<jiff::Timestamp>().unwrap().duration_since(before.parse().unwrap());
    assert_eq!(gap, jiff::SignedDuration::from_hours(24 * 30));
    shop.pass(31).await;
    assert_eq!(shop.transactions(&id).await.len(), 2, "the early payment stands for that day's");
    assert_eq!(shop.paypal.renew("sub_nobody").unwrap_err().status(), 404);
}

#[tokio::test]
async fn a_refused_payment_is_tried_twice_more_and_then_suspends() {
    let mut shop = Shop::open().await;
    let id = shop.active(json!({})).await;
    shop.listener.forget();
    shop.paypal.fail_payment(&id).unwrap();
    shop.quiet().await;
    let failed = shop.listener.of("BILLING.SUBSCRIPTION.PAYMENT.FAILED").remove(0).event();
    let failure = &failed["resource"]["billing_info"]["last_failed_payment"];
    assert_eq!((&failed["resource"]["status"], &failure["reason_code"]), (&json!("ACTIVE"), &json!("PAYMENT_DENIED")));
    assert!(failure.get("next_payment_retry_date").is_some(), "webhooks name it so: {failure}");
    assert_eq!(failed["links"][2]["rel"], "subscription");
    let shown = shop.subscription(&id).await;
    assert_eq!(shown["billing_info"]["failed_payments_count"], 0, "not counted before the last retry");
    assert!(shown["billing_info"]["last_failed_payment"].get("next_payment_retry_time").is_some());

    shop.pass(5).await;
    assert_eq!(shop.listener.of("BILLING.SUBSCRIPTION.PAYMENT.FAILED").len(), 2);
    assert_eq!(shop.subscription(&id).await["status"], "ACTIVE");
    shop.pass(5).await;
    let types = shop.listener.types();
    assert_eq!(types.iter().filter(|name| name.ends_with("FAILED")).count(), 3);
    assert!(types.contains(&"BILLING.SUBSCRIPTION.SUSPENDED".to_owned()));
    let suspended = shop.subscription(&id).await;
    let info = &suspended["billing_info"];
    assert_eq!((&suspended["status"], &info["failed_payments_count"]), (&json!("SUSPENDED"), &json!(1)));
    assert_eq!(info["outstanding_balance"]["value"], "10.0");
    assert!(info["last_failed_payment"].get("next_payment_retry_time").is_none());
    assert!(shop.transactions(&id).await.iter().filter(|line| line["status"] == "DECLINED").count() == 3);

    let path = format!("/v1/billing/subscriptions/{id}");
    let (status, refused) = shop.post(&format!("{path}/activate"), json!({"reason": "Again"})).await;
    assert_eq!((status, issue(&refused)), (422, "SUBSCRIPTION_CANNOT_BE_ACTIVATED"));
}

#[tokio::test]
async fn an_outstanding_balance_can_be_captured_and_then_it_runs_again() {
    let mut shop = Shop::open().await;
    let id = shop.active(json!({})).await;
    for _ in 0..3 {
        shop.paypal.fail_payment(&id).unwrap();
    }
    assert_eq!(shop.subscription(&id).await["status"], "SUSPENDED");
    let path = format!("/v1/billing/subscriptions/{id}");
    let capture =
        |value: &str| json!({"note": "Rest", "capture_type": "OUTSTANDING_BALANCE", "amount": {"currency_code": "USD", "value": value}});
    let (_, refused) = shop.post(&format!("{path}/capture"), capture("11")).await;
    assert_eq!(issue(&refused), "AMOUNT_GREATER_THAN_OUTSTANDING_BALANCE");
    let (status, declined) = shop.post(&format!("{path}/capture"), capture("10")).await;
    assert_eq!((status, &declined["status"]), (200, &json!("DECLINED")), "the payer still cannot pay");

    shop.paypal.mend(&id).unwrap();
    let (status, taken) = shop.post(&format!("{path}/capture"), capture("10")).await;
    assert_eq!((status, &taken["status"]), (200, &json!("COMPLETED")));
    assert_eq!(shop.post(&format!("{path}/activate"), json!({"reason": "Paid"})).await.0, 204);
    shop.pass(61).await;
    assert_eq!(shop.subscription(&id).await["status"], "ACTIVE");
}

#[tokio::test]
async fn a_retry_that_succeeds_ends_the_failure() {
    let mut shop = Shop::open().await;
    let id = shop.active(json!({})).await;
    shop.paypal.fail_payment(&id).unwrap();
    shop.paypal.mend(&id).unwrap();
    shop.pass(5).await;
    let info = shop.subscription(&id).await["billing_info"].clone();
    assert_eq!((&info["failed_payments_count"], &info["outstanding_balance"]["value"]), (&json!(0), &json!("0.0")));
    assert_eq!(shop.transactions(&id).await[0]["status"], "COMPLETED");
}

#[tokio::test]
async fn finite_cycles_end_in_expired_after_the_last_period() {
    let mut shop = Shop::open().await;
    let id = shop.active(finite(2)).await;
    let first = shop.subscription(&id).await["billing_info"].clone();
    assert_eq!(first["final_payment_time"], first["next_billing_time"]);
    shop.pass(31).await;
    let second = shop.subscription(&id).await;
    assert_eq!(second["status"], "ACTIVE");
    assert!(second["billing_info"].get("next_billing_time").is_none());
    assert_eq!(shop.paypal.renew(&id).unwrap_err().status(), 409);
    shop.pass(30).await;
    assert_eq!(shop.subscription(&id).await["status"], "EXPIRED");
    assert_eq!((shop.transactions(&id).await.len(), shop.listener.of("BILLING.SUBSCRIPTION.EXPIRED").len()), (2, 1));
}

#[tokio::test]
async fn a_free_trial_has_no_sale_and_the_first_payment_comes_after_it() {
    let mut shop = Shop::open().await;
    let id = shop
        .active(json!({"billing_cycles": [
            {"frequency": {"interval_unit": "DAY", "interval_count": 7}, "tenure_type": "TRIAL", "sequence": 1, "total_cycles": 1},
            {"frequency": {"interval_unit": "MONTH"}, "tenure_type": "REGULAR", "sequence": 2, "total_cycles": 0,
                "pricing_scheme": {"fixed_price": {"value": "10", "currency_code": "USD"}}}
        ]}))
        .await;
    assert_eq!(shop.listener.of("PAYMENT.SALE.COMPLETED").len(), 0);
    shop.pass(8).await;
    let lines = shop.transactions(&id).await;
    assert_eq!(lines.len(), 1);
    assert_eq!(shop.subscription(&id).await["billing_info"]["cycle_executions"][0]["cycles_remaining"], 0);
}

#[tokio::test]
async fn a_new_price_reaches_existing_subscriptions_after_ten_days_and_new_ones_at_once() {
    let mut shop = Shop::open().await;
    let id = shop.active(json!({})).await;
    let plan = shop.subscription(&id).await["plan_id"].as_str().unwrap().to_owned();
    shop.pass(25).await;
    let prices = json!({"pricing_schemes": [{"billing_cycle_sequence": 1, "pricing_scheme": {"fixed_price": {"value": "12", "currency_code": "USD"}}}]});
    assert_eq!(shop.post(&format!("/v1/billing/plans/{plan}/update-pricing-schemes"), prices).await.0, 204);
    let (new, _) = shop.subscribe(&plan, json!({})).await;
    shop.paypal.approve(&new).unwrap();
    assert_eq!(shop.transactions(&new).await[0]["amount_with_breakdown"]["gross_amount"]["value"], "12.00");
    shop.pass(36).await;
    let paid: Vec<_> =
        shop.transactions(&id).await.iter().map(|line| line["amount_with_breakdown"]["gross_amount"]["value"].clone()).collect();
    assert_eq!(paid, [json!("12.00"), json!("10.00"), json!("10.00")], "the renewal five days later keeps the old price");
}

#[tokio::test]
async fn what_nobody_approves_in_time_is_unknown_afterwards() {
    let mut shop = Shop::open().await;
    let plan = shop.plan(json!({})).await;
    let (id, approve) = shop.subscribe(&plan, json!({})).await;
    shop.pass(2).await;
    assert_eq!(shop.subscription(&id).await["status"], "APPROVAL_PENDING");
    shop.pass(1).await;
    let (status, gone) = shop.get(&format!("/v1/billing/subscriptions/{id}")).await;
    assert_eq!((status, &gone["name"], issue(&gone)), (404, &json!("RESOURCE_NOT_FOUND"), "INVALID_RESOURCE_ID"));
    assert_eq!(shop.client.get(approve).send().await.unwrap().status(), 404);
    assert_eq!(shop.paypal.approve(&id).unwrap_err().status(), 409);
    shop.paypal.set_approval_seconds(60);
    let (id, _) = shop.subscribe(&plan, json!({})).await;
    shop.clock.advance(jiff::SignedDuration::from_secs(61));
    assert_eq!(shop.get(&format!("/v1/billing/subscriptions/{id}")).await.0, 404);
}

#[tokio::test]
async fn a_suspended_subscription_skips_what_fell_due_and_goes_on_in_its_rhythm() {
    let mut shop = Shop::open().await;
    let id = shop.active(json!({})).await;
    shop.paypal.suspend(&id).unwrap();
    shop.pass(65).await;
    assert_eq!(shop.transactions(&id).await.len(), 1);
    let path = format!("/v1/billing/subscriptions/{id}/activate");
    assert_eq!(shop.post(&path, json!({"reason": "Back"})).await.0, 204);
    shop.pass(31).await;
    assert_eq!(shop.transactions(&id).await.len(), 2);
}
