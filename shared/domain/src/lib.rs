//! What Daypass is about, as pure values and decisions: days, plans, subscriptions, the ledger,
//! channels and their extensions.
//!
//! Invariants: nothing here reads a clock, draws a random number, waits, or talks to anything;
//! what a function needs it is given. Money is an integer of minor units, days are whole.
//! Absent on purpose: serde on entities (stored shapes live in `store`, shown ones in `web`).

pub mod account;
pub mod channel;
pub mod creations;
pub mod days;
pub mod due;
pub mod extension;
pub mod id;
pub mod ledger;
pub mod lots;
pub mod money;
pub mod notice;
pub mod payment;
pub mod phone;
pub mod plan;
pub mod refusal;
pub mod secret;
pub mod subscription;

pub use days::Days;
pub use jiff::{SignedDuration, Timestamp};
pub use money::{Currency, Money};
pub use phone::PhoneNumber;
pub use refusal::Refusal;
pub use secret::Secret;
