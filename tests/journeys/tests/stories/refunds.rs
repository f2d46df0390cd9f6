//! Money that goes back: what is unspent of that very sale is frozen, what is on a channel stays there.

use journeys::{Tap, World, minutes};
use serde_json::json;

/// PAY-5: a refund before anything was spent freezes all of it; told twice it freezes once.
#[tokio::test]
async fn a_refund_before_use_freezes_the_whole_sale() {
    let world = World::start().await;
    let (person, admin) = (world.customer().await, world.admin().await);
    let subscription = person.buy("Growth").await;
    for act in ["paypal/refund", "paypal/resend", "paypal/resend"] {
        world.control(act, json!({ "subscription_id": subscription, "times": 3, "shuffle": true })).await;
        world.settle().await;
        assert_eq!(person.prove().await, 0);
        assert_eq!(person.moved("freeze").await, (1, -90));
    }
    world.job("reconcile-paypal").await;
    assert_eq!(person.moved("freeze").await, (1, -90));
    let balance = person.get("/v1/balance").await.ok();
    assert_eq!(balance["days_frozen"], 90, "{balance}");
    assert!(person.was_told("A payment went back at PayPal. 90 days of it were not used and cannot be spent.").await);
    assert_eq!(admin.findings("sale.went_back").await.len(), 1);
    person.ask_for_channel("Shop").await.refused(402, "no_days");
}

/// PAY-5, CH-10, BAL-7: a reversal after use freezes what is left; the channel keeps its days, and those that
/// come back from it later are frozen again. Days of another sale stay free.
#[tokio::test]
async fn a_reversal_after_use_freezes_the_rest_and_what_comes_back() {
    let world = World::start().await;
    let person = world.customer().await;
    let subscription = person.buy("Growth").await;
    let shop = person.add_working_channel("Shop").await;
    assert_eq!(person.prove().await, 60);
    world.control("paypal/reverse", json!({ "subscription_id": subscription })).await;
    world.settle().await;
    assert_eq!(person.prove().await, 0);
    assert_eq!(person.moved("freeze").await, (1, -60));
    assert_eq!(person.channel(&shop).await["status"], "active", "days on a channel stay");

    person.buy("Starter").await;
    assert_eq!(person.prove().await, 30, "the days of another sale are free");
    person.delete_channel(&shop).await;
    assert_eq!(person.prove().await, 30, "what came back belongs to the sale that went back");
    assert_eq!(person.moved("return").await, (1, 29));
    assert_eq!(person.moved("freeze").await, (2, -89));
    let balance = person.get("/v1/balance").await.ok();
    assert_eq!(balance["days_frozen"], 89, "{balance}");
}

/// PAY-4, PAY-5: the refund overtakes the news of the sale. Nothing is credited, nothing is frozen.
#[tokio::test]
async fn a_sale_that_was_refunded_before_it_was_heard_of_credits_nothing() {
    let world = World::start().await;
    let person = world.customer().await;
    let tap = Tap::on(&world).await;
    let subscription = person.buy("Starter").await;
    world.control("paypal/refund", json!({ "subscription_id": subscription })).await;
    world.settle().await;
    let paypal_id = world.paypal(&subscription).await["subscription_id"].as_str().unwrap().to_owned();
    let mut caught = tap.about(&[&subscription, &paypal_id]);
    assert!(caught.iter().any(|event| event.kind() == "PAYMENT.SALE.COMPLETED"));
    caught.reverse();
    for event in &caught {
        event.deliver(&world).await.with(200);
    }
    world.settle().await;
    world.sweep_for(2, minutes(3)).await;
    world.job("reconcile-paypal").await;
    assert_eq!(person.prove().await, 0);
    assert!(person.ledger().await.is_empty());
}

/// PAY-5, BAL-3, BAL-7: the sale goes back while days of it are reserved for an extension that never reaches
/// WHAPI. When that comes to nothing, its days return to their sale and freeze with the rest.
#[tokio::test]
async fn days_that_a_failed_extension_gives_back_freeze_with_their_sale() {
    let world = World::start().await;
    let person = world.customer().await;
    let subscription = person.buy("Growth").await;
    let shop = person.add_working_channel("Shop").await;
    world.faults(json!([{ "provider": "whapi", "route": "POST /channels/{id}/extend", "kind": "lost_request", "rate": 1.0 }])).await;
    person.extend(&shop, 20).await.with(202);
    world.settle().await;
    world.control("paypal/refund", json!({ "subscription_id": subscription })).await;
    world.settle().await;
    assert_eq!(person.moved("freeze").await, (1, -40));
    person.buy("Starter").await;
    assert_eq!(person.prove().await, 30);
    world.sweep_for(8, minutes(2)).await;
    assert_eq!(person.prove_channel(&shop).await, 30);
    assert_eq!((person.moved("return").await, person.moved("freeze").await), ((1, 20), (2, -60)));
    assert_eq!(person.prove().await, 30, "the days of the other sale are as they were");
    assert_eq!(person.get("/v1/balance").await.ok()["days_frozen"], 60);
}

/// PAY-5: a part of a sale goes back: a person has to look, no day moves by itself.
#[tokio::test]
async fn a_partial_refund_waits_for_a_person() {
    let world = World::start().await;
    let (person, admin) = (world.customer().await, world.admin().await);
    let subscription = person.buy("Growth").await;
    world.control("paypal/refund", json!({ "subscription_id": subscription, "amount": "5.00" })).await;
    world.settle().await;
    assert_eq!(person.prove().await, 90);
    assert_eq!(admin.findings("sale.partially_refunded").await.len(), 1);
}
