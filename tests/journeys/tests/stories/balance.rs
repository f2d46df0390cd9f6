//! Days are never lost, never doubled, never below zero.

use futures::StreamExt as _;
use journeys::{World, days, seconds};
use serde_json::json;

/// How many requests are under way at once.
const AT_ONCE: usize = 40;
/// Sweeps until a long queue of extensions must be worked off.
const MOST_SWEEPS: usize = 60;

/// BAL-1, BAL-3, CH-5: five hundred requests for one day at once on a balance of a hundred: exactly a hundred
/// are taken, four hundred are told why not, and WHAPI puts exactly those on the channel.
#[tokio::test]
async fn five_hundred_spends_on_a_hundred_days() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Business").await;
    let shop = person.add_working_channel("Shop").await;
    person.extend(&shop, 50).await.with(202);
    world.settle().await;
    assert_eq!(person.prove().await, 100);
    let spends = futures::stream::iter(0..500).map(|_| person.extend(&shop, 1)).buffer_unordered(AT_ONCE);
    let answers: Vec<_> = spends.collect().await;
    let taken = answers.iter().filter(|answer| answer.status == 202).count();
    for refused in answers.into_iter().filter(|answer| answer.status != 202) {
        refused.refused(402, "no_days");
    }
    assert_eq!(taken, 100);
    assert_eq!(person.prove().await, 0);
    for _ in 0..MOST_SWEEPS {
        world.settle().await;
        if person.posted(&shop).await == 180 {
            break;
        }
        world.advance(seconds(6)).await;
        world.job("sweep").await;
    }
    assert_eq!(person.prove_channel(&shop).await, 180);
    assert_eq!(person.prove().await, 0);
    world.job("audit-ledger").await;
    assert!(world.admin().await.findings("ledger.mismatch").await.is_empty());
}

/// BAL-4: an empty balance blocks adding a channel; a channel with days of its own can still be linked, one
/// without cannot.
#[tokio::test]
async fn an_empty_balance_blocks_what_would_cost_days() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Growth").await;
    let mut shops = Vec::new();
    for name in ["One", "Two", "Three"] {
        shops.push(person.add_working_channel(name).await);
        person.prove().await;
    }
    assert_eq!(person.prove().await, 0);
    let refused = person.ask_for_channel("Four").await.refused(402, "no_days");
    assert!(refused["detail"].as_str().unwrap().contains("Buy days"), "{refused}");
    person.extend(&shops[0], 1).await.refused(402, "no_days");
    person.link(&shops[0]).await;
    world.advance(days(37)).await;
    assert_eq!(person.channel(&shops[1]).await["status"], "expired");
    person.get(&format!("/v1/channels/{}/qr", shops[1])).await.refused(402, "no_days");
    person.post(&format!("/v1/channels/{}/pairing-code", shops[1]), json!({ "phone": "+97336612345" })).await.refused(402, "no_days");
    assert_eq!(person.prove().await, 0);
}

/// BAL-2: the ledger pages; every page carries the balance on, whatever its size.
#[tokio::test]
async fn the_ledger_pages_with_its_balance() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Business").await;
    let shop = person.add_working_channel("Shop").await;
    for count in 1..=6 {
        person.extend(&shop, count).await.with(202);
        world.settle().await;
        assert_eq!(person.prove().await, 150 - (1..=count).sum::<i64>());
    }
    let whole = person.all("/v1/balance/entries").await;
    let mut paged = Vec::new();
    let mut address = "/v1/balance/entries?limit=3".to_owned();
    loop {
        let page = person.get(&address).await.ok();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 3);
        paged.extend(items.iter().cloned());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        address = format!("/v1/balance/entries?limit=3&cursor={cursor}");
    }
    assert_eq!(paged, whole);
    let other = world.customer().await;
    let cursor = address.split("cursor=").nth(1).unwrap();
    other.get(&format!("/v1/balance/entries?cursor={cursor}")).await.refused(422, "validation_failed");
}

/// BAL-2: somebody changes a balance past the ledger. The nightly proof notices, staff hears of it once, and
/// everybody else is still proved right.
#[tokio::test]
async fn a_balance_that_is_not_the_sum_of_its_ledger_is_an_alarm() {
    let world = World::start().await;
    let (person, other, admin) = (world.customer().await, world.customer().await, world.admin().await);
    person.buy("Starter").await;
    other.buy("Starter").await;
    world.job("audit-ledger").await;
    assert!(admin.all("/v1/admin/findings").await.is_empty());
    world.spoil_balance(&person.id, 7).await;
    for _ in 0..2 {
        world.job("audit-ledger").await;
        let findings = admin.all("/v1/admin/findings").await;
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!((&findings[0]["kind"], &findings[0]["user_id"]), (&json!("ledger.mismatch"), &json!(person.id)));
        assert!(findings[0]["text"].as_str().unwrap().contains("sum to 30 days, the account says 37"), "{findings:#?}");
    }
    other.prove().await;
}

/// BAL-2: an account that cannot be read is told to staff, and keeps nobody else from being proved and reminded.
#[tokio::test]
async fn a_damaged_account_keeps_no_night_from_its_work() {
    let world = World::start().await;
    let (broken, wrong, low, admin) = (world.customer().await, world.customer().await, world.customer().await, world.admin().await);
    low.buy("Starter").await;
    low.add_working_channel("Shop").await;
    world.advance(days(29)).await;
    world.spoil_balance(&wrong.id, 7).await;
    world.damage_account(&broken.id).await;
    for _ in 0..2 {
        world.job("audit-ledger").await;
        world.job("reminders").await;
    }
    let found = admin.all("/v1/admin/findings").await;
    let mut found: Vec<_> = found.iter().map(|one| (one["kind"].as_str().unwrap(), one["user_id"].as_str().unwrap())).collect();
    found.sort_unstable();
    assert_eq!(found, [("account.unreadable", broken.id.as_str()), ("ledger.mismatch", wrong.id.as_str())]);
    assert!(low.was_told("of cover left").await, "{:?}", low.told().await);
}
