//! The way to the providers and back: real HTTP/1.1 over pipes within the process, through the weather.
//!
//! - Whoever calls gets a pipe from [`Carriers::connect`]; the sandbox's own server speaks at its other end.
//! - A request that has arrived is done to its end, whether its caller still waits, has hung up, or is dead.
//! - What befalls a request is drawn from the seed, the route and how often that route was called; so a story
//!   that is cut short meets much of the same weather.
//! - Bytes are falsified only where a [`ProviderMutation`] is asked for.
//!
//! Absent: webhooks, which the sandbox's own deliverer and its fault plan take care of.

mod mutation;
mod passage;
mod weather;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use http::Uri;
use sandbox::faults::Provider;
use sandbox::{InProcess, PAYPAL_HOST};
use tokio::io::DuplexStream;

use mutation::Mutant;
pub use mutation::ProviderMutation;
use passage::Passage;
pub use weather::{Fault, Weather};

/// How many bytes a pipe holds in each direction.
const PIPE_BYTES: usize = 16 * 1024;

/// Carries requests to the providers; cheap to clone, all clones share the weather.
#[derive(Clone)]
pub struct Carriers {
    sandbox: InProcess,
    weather: Weather,
    mutant: Arc<Mutant>,
}

impl Carriers {
    /// Carriers to these providers through this weather. `late_limit` is how long after its arrival a late request
    /// may still take effect; a mutation falsifies one thing on the way.
    pub fn new(sandbox: &InProcess, weather: &Weather, late_limit: Duration, mutation: Option<ProviderMutation>) -> Self {
        let mutant = Mutant::new(sandbox.whapi.clone(), sandbox.clock.clone(), mutation);
        weather.allow_late(late_limit, mutation == Some(ProviderMutation::LateAfterWait));
        Self { sandbox: sandbox.clone(), weather: weather.clone(), mutant: Arc::new(mutant) }
    }

    /// A client over these carriers, with connections of its own.
    pub fn http(&self) -> net::Http {
        let carriers = self.clone();
        net::Http::over(move |address| carriers.connect(&address))
    }

    /// A connection to the host of an address.
    ///
    /// # Errors
    /// No such host, or the weather lets nobody through.
    pub fn connect(&self, address: &Uri) -> impl Future<Output = io::Result<DuplexStream>> + Send + use<> {
        let host = address.host().unwrap_or_default().to_owned();
        let carriers = self.clone();
        async move {
            let door = carriers.door(&host).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
            carriers.weather.connects(&host).await?;
            let (near, far) = tokio::io::duplex(PIPE_BYTES);
            tokio::spawn(sandbox::serve::converse(far, door));
            Ok(near)
        }
    }

    /// A provider's router with the weather round it.
    fn door(&self, host: &str) -> Option<Router> {
        let router = self.sandbox.routers.at(host)?.clone();
        let provider = if host == PAYPAL_HOST { Provider::Paypal } else { Provider::Whapi };
        let passage = Passage { host: host.to_owned(), provider, weather: self.weather.clone(), mutant: Arc::clone(&self.mutant) };
        Some(router.layer(from_fn_with_state(passage, passage::meet)))
    }
}
