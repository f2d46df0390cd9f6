//! The use cases: load → decide → commit → call. One file per noun, one function per verb.
//!
//! Invariants: a decision is the domain's, a commit is one transaction, no outside call happens inside
//! one; what is unfinished says so in its record and is found again. Absent on purpose: HTTP, Lambda and
//! AWS, which this crate does not know.

mod clock;
mod error;
mod parts;
mod support;

pub mod account;
pub mod admin;
pub mod audit;
pub mod channels;
mod deletion;
mod ending;
pub mod extensions;
pub mod figures;
mod funding;
pub mod idempotency;
pub mod identity;
pub mod inbox;
pub mod keys;
mod lapse;
pub mod leads;
pub mod linking;
mod news;
mod partner;
pub mod payments;
mod paypal_side;
pub mod plans;
mod provision;
mod reconcile_paypal;
mod reconcile_whapi;
mod reminders;
pub mod schedule;
mod settle;
mod solvency;
pub mod staff;
pub mod subscriptions;
mod whapi_events;
pub mod work;

pub use clock::Clock;
pub use error::{AppError, FieldError, Provider};
pub use parts::{App, AppParts, Settings};
pub use store::{ApiKey, Job, Page, PageRequest, Solvency};
