//! PayPal: products and plans, subscriptions, sales, and the webhooks that it signs.
//!
//! Invariants: money is read from decimals, never through floats; links are found by their relation;
//! a word that we do not know is kept, not guessed; a webhook's body is never the proof of a payment,
//! for PayPal signs only a CRC-32 of it.

mod amount;
mod catalog;
mod certificate;
mod check;
mod client;
mod error;
mod postback;
mod refusal;
mod sale;
mod subscription;
mod token;
mod verify;
pub mod webhook;

pub use amount::Amount;
pub use catalog::{NewPlan, NewProduct, PlanInfo, PlanState};
pub use certificate::{CertificateHost, Environment};
pub use check::{VerifyBy, WebhookCheck};
pub use client::{Credentials, Now, PayPal};
pub use error::{SUBSCRIPTION_STATUS_INVALID, status_invalid};
pub use refusal::WebhookRefusal;
pub use sale::{RefundInfo, SaleInfo};
pub use subscription::{NewSubscription, Opened, SubscriptionInfo, SubscriptionState, Transaction};
pub use verify::{PaypalHeaders, Verified, Verifier, VerifierConfig, VerifierError};
