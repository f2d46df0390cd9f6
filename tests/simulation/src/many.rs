//! Many stories: on as many threads as there are cores, each story in one of them.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::log::Ear;
use crate::mutation::Mutation;
use crate::play::{Ended, play};
use crate::story::Story;
use crate::tally::Tally;

/// Which stories.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) first: u64,
    pub(crate) seeds: u64,
    pub(crate) threads: usize,
}

/// What came of all of them.
#[derive(Debug, Default)]
pub(crate) struct All {
    pub(crate) stories: u64,
    pub(crate) tally: Tally,
    pub(crate) took: Duration,
    /// How long the stories were by their own clocks, in hours.
    pub(crate) hours: i64,
    /// How many stories broke which check.
    pub(crate) broken: BTreeMap<&'static str, u64>,
}

/// How many cores there are.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Plays stories; `progress` hears how many are over and how many failed. Gives those that failed by their seeds.
pub(crate) fn run(wanted: Wanted, story: impl Fn(u64) -> Story + Sync, progress: impl Fn(u64, u64, u64) + Sync) -> (All, Vec<Ended>) {
    let began = Instant::now();
    let next = AtomicU64::new(wanted.first);
    let end = wanted.first + wanted.seeds;
    let state: Mutex<(All, Vec<Ended>)> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..wanted.threads.max(1) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    let ended = play(&story(seed), &Ear::quiet());
                    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                    add(&mut state, ended);
                    progress(state.0.stories, wanted.seeds, state.1.len() as u64);
                }
            });
        }
    });
    let (mut all, mut failed) = state.into_inner().unwrap_or_else(PoisonError::into_inner);
    all.took = began.elapsed();
    failed.sort_by_key(|ended| ended.seed);
    (all, failed)
}

/// Plays stories without a guard until one fails that does not fail with it: how many that took, and how it ended.
pub(crate) fn first_to_notice(mutation: Mutation, first: u64, most: u64, threads: usize) -> Option<(u64, Ended)> {
    let next = AtomicU64::new(0);
    let found: Mutex<Option<(u64, Ended)>> = Mutex::default();
    let is_found = || found.lock().unwrap_or_else(PoisonError::into_inner).is_some();
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= most || is_found() {
                        return;
                    }
                    let ended = play(&Story { without: Some(mutation), ..Story::of(first + number) }, &Ear::quiet());
                    let is_noticed = !ended.broken.is_empty() && play(&Story::of(first + number), &Ear::quiet()).broken.is_empty();
                    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                    if is_noticed && found.as_ref().is_none_or(|(earlier, _)| number + 1 < *earlier) {
                        *found = Some((number + 1, ended));
                    }
                }
            });
        }
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn add((all, failed): &mut (All, Vec<Ended>), ended: Ended) {
    all.stories += 1;
    all.hours += ended.lasted.as_hours();
    all.tally.add(&ended.tally);
    let mut checks: Vec<&'static str> = ended.broken.iter().map(|broken| broken.check).collect();
    checks.sort_unstable();
    checks.dedup();
    for check in checks {
        *all.broken.entry(check).or_default() += 1;
    }
    if !ended.broken.is_empty() {
        failed.push(ended);
    }
}
