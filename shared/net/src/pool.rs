//! A pool of HTTP/1.1 connections, made on first use: the SDK's calls and ours go over the same code.
//!
//! Invariants: idle connections are dropped by the runtime's clock. A call that found its kept connection
//! dead is given to another one only if hyper gave it back, that is, had not begun to write it.

use std::error::Error;
use std::sync::OnceLock;
use std::time::Duration;

use aws_smithy_types::body::SdkBody;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::wire::Carrier;

/// How long an idle connection is kept; what Lambda froze for longer is seldom still alive.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) type Client = legacy::Client<Carrier, SdkBody>;

/// One pool, over sockets or over what was given.
pub(crate) struct Pool {
    connect_within: Duration,
    given: Option<Carrier>,
    client: OnceLock<Option<Client>>,
}

impl Pool {
    /// Over TCP and TLS.
    pub(crate) const fn over_sockets(connect_within: Duration) -> Self {
        Self { connect_within, given: None, client: OnceLock::new() }
    }

    /// Over another carrier.
    pub(crate) const fn over(connect_within: Duration, carrier: Carrier) -> Self {
        Self { connect_within, given: Some(carrier), client: OnceLock::new() }
    }

    /// The client; `None` if there were no TLS version in common.
    pub(crate) fn client(&self) -> Option<&Client> {
        let make = || self.given.clone().or_else(|| Carrier::sockets(self.connect_within)).map(client);
        self.client.get_or_init(make).as_ref()
    }
}

fn client(carrier: Carrier) -> Client {
    let mut builder = legacy::Client::builder(TokioExecutor::new());
    builder.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE_TIMEOUT);
    builder.build(carrier)
}

/// An error and what is behind it.
pub(crate) fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
