//! The journeys of the main job, black-box and through the front door: buying days, spending them on
//! channels, linking phones; what goes wrong on the way, and what strangers try. Each names the rows of the
//! requirements that it covers.

// Helpers of tests may fail as loudly as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod balance;
mod channels;
mod creations;
mod expiry;
mod hands;
mod idempotency;
mod input;
mod linking;
mod local_stack;
mod lost_answers;
mod main_job;
mod partner_token;
mod payments;
mod plan_changes;
mod plans;
mod refunds;
mod refused;
mod reminders;
mod renewal;
mod restart;
mod secrecy;
mod sign_in;
mod solvency;
mod staff;
mod subscriptions;
mod webhooks;
