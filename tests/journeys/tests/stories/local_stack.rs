//! The local stack as a whole: pointed at somebody else's providers and stores, and set back.

use journeys::{World, days, seconds};
use sandbox::mail::Outbox;
use sandbox::{Clock, Saved};
use serde_json::json;
use stack::StackConfig;
use stack::aws::{Aws, AwsConfig};

/// How often somebody else's clock is moved until a channel of ours is ready there.
const MOST_LOOKS: usize = 30;

/// OPS-1: a reset brings back the machine's time too, and PayPal's webhooks are believed again.
#[tokio::test]
async fn after_a_reset_everything_works_as_at_first() {
    let world = World::start().await;
    world.advance(days(800)).await;
    let person = world.customer().await;
    person.buy("Starter").await;
    assert_eq!(person.remaining().await, 30);
    world.reset().await;
    let person = world.customer().await;
    person.buy("Starter").await;
    assert_eq!(person.prove().await, 30);
}

/// OPS-2: with the addresses of other providers the stack starts, says what is missing, and works once their keys
/// are in the platform's secret.
#[tokio::test]
async fn other_providers_take_the_place_of_the_sandboxes() {
    let theirs = World::start().await;
    let endpoints = theirs.endpoints().await;
    let text = |name: &str| endpoints[name].as_str().unwrap().to_owned();
    let ours = World::with_parameters(&[
        ("PaypalUrl", text("paypal")),
        ("PaypalWebhookId", text("paypal_webhook_id")),
        ("PaypalWebhookRoots", text("paypal_webhook_ca")),
        ("PaypalCertHosts", text("paypal").trim_start_matches("http://").to_owned()),
        ("WhapiManagerUrl", text("whapi_manager")),
        ("WhapiGateUrl", text("whapi_gate")),
    ])
    .await;
    let (person, wish) = (ours.customer().await, json!({ "plan_id": ours.plan("Growth").await, "payment_method": "paypal" }));
    let refused = person.post("/v1/subscriptions", wish).await.refused(503, "integration_not_configured");
    assert!(refused["detail"].as_str().unwrap().contains("PayPal"), "{refused}");
    assert!(person.subscription().await.is_null());

    for name in ["paypal_client_id", "paypal_client_secret", "whapi_partner_token"] {
        ours.replace_platform_secret(name, &text(name)).await;
    }
    theirs.merchant().await.redirect_webhooks(&format!("{}/v1/webhooks/paypal", ours.url())).await;
    ours.advance(seconds(61)).await;
    let (first, second) = tokio::join!(person.checkout("Growth"), ours.customer());
    let again = second.checkout("Growth").await;
    assert_eq!(theirs.paypal(&first).await["plan_id"], theirs.paypal(&again).await["plan_id"], "the plan was made there once");
    theirs.control("paypal/approve", json!({ "subscription_id": first })).await;
    theirs.settle().await;
    ours.settle().await;
    assert_eq!(person.prove().await, 90);

    let shop = person.add_channel("Shop").await;
    for _ in 0..MOST_LOOKS {
        if person.channel(&shop).await["status"] == "active" {
            break;
        }
        theirs.advance(seconds(10)).await;
        ours.sweep_for(1, seconds(10)).await;
    }
    assert_eq!(person.channel(&shop).await["status"], "active");
    let account = theirs.whapi().await;
    let lines = account["channels"].as_array().unwrap();
    assert!(lines.len() == 1 && lines[0]["name"].as_str().unwrap().ends_with(&shop), "{account}");
    assert!(ours.whapi().await["channels"].as_array().unwrap().is_empty(), "our own sandbox was not asked");
}

/// OPS-1: the embedded stores are like any other AWS: the product runs on those of somebody else.
#[tokio::test]
async fn another_aws_takes_the_place_of_the_embedded_stores() {
    let mail = Outbox::new(Saved::memory());
    let aws = Aws::start(AwsConfig { data_dir: None, clock: Clock::new(), mail, port: 0 }).await.unwrap();
    let world = World::of(StackConfig { aws_endpoint_url: Some(aws.url().to_owned()), ..StackConfig::default() }).await;
    assert_eq!(world.endpoints().await["aws"], aws.url());
    let person = world.customer().await;
    person.buy("Growth").await;
    let shop = person.add_channel("Shop").await;
    assert_eq!(person.prove().await, 60);
    person.delete_channel(&shop).await;
    world.try_control("reset", json!({})).await.with(409);
}
