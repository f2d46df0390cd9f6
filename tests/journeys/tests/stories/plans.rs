//! The shop window, what a payment buys, and that PayPal bills in the same number of days.

use jiff::Timestamp;
use journeys::{Person, World, days, minutes};
use reqwest::Method;
use serde_json::{Value, json};

/// What can be bought, and the days of one payment.
const PERIODS: [(&str, &str, i64); 4] =
    [("Starter", "monthly", 30), ("Growth", "quarterly", 90), ("Business", "semiannual", 180), ("Scale", "yearly", 365)];

/// PLAN-1, PLAN-2, PLAN-4: everybody sees names, prices, periods in days, limits (null is none), and the
/// text of the button.
#[tokio::test]
async fn the_shop_window_says_what_is_sold_and_for_how_long() {
    let world = World::start().await;
    let plans = world.get("/v1/plans").await.ok()["items"].as_array().unwrap().clone();
    let find = |name: &str| plans.iter().find(|plan| plan["name"] == name).unwrap_or_else(|| panic!("no {name}"));
    for (name, period, count) in PERIODS {
        let plan = find(name);
        assert_eq!((&plan["billing_period"], &plan["days"]), (&json!(period), &json!(count)), "{plan}");
        assert_eq!((&plan["request_type"], &plan["action_label"]), (&json!("paid"), &json!("Subscribe")), "{plan}");
        assert_eq!((&plan["price"]["currency"], &plan["charged"]["currency"]), (&json!("BHD"), &json!("USD")), "{plan}");
        assert!(plan["features"].is_array() && plan["is_active"] == true, "{plan}");
        assert_eq!(&world.get(&format!("/v1/plans/{}", plan["id"].as_str().unwrap())).await.ok(), plan);
    }
    let scale = find("Scale");
    assert_eq!((&scale["price"]["amount"], &scale["charged"]["amount"]), (&json!("45.000"), &json!("119.90")));
    let limits = |plan: &Value| ["channels_limit", "daily_messages_limit", "bulk_messages_limit"].map(|limit| plan[limit].clone());
    assert_eq!(limits(scale), [json!(25), json!(5_000), Value::Null]);
    assert_eq!(limits(find("Enterprise")), [Value::Null, Value::Null, Value::Null]);
    for (name, kind, label) in [("Enterprise", "request_quote", "Request Quote"), ("Guided", "book_demo", "Book Demo")] {
        let plan = find(name);
        assert_eq!((&plan["request_type"], &plan["action_label"], &plan["charged"]), (&json!(kind), &json!(label), &Value::Null));
    }
}

async fn at_paypal(person: &Person, subscription: &str) -> Value {
    let world = person.world();
    let paypal_id = world.paypal(subscription).await["subscription_id"].as_str().unwrap().to_owned();
    let merchant = world.merchant().await;
    let plan = merchant.plan_of(&paypal_id).await;
    merchant.call(Method::GET, &format!("/v1/billing/plans/{plan}"), None).await.ok()
}

/// PLAN-2, PAY-1: what PayPal was told of each plan: one cycle of so many days without end, nothing that is
/// outstanding is billed along; and what the buyer's subscription says.
#[tokio::test]
async fn paypal_is_told_the_days_that_a_payment_gives() {
    let world = World::start().await;
    for (name, _, count) in PERIODS {
        let person = world.customer().await;
        let id = person.buy(name).await;
        assert_eq!(person.prove().await, count);
        let subscription = person.subscription().await;
        let plan = at_paypal(&person, &id).await;
        let cycles = plan["billing_cycles"].as_array().unwrap();
        assert_eq!((cycles.len(), &cycles[0]["total_cycles"], &cycles[0]["tenure_type"]), (1, &json!(0), &json!("REGULAR")), "{plan}");
        assert_eq!(cycles[0]["frequency"], json!({ "interval_unit": "DAY", "interval_count": count }), "{name}");
        assert_eq!(plan["payment_preferences"]["auto_bill_outstanding"], false, "{plan}");
        let price = &cycles[0]["pricing_scheme"]["fixed_price"];
        let value: f64 = price["value"].as_str().and_then(|value| value.parse().ok()).unwrap();
        assert_eq!(format!("{value:.2}"), subscription["charged"]["amount"].as_str().unwrap(), "{price}");

        assert_eq!(
            (
                &subscription["id"],
                &subscription["plan_id"],
                &subscription["status"],
                &subscription["payment_method"],
                &subscription["days"]
            ),
            (&json!(id), &json!(world.plan(name).await), &json!("active"), &json!("paypal"), &json!(count))
        );
        let time = |name: &str| {
            subscription[name].as_str().and_then(|at| at.parse::<Timestamp>().ok()).unwrap_or_else(|| panic!("{name}: {subscription}"))
        };
        assert_eq!(time("end_at").duration_since(time("start_at")), days(count));
        assert!(time("created_at") <= time("updated_at"), "{subscription}");
        let offline = ["offline_reference", "approved_by", "approved_at"].map(|member| subscription[member].clone());
        assert_eq!(offline, [Value::Null, Value::Null, Value::Null]);
    }
}

/// PLAN-2, PAY-4: a year passes: twelve payments of thirty days are 360 days and not a gap each long month.
/// Nothing is billed a day too early, and each sale credits its own period.
#[tokio::test]
async fn a_year_of_payments_has_no_gap() {
    let world = World::start().await;
    let mut buyers = Vec::new();
    for (name, _, count) in PERIODS {
        let person = world.customer().await;
        person.buy(name).await;
        buyers.push((person, name, count));
    }
    let began = world.now().await;
    for due in [30, 90, 180, 360] {
        for day in [due - 1, due + 1] {
            world.advance((began + days(day)).duration_since(world.now().await)).await;
            for (person, name, count) in &buyers {
                let paid = day / count + 1;
                assert_eq!(person.moved("credit").await, (usize::try_from(paid).unwrap(), paid * count), "{name} on day {day}");
                assert_eq!(person.plan().await["status"], "active", "{name} on day {day}");
            }
        }
    }
    for (person, name, count) in &buyers {
        person.prove().await;
        let end: Timestamp = person.subscription().await["end_at"].as_str().unwrap().parse().unwrap();
        let paid = i64::try_from(person.all("/v1/payments").await.len()).unwrap();
        let beyond = end.duration_since(began + days(paid * count));
        assert!(beyond.abs() < days(1), "{name}: paid for {} days, ends {beyond:?} away from that", paid * count);
    }
}

/// PAY-7: every payment has a receipt with its number, date, plan, amount and days; the newest comes first.
#[tokio::test]
async fn every_payment_has_a_receipt() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Starter").await;
    world.advance(days(31)).await;
    person.buy("Growth").await;
    let payments = person.all("/v1/payments").await;
    let told: Vec<_> = payments.iter().map(|payment| (payment["plan_name"].as_str().unwrap(), payment["days"].as_i64().unwrap())).collect();
    assert_eq!(told, [("Growth", 90), ("Starter", 30), ("Starter", 30)]);
    let mut numbers = std::collections::HashSet::new();
    for payment in &payments {
        let receipt = person.get(&format!("/v1/payments/{}/receipt", payment["id"].as_str().unwrap())).await.ok();
        assert_eq!(&receipt, payment);
        assert!(numbers.insert(receipt["number"].as_str().unwrap().to_owned()), "two receipts of one number: {payments:#?}");
        let paid: Timestamp = receipt["paid_at"].as_str().unwrap().parse().unwrap();
        assert!(paid <= world.now().await && paid > world.now().await - days(32), "{receipt}");
        assert_eq!((&receipt["amount"]["currency"], &receipt["method"]), (&json!("USD"), &json!("paypal")));
        assert!(receipt["reference"].as_str().is_some_and(|reference| !reference.is_empty()), "{receipt}");
    }
    assert_eq!(payments[0]["amount"], json!({ "amount": "36.00", "currency": "USD" }));
    assert_eq!(payments[1]["price"], json!({ "amount": "5.000", "currency": "BHD" }));
    let lasts = world.now().await.duration_since(payments[0]["paid_at"].as_str().unwrap().parse().unwrap());
    assert!(lasts < minutes(5), "{lasts:?}");
}
