//! The journeys of the main job, black-box and through the front door: buying days, spending them on
//! channels, linking phones; what goes wrong on the way, and what strangers try.

// Helpers of tests may fail as loudly as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod main_job;
