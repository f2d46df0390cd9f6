//! What a provider is started from, and the sandbox that starts them all.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::Clock;
use crate::deliver::{Carrier, Deliverer};
use crate::faults::{FaultPlan, Faults};
use crate::mail::Outbox;
use crate::oidc::Oidc;
use crate::paypal::Paypal;
use crate::random::Random;
use crate::saved::{Saved, SavedError};
use crate::whapi::Whapi;

/// Which ports the providers listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortPlan {
    /// Any free ones. Not for a world that is kept: accounts are known by the issuer's URL.
    Ephemeral,
    /// WHAPI's manager on this one, then WHAPI's gate, PayPal, OIDC.
    From(u16),
}

impl PortPlan {
    /// The port of the listener at this place; 0 stands for any.
    #[must_use]
    pub fn port(self, place: u16) -> u16 {
        match self {
            Self::Ephemeral => 0,
            Self::From(first) => first.saturating_add(place),
        }
    }
}

/// Where the providers reach the product; can change while they run.
#[derive(Clone, Debug, Default)]
pub struct PublicUrl(Arc<RwLock<String>>);

impl PublicUrl {
    /// A base URL; a slash at the end is taken off.
    pub fn new(url: impl AsRef<str>) -> Self {
        let public = Self::default();
        public.set(url);
        public
    }

    /// The base URL, without a slash at the end.
    #[must_use]
    pub fn get(&self) -> String {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Moves the product elsewhere.
    pub fn set(&self, url: impl AsRef<str>) {
        let url = url.as_ref().trim_end_matches('/').to_owned();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = url;
    }
}

/// How a sandbox is to be.
#[derive(Clone, Debug)]
pub struct SandboxConfig {
    /// The clock it shares with whoever starts it.
    pub clock: Clock,
    /// Where state outlives the process; in memory when absent.
    pub data_dir: Option<PathBuf>,
    /// Where webhooks go.
    pub public_url: String,
    /// Where it listens.
    pub ports: PortPlan,
    /// Where ids, tokens and choices come from.
    pub random: Random,
    /// What carries webhooks.
    pub webhooks: Carrier,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            clock: Clock::new(),
            data_dir: None,
            public_url: "http://127.0.0.1:3000".to_owned(),
            ports: PortPlan::Ephemeral,
            random: Random::machine(),
            webhooks: Carrier::Sockets,
        }
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A port was taken.
    #[error("cannot listen: {0}")]
    Listen(#[from] std::io::Error),
    /// A file of state could not be taken up.
    #[error(transparent)]
    Saved(#[from] SavedError),
    /// Something else; the text says what.
    #[error("{0}")]
    Other(String),
}

/// What every provider is started from. Cheap to clone.
#[derive(Clone)]
pub struct Frame {
    /// The shared clock.
    pub clock: Clock,
    /// The shared faults; put [`crate::faults::layer`] round each router.
    pub faults: Faults,
    /// Sends webhooks.
    pub deliverer: Deliverer,
    /// Takes mail.
    pub mail: Outbox,
    /// Where the product is.
    pub public_url: PublicUrl,
    /// Where state outlives the process.
    pub data_dir: Option<PathBuf>,
    /// Where chance comes from; a provider takes a stream of its own.
    pub random: Random,
}

impl Frame {
    /// A frame with nothing in it yet.
    ///
    /// # Errors
    /// When saved mail cannot be taken up.
    pub fn new(config: &SandboxConfig) -> Result<Self, SandboxError> {
        let faults = Faults::new();
        let deliverer = Deliverer::over(config.webhooks.clone(), config.clock.clone(), faults.clone());
        let deliverer = deliverer.map_err(|cause| SandboxError::Other(cause.to_string()))?;
        let mut frame = Self {
            clock: config.clock.clone(),
            faults,
            deliverer,
            mail: Outbox::new(Saved::memory()),
            public_url: PublicUrl::new(&config.public_url),
            data_dir: config.data_dir.clone(),
            random: config.random.clone(),
        };
        frame.mail = Outbox::new(frame.saved("mail")?);
        Ok(frame)
    }

    /// The state of this name: in `<data_dir>/<name>.json`, or in memory.
    ///
    /// # Errors
    /// When the file cannot be read or holds something else.
    pub fn saved<T>(&self, name: &str) -> Result<Saved<T>, SandboxError>
    where
        T: Serialize + DeserializeOwned + Default,
    {
        match &self.data_dir {
            Some(folder) => Ok(Saved::file(folder.join(format!("{name}.json")))?),
            None => Ok(Saved::memory()),
        }
    }
}

/// All providers, running. Dropping it closes their sockets.
#[derive(Clone)]
pub struct Sandbox {
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
    /// The sign-in provider.
    pub oidc: Oidc,
    /// The mail that would have been sent.
    pub mail: Outbox,
    public_url: PublicUrl,
}

impl Sandbox {
    /// Starts all providers. Must be called on a runtime.
    ///
    /// # Errors
    /// When a port is taken or saved state cannot be taken up.
    pub async fn start(config: SandboxConfig) -> Result<Self, SandboxError> {
        let frame = Frame::new(&config)?;
        let ports = config.ports;
        let whapi = Whapi::start(&frame, ports.port(0), ports.port(1)).await?;
        let paypal = Paypal::start(&frame, ports.port(2)).await?;
        let oidc = Oidc::start(&frame, ports.port(3)).await?;
        Ok(Self {
            clock: frame.clock,
            faults: frame.faults,
            deliverer: frame.deliverer,
            whapi,
            paypal,
            oidc,
            mail: frame.mail,
            public_url: frame.public_url,
        })
    }

    /// Moves the product's public URL: webhooks sent from now on go there.
    pub fn set_public_url(&self, url: &str) {
        self.public_url.set(url);
    }

    /// Back to a fresh world on the same sockets. The clock belongs to whoever made it and stays.
    pub fn reset(&self) {
        self.faults.set(FaultPlan::default());
        self.deliverer.clear();
        self.whapi.reset();
        self.paypal.reset();
        self.oidc.reset();
        self.mail.clear();
    }
}
