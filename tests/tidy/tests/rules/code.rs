//! How long files and functions are, how they begin, and which lints they may silence.

use tidy::code::{Function, Source, sources};
use tidy::holds;

/// The longest file, in lines.
const FILE_LINES: usize = 400;
/// The longest function, in lines.
const FUNCTION_LINES: usize = 70;
/// Half of all functions are at most this long.
const MEDIAN_LINES: usize = 13;
/// A function's `main.rs` starts it, and does nothing else.
const MAIN_LINES: usize = 25;
/// Lints that only tests may silence: what they forbid ends a program.
const NOT_SILENCED: [&str; 6] = ["unwrap_used", "expect_used", "clippy::panic", "clippy::todo", "indexing_slicing", "unsafe_code"];
/// The clocks: the only files that read the machine's time.
const CLOCKS: [&str; 2] = ["shared/app/src/clock.rs", "tests/sandbox/src/clock.rs"];

fn functions() -> Vec<Function> {
    let code = sources().unwrap().into_iter().filter(|source| !source.is_test());
    code.flat_map(|source| source.code().unwrap().functions).collect()
}

#[test]
fn files_are_short() {
    let long = |source: &Source| {
        let lines = source.text.lines().count();
        (lines > FILE_LINES).then(|| format!("{} has {lines} lines", source.path))
    };
    let broken: Vec<String> = sources().unwrap().iter().filter_map(long).collect();
    holds("A file has at most 400 lines", &broken);
}

#[test]
fn functions_are_short() {
    let functions = functions();
    let long = functions.iter().filter(|function| function.lines > FUNCTION_LINES);
    let broken: Vec<String> = long.map(|function| format!("{} {} has {} lines", function.place, function.name, function.lines)).collect();
    holds("A function has at most 70 lines", &broken);
    let mut lines: Vec<usize> = functions.iter().map(|function| function.lines).collect();
    lines.sort_unstable();
    let median = lines[lines.len() / 2];
    assert!(median <= MEDIAN_LINES, "the median function has {median} lines, {MEDIAN_LINES} is the most");
}

#[test]
fn a_file_says_first_what_it_is_for() {
    let headless = sources().unwrap().into_iter().filter(|source| !source.text.starts_with("//!"));
    let broken: Vec<String> = headless.map(|source| source.path).collect();
    holds("A file begins with a head: `//!`", &broken);
}

#[test]
fn a_functions_main_only_starts_it() {
    let mains =
        sources().unwrap().into_iter().filter(|source| source.path.starts_with("functions/") && source.path.ends_with("/src/main.rs"));
    let mains: Vec<Source> = mains.collect();
    let long = mains.iter().filter(|source| source.text.lines().count() > MAIN_LINES);
    let broken: Vec<String> = long.map(|source| source.path.clone()).collect();
    assert!(!mains.is_empty());
    holds("A main has at most 25 lines", &broken);
}

#[test]
fn only_tests_may_end_the_program() {
    let mut broken = Vec::new();
    for source in sources().unwrap().iter().filter(|source| !source.is_test()) {
        let silenced = source.code().unwrap().silenced.into_iter();
        let wrong = silenced.filter(|(_, lints)| NOT_SILENCED.iter().any(|lint| lints.contains(lint)));
        broken.extend(wrong.map(|(place, lints)| format!("{place} allows {lints}")));
    }
    holds("What ends a program is not allowed outside tests", &broken);
}

#[test]
fn time_comes_from_the_clock() {
    let mut broken = Vec::new();
    for source in sources().unwrap().iter().filter(|source| !source.is_test() && !CLOCKS.contains(&source.path.as_str())) {
        let silenced = source.code().unwrap().silenced.into_iter();
        broken.extend(silenced.filter(|(_, lints)| lints.contains("disallowed_methods")).map(|(place, _)| place));
    }
    holds("Only a clock reads the machine's time", &broken);
}

#[test]
fn no_test_is_put_aside() {
    let broken: Vec<String> = sources().unwrap().iter().flat_map(|source| source.code().unwrap().ignored).collect();
    holds("No test is ignored", &broken);
}
