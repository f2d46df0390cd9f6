//! The process dies in the middle of things. What was taken on is gone on with.

use journeys::{World, minutes, seconds};
use serde_json::json;

/// How often three minutes pass until everything must be done.
const MOST_LOOKS: usize = 12;

/// OPS-1, BAL-3, WHK-3: jobs are queued, an extension is unknown, a channel is being made, PayPal's events
/// are taken and not worked on; after the crash everything is done, once.
#[tokio::test]
async fn work_goes_on_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::kept(folder.path()).await;
    let (person, other) = (world.customer().await, world.customer().await);
    person.buy("Scale").await;
    let shop = person.add_working_channel("Shop").await;
    let checkout = other.checkout("Starter").await;
    world
        .faults(json!([
            { "provider": "whapi", "route": "POST /channels/{id}/extend", "kind": "lost_answer", "rate": 1.0, "times": 1 },
            { "provider": "whapi", "route": "GET /channels/{id}", "kind": "slow", "delay_ms": 1_500, "rate": 1.0 },
            { "provider": "paypal", "route": "GET /v1/payments/sale/{id}", "kind": "status", "status": 503, "rate": 1.0 },
        ]))
        .await;
    other.approve(&checkout).await;
    person.extend(&shop, 9).await.with(202);
    let added = person.ask_for_channel("Added").await.with(201)["channel"]["id"].as_str().unwrap().to_owned();
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    let before = person.prove().await;
    world.crash_and_restart().await;
    assert_eq!(person.prove().await, before, "what was taken is still taken");
    assert_eq!(other.prove().await, 0);
    world.sweep_for(2, seconds(30)).await;
    // Where the crash cut a call to WHAPI short, it is read back for two minutes first and then asked for again.
    for _ in 0..MOST_LOOKS {
        world.sweep_for(1, minutes(3)).await;
        if (person.posted(&shop).await, person.posted(&added).await, other.remaining().await) == (39, 30, 30) {
            break;
        }
    }
    assert_eq!(person.prove_channel(&shop).await, 39);
    assert_eq!(person.prove_channel(&added).await, 30);
    assert_eq!(person.prove().await, 365 - 69);
    assert_eq!(other.prove().await, 30);
    assert_eq!(person.lines().await.len(), 2);
    assert!(world.admin().await.all("/v1/admin/findings").await.is_empty());
}
