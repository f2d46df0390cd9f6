//! The money paths under faults: seeded stories of several customers, played by the real handlers, use cases,
//! store and clients against embedded AWS and the providers' sandboxes, in one thread, on one paused clock.
//!
//! Invariants: a seed replays to the last byte; nothing here opens a socket, starts a thread or reads the
//! machine's clock within a story; the product has no switch for it: what is pretended is what carries bytes,
//! the time, and chance. After each story the world must come to rest, and everything must add up.

// Helpers of tests may fail as loudly as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod aws;
mod checks;
mod cli;
#[cfg(test)]
mod crash_points;
pub mod dice;
mod front;
mod hands;
mod jobs;
mod life;
mod log;
mod machine;
mod many;
mod mutation;
mod outside;
mod play;
pub mod providers;
mod report;
mod rest;
mod schedule;
mod shorten;
#[cfg(test)]
mod stories;
mod story;
mod stream;
mod table;
mod tally;
mod template;
mod watched;
mod world;

/// Runs the command `simulate`.
pub fn command() -> std::process::ExitCode {
    cli::command()
}
