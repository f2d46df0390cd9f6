//! That webhooks arrive, are tried again by the clock, and meet their faults.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use jiff::SignedDuration;
use serde_json::json;

use super::*;
use crate::serve::{Listening, serve};

/// How long a test waits for what should be there at once.
const SOON: Duration = Duration::from_secs(5);

type Got = Arc<Mutex<Vec<String>>>;

/// A receiver that notes what comes and refuses bodies it was told to refuse.
struct World {
    clock: Clock,
    faults: Faults,
    deliverer: Deliverer,
    got: Got,
    refusing: Arc<Mutex<bool>>,
    receiver: Listening,
}

async fn take(State((got, refusing)): State<(Got, Arc<Mutex<bool>>)>, body: Bytes) -> StatusCode {
    got.lock().unwrap().push(String::from_utf8_lossy(&body).into_owned());
    match *refusing.lock().unwrap() {
        true => StatusCode::SERVICE_UNAVAILABLE,
        false => StatusCode::OK,
    }
}

impl World {
    async fn new() -> Self {
        let (clock, faults) = (Clock::new(), Faults::new());
        let (got, refusing) = (Got::default(), Arc::new(Mutex::new(false)));
        let state = (Arc::clone(&got), Arc::clone(&refusing));
        let router = Router::new().route("/hook", post(take)).with_state(state);
        Self {
            deliverer: Deliverer::new(clock.clone(), faults.clone()).unwrap(),
            receiver: serve(router, 0).await.unwrap(),
            clock,
            faults,
            got,
            refusing,
        }
    }

    /// Says its name and the number of the attempt; tried again after 1, 2, then 3 hours.
    fn send(&self, name: &'static str) {
        let url = format!("{}/hook", self.receiver.url());
        let build = move |number, _| (Vec::new(), Bytes::from(format!("{name} {number}")));
        let hours = |number: u32| (number < 4).then(|| SignedDuration::from_hours(number.into()));
        self.deliverer.send(Delivery::post(Provider::Paypal, name, url, build).retrying(hours));
    }

    fn refuse(&self, refusing: bool) {
        *self.refusing.lock().unwrap() = refusing;
    }

    fn got(&self) -> Vec<String> {
        self.got.lock().unwrap().clone()
    }

    fn outcomes(&self) -> Vec<Outcome> {
        self.deliverer.log().iter().map(|attempt| attempt.outcome).collect()
    }

    fn faulty(&self, kind: &str, times: u32) {
        let plan = json!({"rules": [{"provider": "paypal", "kind": kind, "times": times}]});
        self.faults.set(serde_json::from_value(plan).unwrap());
    }

    async fn quiet(&self) {
        tokio::time::timeout(SOON, self.deliverer.quiet()).await.expect("deliveries end");
    }

    async fn hours_pass(&self, hours: i64) {
        self.clock.advance(SignedDuration::from_hours(hours));
        self.quiet().await;
    }
}

#[tokio::test]
async fn a_webhook_arrives_once_and_is_logged() {
    let world = World::new().await;
    world.send("a");
    assert_eq!(world.deliverer.waiting_now(), 1, "counted from the moment it is sent");
    world.quiet().await;
    assert_eq!(world.got(), ["a 1"]);
    assert_eq!(world.outcomes(), [Outcome::Delivered]);
    assert_eq!(world.deliverer.log()[0].status, Some(200));
}

#[tokio::test]
async fn a_refused_webhook_is_built_and_sent_again_when_the_clock_says_so() {
    let world = World::new().await;
    world.refuse(true);
    world.send("a");
    world.quiet().await;
    assert_eq!(world.deliverer.waiting_later(), 1, "what waits for the clock is not busy");
    world.hours_pass(1).await;
    assert_eq!(world.got(), ["a 1", "a 2"]);
    world.hours_pass(1).await;
    assert_eq!(world.got().len(), 2, "the third comes after two hours, not one");
    world.refuse(false);
    world.hours_pass(1).await;
    assert_eq!(world.got(), ["a 1", "a 2", "a 3"]);
    assert_eq!(world.deliverer.waiting_later(), 0);
    assert_eq!(world.outcomes()[2], Outcome::Delivered);
}

#[tokio::test]
async fn a_webhook_nobody_takes_is_given_up_at_the_end_of_its_schedule() {
    let world = World::new().await;
    world.refuse(true);
    world.send("a");
    world.quiet().await;
    for hours in 1..=3 {
        world.hours_pass(hours).await;
    }
    assert_eq!(world.got().len(), 4);
    assert_eq!(world.outcomes().last(), Some(&Outcome::GivenUp));
    world.hours_pass(1_000).await;
    assert_eq!(world.got().len(), 4);
}

#[tokio::test]
async fn a_receiver_that_is_not_there_counts_as_no_answer() {
    let world = World::new().await;
    let nobody = serve(Router::new(), 0).await.unwrap().url();
    let build = |_, _| (Vec::new(), Bytes::new());
    let url = format!("{nobody}/hook");
    tokio::task::yield_now().await;
    world.deliverer.send(Delivery::post(Provider::Whapi, "gone", url, build));
    world.quiet().await;
    assert_eq!(world.outcomes(), [Outcome::GivenUp]);
    assert_eq!(world.deliverer.log()[0].status, None);
}

#[tokio::test]
async fn a_doubled_webhook_arrives_twice() {
    let world = World::new().await;
    world.faulty("duplicate_webhook", 1);
    world.send("a");
    world.quiet().await;
    assert_eq!(world.got(), ["a 1", "a 1"]);
    let copies = world.deliverer.log().iter().filter(|attempt| attempt.duplicate).count();
    assert_eq!(copies, 1);
}

#[tokio::test]
async fn a_held_webhook_is_overtaken_by_the_next_and_comes_even_when_none_follows() {
    let world = World::new().await;
    world.faulty("reorder_webhook", 1);
    world.send("a");
    world.send("b");
    world.quiet().await;
    assert_eq!(world.got(), ["b 1", "a 1"]);

    world.faulty("reorder_webhook", 1);
    world.send("c");
    assert_eq!(world.deliverer.waiting_now(), 1);
    world.quiet().await;
    assert_eq!(world.got(), ["b 1", "a 1", "c 1"]);
}

#[tokio::test]
async fn a_dropped_webhook_never_comes() {
    let world = World::new().await;
    world.faulty("drop_webhook", 1);
    world.send("a");
    world.send("b");
    world.quiet().await;
    world.hours_pass(1_000).await;
    assert_eq!(world.got(), ["b 1"]);
    assert_eq!(world.outcomes(), [Outcome::Dropped, Outcome::Delivered]);
}

#[tokio::test]
async fn the_provider_hears_of_each_attempt_and_says_what_is_well() {
    let world = World::new().await;
    world.refuse(true);
    let heard: Arc<Mutex<Vec<Option<u16>>>> = Arc::default();
    let ear = Arc::clone(&heard);
    let url = format!("{}/hook", world.receiver.url());
    let delivery = Delivery::post(Provider::Whapi, "a", url, |_, _| (Vec::new(), Bytes::new()))
        .accepting(|status| status == 503)
        .observed(move |attempt| ear.lock().unwrap().push(attempt.status));
    world.deliverer.send(delivery);
    world.quiet().await;
    assert_eq!(*heard.lock().unwrap(), [Some(503)]);
    assert_eq!(world.outcomes(), [Outcome::Delivered]);
}

#[tokio::test]
async fn clearing_gives_up_what_waits() {
    let world = World::new().await;
    world.refuse(true);
    let held = Arc::new(());
    let in_delivery = Arc::clone(&held);
    let url = format!("{}/hook", world.receiver.url());
    let build = move |_, _| {
        let _ = &in_delivery;
        (Vec::new(), Bytes::from("a"))
    };
    let hourly = |_| Some(SignedDuration::from_hours(1));
    let delivery = Delivery::post(Provider::Paypal, "a", url, build).retrying(hourly);
    world.deliverer.send(delivery);
    world.quiet().await;
    world.deliverer.clear();
    let begun = Instant::now();
    while Arc::strong_count(&held) > 1 {
        assert!(begun.elapsed() < SOON, "the delivery still waits");
        tokio::task::yield_now().await;
    }
    world.hours_pass(10).await;
    assert_eq!(world.got(), ["a"]);
    assert_eq!(world.deliverer.waiting_later(), 0);
    assert!(world.deliverer.log().is_empty());
}
