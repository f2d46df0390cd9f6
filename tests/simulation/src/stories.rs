//! Stories as tests: the first seeds end well, a seed replays to the last byte, and a guard that is gone is
//! noticed.

use crate::log::Ear;
use crate::many::{self, Wanted};
use crate::mutation::Mutation;
use crate::play::play;
use crate::report;
use crate::shorten::shorten;
use crate::story::{Climate, Story};

/// How many seeds each of these tests plays. All of them play 200; thousands have a command of their own.
const SEEDS: u64 = 25;

#[test]
fn a_customer_buys_days_and_a_channel_gets_them_in_fair_weather() {
    let whole = Story::of(3);
    let ended = play(&Story { climate: Climate::default(), ..whole }, &Ear::quiet());
    assert!(ended.broken.is_empty(), "{:#?}", ended.broken);
}

/// Plays seeds, the one after the other: the tests run beside each other.
fn stories_end_well(first: u64) {
    let wanted = Wanted { first, seeds: SEEDS, threads: 1 };
    let (all, failed) = many::run(wanted, Story::of, |_, _, _| ());
    report::table(&all);
    for ended in failed.iter().take(report::MOST_SHORTENED) {
        report::failure(ended, &shorten(&Story::of(ended.seed), ended));
    }
    assert!(failed.is_empty(), "{} of {SEEDS} stories from {first} on failed", failed.len());
}

macro_rules! stories {
    ($($name:ident from $first:literal)*) => {$(
        #[test]
        fn $name() {
            stories_end_well($first);
        }
    )*};
}

stories! {
    stories_end_well_of_the_first_25 from 0
    stories_end_well_of_the_second_25 from 25
    stories_end_well_of_the_third_25 from 50
    stories_end_well_of_the_fourth_25 from 75
    stories_end_well_of_the_fifth_25 from 100
    stories_end_well_of_the_sixth_25 from 125
    stories_end_well_of_the_seventh_25 from 150
    stories_end_well_of_the_eighth_25 from 175
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

/// From which seed on a guard that is gone is noticed by one of the next stories, as `--mutations` found it.
const NOTICED_FROM: [(&str, u64); 10] = [
    ("unique-cause", 0),
    ("spend-value", 29),
    ("channel-version", 1),
    ("channel-limit", 1),
    ("inbox-once", 1),
    ("reservation", 1),
    ("read-back", 33),
    ("second-sweep", 32),
    ("sale-reread", 1),
    ("late-wait", 97),
];
/// How many stories it may take to notice.
const FEW: u64 = 3;

fn is_noticed(mutation: Mutation) {
    let from = NOTICED_FROM.iter().find(|(word, _)| *word == mutation.word());
    let (word, first) = from.unwrap_or_else(|| panic!("from which seed on is {} noticed?", mutation.word()));
    assert!(many::first_to_notice(mutation, *first, FEW, 1).is_some(), "nothing fails without {word} from seed {first} on");
}

#[test]
fn a_guard_of_the_store_that_is_gone_is_noticed() {
    Mutation::all().filter(|mutation| mutation.at_aws().is_some()).for_each(is_noticed);
}

#[test]
fn a_question_to_a_provider_that_is_gone_is_noticed() {
    Mutation::all().filter(|mutation| mutation.at_providers().is_some()).for_each(is_noticed);
}

#[test]
fn a_mutation_has_a_name_of_its_own() {
    for mutation in Mutation::all() {
        assert_eq!(Mutation::parse(mutation.word()), Ok(mutation));
    }
    assert!(Mutation::parse("none").is_err());
}
