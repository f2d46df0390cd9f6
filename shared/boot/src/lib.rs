//! From the environment to a running function: variables, telemetry, the parts of the app, and the two
//! mains (HTTP and events).
//!
//! Invariants: nothing is connected before the first request needs it; a variable is named in [`env`]
//! and nowhere else; time, chance and what carries bytes come in here alone. Absent on purpose: any rule
//! of the product.

mod build;
pub mod env;
mod lambda;
pub mod telemetry;

pub use env::Env;
pub use lambda::{event, http};

use std::sync::Arc;

use app::Clock;
use net::{AwsHttp, Http, SharedHttpClient};

/// Where ids get their randomness.
pub type Random = Arc<dyn Fn() -> u128 + Send + Sync>;

/// Why a function cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// A variable that must be there is not.
    #[error("the variable {0} is missing; template.yaml sets it")]
    Missing(&'static str),
    /// A variable that cannot be read.
    #[error("the variable {0} is not right: {1}")]
    Wrong(&'static str, String),
}

/// What a function starts from. Clones, and all that is made from them, share their connections.
#[derive(Clone)]
pub struct Boot {
    /// Its variables.
    pub env: Env,
    /// Its clock.
    pub clock: Clock,
    /// Counts what the store costs, where somebody counts.
    pub meter: Option<store::Meter>,
    http: Http,
    aws_http: SharedHttpClient,
    random: Option<Random>,
}

impl Boot {
    /// From these variables and this clock, over connections of its own.
    pub fn new(env: Env, clock: Clock) -> Self {
        Self { env, clock, meter: None, http: Http::new(), aws_http: SharedHttpClient::new(AwsHttp::new()), random: None }
    }

    /// The same over another client for other companies.
    #[must_use]
    pub fn with_http(mut self, http: Http) -> Self {
        self.http = http;
        self
    }

    /// The same over another client for AWS.
    #[must_use]
    pub fn with_aws_http(mut self, aws_http: SharedHttpClient) -> Self {
        self.aws_http = aws_http;
        self
    }

    /// The same with another source of randomness than the machine's, also for the store's tokens and waits.
    /// No two apps on one table may be given the same numbers.
    #[must_use]
    pub fn with_random(mut self, random: Random) -> Self {
        self.random = Some(random);
        self
    }

    /// The client for other companies.
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// From the process's own environment and the machine's clock.
    pub fn from_process() -> Self {
        Self::new(Env::from_process(), Clock::system())
    }

    /// The use cases, over clients that connect on first use.
    ///
    /// # Errors
    /// [`BootError`] names the variable that is wrong.
    pub fn app(&self) -> Result<app::App, BootError> {
        build::app(self)
    }
}
