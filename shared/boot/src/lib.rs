//! From the environment to a running function: variables, telemetry, the parts of the app, and the two
//! mains (HTTP and events).
//!
//! Invariants: nothing is connected before the first request needs it; a variable is named in [`env`]
//! and nowhere else. Absent on purpose: any rule of the product.

mod build;
pub mod env;
mod lambda;
pub mod telemetry;

pub use env::Env;
pub use lambda::{event, http};

use app::Clock;

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

/// What a function starts from.
#[derive(Clone)]
pub struct Boot {
    /// Its variables.
    pub env: Env,
    /// Its clock.
    pub clock: Clock,
    /// Counts what the store costs, where somebody counts.
    pub meter: Option<store::Meter>,
}

impl Boot {
    /// From these variables and this clock.
    pub fn new(env: Env, clock: Clock) -> Self {
        Self { env, clock, meter: None }
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
