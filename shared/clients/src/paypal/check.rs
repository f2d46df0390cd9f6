//! How webhooks of PayPal are checked here: by certificate, or by asking PayPal.
//!
//! Invariant: with a certificate from an issuer that we do not know, PayPal is asked; with any other
//! fault it is not.

use jiff::Timestamp;

use super::client::PayPal;
use super::refusal::WebhookRefusal;
use super::verify::{PaypalHeaders, Verified, Verifier, VerifierConfig, VerifierError};

/// The way of checking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifyBy {
    /// By the certificate, here.
    Certificate,
    /// By PayPal's own endpoint.
    Postback,
}

/// Checks webhooks of PayPal. Cheap to clone.
#[derive(Clone)]
pub struct WebhookCheck {
    by: VerifyBy,
    verifier: Result<Verifier, VerifierError>,
    paypal: PayPal,
}

impl WebhookCheck {
    /// A check that goes by `config`, and fetches over what `paypal` is called over; where `config` is not
    /// complete, every webhook is refused as such.
    pub fn new(by: VerifyBy, config: VerifierConfig, paypal: PayPal) -> Self {
        Self { by, verifier: Verifier::new(config, paypal.http().clone()), paypal }
    }

    /// Whether webhooks can be checked at all, and why not.
    ///
    /// # Errors
    /// [`VerifierError`].
    pub fn is_configured(&self) -> Result<(), VerifierError> {
        self.verifier.as_ref().map(drop).map_err(|error| *error)
    }

    /// Checks a webhook at `now`.
    ///
    /// # Errors
    /// [`WebhookRefusal`]; after [`WebhookRefusal::Unavailable`] the same webhook may be good.
    pub async fn check(&self, headers: &PaypalHeaders, body: &[u8], now: Timestamp) -> Result<Verified, WebhookRefusal> {
        let verifier = self.verifier.as_ref().map_err(|error| WebhookRefusal::NotConfigured(*error))?;
        verifier.admit(headers)?;
        match self.by {
            VerifyBy::Postback => self.ask(verifier, headers, body).await,
            VerifyBy::Certificate => match verifier.verify(headers, body, now).await {
                Err(WebhookRefusal::UnknownIssuer) => self.ask(verifier, headers, body).await,
                verdict => verdict,
            },
        }
    }

    async fn ask(&self, verifier: &Verifier, headers: &PaypalHeaders, body: &[u8]) -> Result<Verified, WebhookRefusal> {
        let asked = self.paypal.verify_webhook(headers, verifier.webhook_id(), body).await;
        match asked.map_err(|error| WebhookRefusal::Unavailable(error.to_string()))? {
            true => Ok(headers.verified()),
            false => Err(WebhookRefusal::Signature),
        }
    }
}
