//! WHAPI and PayPal within the process: the same worlds, controls and webhooks, without a socket, for a
//! simulation that carries requests itself.
//!
//! Whoever starts it is on a runtime, which may be one of a single thread, paused, and without an I/O driver.
//! What the providers do by themselves runs there too and ends with it. The addresses are names that no
//! network knows, under https, as clients of the real companies use it; TLS is absent. The sign-in provider
//! is absent.

use axum::Router;

use crate::clock::Clock;
use crate::deliver::Deliverer;
use crate::faults::Faults;
use crate::frame::{Frame, PublicUrl, Sandbox, SandboxConfig, SandboxError};
use crate::paypal::Paypal;
use crate::whapi::Whapi;

/// Where WHAPI's manager is.
pub const MANAGER_HOST: &str = "manager.whapi.test";
/// Where WHAPI's gate is.
pub const GATE_HOST: &str = "gate.whapi.test";
/// Where PayPal is.
pub const PAYPAL_HOST: &str = "api.paypal.test";

/// Providers without sockets. Dropping it ends what they do by themselves.
#[derive(Clone)]
pub struct InProcess {
    /// The clock everybody goes by.
    pub clock: Clock,
    /// Faults on purpose.
    pub faults: Faults,
    /// Webhooks on their way.
    pub deliverer: Deliverer,
    /// WHAPI.
    pub whapi: Whapi,
    /// PayPal.
    pub paypal: Paypal,
    /// What answers requests.
    pub routers: Routers,
    public_url: PublicUrl,
}

/// What answers at each host; to be served by [`converse`](crate::serve::converse), or called.
#[derive(Clone)]
pub struct Routers {
    /// At [`MANAGER_HOST`].
    pub whapi_manager: Router,
    /// At [`GATE_HOST`].
    pub whapi_gate: Router,
    /// At [`PAYPAL_HOST`].
    pub paypal: Router,
}

impl Routers {
    /// Who answers at this host.
    #[must_use]
    pub fn at(&self, host: &str) -> Option<&Router> {
        match host {
            MANAGER_HOST => Some(&self.whapi_manager),
            GATE_HOST => Some(&self.whapi_gate),
            PAYPAL_HOST => Some(&self.paypal),
            _ => None,
        }
    }
}

impl InProcess {
    /// Moves the product's public URL: webhooks sent from now on go there.
    pub fn set_public_url(&self, url: &str) {
        self.public_url.set(url);
    }
}

impl Sandbox {
    /// Starts WHAPI and PayPal without sockets; `config.ports` says nothing here. Must be called on a runtime.
    ///
    /// # Errors
    /// When saved state cannot be taken up or no certificate can be made.
    pub fn in_process(config: SandboxConfig) -> Result<InProcess, SandboxError> {
        let frame = Frame::new(&config)?;
        let (whapi, doors) = Whapi::behind(&frame, site(MANAGER_HOST), site(GATE_HOST))?;
        let (paypal, router) = Paypal::behind(&frame, site(PAYPAL_HOST))?;
        Ok(InProcess {
            clock: frame.clock,
            faults: frame.faults,
            deliverer: frame.deliverer,
            whapi,
            paypal,
            routers: Routers { whapi_manager: doors.manager, whapi_gate: doors.gate, paypal: router },
            public_url: frame.public_url,
        })
    }
}

fn site(host: &str) -> String {
    format!("https://{host}")
}
