//! The `reqwest` client for other companies' APIs.
//!
//! Invariants: no redirect is followed, nothing is sent twice, no proxy is read from the environment,
//! and every call ends. The limits stay far below the two minutes after which an unanswered call is
//! said not to have happened.

use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use reqwest::{Client, redirect::Policy, retry};

use crate::tls::tls_config;

/// What we call ourselves; some providers refuse the names of libraries.
pub const USER_AGENT: &str = concat!("Daypass/", env!("CARGO_PKG_VERSION"));
/// The longest that a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest that a call may take from its start to the last byte of its answer.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(20);
/// How long an idle connection is kept; what Lambda froze for longer is seldom still alive.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

static CLIENT: OnceLock<Client> = OnceLock::new();
static MAKING: Mutex<()> = Mutex::new(());

/// No client could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no HTTP client: {why}")]
pub struct NetError {
    /// What was in the way, for the log.
    pub why: String,
}

/// The client for calls to other companies, made on first use and shared from then on.
///
/// # Errors
/// [`NetError`] when the TLS configuration cannot be taken.
pub fn http() -> Result<Client, NetError> {
    if let Some(client) = CLIENT.get() {
        return Ok(client.clone());
    }
    let _one_at_a_time = MAKING.lock();
    if let Some(client) = CLIENT.get() {
        return Ok(client.clone());
    }
    let client = make()?;
    Ok(CLIENT.get_or_init(|| client).clone())
}

fn make() -> Result<Client, NetError> {
    let tls = tls_config().ok_or_else(|| NetError { why: "no TLS version in common".to_owned() })?;
    Client::builder()
        .tls_backend_preconfigured((*tls).clone())
        .user_agent(USER_AGENT)
        .redirect(Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .http1_only()
        .tcp_nodelay(true)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .build()
        .map_err(|error| NetError { why: error.to_string() })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_client_is_made_from_the_one_configuration() {
        assert!(super::http().is_ok());
        assert!(super::USER_AGENT.starts_with("Daypass/"));
    }
}
