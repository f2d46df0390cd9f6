//! Whoever runs out of days hears of it in time, and not too often.

use journeys::{Person, World, days};

/// What somebody was told of a low balance.
async fn reminders(person: &Person) -> Vec<String> {
    let mut notes = person.all("/v1/notifications").await;
    notes.retain(|note| note["kind"] == "balance.low");
    notes.reverse();
    notes.iter().map(|note| note["text"].as_str().unwrap().to_owned()).collect()
}

/// BAL-5: at seven, three and one day of cover, each once, naming the channel that stops; whoever has days
/// in the balance, or has switched renewal off, is left in peace.
#[tokio::test]
async fn a_low_balance_is_announced_at_seven_three_and_one_day() {
    let world = World::start().await;
    let (person, rich) = (world.customer().await, world.customer().await);
    let subscription = person.buy("Starter").await;
    person.post(&format!("/v1/subscriptions/{subscription}/cancel"), serde_json::json!({})).await.ok();
    person.add_working_channel("Shop").await;
    rich.buy("Growth").await;
    rich.add_working_channel("Office").await;
    assert_eq!((person.prove().await, rich.prove().await), (0, 60));
    world.advance(days(27)).await;
    assert!(reminders(&person).await.is_empty(), "eight days of cover: {:?}", reminders(&person).await);
    for (passes, told) in [(1, 1), (1, 1), (3, 2), (1, 2), (1, 3)] {
        world.advance(days(passes)).await;
        world.job("reminders").await;
        world.job("reminders").await;
        assert_eq!(reminders(&person).await.len(), told, "{:?}", reminders(&person).await);
    }
    for (reminder, cover) in reminders(&person).await.iter().zip([
        "7 days of cover left. Shop stops on ",
        "3 days of cover left. Shop stops on ",
        "1 day of cover left. Shop stops on ",
    ]) {
        assert!(reminder.starts_with(cover) && reminder.ends_with(" unless you buy days."), "{reminder}");
    }
    assert!(reminders(&rich).await.is_empty());
}
