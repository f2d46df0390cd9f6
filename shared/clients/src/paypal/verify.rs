//! Whether PayPal signed a webhook: `<id>|<time>|<webhook id>|<crc32 of the raw body>` under RSA with
//! SHA-256, by a certificate whose chain, name and time are checked.
//!
//! Invariants: every "no" is the default, a "yes" needs each step; the time is given. What a "yes" proves
//! is little: a body with the same CRC-32 passes too. So a body is never the proof of anything.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use jiff::Timestamp;
use net::Http;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use url::Url;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::certificate::{CertificateHost, Kept, address, fetch};
use super::refusal::WebhookRefusal;

/// The only algorithm that PayPal signs with.
const ALGORITHM: &str = "SHA256withRSA";
/// The webhook id of PayPal's mock events, which anybody with a login there can have signed.
const SIMULATOR_ID: &str = "WEBHOOK_ID";
/// The longest header that is looked at.
const LONGEST_HEADER: usize = 1_024;
/// How many certificates one file may hold.
const MOST_IN_FILE: usize = 8;
/// The roots of PayPal's webhook certificates that browsers no longer carry, and what stands between.
const EV_ROOT: &[u8] = include_bytes!("anchors/digicert_high_assurance_ev_root.der");
const EV_ISSUER: &[u8] = include_bytes!("anchors/digicert_sha2_ev_server.der");
/// How the names of the other built-in roots begin, inside their encoded subject.
const ROOT_OWNER: &[u8] = b"DigiCert";

/// What a verifier goes by.
#[derive(Debug, Clone)]
pub struct VerifierConfig {
    /// PayPal's id of our webhook.
    pub webhook_id: String,
    /// The roots to trust, as PEM; empty for DigiCert's.
    pub roots_pem: String,
    /// Issuers between a root and PayPal, as PEM, beside the built-in one.
    pub intermediates_pem: String,
    /// Where certificates may be fetched.
    pub certificate_hosts: Vec<CertificateHost>,
    /// The name that the certificate must bear.
    pub certificate_name: String,
    /// Takes PayPal's mock events; for tests alone.
    pub accept_simulator: bool,
}

/// Why no verifier can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifierError {
    /// No webhook id, or that of PayPal's mock events.
    #[error("the PayPal webhook id is missing, or is that of PayPal's mock events")]
    WebhookId,
    /// A root or an issuer that cannot be read, or none at all.
    #[error("the PayPal webhook roots cannot be read")]
    Roots,
    /// The certificate's name is no host name.
    #[error("the name of PayPal's certificate is no host name")]
    Name,
    /// No host to fetch certificates from.
    #[error("no host to fetch PayPal's certificates from")]
    Hosts,
}

/// The five headers of a signed webhook.
#[derive(Clone, PartialEq, Eq)]
pub struct PaypalHeaders {
    /// New with each delivery.
    pub transmission_id: String,
    /// When it was sent, as it was written.
    pub transmission_time: String,
    /// The signature, in base64.
    pub transmission_sig: String,
    /// Where the certificate is.
    pub cert_url: String,
    /// The algorithm.
    pub auth_algo: String,
}

impl PaypalHeaders {
    /// Takes them from a request.
    ///
    /// # Errors
    /// [`WebhookRefusal::Header`] when one is missing, doubled, too long, or holds what it may not.
    pub fn read(headers: &HeaderMap) -> Result<Self, WebhookRefusal> {
        let read = Self {
            transmission_id: header(headers, "paypal-transmission-id")?,
            transmission_time: header(headers, "paypal-transmission-time")?,
            transmission_sig: header(headers, "paypal-transmission-sig")?,
            cert_url: header(headers, "paypal-cert-url")?,
            auth_algo: header(headers, "paypal-auth-algo")?,
        };
        read.check()?;
        Ok(read)
    }

    /// The separator of the signed text may not stand in what it separates.
    fn check(&self) -> Result<(), WebhookRefusal> {
        let all = [
            ("paypal-transmission-id", &self.transmission_id),
            ("paypal-transmission-time", &self.transmission_time),
            ("paypal-transmission-sig", &self.transmission_sig),
            ("paypal-cert-url", &self.cert_url),
        ];
        let bad = all.iter().find(|(_, text)| text.is_empty() || text.len() > LONGEST_HEADER || text.contains('|'));
        bad.map_or(Ok(()), |(name, _)| Err(WebhookRefusal::Header(name)))
    }

    pub(super) fn verified(&self) -> Verified {
        Verified { transmission_id: self.transmission_id.clone(), transmitted_at: self.transmission_time.parse().ok() }
    }
}

fn header(headers: &HeaderMap, name: &'static str) -> Result<String, WebhookRefusal> {
    let mut values = headers.get_all(name).iter();
    let only = values.next().filter(|_| values.next().is_none()).and_then(|value| value.to_str().ok());
    only.map(str::to_owned).ok_or(WebhookRefusal::Header(name))
}

/// What is known of a webhook whose signature is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// New with each delivery; one that comes with two bodies is a forgery.
    pub transmission_id: String,
    /// When it was sent.
    pub transmitted_at: Option<Timestamp>,
}

/// Checks webhooks of one webhook id in one environment. Cheap to clone; clones share certificates.
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    webhook_id: String,
    anchors: Vec<TrustAnchor<'static>>,
    intermediates: Vec<CertificateDer<'static>>,
    hosts: Vec<CertificateHost>,
    name: ServerName<'static>,
    http: Http,
    kept: Kept,
}

impl Verifier {
    /// A verifier that goes by `config` and fetches over `http`.
    ///
    /// # Errors
    /// [`VerifierError`] when it would have to guess.
    pub fn new(config: VerifierConfig, http: Http) -> Result<Self, VerifierError> {
        let simulated = config.webhook_id == SIMULATOR_ID && !config.accept_simulator;
        if config.webhook_id.is_empty() || config.webhook_id.contains('|') || simulated {
            return Err(VerifierError::WebhookId);
        }
        if config.certificate_hosts.is_empty() {
            return Err(VerifierError::Hosts);
        }
        let mut intermediates = certificates(config.intermediates_pem.as_bytes()).ok_or(VerifierError::Roots)?;
        intermediates.push(CertificateDer::from(EV_ISSUER));
        Ok(Self(Arc::new(Inner {
            webhook_id: config.webhook_id,
            anchors: anchors(&config.roots_pem)?,
            intermediates,
            hosts: config.certificate_hosts,
            name: ServerName::try_from(config.certificate_name).map_err(|_| VerifierError::Name)?,
            http,
            kept: Kept::default(),
        })))
    }

    /// The webhook id that it checks for.
    pub fn webhook_id(&self) -> &str {
        &self.0.webhook_id
    }

    /// Checks a webhook at `now`, fetching the certificate where it is not at hand.
    ///
    /// # Errors
    /// [`WebhookRefusal`]; after [`WebhookRefusal::Unavailable`] the same webhook may be good.
    pub async fn verify(&self, headers: &PaypalHeaders, body: &[u8], now: Timestamp) -> Result<Verified, WebhookRefusal> {
        let url = self.admit(headers)?;
        let kept = self.0.kept.get(&url).and_then(|file| self.chain(&file, now).ok());
        let chain = match kept {
            Some(chain) => chain,
            None => self.fetched_chain(&url, now).await?,
        };
        self.check(headers, body, &chain)
    }

    /// The chain in the file at that address, which is kept if it is right.
    async fn fetched_chain(&self, url: &Url, now: Timestamp) -> Result<Vec<CertificateDer<'static>>, WebhookRefusal> {
        let file = fetch(&self.0.http, url).await.map_err(WebhookRefusal::Unavailable)?;
        let chain = self.chain(&file, now)?;
        self.0.kept.put(url, file);
        Ok(chain)
    }

    /// Checks a webhook at `now` with the file that stands at its certificate's address.
    ///
    /// # Errors
    /// [`WebhookRefusal`].
    pub fn verify_with(&self, headers: &PaypalHeaders, body: &[u8], now: Timestamp, file: &[u8]) -> Result<Verified, WebhookRefusal> {
        self.admit(headers)?;
        let chain = self.chain(file, now)?;
        self.check(headers, body, &chain)
    }

    /// All that can be said without the certificate; gives its address.
    pub(super) fn admit(&self, headers: &PaypalHeaders) -> Result<Url, WebhookRefusal> {
        headers.check()?;
        if headers.auth_algo != ALGORITHM {
            return Err(WebhookRefusal::Algorithm);
        }
        address(&headers.cert_url, &self.0.hosts).ok_or(WebhookRefusal::CertificateAddress)
    }

    /// The certificate, and what came with it, once chain, time and name are right.
    fn chain(&self, file: &[u8], now: Timestamp) -> Result<Vec<CertificateDer<'static>>, WebhookRefusal> {
        let chain = certificates(file).filter(|chain| !chain.is_empty()).ok_or(WebhookRefusal::CertificateUnreadable)?;
        let (leaf, sent) = chain.split_first().ok_or(WebhookRefusal::CertificateUnreadable)?;
        let leaf = EndEntityCert::try_from(leaf).map_err(|_| WebhookRefusal::CertificateUnreadable)?;
        let second = u64::try_from(now.as_second()).map_err(|_| WebhookRefusal::CertificateTime)?;
        let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(second));
        let between: Vec<_> = sent.iter().chain(&self.0.intermediates).cloned().collect();
        let algorithms = webpki::ALL_VERIFICATION_ALGS;
        leaf.verify_for_usage(algorithms, &self.0.anchors, &between, time, KeyUsage::server_auth(), None, None).map_err(refusal)?;
        leaf.verify_is_valid_for_subject_name(&self.0.name).map_err(|_| WebhookRefusal::CertificateName)?;
        Ok(chain)
    }

    fn check(&self, signed: &PaypalHeaders, body: &[u8], chain: &[CertificateDer<'_>]) -> Result<Verified, WebhookRefusal> {
        let leaf = chain.first().ok_or(WebhookRefusal::CertificateUnreadable)?;
        let leaf = EndEntityCert::try_from(leaf).map_err(|_| WebhookRefusal::CertificateUnreadable)?;
        let signature = STANDARD.decode(&signed.transmission_sig).map_err(|_| WebhookRefusal::Signature)?;
        let (id, time) = (&signed.transmission_id, &signed.transmission_time);
        let message = format!("{id}|{time}|{}|{}", self.0.webhook_id, crc32fast::hash(body));
        let algorithm = webpki::ring::RSA_PKCS1_2048_8192_SHA256;
        leaf.verify_signature(algorithm, message.as_bytes(), &signature).map_err(|_| WebhookRefusal::Signature)?;
        Ok(signed.verified())
    }
}

fn refusal(error: webpki::Error) -> WebhookRefusal {
    match error {
        webpki::Error::UnknownIssuer => WebhookRefusal::UnknownIssuer,
        webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. } => WebhookRefusal::CertificateTime,
        other => WebhookRefusal::CertificateChain(format!("{other:?}")),
    }
}

/// The certificates of a PEM file; `None` when one cannot be read or there are too many.
fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).take(MOST_IN_FILE + 1).collect();
    found.ok().filter(|found| found.len() <= MOST_IN_FILE)
}

fn anchors(roots_pem: &str) -> Result<Vec<TrustAnchor<'static>>, VerifierError> {
    if roots_pem.trim().is_empty() {
        return built_in_anchors();
    }
    let roots = certificates(roots_pem.as_bytes()).filter(|roots| !roots.is_empty()).ok_or(VerifierError::Roots)?;
    roots.iter().map(anchor).collect()
}

/// The root of every PayPal webhook certificate seen so far, and DigiCert's present ones.
fn built_in_anchors() -> Result<Vec<TrustAnchor<'static>>, VerifierError> {
    let present = webpki_roots::TLS_SERVER_ROOTS.iter().filter(|root| contains(&root.subject, ROOT_OWNER)).cloned();
    let first = anchor(&CertificateDer::from(EV_ROOT))?;
    Ok(std::iter::once(first).chain(present).collect())
}

fn anchor(root: &CertificateDer<'_>) -> Result<TrustAnchor<'static>, VerifierError> {
    anchor_from_trusted_cert(root).map(|anchor| anchor.to_owned()).map_err(|_| VerifierError::Roots)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests;
