//! What came of a call to another company: the caller reads here what to do next.
//!
//! Invariant: [`CallError::Unknown`] is the default. Only a connection that was never made, or a refusal
//! in the provider's own words, says that nothing happened there.

use std::fmt;
use std::time::Duration;

/// The provider said no in its own words: nothing happened there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The HTTP status: 400, 401, 403, 404 or 422, and a few more from WHAPI's channel API.
    pub status: u16,
    /// The provider's word for it, such as `RESOURCE_NOT_FOUND`; the status where it has none.
    pub code: String,
    /// Finer words where the provider gives them, such as PayPal's `details[].issue`.
    pub issues: Vec<String>,
    /// What it said, on one line and cut: safe to log and to show to staff.
    pub message: String,
    /// The provider's reference of this call, for its support.
    pub reference: Option<String>,
}

impl Refused {
    /// Whether the provider used that word as its code or as one of its issues.
    pub fn says(&self, word: &str) -> bool {
        self.code == word || self.issues.iter().any(|issue| issue == word)
    }
}

/// Why a call did not end well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// Nothing happened, and the same call will be refused again.
    Refused(Refused),
    /// Nothing happened; the same call may be made later.
    RateLimited {
        /// How long to wait, where the provider says so.
        retry_after: Option<Duration>,
    },
    /// Nothing happened: the request never left. The same call may be made again.
    NotSent {
        /// What was in the way, for the log.
        why: String,
    },
    /// It may have happened, or may yet: read back before anything else.
    Unknown {
        /// The status, where an answer came at all.
        status: Option<u16>,
        /// What was seen, for the log.
        why: String,
    },
}

impl CallError {
    /// The status of the answer, where one came.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refused) => Some(refused.status),
            Self::RateLimited { .. } => Some(429),
            Self::NotSent { .. } => None,
            Self::Unknown { status, .. } => *status,
        }
    }

    /// Whether it is sure that the provider did nothing.
    pub fn nothing_happened(&self) -> bool {
        !matches!(self, Self::Unknown { .. })
    }

    /// Whether the provider itself says that there is no such thing.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused(refused) if refused.status == 404)
    }

    /// Whether the provider does not take the token.
    pub fn is_unauthorized(&self) -> bool {
        matches!(self, Self::Refused(refused) if refused.status == 401)
    }

    /// The refusal, if it is one.
    pub fn refused(&self) -> Option<&Refused> {
        match self {
            Self::Refused(refused) => Some(refused),
            _ => None,
        }
    }

    pub(crate) fn not_sent(why: impl fmt::Display) -> Self {
        Self::NotSent { why: net::redact::text(&why.to_string()) }
    }

    pub(crate) fn unknown(status: Option<u16>, why: impl fmt::Display) -> Self {
        Self::Unknown { status, why: net::redact::text(&why.to_string()) }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refused) => write!(f, "refused with {} {}: {}", refused.status, refused.code, refused.message),
            Self::RateLimited { retry_after: Some(wait) } => write!(f, "too many calls, wait {} s", wait.as_secs()),
            Self::RateLimited { retry_after: None } => f.write_str("too many calls"),
            Self::NotSent { why } => write!(f, "not sent: {why}"),
            Self::Unknown { status: Some(status), why } => write!(f, "unknown after status {status}: {why}"),
            Self::Unknown { status: None, why } => write!(f, "unknown: {why}"),
        }
    }
}

impl std::error::Error for CallError {}
