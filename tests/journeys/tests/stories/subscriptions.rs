//! What happens to a subscription besides being paid.

use journeys::{Person, World, days, minutes};
use serde_json::json;

/// Of whose subscriptions staff were told that.
async fn told(admin: &Person, what: &str) -> Vec<String> {
    let findings = admin.findings(&format!("subscription.{what}")).await;
    findings.iter().filter_map(|finding| finding["user_id"].as_str().map(str::to_owned)).collect()
}

/// PAY-5, PAY-8: a payment fails: the customer and staff are told, and the plan goes on while PayPal tries again; when it
/// succeeds the days are there.
#[tokio::test]
async fn a_failed_payment_is_told_and_heals() {
    let world = World::start().await;
    let (person, admin) = (world.customer().await, world.admin().await);
    let subscription = person.buy("Growth").await;
    world.advance(days(89)).await;
    world.control("paypal/fail-payment", json!({ "subscription_id": subscription })).await;
    world.settle().await;
    assert!(person.was_told("PayPal could not take the last payment.").await, "{:?}", person.told().await);
    assert_eq!(told(&admin, "failing").await, [person.id.as_str()]);
    assert_eq!(person.prove().await, 90);
    assert_eq!(person.subscription().await["status"], "active");
    person.ask_for_channel("Shop").await.with(201);
    world.control("paypal/renew", json!({ "subscription_id": subscription })).await;
    world.settle().await;
    assert_eq!(person.moved("credit").await, (2, 180));
    person.prove().await;
    assert_eq!(told(&admin, "failing").await.len(), 1, "once for one payment");
}

/// PAY-5: PayPal suspends it: the customer and staff are told; nothing is taken away.
#[tokio::test]
async fn a_suspended_subscription_is_told_and_keeps_its_days() {
    let world = World::start().await;
    let (person, admin) = (world.customer().await, world.admin().await);
    let subscription = person.buy("Growth").await;
    world.control("paypal/suspend", json!({ "subscription_id": subscription })).await;
    world.settle().await;
    assert!(person.was_told("PayPal suspended it").await, "{:?}", person.told().await);
    assert_eq!(told(&admin, "failing").await, [person.id.as_str()]);
    assert_eq!(person.prove().await, 90);
    person.add_working_channel("Shop").await;
}

/// PAY-5: cancelled in PayPal's own pages: the limits hold to the end, then nothing new can be added; the
/// days that are left still keep channels alive.
#[tokio::test]
async fn what_is_cancelled_at_paypal_holds_until_its_end() {
    let world = World::start().await;
    let (person, admin) = (world.customer().await, world.admin().await);
    let subscription = person.buy("Growth").await;
    world.control("paypal/cancel", json!({ "subscription_id": subscription })).await;
    world.settle().await;
    assert_eq!(person.subscription().await["status"], "canceled");
    assert!(person.was_told("Your Growth plan was cancelled. It holds until its end; your days stay.").await);
    assert_eq!(told(&admin, "canceled").await, [person.id.as_str()]);
    let shop = person.add_working_channel("Shop").await;
    person.patch(&format!("/v1/channels/{shop}"), json!({ "auto_renew": false })).await.ok();
    world.advance(days(91)).await;
    assert_eq!(person.plan().await["status"], "ended");
    person.ask_for_channel("Another").await.refused(402, "no_plan");
    assert_eq!(person.prove().await, 60, "days outlive the plan");
    person.extend(&shop, 10).await.with(202);
    world.settle().await;
    assert_eq!(person.prove_channel(&shop).await, 40);
    assert_eq!(person.channel(&shop).await["status"], "active");
}

/// PAY-7: the customer cancels here. PayPal does not answer at first; it is cancelled there all the same, and
/// nothing is billed any more.
#[tokio::test]
async fn our_cancel_reaches_paypal_in_the_end() {
    let world = World::start().await;
    let (person, admin) = (world.customer().await, world.admin().await);
    let subscription = person.buy("Growth").await;
    world.faults(json!([{ "provider": "paypal", "route": "POST /v1/billing/subscriptions/{id}/cancel", "kind": "lost_request", "rate": 1.0, "times": 2 }])).await;
    let path = format!("/v1/subscriptions/{subscription}/cancel");
    let cancelled = person.post(&path, json!({})).await.ok();
    assert_eq!((&cancelled["subscription"]["status"], &cancelled["subscription"]["renews"]), (&json!("canceled"), &json!(false)));
    world.settle().await;
    assert_eq!(world.paypal(&subscription).await["status"], "ACTIVE", "PayPal has not heard of it");
    person.post(&path, json!({})).await.refused(409, "state_forbids");
    assert_eq!(told(&admin, "canceled").await, [person.id.as_str()]);
    world.sweep_for(3, minutes(6)).await;
    assert_eq!(world.paypal(&subscription).await["status"], "CANCELLED");
    person.ask_for_channel("Shop").await.with(201);
    world.advance(days(91)).await;
    assert_eq!(person.moved("credit").await, (1, 90), "nothing more was billed");
    person.ask_for_channel("Another").await.refused(402, "no_plan");
    person.prove().await;
}

/// PAY-3: a checkout that nobody approves changes nothing and ends by itself.
#[tokio::test]
async fn an_unapproved_checkout_ends_by_itself() {
    let world = World::start().await;
    let person = world.customer().await;
    let checkout = person.checkout("Starter").await;
    world.sweep_for(4, days(3)).await;
    let subscription = person.subscription().await;
    assert!(subscription.is_null() || subscription["status"] == "expired", "{subscription}");
    assert_eq!(person.prove().await, 0);
    world.try_control("paypal/approve", json!({ "subscription_id": checkout })).await;
    world.settle().await;
    world.sweep_for(3, days(1)).await;
    let at_paypal = world.paypal(&checkout).await;
    assert_ne!(at_paypal["status"], "ACTIVE", "{at_paypal}");
}

/// PAY-2, PLAN-4: what is not for sale is not sold; what runs is not bought twice.
#[tokio::test]
async fn quotes_demos_and_the_same_plan_again_are_refused() {
    let world = World::start().await;
    let person = world.customer().await;
    for plan in ["Enterprise", "Guided"] {
        let wish = json!({ "plan_id": world.plan(plan).await, "payment_method": "paypal" });
        person.post("/v1/subscriptions", wish).await.refused(409, "plan_not_for_sale");
    }
    person.buy("Starter").await;
    let again = json!({ "plan_id": world.plan("Starter").await, "payment_method": "paypal" });
    person.post("/v1/subscriptions", again).await.refused(409, "already_subscribed");
    assert_eq!(person.prove().await, 30);
}

/// PAY-3: a checkout that PayPal refuses is over, and what is shown is the plan that runs.
#[tokio::test]
async fn a_checkout_that_paypal_refuses_hides_no_plan() {
    let world = World::start().await;
    let person = world.customer().await;
    let running = person.buy("Starter").await;
    world
        .faults(json!([{ "provider": "paypal", "route": "POST /v1/billing/subscriptions", "kind": "status", "status": 422, "rate": 1.0 }]))
        .await;
    let wish = json!({ "plan_id": world.plan("Growth").await, "payment_method": "paypal" });
    person.post("/v1/subscriptions", wish).await.refused(502, "provider_refused");
    world.calm().await;
    let shown = person.get("/v1/subscription").await.ok();
    assert_eq!((&shown["subscription"]["id"], &shown["subscription"]["status"]), (&json!(running), &json!("active")), "{shown}");
    assert!(shown["next_payment_at"].is_string(), "{shown}");
    person.buy("Growth").await;
    assert_eq!((person.plan().await["name"].as_str(), person.prove().await), (Some("Growth"), 120));
}
