//! Lists: order, pages, cursors, and what is left out.

use domain::channel::Status;
use domain::id::{HistoryId, NotificationId};
use domain::notice::{HistoryEvent, Notification};
use store::{Commit, PageRequest, StoreError, Tenant};

use crate::world::{World, actor, after, channel, channel_id, start, user};

async fn add(world: &World, number: u128, status: Status) {
    let mut one = channel(&user(1), number);
    one.status = status;
    world.store.commit(Commit::new().channel(one)).await.unwrap();
}

async fn pages(tenant: &Tenant, limit: usize) -> Vec<Vec<String>> {
    let (mut pages, mut cursor) = (Vec::new(), None);
    loop {
        let page = tenant.channels(PageRequest { limit, cursor }).await.unwrap();
        pages.push(page.items.into_iter().map(|channel| channel.name).collect());
        cursor = page.next_cursor;
        if cursor.is_none() {
            return pages;
        }
    }
}

#[tokio::test]
async fn channels_come_newest_first_in_full_pages() {
    let world = World::begin().await;
    for number in 0..6 {
        add(&world, number, Status::Pending).await;
    }
    let tenant = world.store.tenant(&actor(&user(1)));
    assert_eq!(pages(&tenant, 4).await, [vec!["Shop 5", "Shop 4", "Shop 3", "Shop 2"], vec!["Shop 1", "Shop 0"]]);
    assert_eq!(pages(&tenant, 3).await.len(), 2, "no empty page at the end");
    assert_eq!(pages(&tenant, 0).await.len(), 6, "a limit of nothing is one");
    assert_eq!(pages(&tenant, 9_999).await.len(), 1);
    assert_eq!(pages(&world.store.custody(&user(2)), 5).await, [Vec::<String>::new()]);
}

#[tokio::test]
async fn tombstones_do_not_make_pages_shorter() {
    let world = World::begin().await;
    for number in 0..60 {
        let status = if number % 10 == 0 { Status::Active } else { Status::Deleted };
        add(&world, number, status).await;
    }
    let tenant = world.store.custody(&user(1));
    assert_eq!(pages(&tenant, 4).await, [vec!["Shop 50", "Shop 40", "Shop 30", "Shop 20"], vec!["Shop 10", "Shop 0"]]);
    assert_eq!(tenant.all_channels().await.unwrap().len(), 6);
    let tombstone = tenant.channel(&channel_id(1)).await.unwrap().unwrap();
    assert_eq!(tombstone.status, Status::Deleted, "by its id it is still there");
}

#[tokio::test]
async fn a_cursor_of_another_customer_or_list_is_refused() {
    let world = World::begin().await;
    for number in 0..3 {
        add(&world, number, Status::Pending).await;
    }
    let tenant = world.store.custody(&user(1));
    let cursor = tenant.channels(PageRequest::first(1)).await.unwrap().next_cursor;
    let page = || PageRequest { limit: 1, cursor: cursor.clone() };
    assert!(tenant.channels(page()).await.is_ok());
    assert!(matches!(world.store.custody(&user(2)).channels(page()).await, Err(StoreError::BadCursor)));
    assert!(matches!(tenant.entries(page()).await, Err(StoreError::BadCursor)));
    assert!(matches!(tenant.history(&channel_id(1), page()).await, Err(StoreError::BadCursor)));
    assert!(matches!(tenant.channels(PageRequest { limit: 1, cursor: Some("x".to_owned()) }).await, Err(StoreError::BadCursor)));
}

#[tokio::test]
async fn another_customers_id_is_simply_not_there() {
    let world = World::begin().await;
    add(&world, 1, Status::Pending).await;
    let other = world.store.tenant(&actor(&user(2)));
    assert_eq!(other.channel(&channel_id(1)).await.unwrap(), None);
    assert_eq!(other.all_channels().await.unwrap(), []);
}

#[tokio::test]
async fn history_is_the_channels_own() {
    let world = World::begin().await;
    for number in 0..4_u128 {
        let event = HistoryEvent {
            id: HistoryId::new(after(i64::try_from(number).unwrap()), number),
            user_id: user(1),
            channel_id: channel_id(number % 2),
            at: start(),
            kind: "channel.linked".to_owned(),
            text: format!("{number}"),
            cause: "whapi".to_owned(),
        };
        world.store.commit(Commit::new().history(event)).await.unwrap();
    }
    let page = world.store.custody(&user(1)).history(&channel_id(1), PageRequest::first(10)).await.unwrap();
    assert_eq!(page.items.iter().map(|event| event.text.as_str()).collect::<Vec<_>>(), ["3", "1"]);
}

#[tokio::test]
async fn notifications_are_read_once() {
    let world = World::begin().await;
    let id = |number: u128| NotificationId::new(after(i64::try_from(number).unwrap()), number);
    for number in 0..3_u128 {
        let note = Notification {
            id: id(number),
            user_id: user(1),
            kind: "payment.credited".to_owned(),
            text: "30 days".to_owned(),
            at: start(),
            read_at: None,
        };
        world.store.commit(Commit::new().notification(note)).await.unwrap();
    }
    let tenant = world.store.custody(&user(1));
    tenant.mark_read(&[id(0), id(2), id(9)], after(5)).await.unwrap();
    tenant.mark_read(&[id(2)], after(50)).await.unwrap();
    world.store.custody(&user(2)).mark_read(&[id(1)], after(5)).await.unwrap();
    let read: Vec<_> = tenant.notifications(PageRequest::first(10)).await.unwrap().items.into_iter().map(|note| note.read_at).collect();
    assert_eq!(read, [Some(after(5)), None, Some(after(5))]);
}
