//! How webhooks of PayPal are checked here: by certificate, or by asking PayPal.
//!
//! Invariant: with a certificate from an issuer that we do not know, PayPal is asked; with any other
//! fault it is not.

use http::HeaderMap;
use jiff::Timestamp;

use super::client::{Credentials, PayPal};
use super::verify::{SignatureHeaders, Verified, Verifier, VerifierConfig, VerifierError, WebhookRefusal};

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
    /// A check that goes by `config`; where that is not complete, every webhook is refused as such.
    pub fn new(by: VerifyBy, config: VerifierConfig, paypal: PayPal) -> Self {
        Self { by, verifier: Verifier::new(config), paypal }
    }

    /// Whether webhooks can be checked at all, and why not.
    ///
    /// # Errors
    /// [`VerifierError`].
    pub fn is_configured(&self) -> Result<(), VerifierError> {
        self.verifier.as_ref().map(drop).map_err(|error| *error)
    }

    /// Checks a webhook at `now`. Without `credentials` PayPal cannot be asked.
    ///
    /// # Errors
    /// [`WebhookRefusal`]; ask it whether it is temporary.
    pub async fn check(
        &self,
        credentials: Option<&Credentials>,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Verified, WebhookRefusal> {
        let verifier = self.verifier.as_ref().map_err(|error| WebhookRefusal::NotConfigured(*error))?;
        let signed = verifier.admit(headers)?;
        match self.by {
            VerifyBy::Postback => self.ask(verifier, credentials, &signed, body).await,
            VerifyBy::Certificate => match verifier.verify(headers, body, now).await {
                Err(WebhookRefusal::UnknownIssuer) => self.ask(verifier, credentials, &signed, body).await,
                verdict => verdict,
            },
        }
    }

    async fn ask(
        &self,
        verifier: &Verifier,
        credentials: Option<&Credentials>,
        signed: &SignatureHeaders,
        body: &[u8],
    ) -> Result<Verified, WebhookRefusal> {
        let unavailable = |why: String| WebhookRefusal::PostbackUnavailable(why);
        let credentials = credentials.ok_or_else(|| unavailable("no credentials".to_owned()))?;
        let asked = self.paypal.verify_webhook(credentials, signed, verifier.webhook_id(), body).await;
        if !asked.map_err(|error| unavailable(error.to_string()))? {
            return Err(WebhookRefusal::Signature);
        }
        Ok(Verified { transmission_id: signed.transmission_id.clone(), transmitted_at: signed.transmission_time.parse().ok() })
    }
}
