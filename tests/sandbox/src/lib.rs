//! The companies Daypass depends on, as servers that pretend: WHAPI, PayPal, a sign-in provider
//! (OpenID Connect) and the mail that would have been sent. Each is stateful, speaks the
//! company's own routes without a prefix, and takes any client of the real thing unchanged but
//! for its base URL.
//!
//! What the providers share stands in this crate's top files: one movable [`Clock`], seeded
//! [`Faults`], a [`Deliverer`] of webhooks, state that outlives the process ([`Saved`]), and the
//! listeners ([`serve`]). A provider is started from a [`Frame`]; [`Sandbox`] starts them all. For a
//! simulation, WHAPI and PayPal also run within its process ([`InProcess`]): without a socket, on its
//! time ([`Clock::simulated`]) and by its seed ([`Random`]), the same to the byte each time.
//!
//! Nothing here knows Daypass's own code: no crate of `shared/` is a dependency.

pub mod clock;
pub mod control;
pub mod deliver;
pub mod faults;
pub mod mail;
pub mod oidc;
pub mod paypal;
pub mod saved;
pub mod serve;
pub mod whapi;

mod frame;
mod in_process;
mod random;
mod slash;

pub use clock::Clock;
pub use control::{ControlError, ControlResult};
pub use deliver::{Deliverer, Delivery};
pub use faults::{FaultPlan, Faults};
pub use frame::{Frame, PortPlan, PublicUrl, Sandbox, SandboxConfig, SandboxError};
pub use in_process::{GATE_HOST, InProcess, MANAGER_HOST, PAYPAL_HOST, Routers};
pub use mail::Outbox;
pub use random::Random;
pub use saved::Saved;
pub use serve::Listening;
