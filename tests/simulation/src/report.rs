//! What people read: a line of progress, a table at the end, a failure with its shortened story.

use std::io::{IsTerminal, Write};

use crate::many::All;
use crate::mutation::Mutation;
use crate::play::Ended;
use crate::story::{Climate, Story};

/// How many failures are shortened and shown.
pub(crate) const MOST_SHORTENED: usize = 3;
/// How many stories lie between two lines of progress where nobody watches.
const LINE_EVERY: u64 = 100;

#[allow(clippy::print_stdout, reason = "what a person reads")]
fn say(line: &str) {
    println!("{line}");
}

/// How far it is.
pub(crate) fn progress(done: u64, of: u64, failed: u64) {
    let line = format!("{done} of {of} stories, {failed} failed");
    if std::io::stdout().is_terminal() {
        let mut out = std::io::stdout();
        let _ = write!(out, "\r{line} ");
        let _ = out.flush();
    } else if done.is_multiple_of(LINE_EVERY) {
        say(&line);
    }
}

/// What befell what, and what was done.
pub(crate) fn table(all: &All) {
    say("");
    for (kind, count) in all.tally.all() {
        say(&format!("{kind:<48}{count:>10}"));
    }
    say(&format!("{:<48}{:>10}", "days of the stories' own time", all.hours / 24));
    let per_story = all.took.as_secs_f64() / all.stories.max(1) as f64;
    say(&format!("{:<48}{:>10.3}", "seconds for a story, all threads together", per_story));
    for (check, count) in &all.broken {
        say(&format!("BROKEN {check:<60} in {count} stories"));
    }
}

/// Whether a guard that is gone was noticed, and by which story.
pub(crate) fn noticed(mutation: Mutation, most: u64, found: Option<&(u64, Ended)>) {
    let word = mutation.word();
    match found {
        Some((number, ended)) => {
            let check = ended.broken.first().map_or("", |broken| broken.check);
            say(&format!("without {word:<20} noticed by story {number:>4} (seed {}): {check}", ended.seed));
        }
        None => say(&format!("without {word:<20} NOT NOTICED by {most} stories")),
    }
}

/// The sum of it.
pub(crate) fn last(seeds: u64, failed: usize) {
    say(&format!("{seeds} stories, {failed} failed"));
}

/// A failure: what is wrong, how to see it again, and the shortened story.
pub(crate) fn failure(ended: &Ended, (story, short): &(Story, Ended)) {
    say(&format!("\nseed {} failed", ended.seed));
    for broken in short.broken.iter().take(6) {
        say(&format!("  {broken}"));
    }
    say(&format!("  again: {}", replay(story)));
    say(&format!("  shortened to {} acts, {:?}:", story.steps.len(), story.climate));
    told(short, false);
}

/// A story and how it ended.
pub(crate) fn tell(story: &Story, ended: &Ended, table: bool) {
    say(&format!("seed {}: {} acts in {:?}", story.seed, story.steps.len(), story.climate));
    told(ended, table);
    for (kind, count) in ended.tally.all() {
        say(&format!("  {kind:<48}{count:>8}"));
    }
    say(&format!("lasted {:#}, hash {:016x}", ended.lasted, ended.hash()));
    for broken in &ended.broken {
        say(&format!("BROKEN {broken}"));
    }
}

fn told(ended: &Ended, table: bool) {
    for line in ended.transcript.iter().filter(|line| table || line.contains('→')) {
        say(&format!("  {line}"));
    }
}

/// The command that plays this story again.
pub(crate) fn replay(story: &Story) -> String {
    let whole = Story::of(story.seed);
    let mut command = format!("cargo xtask simulate --seed {}", story.seed);
    if story.steps.len() < whole.steps.len() {
        let numbers: Vec<String> = story.steps.iter().map(|step| step.number.to_string()).collect();
        command.push_str(&format!(" --only {}", numbers.join(",")));
    }
    if let Some(mutation) = story.without {
        command.push_str(&format!(" --without {}", mutation.word()));
    }
    let calm = calmed(whole.climate, story.climate);
    if !calm.is_empty() {
        command.push_str(&format!(" --calm {}", calm.join(",")));
    }
    command
}

fn calmed(whole: Climate, now: Climate) -> Vec<&'static str> {
    let parts = [
        ("aws", whole.aws != now.aws),
        ("queue", whole.queue != now.queue),
        ("providers", whole.providers != now.providers),
        ("lost", whole.lost != now.lost),
        ("twice", whole.twice != now.twice),
        ("crashes", whole.crashes != now.crashes),
    ];
    parts.into_iter().filter(|(_, calmed)| *calmed).map(|(part, _)| part).collect()
}
