//! Whether the business has the days at WHAPI that its customers can still spend (BAL-8).

use journeys::{World, days};
use serde_json::{Value, json};

async fn solvency(world: &World) -> Value {
    world.admin().await.get("/v1/admin/status").await.ok()["solvency"].clone()
}

/// Whatever days do, the figure of what is owed follows: bought, on their way, on a channel, back again.
#[tokio::test]
async fn what_is_owed_follows_the_days_of_everybody() {
    let world = World::start().await;
    let (first, second) = (world.customer().await, world.customer().await);
    let before = solvency(&world).await;
    assert_eq!(before["owed_days"], 0, "{before}");
    first.buy("Growth").await;
    second.buy("Starter").await;
    let bought = solvency(&world).await;
    assert_eq!(bought["owed_days"], 120, "{bought}");
    let figure = |reading: &Value, name: &str| reading[name].as_i64().expect("a number");
    assert_eq!(figure(&bought, "margin"), figure(&bought, "partner_days") - 120);

    world.faults(json!([{ "provider": "whapi", "route": "POST /channels/{id}/extend", "kind": "lost_request", "times": 1 }])).await;
    first.ask_for_channel("Shop").await.with(201);
    world.settle().await;
    assert_eq!(first.remaining().await, 60);
    assert_eq!(first.get("/v1/balance").await.ok()["days_reserved"], 30);
    assert_eq!(solvency(&world).await["owed_days"], 120, "what is on its way is still owed");
}

/// Days that reach a channel are owed no more; days that come back from one are.
#[tokio::test]
async fn days_on_a_channel_are_not_owed() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Growth").await;
    let shop = person.add_working_channel("Shop").await;
    assert_eq!(person.get("/v1/balance").await.ok()["days_reserved"], 0);
    assert_eq!(solvency(&world).await["owed_days"], 60);
    person.delete_channel(&shop).await;
    assert_eq!(solvency(&world).await["owed_days"], 89);
    world.job("audit-ledger").await;
    assert_eq!(solvency(&world).await["owed_days"], 89, "the nightly audit finds the same");
}

/// Below the margin staff are told; below zero new sales pause with a clear message, and what was paid is
/// credited all the same. Days bought at WHAPI end it.
#[tokio::test]
async fn below_zero_new_sales_pause_and_renewals_do_not() {
    let world = World::start().await;
    let (person, admin) = (world.customer().await, world.admin().await);
    let subscription = person.buy("Growth").await;
    let banners = async || {
        let status = admin.get("/v1/admin/status").await.ok();
        let codes = status["banners"].as_array().expect("banners").iter().map(|banner| banner["code"].as_str().unwrap().to_owned());
        codes.collect::<Vec<_>>()
    };
    assert!(banners().await.is_empty());
    world.control("whapi/low-balance", json!({ "days": 200 })).await;
    world.settle().await;
    world.job("solvency").await;
    assert_eq!(banners().await, ["solvency_low"]);
    assert_eq!(admin.findings("solvency.low").await.len(), 1);

    world.control("whapi/low-balance", json!({ "days": 50 })).await;
    world.settle().await;
    world.job("solvency").await;
    assert_eq!(banners().await, ["sales_paused"]);
    let other = world.customer().await;
    let plan = world.plan("Starter").await;
    let refused = other.post("/v1/subscriptions", json!({ "plan_id": plan, "payment_method": "paypal" })).await;
    refused.refused(503, "sales_paused");
    world.control("paypal/renew", json!({ "subscription_id": subscription })).await;
    world.settle().await;
    assert_eq!(person.prove().await, 180, "a renewal that was paid is credited");

    world.control("whapi/balance", json!({ "days": 5_000 })).await;
    world.job("solvency").await;
    assert!(banners().await.is_empty());
    other.buy("Starter").await;
    let readings = admin.all("/v1/admin/solvency").await;
    let margins: Vec<_> = readings.iter().rev().filter_map(|reading| reading["margin"].as_i64()).collect();
    assert_eq!(margins, [110, -40, 4_820], "{readings:#?}");
}

/// A balance that WHAPI does not tell is unknown, which is not zero: nothing pauses.
#[tokio::test]
async fn an_unknown_balance_pauses_nothing() {
    let world = World::start().await;
    world.faults(json!([{ "provider": "whapi", "route": "GET /partners", "kind": "status", "status": 500 }])).await;
    world.job("solvency").await;
    let reading = solvency(&world).await;
    assert_eq!((&reading["partner_days"], &reading["margin"]), (&Value::Null, &Value::Null), "{reading}");
    world.customer().await.buy("Growth").await;
}

/// Day by day the last reading counts, newest first; days without one are left out.
#[tokio::test]
async fn the_history_of_days_tells_the_last_reading_of_each() {
    let world = World::start().await;
    let admin = world.admin().await;
    for (moved, held) in [(0, [900, 800]), (1, [700, 600]), (3, [500, 400])] {
        world.move_clock(days(moved)).await;
        for held in held {
            world.control("whapi/balance", json!({ "days": held })).await;
            world.job("solvency").await;
        }
    }
    let day = |reading: &Value| reading["at"].as_str().expect("a time")[..10].to_owned();
    let mut expected = admin.all("/v1/admin/solvency").await;
    expected.dedup_by_key(|reading| day(reading));
    let told = admin.all("/v1/admin/solvency/days").await;
    assert_eq!(told, expected);
    assert!(told.len() >= 3 && told[0]["partner_days"] == 400, "{told:#?}");
}
