//! What people meet in the browser: the whole main job, what goes wrong, and how it looks on each screen.

// Helpers of tests may fail as loudly as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod browser_failures;
mod browser_job;
mod browser_looks;
mod browser_reach;
mod browser_staff;
mod browser_staff_looks;
mod browser_trouble;
mod people;
mod rules;
mod scenes;
mod troubles;
