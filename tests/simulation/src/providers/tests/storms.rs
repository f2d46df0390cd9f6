//! Each kind of weather: what the product's client sees, and what really happened.

use std::time::Duration;

use clients::outcome::CallError;
use domain::Days;
use tokio::time::Instant;

use super::bench::{Bench, LATE_LIMIT, paused, seconds_pass};
use crate::providers::Fault;

/// How often each kind is tried.
const ROUNDS: i64 = 24;

/// What came of calls under one kind of weather.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    good: i64,
    rate_limited: i64,
    not_sent: i64,
    unknown: i64,
    /// How many were done when the call had ended, and how many in the end.
    done_then: i64,
    done: i64,
}

/// Extends a channel by a day, again and again, in weather of one kind.
fn extend_in(fault: Fault) -> Outcome {
    paused(async {
        let bench = Bench::new(5);
        let id = bench.create("Shop · chn_1").await.unwrap().id;
        bench.always(fault);
        let mut outcome = Outcome::default();
        for _ in 0..ROUNDS {
            let before = bench.days(&id);
            match bench.extend(&id, 1).await {
                Ok(()) => outcome.good += 1,
                Err(CallError::RateLimited { .. }) => outcome.rate_limited += 1,
                Err(CallError::NotSent { .. }) => outcome.not_sent += 1,
                Err(CallError::Unknown { .. }) => outcome.unknown += 1,
                Err(CallError::Refused(refused)) => panic!("{refused:?}"),
            }
            outcome.done_then += bench.days(&id) - before;
            seconds_pass(LATE_LIMIT.as_secs()).await;
            assert_eq!(bench.weather.under_way(), 0, "nothing is later than the limit");
        }
        outcome.done = bench.days(&id);
        assert_eq!(bench.weather.hits().get(&fault).copied().unwrap_or_default(), u64::try_from(ROUNDS).unwrap(), "{fault:?}");
        outcome
    })
}

#[test]
fn what_never_arrives_is_never_done() {
    let lost = extend_in(Fault::RequestLost);
    assert_eq!(lost, Outcome { unknown: ROUNDS, ..Outcome::default() });
    let unreachable = extend_in(Fault::Unreachable);
    assert_eq!(unreachable, Outcome { not_sent: ROUNDS, ..Outcome::default() });
}

#[test]
fn refusals_on_the_way_are_not_done() {
    assert_eq!(extend_in(Fault::TooMany), Outcome { rate_limited: ROUNDS, ..Outcome::default() });
    assert_eq!(extend_in(Fault::FailedBefore), Outcome { unknown: ROUNDS, ..Outcome::default() });
}

#[test]
fn an_answer_that_is_lost_or_replaced_does_not_undo_the_deed() {
    for fault in [Fault::AnswerLost, Fault::FailedAfter] {
        let outcome = extend_in(fault);
        assert_eq!(outcome, Outcome { unknown: ROUNDS, done_then: ROUNDS, done: ROUNDS, ..Outcome::default() }, "{fault:?}");
    }
}

#[test]
fn behind_an_answer_that_nobody_can_read_the_deed_is_done_or_not() {
    for fault in [Fault::Garbage, Fault::Html] {
        let outcome = extend_in(fault);
        assert_eq!((outcome.unknown, outcome.done_then), (ROUNDS, outcome.done), "{fault:?}");
        assert!((1..ROUNDS).contains(&outcome.done), "{fault:?} {outcome:?}");
    }
}

#[test]
fn what_is_late_is_done_after_its_caller_gave_up_and_within_the_limit() {
    let late = extend_in(Fault::Late);
    assert_eq!((late.unknown, late.done), (ROUNDS, ROUNDS));
    assert!(late.done_then < ROUNDS / 2, "{late:?}");
}

#[test]
fn what_is_slow_is_done_whether_its_caller_waits_or_not() {
    let slow = extend_in(Fault::Slow);
    assert_eq!((slow.good + slow.unknown, slow.done), (ROUNDS, ROUNDS));
    assert!(slow.good > 0 && slow.unknown > 0, "{slow:?}");
}

#[test]
fn a_caller_that_dies_while_it_waits_does_not_undo_the_deed() {
    paused(async {
        let bench = Bench::new(5);
        let id = bench.create("Shop · chn_1").await.unwrap().id;
        let (manager, token) = (bench.manager(), bench.token());
        let extension = || async { manager.extend(&token, &id, Days::new(3), "ext").await };
        assert!(tokio::time::timeout(Duration::from_millis(10), extension()).await.is_err());
        seconds_pass(5).await;
        assert_eq!(bench.days(&id), 0, "it died before there was a connection");
        extension().await.unwrap();
        assert!(tokio::time::timeout(Duration::from_millis(10), extension()).await.is_err());
        assert_eq!(bench.days(&id), 3);
        seconds_pass(5).await;
        assert_eq!(bench.days(&id), 6, "what it had sent is done");
    });
}

#[test]
fn a_list_leaves_out_a_row_and_not_the_same_one_the_next_time() {
    paused(async {
        let bench = Bench::new(5);
        for number in 1..=3 {
            bench.create(&format!("Shop · chn_{number}")).await.unwrap();
        }
        bench.always(Fault::SkippedRow);
        let lists = [bench.listed().await, bench.listed().await, bench.listed().await];
        assert!(lists.iter().all(|list| list.len() == 2));
        assert_ne!(lists[0], lists[1]);
        assert_ne!(lists[1], lists[2]);
        assert_eq!(bench.listed().await.len(), 3, "each row was left out once in this hour");
    });
}

/// A few calls, with when each ended and what came of it.
async fn journal(bench: &Bench, reads_before: u32) -> Vec<String> {
    let begun = Instant::now();
    let id = loop {
        if let Ok(made) = bench.create("Shop · chn_1").await {
            break made.id;
        }
    };
    for _ in 0..reads_before {
        let _ = bench.read(&id).await;
    }
    let mut journal = Vec::new();
    for _ in 0..40 {
        let extended = bench.extend(&id, 1).await;
        journal.push(format!("{:?} {extended:?}", if reads_before == 0 { begun.elapsed() } else { Duration::ZERO }));
    }
    journal
}

#[test]
fn the_same_seed_has_the_same_weather_and_another_one_another() {
    let played = |seed: u64, reads_before: u32| {
        paused(async move {
            let bench = Bench::new(seed);
            bench.weather.set_all(400);
            // Connections are of a host, not of a route.
            bench.weather.set(Fault::Unreachable, 0);
            let journal = journal(&bench, reads_before).await;
            (journal, bench.weather.hits())
        })
    };
    assert_eq!(played(3, 0), played(3, 0));
    assert_ne!(played(3, 0).0, played(4, 0).0);
    assert!(played(3, 0).1.len() >= 6, "{:?}", played(3, 0).1);
    let words = |played: Vec<String>| played.into_iter().map(|line| line.split_once(' ').unwrap().1.to_owned()).collect::<Vec<_>>();
    assert_eq!(words(played(3, 0).0), words(played(3, 7).0), "calls of one route do not change the weather of another");
}

#[test]
fn calm_weather_harms_nobody() {
    paused(async {
        let bench = Bench::new(5);
        bench.weather.set_all(1_000);
        bench.weather.calm();
        let id = bench.create("Shop · chn_1").await.unwrap().id;
        for _ in 0..50 {
            bench.extend(&id, 1).await.unwrap();
        }
        assert!(bench.weather.hits().is_empty());
    });
}
