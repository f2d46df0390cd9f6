//! Providers' calls, and the work that stands in the index until it is done.

use std::collections::HashSet;

use domain::account::AccountChange;
use domain::due::DueKind;
use domain::ledger::Cause;
use store::{Commit, Conflict, InboxItem, InboxState, Job, PageRequest, PutInbox, Store, StoreError, Target, What};

use crate::world::{World, add_channel, after, channel_id, credit, extension, start, user};

fn event(id: &str, body: &[u8]) -> InboxItem {
    InboxItem {
        provider: "paypal".to_owned(),
        event_id: id.to_owned(),
        event_type: "PAYMENT.SALE.COMPLETED".to_owned(),
        subject: None,
        body: body.to_vec(),
        state: InboxState::Received,
        user_id: None,
        note: None,
        attempts: 0,
        due_at: Some(start()),
        received_at: start(),
        version: 0,
    }
}

/// All jobs of a kind that are due, from every part of the index, two at a time.
async fn due(store: &Store, kind: DueKind, until: domain::Timestamp) -> Vec<Job> {
    let mut all = Vec::new();
    for shard in 0..store::due::SHARDS {
        let mut cursor = None;
        loop {
            let (jobs, next) = store.due(kind, shard, until, 2, cursor).await.unwrap();
            assert!(jobs.len() <= 2);
            all.extend(jobs);
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
    }
    all
}

#[tokio::test]
async fn a_transmission_with_two_bodies_is_a_forgery_and_records_nothing() {
    let world = World::begin().await;
    let put = async |id: &str, body: &[u8], transmission: &str| world.store.put_transmitted(&event(id, body), transmission).await.unwrap();
    assert_eq!(put("WH-1", b"{}", "t-1").await, PutInbox::Stored);
    assert_eq!(put("WH-1", b"{}", "t-1").await, PutInbox::Repeated, "the same delivery again");
    assert_eq!(put("WH-1", b"{}", "t-2").await, PutInbox::Repeated, "the same event in another delivery");
    assert_eq!(put("WH-9", b"{\"forged\":1}", "t-1").await, PutInbox::Forged);
    assert_eq!(world.store.inbox("paypal", "WH-9").await.unwrap(), None);
}

#[tokio::test]
async fn an_event_that_comes_twice_is_recorded_once() {
    let world = World::begin().await;
    assert_eq!(world.store.put_inbox(&event("WH-1", b"{}")).await.unwrap(), PutInbox::Stored);
    assert_eq!(world.store.put_inbox(&event("WH-1", b"{\"other\":1}")).await.unwrap(), PutInbox::Repeated);
    let both = futures::join!(async { world.store.put_inbox(&event("WH-2", b"{}")).await.unwrap() }, async {
        world.store.put_inbox(&event("WH-2", b"{}")).await.unwrap()
    });
    assert!(both == (PutInbox::Stored, PutInbox::Repeated) || both == (PutInbox::Repeated, PutInbox::Stored), "{both:?}");
    let found = world.store.inbox("paypal", "WH-1").await.unwrap().unwrap();
    assert_eq!(found, InboxItem { version: 1, ..event("WH-1", b"{}") });
    assert_eq!(world.store.inbox("whapi", "WH-1").await.unwrap(), None);
}

#[tokio::test]
async fn an_event_whose_put_lost_its_answer_is_still_new() {
    let world = World::begin().await;
    world.wire.next("PutItem", [crate::wire::Fault::LostAnswer]);
    assert_eq!(world.store.put_inbox(&event("WH-1", b"{}")).await.unwrap(), PutInbox::Stored);
}

#[tokio::test]
async fn a_long_body_lies_in_the_bucket() {
    let world = World::begin().await;
    let body: Vec<u8> = (0..100_000_u32).map(|number| u8::try_from(number % 251).unwrap()).collect();
    assert_eq!(world.store.put_inbox(&event("WH-1", &body)).await.unwrap(), PutInbox::Stored);
    let units = world.meter.usage().write_units;
    assert!(units < 4.0, "the record itself is small: {units}");
    assert!(world.wire.objects().iter().all(|place| place.starts_with("raw/paypal/2026-11-21/")), "{:?}", world.wire.objects());
    assert_eq!(world.store.inbox("paypal", "WH-1").await.unwrap().unwrap().body, body);
    world.wire.empty_bucket();
    let gone = world.store.inbox("paypal", "WH-1").await.unwrap_err();
    assert!(matches!(&gone, StoreError::Corrupt(what) if what.contains("WH-1")), "{gone:?}");
}

#[tokio::test]
async fn an_event_is_worked_on_by_one_and_logged() {
    let world = World::begin().await;
    for number in 0..7 {
        let mut item = event(&format!("WH-{number}"), b"{}");
        item.received_at = after(number);
        world.store.put_inbox(&item).await.unwrap();
    }
    let mut item = world.store.inbox("paypal", "WH-3").await.unwrap().unwrap();
    (item.attempts, item.due_at, item.note) = (1, Some(after(90)), Some("not yet".to_owned()));
    world.store.save_inbox(&item).await.unwrap();
    let second = world.store.save_inbox(&item).await;
    assert!(matches!(second, Err(StoreError::Conflict(Conflict::VersionMoved(What::Inbox)))), "{second:?}");
    assert_eq!(world.store.inbox("paypal", "WH-3").await.unwrap().unwrap(), InboxItem { version: 2, ..item });
    assert_eq!(world.store.webhook_log("2026-11-21", PageRequest::first(10)).await.unwrap().items, []);
    for number in 0..7 {
        let mut item = world.store.inbox("paypal", &format!("WH-{number}")).await.unwrap().unwrap();
        (item.state, item.due_at, item.user_id) = (InboxState::Processed, None, Some(user(1)));
        world.store.save_inbox(&item).await.unwrap();
    }
    assert_eq!(due(&world.store, DueKind::Inbox, after(1_000)).await, []);
    let (mut seen, mut cursor) = (Vec::new(), None);
    for _ in 0..4 {
        let page = world.store.webhook_log("2026-11-21", PageRequest { limit: 2, cursor }).await.unwrap();
        seen.extend(page.items.into_iter().map(|line| line.event_id));
        cursor = page.next_cursor;
    }
    assert_eq!((seen, cursor), ((0..7).rev().map(|number| format!("WH-{number}")).collect(), None));
    assert_eq!(world.store.webhook_log("2026-11-22", PageRequest::first(10)).await.unwrap().items, []);
}

#[tokio::test]
async fn an_event_is_done_in_the_commit_that_it_causes() {
    let world = World::begin().await;
    world.customer(1, None, 0).await;
    world.store.put_inbox(&event("WH-1", b"{}")).await.unwrap();
    world.store.commit(credit(&user(1), 1, 30).inbox_done("paypal", "WH-1")).await.unwrap();
    let done = world.store.inbox("paypal", "WH-1").await.unwrap().unwrap();
    assert_eq!((done.state, done.due_at), (InboxState::Processed, None));
    let again = world.store.commit(credit(&user(1), 2, 30).inbox_done("paypal", "WH-1")).await;
    assert!(matches!(again, Err(StoreError::Conflict(Conflict::VersionMoved(What::Inbox)))), "{again:?}");
    assert_eq!(world.store.cause(&Cause::paypal_sale("SALE-2")).await.unwrap(), None);
}

#[tokio::test]
async fn what_is_due_stands_in_the_index_until_it_is_done() {
    let world = World::begin().await;
    world.customer(1, None, 0).await;
    let mut expected = HashSet::new();
    for number in 0..21 {
        let mut one = extension(&user(1), &channel_id(number % 3), number);
        one.due_at = Some(after(i64::try_from(number).unwrap()));
        expected.insert(Target::Extension(user(1), one.channel_id.clone(), one.id.clone()));
        world.store.commit(Commit::new().extension(one)).await.unwrap();
    }
    let jobs = due(&world.store, DueKind::Extension, after(1_000)).await;
    assert_eq!(jobs.iter().map(|job| job.target().unwrap()).collect::<HashSet<_>>(), expected);
    assert_eq!(jobs.len(), 21, "each once");
    assert_eq!(due(&world.store, DueKind::Extension, after(4)).await.len(), 5, "only what is due by then");
    assert_eq!(due(&world.store, DueKind::Channel, after(1_000)).await, []);
    let Target::Extension(_, channel, id) = jobs[0].target().unwrap() else { panic!("an extension") };
    let mut settled = world.store.custody(&user(1)).extension(&channel, &id).await.unwrap().unwrap();
    settled.due_at = None;
    world.store.commit(Commit::new().extension(settled)).await.unwrap();
    assert_eq!(due(&world.store, DueKind::Extension, after(1_000)).await.len(), 20);
}

#[tokio::test]
async fn an_account_and_a_channel_are_due_by_their_own_needs() {
    let world = World::begin().await;
    let tenant = world.customer(1, None, 0).await;
    world.store.commit(add_channel(&user(1), 1)).await.unwrap();
    let jobs = due(&world.store, DueKind::Channel, start()).await;
    assert_eq!(jobs.iter().map(|job| job.target().unwrap()).collect::<Vec<_>>(), [Target::Channel(user(1), channel_id(1))]);
    let mut channel = tenant.channel(&channel_id(1)).await.unwrap().unwrap();
    channel.status = domain::channel::Status::Deleted;
    world.store.commit(Commit::new().channel(channel)).await.unwrap();
    assert_eq!(due(&world.store, DueKind::Channel, after(1_000)).await, []);
    let mark = |due_at| {
        let mut change = AccountChange::new(user(1), start());
        change.due_at = Some(due_at);
        Commit::new().account(change)
    };
    world.store.commit(mark(Some(after(10)))).await.unwrap();
    assert_eq!(due(&world.store, DueKind::Account, after(9)).await, []);
    assert_eq!(due(&world.store, DueKind::Account, after(10)).await.len(), 1);
    world.store.commit(mark(None)).await.unwrap();
    assert_eq!(due(&world.store, DueKind::Account, after(10)).await, []);
}

#[test]
fn a_job_reads_back_from_the_queue() {
    let job = Job::from(&Target::Inbox { provider: "paypal".to_owned(), event_id: "WH-1#2".to_owned() });
    assert_eq!(job.to_json(), r##"{"kind":"inbox","pk":"INB#paypal#WH-1#2","sk":"INBOX"}"##);
    assert_eq!(serde_json::from_str::<Job>(&job.to_json()).unwrap(), job);
    assert_eq!(serde_json::to_string(&job).unwrap(), job.to_json());
    assert_eq!(job.target().unwrap(), Target::Inbox { provider: "paypal".to_owned(), event_id: "WH-1#2".to_owned() });
    let odd = Job { kind: DueKind::Channel, ..job };
    assert!(odd.target().is_err(), "the kind and the key do not fit");
    assert!(serde_json::from_str::<Job>(r#"{"kind":"party","pk":"a","sk":"b"}"#).is_err());
    assert!(Job::read("party", "a", "b").is_err());
}
