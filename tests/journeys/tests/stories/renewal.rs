//! Channels live on by themselves while days last.

use jiff::Timestamp;
use journeys::{World, days, minutes};
use serde_json::json;

/// CH-4: a day before its end a channel is extended by thirty days; one whose renewal is off runs out.
#[tokio::test]
async fn a_channel_renews_a_day_before_its_end_unless_told_not_to() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Growth").await;
    let (shop, office) = (person.add_working_channel("Shop").await, person.add_working_channel("Office").await);
    person.patch(&format!("/v1/channels/{office}"), json!({ "auto_renew": false })).await.ok();
    let end = person.end_of_channel(&shop).await;
    let until = |end: Timestamp, now: Timestamp| end.duration_since(now);
    world.advance(until(end, world.now().await) - days(1) - minutes(10)).await;
    assert_eq!(person.prove_channel(&shop).await, 30, "not yet");
    world.sweep_for(2, minutes(10)).await;
    assert_eq!(person.prove_channel(&shop).await, 60);
    assert!((person.end_of_channel(&shop).await.duration_since(end) - days(30)).abs() < minutes(11));
    assert_eq!(person.prove().await, 0);
    let origin = person.extensions(&shop).await[0]["origin"].clone();
    assert_eq!(origin, "renewal");

    world.sweep_for(2, days(1)).await;
    assert_eq!(person.channel(&office).await["status"], "expired");
    assert!(person.was_told("“Office” has run out of days. Extend it to go on.").await);
    assert_eq!(person.prove_channel(&office).await, 30);
    assert_eq!(person.channel(&shop).await["status"], "active");
}

/// CH-4: what is left is given when it is less than thirty days; then the customer is told, the channel runs
/// out, and days that arrive soon after bring it back by themselves.
#[tokio::test]
async fn without_days_a_channel_runs_out_and_comes_back_with_them() {
    let world = World::start().await;
    let person = world.customer().await;
    let subscription = person.buy("Starter").await;
    person.post(&format!("/v1/subscriptions/{subscription}/cancel"), json!({})).await.ok();
    let shop = person.add_working_channel("Shop").await;
    assert_eq!(person.prove().await, 0);
    let end = person.end_of_channel(&shop).await;
    world.advance(end.duration_since(world.now().await) - days(1) + minutes(2)).await;
    world.job("sweep").await;
    assert!(person.was_told("“Shop” stops on").await, "{:?}", person.told().await);
    world.sweep_for(2, days(1)).await;
    assert_eq!(person.channel(&shop).await["status"], "expired");
    world.advance(days(10)).await;
    assert_eq!(person.channel(&shop).await["status"], "expired");
    person.buy("Starter").await;
    world.sweep_for(1, minutes(2)).await;
    assert_eq!(person.channel(&shop).await["status"], "active");
    assert_eq!(person.prove_channel(&shop).await, 60);
    assert_eq!(person.prove().await, 0);
    assert!((person.end_of_channel(&shop).await.duration_since(world.now().await) - days(30)).abs() < minutes(10));
}

/// CH-4: a channel that ended long ago waits for a click.
#[tokio::test]
async fn an_abandoned_channel_waits_for_a_click() {
    let world = World::start().await;
    let person = world.customer().await;
    let subscription = person.buy("Starter").await;
    person.post(&format!("/v1/subscriptions/{subscription}/cancel"), json!({})).await.ok();
    let shop = person.add_working_channel("Shop").await;
    world.sweep_for(3, days(30)).await;
    assert_eq!(person.channel(&shop).await["status"], "expired");
    person.buy("Starter").await;
    world.sweep_for(1, minutes(2)).await;
    assert_eq!((person.channel(&shop).await["status"].clone(), person.prove().await), (json!("expired"), 30));
    person.extend(&shop, 12).await.with(202);
    world.settle().await;
    assert_eq!(person.prove_channel(&shop).await, 42);
    assert_eq!(person.channel(&shop).await["status"], "active");
}

/// CH-4: renewal takes what is left, and goes on though the plan has ended.
#[tokio::test]
async fn a_renewal_takes_what_is_left_after_the_plan_has_ended() {
    let world = World::start().await;
    let person = world.customer().await;
    let subscription = person.buy("Starter").await;
    let shop = person.add_working_channel("Shop").await;
    person.buy("Growth").await;
    let growth = person.subscription().await["id"].as_str().unwrap().to_owned();
    assert_ne!(growth, subscription);
    person.post(&format!("/v1/subscriptions/{growth}/cancel"), json!({})).await.ok();
    person.extend(&shop, 70).await.with(202);
    world.settle().await;
    assert_eq!(person.prove().await, 20);
    world.sweep_for(10, days(11)).await;
    assert_eq!(person.plan().await["status"], "ended");
    assert_eq!(person.prove_channel(&shop).await, 120);
    assert_eq!(person.prove().await, 0);
}
