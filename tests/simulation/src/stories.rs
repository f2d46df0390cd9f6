//! Stories as tests: the first seeds end well, a seed replays to the last byte, and a guard that is gone is
//! noticed.

use crate::log::Ear;
use crate::many::{self, Wanted};
use crate::mutation::Mutation;
use crate::play::play;
use crate::report;
use crate::shorten::shorten;
use crate::story::{Climate, Story};

/// How many seeds the test command plays; thousands have a command of their own.
const SEEDS: u64 = 24;

#[test]
fn a_customer_buys_days_and_a_channel_gets_them_in_fair_weather() {
    let whole = Story::of(3);
    let ended = play(&Story { climate: Climate::default(), ..whole }, &Ear::quiet());
    assert!(ended.broken.is_empty(), "{:#?}", ended.broken);
}

#[test]
fn the_first_stories_end_well() {
    let wanted = Wanted { first: 0, seeds: SEEDS, threads: many::cores() };
    let (all, failed) = many::run(wanted, Story::of, |_, _, _| ());
    report::table(&all);
    for ended in failed.iter().take(report::MOST_SHORTENED) {
        report::failure(ended, &shorten(&Story::of(ended.seed), ended));
    }
    assert!(failed.is_empty(), "{} of {SEEDS} stories failed", failed.len());
}

#[test]
fn a_seed_replays_to_the_last_byte() {
    for seed in [1, 5, 12, 40] {
        let (once, again) = (play(&Story::of(seed), &Ear::quiet()), play(&Story::of(seed), &Ear::quiet()));
        let differs = once.transcript.iter().zip(&again.transcript).find(|(one, other)| one != other);
        assert!(differs.is_none(), "seed {seed}: {differs:#?}");
        assert_eq!(once.hash(), again.hash(), "seed {seed}");
    }
}

#[test]
fn a_mutation_has_a_name_of_its_own() {
    for mutation in Mutation::all() {
        assert_eq!(Mutation::parse(mutation.word()), Ok(mutation));
    }
    assert!(Mutation::parse("none").is_err());
}
