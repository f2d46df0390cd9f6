//! What every outgoing connection of Daypass shares: one rustls configuration whose roots are said
//! here, the SDK's HTTP client and the one for other companies over the same pool, timeouts, what may
//! be logged of a call, and which addresses are never called.
//!
//! Invariants: nothing is connected or loaded before the first call; no redirect is followed; no
//! proxy is taken from the environment; what carries the bytes can be exchanged. Absent on purpose: any
//! provider's or AWS service's words, and a client for the whole process.

pub mod address;
pub mod aws;
mod aws_http;
mod http;
mod pool;
pub mod redact;
mod tls;
mod wire;

pub use aws::Aws;
pub use aws_http::AwsHttp;
pub use aws_smithy_runtime_api::client::http::SharedHttpClient;
pub use http::{Http, HttpError, OUR_NAME, bearer};
pub use tls::tls_config;
