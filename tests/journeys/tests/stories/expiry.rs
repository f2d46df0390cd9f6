//! When a plan ends: by PayPal's word and after a grace, never by our clock alone.

use journeys::{World, days};
use serde_json::json;

/// PAY-5, PAY-8: payments fail. Past its end the plan holds while PayPal tries again, ten days long; when
/// PayPal has given up and the grace is over, it ends, and the days stay.
#[tokio::test]
async fn a_plan_holds_in_its_grace_and_ends_when_paypal_has_given_up() {
    let world = World::start().await;
    let person = world.customer().await;
    let subscription = person.buy("Growth").await;
    world.advance(days(89)).await;
    world.control("paypal/fail-payment", json!({ "subscription_id": subscription })).await;
    world.settle().await;
    world.sweep_for(2, days(2)).await;
    assert_eq!(person.plan().await["status"], "active", "three days past its end");
    person.ask_for_channel("In the grace").await.with(201);
    world.sweep_for(6, days(1)).await;
    assert_eq!(world.paypal(&subscription).await["status"], "SUSPENDED", "PayPal has given up");
    assert_eq!((person.plan().await["status"].clone(), person.subscription().await["status"].clone()), (json!("active"), json!("active")));
    person.ask_for_channel("On its last day").await.with(201);

    world.sweep_for(3, days(1)).await;
    assert_eq!((person.plan().await["status"].clone(), person.subscription().await["status"].clone()), (json!("ended"), json!("expired")));
    assert!(person.was_told("Your Growth plan has ended.").await, "{:?}", person.told().await);
    assert_eq!(world.paypal(&subscription).await["status"], "CANCELLED", "nobody can wake it up at PayPal and be charged for nothing");
    person.ask_for_channel("Too late").await.refused(402, "no_plan");
    assert_eq!(person.prove().await, 30, "what was bought stays");
    assert_eq!(person.moved("credit").await, (1, 90));
}

/// PAY-4, PAY-6: PayPal has renewed and nobody could tell us, nor could we ask. The plan holds meanwhile;
/// once PayPal answers, its days are there.
#[tokio::test]
async fn a_renewal_that_we_cannot_hear_of_costs_nobody_the_plan() {
    let world = World::start().await;
    let person = world.customer().await;
    let subscription = person.buy("Growth").await;
    world.advance(days(89)).await;
    world
        .faults(json!([
            { "provider": "paypal", "kind": "drop_webhook", "rate": 1.0 },
            { "provider": "paypal", "kind": "status", "status": 503, "rate": 1.0 },
        ]))
        .await;
    world.sweep_for(7, days(1)).await;
    assert_eq!(world.paypal(&subscription).await["sales"].as_array().unwrap().len(), 2, "PayPal has taken the money");
    assert_eq!((person.prove().await, person.plan().await["status"].clone()), (90, json!("active")));
    person.ask_for_channel("Meanwhile").await.with(201);
    world.advance(days(5)).await;
    assert_eq!(person.subscription().await["status"], "active", "our clock alone ends nothing");
    world.calm().await;
    world.job("reconcile-paypal").await;
    assert_eq!(person.moved("credit").await, (2, 180));
    assert_eq!(person.plan().await["status"], "active");
    person.prove().await;
}
