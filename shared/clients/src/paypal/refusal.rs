//! Why a webhook is not believed to be PayPal's. The texts are for the log; whoever sent it hears nothing of them.

use super::verify::VerifierError;

/// Why a webhook is not believed to be PayPal's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefusal {
    /// PayPal is not set up.
    #[error("not set up: {0}")]
    NotConfigured(VerifierError),
    /// A header is missing, doubled, too long or malformed.
    #[error("header {0} is missing or malformed")]
    Header(&'static str),
    /// Another algorithm.
    #[error("another algorithm than SHA256withRSA")]
    Algorithm,
    /// The certificate's address is not one of PayPal's.
    #[error("the certificate's address is not allowed")]
    CertificateAddress,
    /// The certificate could not be fetched, or PayPal not be asked: the same webhook may be good later.
    #[error("it cannot be checked now: {0}")]
    Unavailable(String),
    /// What was fetched is no certificate.
    #[error("the certificate cannot be read")]
    CertificateUnreadable,
    /// Nobody that we know issued it; PayPal itself may be asked.
    #[error("the certificate's issuer is not known")]
    UnknownIssuer,
    /// It, or its issuer, is not valid at this time.
    #[error("the certificate is not valid at this time")]
    CertificateTime,
    /// It bears another name.
    #[error("the certificate is somebody else's")]
    CertificateName,
    /// Its chain is broken otherwise.
    #[error("the certificate's chain is broken: {0}")]
    CertificateChain(String),
    /// The signature is not that of this request.
    #[error("the signature does not fit")]
    Signature,
}
