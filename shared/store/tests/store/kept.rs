//! Kept answers: the matrix of first, same, other, running, dead and old.

use domain::Timestamp;
use store::{Begin, Store};

use crate::wire::Fault;
use crate::world::{World, after, start, user};

const ROUTE: &str = "POST /v1/channels/{id}/extend";

async fn begin(store: &Store, number: u128, key: &str, body: &str, now: Timestamp) -> Begin {
    store.begin_idempotent(&user(number), ROUTE, key, body, now).await.unwrap()
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer() {
    let world = World::begin().await;
    let store = &world.store;
    assert_eq!(begin(store, 1, "k", "aa", start()).await, Begin::Fresh);
    assert_eq!(begin(store, 1, "k", "aa", after(59)).await, Begin::InProgress);
    assert_eq!(begin(store, 1, "k", "bb", after(59)).await, Begin::Reused, "another body while it runs");
    assert_eq!(begin(store, 2, "k", "bb", start()).await, Begin::Fresh, "another customer's key");
    assert_eq!(store.begin_idempotent(&user(1), "POST /v1/channels", "k", "aa", start()).await.unwrap(), Begin::Fresh, "another route");
    store.finish_idempotent(&user(1), ROUTE, "k", 202, "{\"ok\":true}", after(3)).await.unwrap();
    let answer = Begin::Replay { status: 202, body: "{\"ok\":true}".to_owned() };
    assert_eq!(begin(store, 1, "k", "aa", after(4)).await, answer);
    assert_eq!(begin(store, 1, "k", "aa", after(86_000)).await, answer);
    assert_eq!(begin(store, 1, "k", "bb", after(86_000)).await, Begin::Reused);
    store.finish_idempotent(&user(1), ROUTE, "k", 500, "late", after(5)).await.unwrap();
    store.abandon_idempotent(&user(1), ROUTE, "k").await.unwrap();
    assert_eq!(begin(store, 1, "k", "aa", after(6)).await, answer, "the first answer stands");
    assert_eq!(begin(store, 1, "k", "bb", after(86_404)).await, Begin::Fresh, "a day later the key is free");
}

#[tokio::test]
async fn a_request_that_died_or_was_given_up_may_be_tried_again() {
    let world = World::begin().await;
    let store = &world.store;
    assert_eq!(begin(store, 1, "k", "aa", start()).await, Begin::Fresh);
    assert_eq!(begin(store, 1, "k", "bb", after(60)).await, Begin::Reused, "the key stays with its body");
    assert_eq!(begin(store, 1, "k", "aa", after(60)).await, Begin::Fresh, "the first died without a word");
    assert_eq!(begin(store, 1, "k", "aa", after(61)).await, Begin::InProgress);
    store.abandon_idempotent(&user(1), ROUTE, "k").await.unwrap();
    assert_eq!(begin(store, 1, "k", "bb", after(62)).await, Begin::Fresh);
    store.abandon_idempotent(&user(1), ROUTE, "unknown").await.unwrap();
    store.finish_idempotent(&user(1), ROUTE, "unknown", 200, "", start()).await.unwrap();
    assert_eq!(begin(store, 1, "unknown", "aa", start()).await, Begin::Fresh);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_once_one_is_the_first() {
    let world = World::begin().await;
    let all = futures::future::join_all((0..20).map(|_| begin(&world.store, 1, "k", "aa", start()))).await;
    assert_eq!(all.iter().filter(|begin| **begin == Begin::Fresh).count(), 1);
    assert_eq!(all.iter().filter(|begin| **begin == Begin::InProgress).count(), 19);
}

#[tokio::test]
async fn a_lost_answer_of_the_table_does_not_lock_the_request_out() {
    let world = World::begin().await;
    world.wire.next("PutItem", [Fault::LostAnswer]);
    assert_eq!(begin(&world.store, 1, "k", "aa", start()).await, Begin::Fresh);
}
