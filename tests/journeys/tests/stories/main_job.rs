//! The main job from sign-up to deletion, as one customer walks it.

use journeys::World;
use serde_json::json;

/// PAY-3, PAY-4, BAL-1, BAL-2, BAL-3, CH-2, CH-3, CH-4, CH-6, CH-8, CH-10, PAY-7.
#[tokio::test]
async fn a_customer_buys_days_links_a_phone_and_gets_unused_days_back() {
    let world = World::start().await;
    let sara = world.customer().await;
    sara.ask_for_channel("Shop").await.refused(402, "no_plan");
    assert_eq!(sara.prove().await, 0);

    let checkout = sara.checkout("Growth").await;
    assert_eq!(sara.subscription().await["status"], "pending", "PayPal has not said otherwise yet");
    assert_eq!(sara.prove().await, 0);
    sara.approve(&checkout).await;
    assert_eq!(sara.subscription().await["status"], "active");
    assert_eq!(sara.plan().await["name"], "Growth");
    assert_eq!(sara.prove().await, 90);
    let payments = sara.all("/v1/payments").await;
    assert_eq!(payments.len(), 1);
    let receipt = sara.get(&format!("/v1/payments/{}/receipt", payments[0]["id"].as_str().unwrap())).await.ok();
    assert_eq!(
        (&receipt["plan_name"], &receipt["days"], &receipt["price"]),
        (&json!("Growth"), &json!(90), &json!({ "amount": "13.500", "currency": "BHD" }))
    );

    let shop = sara.add_working_channel("Shop").await;
    assert_eq!(sara.prove().await, 60);
    assert_eq!(sara.prove_channel(&shop).await, 30);
    let (shown, line) = (sara.channel(&shop).await, sara.line(&shop).await);
    assert_eq!((&shown["channel_ref"], &shown["provider_status"]), (&json!(line.id), &json!("active")), "{shown}");
    sara.link(&shop).await;
    let linked = sara.channel(&shop).await;
    assert_eq!((&linked["badge"], &linked["auth_status"], &linked["stopped"]), (&json!("authorized"), &json!("authorized"), &json!(false)));
    assert!(linked["whatsapp_number"].as_str().is_some_and(|number| number.starts_with('+')), "{linked}");
    assert!(sara.was_told("Channel connected successfully and now active.").await);

    sara.delete_channel(&shop).await;
    assert_eq!(sara.prove().await, 89, "the day that has begun is gone");
    assert!(sara.was_told("Channel deleted successfully. Unused days have been credited back to your balance.").await);
    assert!(sara.lines().await.is_empty());
}
