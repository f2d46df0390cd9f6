//! Kept answers: the matrix of first, same, other, running, dead and old.

use domain::Timestamp;
use store::{Begin, Run, Store};

use crate::wire::Fault;
use crate::world::{World, after, start, user};

const ROUTE: &str = "POST /v1/channels/{id}/extend";

async fn begin(store: &Store, number: u128, key: &str, body: &str, now: Timestamp) -> Begin {
    store.begin_idempotent(&user(number), ROUTE, key, body, now).await.unwrap()
}

fn run(seconds: i64, again_since: Option<i64>) -> Run {
    Run { begun_at: after(again_since.unwrap_or(seconds)), is_again: again_since.is_some(), leased_until: after(seconds + 60) }
}

fn first(seconds: i64) -> Begin {
    Begin::Now(run(seconds, None))
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer() {
    let world = World::begin().await;
    let store = &world.store;
    assert_eq!(begin(store, 1, "k", "aa", start()).await, first(0));
    assert_eq!(begin(store, 1, "k", "aa", after(59)).await, Begin::InProgress);
    assert_eq!(begin(store, 1, "k", "bb", after(59)).await, Begin::Reused, "another body while it runs");
    assert_eq!(begin(store, 2, "k", "bb", start()).await, first(0), "another customer's key");
    assert_eq!(store.begin_idempotent(&user(1), "POST /v1/channels", "k", "aa", start()).await.unwrap(), first(0), "another route");
    store.finish_idempotent(&user(1), ROUTE, "k", 202, "{\"ok\":true}", after(3)).await.unwrap();
    let answer = Begin::Replay { status: 202, body: "{\"ok\":true}".to_owned() };
    assert_eq!(begin(store, 1, "k", "aa", after(4)).await, answer);
    assert_eq!(begin(store, 1, "k", "aa", after(86_000)).await, answer);
    assert_eq!(begin(store, 1, "k", "bb", after(86_000)).await, Begin::Reused);
    store.finish_idempotent(&user(1), ROUTE, "k", 500, "late", after(5)).await.unwrap();
    store.abandon_idempotent(&user(1), ROUTE, "k", &run(0, None)).await.unwrap();
    store.release_idempotent(&user(1), ROUTE, "k", &run(0, None)).await.unwrap();
    assert_eq!(begin(store, 1, "k", "aa", after(6)).await, answer, "the first answer stands");
    assert_eq!(begin(store, 1, "k", "bb", after(86_404)).await, first(86_404), "a day later the key is free");
}

#[tokio::test]
async fn a_request_that_died_or_was_given_up_may_be_tried_again() {
    let world = World::begin().await;
    let store = &world.store;
    assert_eq!(begin(store, 1, "k", "aa", start()).await, first(0));
    assert_eq!(begin(store, 1, "k", "bb", after(60)).await, Begin::Reused, "the key stays with its body");
    let second = run(60, Some(0));
    assert_eq!(begin(store, 1, "k", "aa", after(60)).await, Begin::Now(second.clone()), "the first died without a word");
    assert_eq!(begin(store, 1, "k", "aa", after(61)).await, Begin::InProgress);
    store.abandon_idempotent(&user(1), ROUTE, "k", &run(0, None)).await.unwrap();
    assert_eq!(begin(store, 1, "k", "aa", after(61)).await, Begin::InProgress, "who was believed dead gives up nobody else's run");
    store.release_idempotent(&user(1), ROUTE, "k", &second).await.unwrap();
    assert_eq!(begin(store, 1, "k", "bb", after(62)).await, Begin::Reused, "nobody knows what it did");
    let third = run(62, Some(0));
    assert_eq!(begin(store, 1, "k", "aa", after(62)).await, Begin::Now(third.clone()));
    store.abandon_idempotent(&user(1), ROUTE, "k", &third).await.unwrap();
    assert_eq!(begin(store, 1, "k", "bb", after(63)).await, first(63), "it came to nothing");
    store.abandon_idempotent(&user(1), ROUTE, "unknown", &third).await.unwrap();
    store.finish_idempotent(&user(1), ROUTE, "unknown", 200, "", start()).await.unwrap();
    assert_eq!(begin(store, 1, "unknown", "aa", start()).await, first(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_once_one_takes_the_place_of_the_dead() {
    let world = World::begin().await;
    for (at, one) in [(0, first(0)), (60, Begin::Now(run(60, Some(0))))] {
        let all = futures::future::join_all((0..20).map(|_| begin(&world.store, 1, "k", "aa", after(at)))).await;
        assert_eq!(all.iter().filter(|begin| **begin == one).count(), 1);
        assert_eq!(all.iter().filter(|begin| **begin == Begin::InProgress).count(), 19);
    }
}

#[tokio::test]
async fn a_lost_answer_of_the_table_does_not_lock_the_request_out() {
    let world = World::begin().await;
    world.wire.next("PutItem", [Fault::LostAnswer]);
    assert_eq!(begin(&world.store, 1, "k", "aa", start()).await, first(0));
    world.wire.next("UpdateItem", [Fault::LostAnswer]);
    assert_eq!(begin(&world.store, 1, "k", "aa", after(60)).await, Begin::Now(run(60, Some(0))));
}
