//! The other companies that Daypass calls (WHAPI, PayPal) and its own pipes (queue, secrets).
//!
//! Invariants: every call says what may be believed of it afterwards (see [`outcome`]); answers are read
//! tolerantly and typed at this border; nothing here repeats a call that could have an effect; time is
//! given. Absent on purpose: rules, storage, and any trait over two providers.

mod call;
mod json;
pub mod outcome;
pub mod paypal;
pub mod pipes;
pub mod whapi;
