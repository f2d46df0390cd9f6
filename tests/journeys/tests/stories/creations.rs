//! WHAPI lets twenty channels be made in half an hour; whoever comes later waits, knows for how long, and
//! is not kept waiting by somebody else's flood.

use futures::future::join_all;
use jiff::Timestamp;
use journeys::{Person, World, minutes};
use serde_json::json;

async fn add_many(person: &Person, many: usize) {
    let names: Vec<String> = (0..many).map(|number| format!("Shop {number}")).collect();
    for answer in join_all(names.iter().map(|name| person.ask_for_channel(name))).await {
        answer.with(201);
    }
    person.world().settle().await;
}

/// CH-2, OPS-8: the twenty-first channel waits with a place and a time, and is made when the window moves on.
#[tokio::test]
async fn the_twenty_first_channel_waits_its_turn() {
    let world = World::start().await;
    let (flood, other, third) = (world.customer().await, world.customer().await, world.customer().await);
    for person in [&flood, &other] {
        person.buy("Scale").await;
        add_many(person, 10).await;
    }
    third.buy("Starter").await;
    assert_eq!(flood.lines().await.len(), 20);
    let eleventh = flood.add_channel("Eleventh").await;
    let waiting = flood.channel(&eleventh).await;
    assert_eq!(
        (&waiting["status"], &waiting["provision"]["state"], &waiting["provision"]["place"]),
        (&json!("pending"), &json!("waiting"), &json!(1))
    );

    let shop = third.add_channel("Shop").await;
    let waiting = third.channel(&shop).await;
    assert_eq!(
        (&waiting["provision"]["state"], &waiting["provision"]["place"]),
        (&json!("waiting"), &json!(1)),
        "a flood keeps nobody else waiting"
    );
    let expected: Timestamp = waiting["provision"]["expected_at"].as_str().unwrap().parse().unwrap();
    let wait = expected.duration_since(world.now().await);
    assert!(wait > minutes(25) && wait <= minutes(30), "{wait:?}");
    third.extend(&shop, 1).await.refused(409, "channel_provisioning");
    third.get(&format!("/v1/channels/{shop}/qr")).await.refused(409, "channel_provisioning");
    let twelfth = flood.add_channel("Twelfth").await;
    flood.delete_channel(&twelfth).await;
    assert_eq!(flood.lines().await.len(), 20, "nothing was made beyond the limit");

    world.sweep_for(3, minutes(11)).await;
    assert_eq!(third.prove_channel(&shop).await, 30);
    assert_eq!(third.channel(&shop).await["status"], "active");
    assert_eq!(flood.prove_channel(&eleventh).await, 30);
    assert_eq!(flood.lines().await.len(), 22);
    for person in [&flood, &other, &third] {
        person.prove().await;
    }
}
