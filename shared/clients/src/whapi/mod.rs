//! WHAPI: the partner's API ([`Manager`]), the channels' API ([`Gate`]), and what it sends us.
//!
//! Invariants: tokens are given with each call and never kept; WHAPI knows no idempotency, so nothing is
//! ever called twice here; both of its error shapes, times in seconds and milliseconds, and missing
//! fields are read.

mod channel;
mod error;
mod gate;
mod health;
mod login;
mod manager;
mod notice;
mod partner;
mod settings;
pub mod webhook;
mod webhook_items;

pub use channel::{ChannelInfo, ChannelPage};
pub use error::{needs_linking, not_ready};
pub use gate::{Gate, Limits, Logout};
pub use health::{HealthReading, HealthState};
pub use login::QrAnswer;
pub use manager::{MOST_ROWS, Manager};
pub use partner::{Partner, PartnerSettings};
pub use settings::{ChannelSettings, WebhookSetting, WebhookTarget};
