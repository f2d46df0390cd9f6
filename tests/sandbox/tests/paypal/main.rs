//! Journeys through the pretended PayPal, over HTTP as any client would go: what a merchant's program calls, what the payer clicks,
//! what arrives at the listener. The clock is moved instead of waited for. Nothing of PayPal's own texts or recordings is used.

// Helpers of tests may fail as loudly as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod billing;
mod catalogue;
mod lifecycle;
mod payments;
mod shop;
mod signing;
mod subscribing;
mod webhooks;
mod worlds;
