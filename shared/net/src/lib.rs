//! What every outgoing connection of Daypass shares: one rustls configuration whose roots are said
//! here, the SDK's HTTP client and the `reqwest` client made from it on first use, timeouts, what may
//! be logged of a call, and which addresses are never called.
//!
//! Invariants: nothing is connected or loaded before the first call; no redirect is followed; no
//! proxy is taken from the environment. Absent on purpose: any provider's or AWS service's words.

pub mod address;
pub mod aws;
mod aws_http;
mod http;
pub mod redact;
mod tls;

pub use aws::Aws;
pub use aws_http::AwsHttp;
pub use http::{NetError, USER_AGENT, http};
pub use tls::tls_config;
