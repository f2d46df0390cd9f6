//! One live subscription at a time: changing the plan, and two checkouts that are both approved.

use journeys::{World, days};
use serde_json::json;

/// PLAN-6: a larger plan takes the place of a smaller one: active first, then the old one is cancelled at
/// PayPal; days stay, the new limits hold at once.
#[tokio::test]
async fn a_larger_plan_replaces_the_old_one_and_days_stay() {
    let world = World::start().await;
    let person = world.customer().await;
    let starter = person.buy("Starter").await;
    let shop = person.add_working_channel("Shop").await;
    person.ask_for_channel("Second").await.refused(409, "channel_limit_reached");
    let growth = person.checkout("Growth").await;
    assert_eq!(person.subscription().await["replaces"], starter.as_str());
    assert_eq!(world.paypal(&starter).await["status"], "ACTIVE", "the old one runs until the new one is paid");
    person.approve(&growth).await;
    assert_eq!(person.plan().await["name"], "Growth");
    assert_eq!(world.paypal(&starter).await["status"], "CANCELLED");
    assert_eq!(world.paypal(&growth).await["status"], "ACTIVE");
    assert_eq!(person.prove().await, 90);
    assert_eq!(person.prove_channel(&shop).await, 30);
    person.add_working_channel("Second").await;
}

/// PLAN-6: a smaller plan cuts nothing off; nothing new can be added, and the days stay.
#[tokio::test]
async fn a_smaller_plan_cuts_no_channel_off() {
    let world = World::start().await;
    let person = world.customer().await;
    let growth = person.buy("Growth").await;
    let (shop, office) = (person.add_working_channel("Shop").await, person.add_working_channel("Office").await);
    person.buy("Starter").await;
    assert_eq!(person.plan().await["name"], "Starter");
    assert_eq!(world.paypal(&growth).await["status"], "CANCELLED");
    assert_eq!(person.prove().await, 60);
    for channel in [&shop, &office] {
        assert_eq!(person.channel(channel).await["status"], "active");
        person.extend(channel, 5).await.with(202);
    }
    world.settle().await;
    let limits = person.get("/v1/me").await.ok()["limits"]["channels"].clone();
    assert_eq!((&limits["used"], &limits["limit"]), (&json!(2), &json!(1)));
    let refused = person.ask_for_channel("Third").await.refused(409, "channel_limit_reached");
    assert!(refused["detail"].as_str().unwrap().starts_with("Channel limit reached for your plan."));
    assert_eq!(person.prove().await, 50);
}

/// PLAN-6: with a smaller plan the youngest channels are not renewed by themselves and get no days that
/// arrive; the customer is told which, and may still extend them by hand.
#[tokio::test]
async fn channels_beyond_a_smaller_plan_are_not_renewed_by_themselves() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Growth").await;
    let (shop, office) = (person.add_working_channel("Shop").await, person.add_working_channel("Office").await);
    person.buy("Starter").await;
    let beyond = "Your Starter plan has fewer channels than you use. These go on but will not renew by themselves: “Office”.";
    assert!(person.was_told(beyond).await, "{:?}", person.told().await);
    assert_eq!(person.prove().await, 60);
    world.advance(days(35)).await;
    world.sweep_for(2, days(1)).await;
    assert_eq!(person.prove_channel(&shop).await, 60, "the oldest renews");
    assert_eq!(person.prove_channel(&office).await, 30, "the youngest does not");
    assert_eq!(
        (person.channel(&shop).await["status"].clone(), person.channel(&office).await["status"].clone()),
        (json!("active"), json!("expired"))
    );
    assert!(person.was_told("“Office” is beyond the channels of your plan and was not renewed.").await, "{:?}", person.told().await);
    assert_eq!(person.prove().await, 60, "PayPal's next payment arrived and stayed in the balance");
    person.extend(&office, 10).await.with(202);
    world.settle().await;
    assert_eq!(person.prove_channel(&office).await, 40);
    assert_eq!(person.channel(&office).await["status"], "active");
}

/// PLAN-6, PAY-4: two checkouts, both approved, in either order: the later one has the plan, the money of
/// both gives days, and only one goes on at PayPal.
#[tokio::test]
async fn of_two_approved_checkouts_the_later_one_wins_and_both_credit() {
    let world = World::start().await;
    for later_first in [true, false] {
        let person = world.customer().await;
        let (first, second) = (person.checkout("Starter").await, person.checkout("Growth").await);
        let order = if later_first { [&second, &first] } else { [&first, &second] };
        for checkout in order {
            person.approve(checkout).await;
            person.prove().await;
        }
        assert_eq!(person.plan().await["name"], "Growth", "the later one first: {later_first}");
        assert_eq!(person.prove().await, 120);
        assert_eq!(person.moved("credit").await, (2, 120));
        assert_eq!(world.paypal(&second).await["status"], "ACTIVE");
        assert_eq!(world.paypal(&first).await["status"], "CANCELLED", "later first: {later_first}");
        assert_eq!(person.subscription().await["id"], second.as_str());
    }
}
