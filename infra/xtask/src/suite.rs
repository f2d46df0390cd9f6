//! `cargo xtask test`: every check in order, each with a line when it begins and when it ends, then a table, and
//! at the very end what the test runner said last. One failure does not keep the other checks from running.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::project::Project;
use crate::run::{Outcome, say};
use crate::steps::{STEPS, Step};

/// Which checks to run.
#[derive(Args)]
pub(crate) struct Choice {
    /// Only this check and what it needs; can be said several times
    #[arg(long, value_name = "STEP", value_parser = names())]
    only: Vec<String>,
    /// All but this one; can be said several times
    #[arg(long, value_name = "STEP", value_parser = names())]
    skip: Vec<String>,
    /// List the checks
    #[arg(long)]
    list: bool,
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(STEPS.map(|step| step.name))
}

/// How a check ended.
struct Ended {
    step: &'static Step,
    seconds: f64,
    outcome: Outcome,
}

pub(crate) fn test(project: &Project, choice: &Choice) -> Outcome<ExitCode> {
    if choice.list {
        STEPS.iter().for_each(|step| say(&format!("{:<10}{}", step.name, step.what)));
        return Ok(ExitCode::SUCCESS);
    }
    let chosen = chosen(choice);
    let (began, mut ended, mut last_words) = (Instant::now(), Vec::new(), Vec::new());
    for (number, step) in chosen.iter().enumerate() {
        say(&format!("\n[{}/{}] {}: {}", number + 1, chosen.len(), step.name, step.what));
        let begins = Instant::now();
        let outcome = missing(step, &ended).and_then(|()| (step.run)(project, &mut last_words));
        let one = Ended { step, seconds: begins.elapsed().as_secs_f64(), outcome };
        let mark = one.outcome.as_ref().err().map_or_else(|| "ok".to_owned(), |cause| format!("FAILED: {cause}"));
        say(&format!("[{}/{}] {}: {:.1} s, {mark}", number + 1, chosen.len(), step.name, one.seconds));
        ended.push(one);
    }
    show(&ended, began.elapsed().as_secs_f64());
    last_words.iter().for_each(|line| say(line));
    let is_good = ended.iter().all(|one| one.outcome.is_ok());
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Checks in their order: all, or those asked for with what they need.
fn chosen(choice: &Choice) -> Vec<&'static Step> {
    let mut wanted: BTreeSet<&str> = choice.only.iter().map(String::as_str).collect();
    if wanted.is_empty() {
        wanted = STEPS.iter().map(|step| step.name).collect();
    }
    // What a check needs stands before it.
    for step in STEPS.iter().rev().filter(|step| !choice.skip.iter().any(|skipped| skipped == step.name)) {
        if wanted.contains(step.name) {
            wanted.extend(step.needs);
        }
    }
    STEPS.iter().filter(|step| wanted.contains(step.name) && !choice.skip.iter().any(|skipped| skipped == step.name)).collect()
}

/// Fails when something that a check needs has failed.
fn missing(step: &Step, ended: &[Ended]) -> Outcome {
    let failed = ended.iter().find(|one| one.outcome.is_err() && step.needs.contains(&one.step.name));
    failed.map_or(Ok(()), |one| Err(format!("not tried, because {} failed", one.step.name)))
}

fn show(ended: &[Ended], seconds: f64) {
    say(&format!("\n{:<10}{:>9}  result", "check", "seconds"));
    for one in ended {
        let first_line = |cause: &String| format!("FAILED: {}", cause.lines().next().unwrap_or_default());
        let result = one.outcome.as_ref().err().map_or_else(|| "ok".to_owned(), first_line);
        say(&format!("{:<10}{:>9.1}  {result}", one.step.name, one.seconds));
    }
    let failed = ended.iter().filter(|one| one.outcome.is_err()).count();
    let whole = if failed == 0 { "all ok".to_owned() } else { format!("{failed} of {} failed", ended.len()) };
    say(&format!("{:<10}{seconds:>9.1}  {whole}", "together"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_of(only: &[&str], skip: &[&str]) -> Vec<&'static str> {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let choice = Choice { only: owned(only), skip: owned(skip), list: false };
        chosen(&choice).into_iter().map(|step| step.name).collect()
    }

    #[test]
    fn every_check_needs_only_what_runs_before_it() {
        for (number, step) in STEPS.iter().enumerate() {
            let before: Vec<&str> = STEPS.iter().take(number).map(|step| step.name).collect();
            assert!(step.needs.iter().all(|need| before.contains(need)), "{} comes too early", step.name);
        }
    }

    #[test]
    fn one_check_brings_what_it_needs_and_a_skipped_one_brings_nothing() {
        assert_eq!(names_of(&["format"], &[]), ["format"]);
        assert_eq!(names_of(&["api"], &[]), ["python", "build", "api"]);
        assert_eq!(names_of(&["api"], &["build"]), ["python", "api"]);
        assert_eq!(names_of(&[], &["tests"]).len(), STEPS.len() - 1);
    }

    #[test]
    fn the_tests_come_last_so_that_their_last_words_are_ours() {
        assert_eq!(STEPS.last().unwrap().name, "tests");
    }
}
