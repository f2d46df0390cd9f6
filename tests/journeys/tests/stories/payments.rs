//! A sale at PayPal credits its days exactly once, however it is told.

use jiff::{SignedDuration, Timestamp};
use journeys::{Caught, Merchant, Person, Tap, World, days, minutes, seconds};
use serde_json::json;

/// All orders of three events.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
/// The events of a first payment.
const FIRST_EVENTS: [&str; 3] = ["BILLING.SUBSCRIPTION.CREATED", "BILLING.SUBSCRIPTION.ACTIVATED", "PAYMENT.SALE.COMPLETED"];

async fn end_of(person: &Person) -> Timestamp {
    let subscription = person.subscription().await;
    subscription["end_at"].as_str().and_then(|end| end.parse().ok()).expect("an end")
}

/// Buys while nothing arrives; answers the subscription and its three events.
async fn buy_unheard(person: &Person, tap: &Tap, plan: &str) -> (String, Vec<Caught>) {
    let subscription = person.buy(plan).await;
    let paypal_id = person.world().paypal(&subscription).await["subscription_id"].as_str().expect("an id").to_owned();
    let caught = tap.about(&[&subscription, &paypal_id]);
    let event = |kind: &&str| caught.iter().find(|caught| caught.kind() == **kind).unwrap_or_else(|| panic!("no {kind}")).clone();
    (subscription, FIRST_EVENTS.iter().map(event).collect())
}

/// PAY-4: every order of the events, each event one to three times.
#[tokio::test]
async fn a_sale_credits_once_in_every_order_of_its_events() {
    let world = World::start().await;
    let tap = Tap::on(&world).await;
    for (number, order) in ORDERS.into_iter().enumerate() {
        let person = world.customer().await;
        let (_, events) = buy_unheard(&person, &tap, "Growth").await;
        assert_eq!(person.subscription().await["status"], "pending", "nothing was heard of PayPal yet");
        for (place, event) in order.into_iter().enumerate() {
            for _ in 0..=(number + place) % 3 {
                events[event].deliver(&world).await.with(200);
            }
            world.settle().await;
            assert!(person.prove().await <= 90);
        }
        assert_eq!(person.prove().await, 90, "order {order:?}");
        assert_eq!(person.moved("credit").await, (1, 90));
        assert_eq!(person.subscription().await["status"], "active");
        assert_eq!(person.plan().await["name"], "Growth");
        let lasts = end_of(&person).await.duration_since(world.now().await);
        assert!((lasts - days(90)).abs() < minutes(5), "{lasts:?}");
    }
}

/// PAY-4, WHK-3: PayPal sends all events again, five times and shuffled, then two hundred at once.
#[tokio::test]
async fn events_that_come_again_and_again_credit_nothing_more() {
    let world = World::start().await;
    let person = world.customer().await;
    let subscription = person.buy("Growth").await;
    assert_eq!(person.prove().await, 90);
    let told = person.told().await;
    for times in [5, 67] {
        let again = json!({ "subscription_id": subscription, "times": times, "shuffle": true });
        let sent = world.control("paypal/resend", again).await["sent"].as_u64().unwrap();
        assert!(sent >= times * 3, "{sent} events were sent");
        world.settle().await;
        assert_eq!(person.prove().await, 90);
        assert_eq!(person.moved("credit").await, (1, 90));
    }
    assert_eq!(person.told().await, told, "nobody is told twice");
    let log = world.get("/local/webhooks").await.ok();
    let answers = log["items"].as_array().unwrap();
    assert!(answers.len() > 200 && answers.iter().all(|attempt| attempt["status"] == 200), "each was answered with 200");
}

/// PAY-4: PayPal holds a sale back, then lets it go. The plan is there at once, the days with the money.
#[tokio::test]
async fn a_held_sale_credits_when_it_is_released() {
    let world = World::start().await;
    let person = world.customer().await;
    let subscription = person.checkout("Starter").await;
    world.control("paypal/hold-next-sale", json!({ "subscription_id": subscription })).await;
    person.approve(&subscription).await;
    assert_eq!(person.prove().await, 0, "the money is not there");
    assert_eq!(person.subscription().await["status"], "active");
    let end = end_of(&person).await;
    world.advance(days(2)).await;
    world.control("paypal/release", json!({ "subscription_id": subscription })).await;
    world.settle().await;
    assert_eq!(person.prove().await, 30);
    assert_eq!(person.moved("credit").await, (1, 30));
    assert!(end_of(&person).await.duration_since(end).abs() < days(3), "the period is the one that was paid for");
}

/// PAY-4, PLAN-2: PayPal bills again after ninety days, and again; each renewal credits and moves the end.
#[tokio::test]
async fn renewals_credit_again_and_move_the_end() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Growth").await;
    let mut end = end_of(&person).await;
    for renewal in 1..=3 {
        world.advance(days(91)).await;
        assert_eq!(person.prove().await, 90 * (renewal + 1));
        let next = end_of(&person).await;
        let moved = next.duration_since(end);
        assert!((moved - days(90)).abs() < SignedDuration::from_hours(24), "{moved:?}");
        end = next;
    }
    assert_eq!(person.all("/v1/payments").await.len(), 4);
    assert_eq!(person.subscription().await["status"], "active");
}

/// PAY-4: renewals were not heard of for months, then all are, the newest first. The plan ends when the last
/// paid period ends, as if each had been told in its time.
#[tokio::test]
async fn renewals_that_are_heard_backwards_move_the_end_as_far() {
    let world = World::start().await;
    let person = world.customer().await;
    let tap = Tap::on(&world).await;
    let (_, events) = buy_unheard(&person, &tap, "Starter").await;
    let bought = world.now().await;
    world.advance(days(61)).await;
    let mut sales: Vec<Caught> = tap.all().into_iter().filter(|caught| caught.kind() == "PAYMENT.SALE.COMPLETED").collect();
    assert_eq!(sales.len(), 3);
    sales.reverse();
    for sale in sales.iter().chain(&events) {
        sale.deliver(&world).await.with(200);
        world.settle().await;
    }
    assert_eq!(person.prove().await, 90);
    let lasts = end_of(&person).await.duration_since(bought);
    assert!((lasts - days(90)).abs() < days(1), "three times thirty days from the first: {lasts:?}");
    assert_eq!(person.plan().await["status"], "active");
}

/// PAY-4, PAY-5: somebody pays and cancels at PayPal at once, and the end is heard of before the payment.
/// In whatever order, the days are there and the plan holds for what was paid.
#[tokio::test]
async fn a_cancellation_that_overtakes_the_payment_takes_nothing_away() {
    let world = World::start().await;
    let tap = Tap::on(&world).await;
    for cancelled_first in [true, false] {
        let person = world.customer().await;
        let (subscription, mut events) = buy_unheard(&person, &tap, "Growth").await;
        world.control("paypal/cancel", json!({ "subscription_id": subscription })).await;
        world.settle().await;
        let all = tap.all();
        events.extend(all.into_iter().rfind(|caught| caught.kind() == "BILLING.SUBSCRIPTION.CANCELLED"));
        assert_eq!(events.len(), 4);
        if cancelled_first {
            events.reverse();
        }
        for event in &events {
            event.deliver(&world).await.with(200);
            world.settle().await;
        }
        assert_eq!(person.prove().await, 90);
        assert_eq!(person.subscription().await["status"], "canceled", "cancelled first: {cancelled_first}");
        let plan = person.plan().await;
        assert_eq!((&plan["name"], &plan["status"], &plan["renews"]), (&json!("Growth"), &json!("active"), &json!(false)), "{plan}");
        person.ask_for_channel("Shop").await.with(201);
        let lasts = end_of(&person).await.duration_since(world.now().await);
        assert!((lasts - days(90)).abs() < days(1), "cancelled first: {cancelled_first}: {lasts:?}");
    }
}

/// PAY-6: PayPal held a sale for two months and let it go, and that was never heard of. The nightly look goes
/// back far enough to find it under its old time.
#[tokio::test]
async fn a_sale_that_was_held_for_long_is_found_under_its_old_time() {
    let world = World::start().await;
    let person = world.customer().await;
    let subscription = person.checkout("Growth").await;
    world.control("paypal/hold-next-sale", json!({ "subscription_id": subscription })).await;
    person.approve(&subscription).await;
    world.faults(json!([{ "provider": "paypal", "kind": "drop_webhook", "rate": 1.0 }])).await;
    world.advance(days(60)).await;
    assert_eq!(person.prove().await, 0, "the money is not there");
    world.control("paypal/release", json!({ "subscription_id": subscription })).await;
    world.advance(days(3)).await;
    world.job("reconcile-paypal").await;
    assert_eq!(person.prove().await, 90);
    assert_eq!(person.moved("credit").await, (1, 90));
}

/// PAY-4: a renewal of another amount than was agreed waits for a person and credits nothing.
#[tokio::test]
async fn a_sale_of_another_amount_is_a_finding_and_no_credit() {
    let world = World::start().await;
    let (person, admin) = (world.customer().await, world.admin().await);
    let subscription = person.buy("Growth").await;
    let paypal_id = world.paypal(&subscription).await["subscription_id"].as_str().unwrap().to_owned();
    world.merchant().await.change_price(&paypal_id, "9.00").await;
    world.advance(days(91)).await;
    let sales = world.paypal(&subscription).await["sales"].clone();
    assert_eq!((&sales[1]["amount"], &sales[1]["state"]), (&json!("9.00"), &json!("completed")), "{sales}");
    assert_eq!(person.prove().await, 90);
    world.job("reconcile-paypal").await;
    assert_eq!(person.prove().await, 90);
    let findings = admin.findings("sale.amount_differs").await;
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0]["user_id"], person.id.as_str());
}

/// PAY-4: a payment for a subscription that is none of ours is shown to staff and credits nobody. It is looked at
/// again after an hour and then each day; what never finds its owner ends on the staff's list.
#[tokio::test]
async fn a_sale_of_a_stranger_is_a_finding() {
    let world = World::start().await;
    let (person, admin) = (world.customer().await, world.admin().await);
    let ours = person.buy("Starter").await;
    let paypal_id = world.paypal(&ours).await["subscription_id"].as_str().unwrap().to_owned();
    let merchant: Merchant = world.merchant().await;
    let stranger = merchant.subscribe_stranger(&merchant.plan_of(&paypal_id).await).await;
    world.control("paypal/approve", json!({ "subscription_id": stranger })).await;
    world.settle().await;
    assert!(admin.all("/v1/admin/findings").await.is_empty(), "it may only be ahead of us");
    world.sweep_for(3, minutes(3)).await;
    let findings = admin.findings("sale.unknown_subscription").await;
    assert_eq!((findings.len(), &findings[0]["user_id"]), (1, &json!(null)), "{findings:#?}");
    assert!(admin.findings("inbox.quarantined").await.is_empty(), "it is looked at again");
    world.sweep_for(7, days(1)).await;
    let given_up = admin.findings("inbox.quarantined").await;
    assert!(given_up.iter().any(|finding| finding["text"].as_str().unwrap().starts_with("PAYMENT.SALE.COMPLETED")), "{given_up:#?}");
    assert_eq!(person.prove().await, 30, "nobody else's days");
}

/// PAY-4: a sale overtakes us: PayPal's answer to the checkout was lost, the payer was quick, and PayPal
/// cannot say whose subscription it is. It is looked at again before anybody is alarmed.
#[tokio::test]
async fn a_sale_that_is_ahead_of_us_alarms_nobody() {
    let world = World::start().await;
    let (person, admin) = (world.customer().await, world.admin().await);
    let wish = json!({ "plan_id": world.plan("Starter").await, "payment_method": "paypal" });
    world.faults(json!([{ "provider": "paypal", "route": "POST /v1/billing/subscriptions", "kind": "lost_answer", "times": 1 }])).await;
    person.post("/v1/subscriptions", wish).await.refused(504, "provider_slow");
    world
        .faults(json!([
            { "provider": "paypal", "route": "POST /v1/billing/subscriptions", "kind": "status", "status": 503 },
            { "provider": "paypal", "route": "GET /v1/billing/subscriptions/{id}", "kind": "status", "status": 503 },
        ]))
        .await;
    person.approve(person.subscription().await["id"].as_str().unwrap()).await;
    world.sweep_for(3, minutes(3)).await;
    assert_eq!(person.prove().await, 0);
    assert!(admin.all("/v1/admin/findings").await.is_empty(), "it is ours, and PayPal will say so");
    world.calm().await;
    world.sweep_for(3, minutes(10)).await;
    assert_eq!(person.prove().await, 30);
    assert_eq!(person.subscription().await["status"], "active");
    assert!(admin.all("/v1/admin/findings").await.is_empty());
}

/// PAY-6: no webhook arrives at all; the nightly look at PayPal brings the days, for the first payment and
/// for a renewal, and once only.
#[tokio::test]
async fn lost_webhooks_are_healed_by_reconciliation() {
    let world = World::start().await;
    let person = world.customer().await;
    world.faults(json!([{ "provider": "paypal", "kind": "drop_webhook", "rate": 1.0 }])).await;
    let subscription = person.buy("Growth").await;
    assert_eq!(person.subscription().await["status"], "pending");
    assert_eq!(person.prove().await, 0);
    for _ in 0..2 {
        world.job("reconcile-paypal").await;
        assert_eq!(person.prove().await, 90);
    }
    assert_eq!(person.subscription().await["status"], "active");
    world.advance(days(91)).await;
    world.job("reconcile-paypal").await;
    assert_eq!(person.prove().await, 180);
    world.calm().await;
    world.control("paypal/resend", json!({ "subscription_id": subscription, "times": 2, "shuffle": true })).await;
    world.settle().await;
    assert_eq!(person.prove().await, 180);
    assert_eq!(person.moved("credit").await, (2, 180));
}

/// WHK-3: PayPal's API is down while its webhooks come. They are answered at once and worked on later.
#[tokio::test]
async fn webhooks_are_taken_while_paypal_cannot_be_asked() {
    let world = World::start().await;
    let person = world.customer().await;
    let checkout = person.checkout("Starter").await;
    let down = |route: &str| json!({ "provider": "paypal", "route": route, "kind": "status", "status": 503, "rate": 1.0 });
    world.faults(json!([down("GET /v1/payments/sale/{id}"), down("GET /v1/billing/subscriptions/{id}")])).await;
    person.approve(&checkout).await;
    let log = world.get("/local/webhooks").await.ok();
    let answers = log["items"].as_array().unwrap();
    assert!(!answers.is_empty() && answers.iter().all(|attempt| attempt["status"] == 200), "{answers:#?}");
    assert_eq!(person.prove().await, 0);
    world.sweep_for(2, seconds(40)).await;
    assert_eq!(person.prove().await, 0);
    world.calm().await;
    world.sweep_for(3, minutes(6)).await;
    assert_eq!(person.prove().await, 30);
    assert_eq!(person.subscription().await["status"], "active");
}

/// PAY-3: PayPal's answer to a new checkout is lost. The same request again is the same subscription.
#[tokio::test]
async fn a_checkout_whose_answer_was_lost_is_found_again() {
    let world = World::start().await;
    let person = world.customer().await;
    let plan_id = world.plan("Starter").await;
    world
        .faults(
            json!([{ "provider": "paypal", "route": "POST /v1/billing/subscriptions", "kind": "lost_answer", "rate": 1.0, "times": 1 }]),
        )
        .await;
    let wish = json!({ "plan_id": plan_id, "payment_method": "paypal" });
    person.post("/v1/subscriptions", wish.clone()).await.refused(504, "provider_slow");
    world.calm().await;
    world.sweep_for(2, minutes(3)).await;
    let subscription = person.subscription().await;
    assert!(subscription["approval_url"].is_string(), "{subscription}");
    let at_paypal = world.get("/local/paypal/subscriptions").await.ok();
    assert_eq!(at_paypal["subscriptions"].as_array().unwrap().len(), 1, "{at_paypal}");
    person.approve(subscription["id"].as_str().unwrap()).await;
    assert_eq!(person.prove().await, 30);
}

/// PAY-3: PayPal's answers to a new checkout are lost for days. PayPal forgets the request after 72 hours, so it is not
/// sent again for so long: the checkout ends, nobody has two subscriptions, and another one can be begun.
#[tokio::test]
async fn a_checkout_whose_answers_are_lost_for_days_is_not_opened_twice() {
    let world = World::start().await;
    let person = world.customer().await;
    world.faults(json!([{ "provider": "paypal", "route": "POST /v1/billing/subscriptions", "kind": "lost_answer", "rate": 1.0 }])).await;
    let wish = json!({ "plan_id": world.plan("Starter").await, "payment_method": "paypal" });
    person.post("/v1/subscriptions", wish).await.refused(504, "provider_slow");
    world.sweep_for(8, minutes(9 * 60)).await;
    world.calm().await;
    world.sweep_for(4, minutes(9 * 60)).await;
    assert!(person.subscription().await.is_null(), "{}", person.subscription().await);
    let at_paypal = world.get("/local/paypal/subscriptions").await.ok();
    assert_eq!(at_paypal["subscriptions"].as_array().unwrap().len(), 1, "{at_paypal}");
    person.buy("Starter").await;
    assert_eq!(person.prove().await, 30);
}
