//! Each mutation lies about one thing and leaves the truth alone.

use std::time::Duration;

use domain::Timestamp;
use domain::payment::SaleState;
use sandbox::paypal::SaleStanding;

use super::bench::{Bench, LATE_LIMIT, paused, seconds_pass};
use super::signed::subscribe;
use crate::providers::{Fault, ProviderMutation};

#[test]
fn a_false_reading_back_shows_nothing_of_an_extension_whose_answer_was_lost() {
    paused(async {
        let bench = Bench::with(2, Some(ProviderMutation::FalseReadBack));
        let id = bench.create("Shop · chn_1").await.unwrap().id;
        bench.extend(&id, 10).await.unwrap();
        let before = bench.read(&id).await.unwrap().active_till;
        assert_eq!(before, bench.truth(&id).active_till, "what was heard is told truly");
        for fault in [Fault::AnswerLost, Fault::FailedAfter, Fault::Late] {
            bench.always(fault);
            bench.extend(&id, 5).await.unwrap_err();
            bench.weather.calm();
            assert_eq!(bench.read(&id).await.unwrap().active_till, before, "{fault:?}");
        }
        seconds_pass(LATE_LIMIT.as_secs()).await;
        assert_eq!(bench.days(&id), 25);
        assert_eq!(bench.read(&id).await.unwrap().active_till, before, "long enough for whoever reads back");
        seconds_pass(3_600).await;
        assert_eq!(bench.read(&id).await.unwrap().active_till, bench.truth(&id).active_till, "not for ever");
    });
}

#[test]
fn a_second_sweep_that_is_worth_nothing_never_shows_what_was_created_unheard() {
    paused(async {
        let bench = Bench::with(2, Some(ProviderMutation::SecondSweep));
        bench.create("Heard · chn_1").await.unwrap();
        bench.always(Fault::AnswerLost);
        bench.create("Unheard · chn_2").await.err().unwrap();
        bench.weather.calm();
        for _ in 0..3 {
            assert_eq!(bench.listed().await, ["Heard · chn_1"]);
            seconds_pass(60).await;
        }
        assert_eq!(bench.sandbox.whapi.channels().len(), 2);
        seconds_pass(3_600).await;
        assert_eq!(bench.listed().await.len(), 2, "not for ever");
    });
}

#[test]
fn a_sale_that_is_always_completed_is_so_for_readers_alone() {
    paused(async {
        let bench = Bench::with(2, Some(ProviderMutation::SaleAlwaysCompleted));
        let paypal = &bench.sandbox.paypal;
        let id = subscribe(&bench, "sub_1").await;
        paypal.hold_next_sale(&id).unwrap();
        paypal.approve(&id).unwrap();
        paypal.fail_payment(&id).unwrap();
        let really: Vec<_> = paypal.sales().iter().map(|sale| sale.standing).collect();
        assert_eq!(really, [SaleStanding::Held, SaleStanding::Denied]);
        let client = bench.paypal();
        for sale in paypal.sales() {
            let read = client.sale(&sale.id).await.unwrap();
            assert_eq!(read.sale.state, SaleState::Completed);
        }
        let (from, until): (Timestamp, Timestamp) = ("2026-01-01T00:00:00Z".parse().unwrap(), "2027-01-01T00:00:00Z".parse().unwrap());
        let listed = client.transactions(&id, from, until).await.unwrap();
        assert!(listed.len() == 2 && listed.iter().all(|one| one.state == SaleState::Completed));
    });
}

#[test]
fn what_is_late_after_the_wait_is_done_when_nobody_reckons_with_it() {
    paused(async {
        let bench = Bench::with(2, Some(ProviderMutation::LateAfterWait));
        let id = bench.create("Shop · chn_1").await.unwrap().id;
        bench.always(Fault::Late);
        for days in 1..=8 {
            let sent = tokio::time::Instant::now();
            bench.extend(&id, 1).await.unwrap_err();
            tokio::time::sleep_until(sent + LATE_LIMIT).await;
            assert_eq!(bench.days(&id), days - 1, "not within the limit");
            tokio::time::sleep(LATE_LIMIT * 4 + Duration::from_secs(1)).await;
            assert_eq!(bench.days(&id), days);
        }
    });
}
