//! The command: plays stories, tells what befell whom, and shortens those that fail.

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::filter::LevelFilter;

use crate::log::Ear;
use crate::many::{self, Wanted};
use crate::mutation::Mutation;
use crate::play::{Ended, play};
use crate::report;
use crate::shorten::shorten;
use crate::story::{Climate, Story};

/// How many stories unless somebody says so.
const USUAL_SEEDS: u64 = 200;
/// Within how many stories a guard that is gone must be noticed.
const MOST_STORIES: u64 = 500;

/// Plays seeded stories of customers under faults, and checks that no day is lost or doubled
#[derive(Parser)]
#[command(name = "simulate")]
struct Options {
    /// How many seeds; 200 unless said
    #[arg(long)]
    seeds: Option<u64>,
    /// The first of them; without --seeds this one alone, with all that happens in it
    #[arg(long)]
    seed: Option<u64>,
    /// Only these acts of the story, by their numbers
    #[arg(long, value_delimiter = ',')]
    only: Vec<usize>,
    /// Fair weather for these: aws, queue, providers, lost, twice, crashes; or all
    #[arg(long, value_delimiter = ',')]
    calm: Vec<String>,
    /// Take this guard from the product
    #[arg(long, value_parser = Mutation::parse)]
    without: Option<Mutation>,
    /// Take each guard in turn, and see how many stories it takes to notice
    #[arg(long)]
    mutations: bool,
    /// Show the table as it was left, too
    #[arg(long)]
    table: bool,
    /// Show what is logged
    #[arg(long)]
    log: Option<LevelFilter>,
    /// How many threads; as many as there are cores unless said
    #[arg(long)]
    threads: Option<usize>,
}

/// Runs the command.
pub(crate) fn command() -> ExitCode {
    let options = Options::parse();
    if options.mutations {
        return mutations(&options);
    }
    match (options.seed, options.seeds) {
        (Some(seed), None | Some(1)) => one(&options, seed),
        (first, seeds) => several(&options, first.unwrap_or_default(), seeds.unwrap_or(USUAL_SEEDS)),
    }
}

fn story(options: &Options, seed: u64) -> Story {
    let mut story = Story::of(seed);
    if !options.only.is_empty() {
        story = story.with_only(&options.only);
    }
    story.without = options.without;
    for part in &options.calm {
        story.climate = story.climate.without(part);
    }
    story
}

/// One story, told in full.
fn one(options: &Options, seed: u64) -> ExitCode {
    let story = story(options, seed);
    let ear = options.log.map_or_else(Ear::quiet, Ear::showing);
    let ended = play(&story, &ear);
    report::tell(&story, &ended, options.table);
    if ended.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn several(options: &Options, first: u64, seeds: u64) -> ExitCode {
    let wanted = Wanted { first, seeds, threads: options.threads.unwrap_or_else(many::cores) };
    let (all, failed) = many::run(wanted, |seed| story(options, seed), report::progress);
    report::table(&all);
    for ended in failed.iter().take(report::MOST_SHORTENED) {
        fail(options, ended);
    }
    report::last(seeds, failed.len());
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Takes each guard in turn; each must be noticed within so many stories.
fn mutations(options: &Options) -> ExitCode {
    let mut all_found = true;
    for mutation in Mutation::all() {
        let found =
            many::first_to_notice(mutation, options.seed.unwrap_or_default(), MOST_STORIES, options.threads.unwrap_or_else(many::cores));
        all_found &= found.is_some();
        report::noticed(mutation, MOST_STORIES, found.as_ref());
    }
    if all_found { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A failure with its shortened story.
fn fail(options: &Options, ended: &Ended) {
    let whole = story(options, ended.seed);
    let short = shorten(&whole, ended);
    report::failure(ended, &short);
}

impl Climate {
    /// The same with fair weather for a part of the world.
    fn without(self, part: &str) -> Self {
        match part {
            "aws" => Self { aws: 0, ..self },
            "queue" => Self { queue: 0, ..self },
            "providers" => Self { providers: 0, ..self },
            "lost" => Self { lost: 0, ..self },
            "twice" => Self { twice: 0, ..self },
            "crashes" => Self { crashes: 0, ..self },
            _ => Self::default(),
        }
    }
}
