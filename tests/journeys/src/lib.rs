//! A small client for black-box journeys: people who sign up, pay, add channels and look, over HTTP and
//! through the front door alone; and the controls by which everybody else plays their part.
//!
//! Invariants: every test has a world of its own on free ports and leaves nothing behind; time moves by the
//! clock; a helper that meets something unexpected fails at once and says what was answered. Absent: any
//! look into the table. What a journey knows, a person could have seen.

// Helpers of tests may fail as loudly as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answer;
pub mod browser;
mod channels;
mod hands;
mod paypal;
mod person;
mod tap;
mod world;

pub use answer::Answer;
pub use channels::Line;
pub use paypal::Merchant;
pub use person::Person;
pub use tap::{Caught, Tap};
pub use world::{World, days, minutes, seconds};
