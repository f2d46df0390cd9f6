//! What the use cases work with: the store, the providers, the queue, the clock and the settings.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::clock::Clock;
use crate::error::AppError;

/// What a person may set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where providers and browsers reach us.
    pub public_url: Url,
    /// The longest time that a late request may still arrive at WHAPI.
    pub late_request: SignedDuration,
    /// Who is the first admin: a subject, or a verified e-mail.
    pub first_admin: Option<String>,
    /// How many channels may be created at WHAPI in one window.
    pub creations_limit: usize,
    /// That window.
    pub creations_window: SignedDuration,
    /// By how many days what we have at WHAPI should exceed what we owe; below, staff are told.
    pub solvency_margin_days: i64,
    /// How long a request for a QR code waits for WHAPI to draw one.
    pub qr_patience: std::time::Duration,
    /// How long it waits between two looks.
    pub qr_pause: std::time::Duration,
}

impl Settings {
    /// The defaults for a given public address.
    pub fn new(public_url: Url) -> Self {
        Self {
            public_url,
            late_request: SignedDuration::from_mins(2),
            first_admin: None,
            creations_limit: 20,
            creations_window: SignedDuration::from_mins(30),
            solvency_margin_days: 300,
            qr_patience: std::time::Duration::from_secs(15),
            qr_pause: std::time::Duration::from_millis(700),
        }
    }
}

/// The parts of an [`App`].
pub struct AppParts {
    /// The table and the bucket.
    pub store: store::Store,
    /// WHAPI's partner API.
    pub whapi: clients::whapi::Manager,
    /// WHAPI's channel API.
    pub gate: clients::whapi::Gate,
    /// PayPal's API, for those functions that may call it.
    pub paypal: clients::paypal::PayPal,
    /// Checks PayPal's signatures.
    pub paypal_webhooks: clients::paypal::WebhookCheck,
    /// The platform's secrets.
    pub secrets: clients::pipes::Secrets,
    /// The queue of jobs.
    pub queue: clients::pipes::Queue,
    /// The clock.
    pub clock: Clock,
    /// Where ids get their randomness.
    pub random: Arc<dyn Fn() -> u128 + Send + Sync>,
    /// The settings.
    pub settings: Settings,
}

/// All that a use case needs; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<AppParts>);

impl App {
    /// Puts the parts together.
    pub fn new(parts: AppParts) -> Self {
        Self(Arc::new(parts))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Eighty random bits, for an id.
    pub(crate) fn random(&self) -> u128 {
        (self.0.random)()
    }
}

impl std::ops::Deref for App {
    type Target = AppParts;
    fn deref(&self) -> &AppParts {
        &self.0
    }
}

impl App {
    /// Opens and seals tokens with the keyring of now.
    pub(crate) async fn sealer(&self) -> Result<store::Sealer, AppError> {
        let text = self.secrets.keyring(self.now()).await.map_err(|error| {
            tracing::error!(%error, "the keyring cannot be read");
            AppError::IntegrationNotConfigured { text: "The keyring is missing; deploy again." }
        })?;
        let keyring = store::Keyring::parse(text.expose()).map_err(|error| AppError::Corrupt(error.to_string()))?;
        Ok(store::Sealer::new(keyring))
    }

    /// The platform's secrets of now.
    pub(crate) async fn platform(&self) -> Result<clients::pipes::PlatformSecrets, AppError> {
        self.secrets.platform(self.now()).await.map_err(|error| {
            tracing::error!(%error, "the platform's secrets cannot be read");
            AppError::IntegrationNotConfigured { text: crate::partner::TOKEN_TEXT }
        })
    }
}
