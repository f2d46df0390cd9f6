//! What can go wrong in a use case. Each error tells the caller what to do next by its code; what is
//! for the log alone stays in its source.

use clients::outcome::CallError;
use domain::Refusal;
use store::{Conflict, StoreError};

/// A field of the request that is wrong, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name, or its path with dots.
    pub field: String,
    /// What is wrong, for people.
    pub text: String,
}

impl FieldError {
    /// An error of that field.
    pub fn new(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self { field: field.into(), text: text.into() }
    }
}

/// Another company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// WHAPI.
    Whapi,
    /// PayPal.
    Paypal,
    /// Who signs people in.
    SignIn,
}

impl Provider {
    /// Its name as people know it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whapi => "WHAPI",
            Self::Paypal => "PayPal",
            Self::SignIn => "The sign-in provider",
        }
    }
}

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The rules say no; nothing was changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such thing, or it is somebody else's.
    #[error("There is nothing here.")]
    NotFound,
    /// The request is wrong.
    #[error("Some fields are not right.")]
    Invalid(Vec<FieldError>),
    /// The same idempotency key came with another body.
    #[error("This Idempotency-Key was used with another request.")]
    IdempotencyKeyReused,
    /// The same request is running.
    #[error("The same request is still running. Try again in a moment.")]
    RequestInProgress,
    /// A provider said no.
    #[error("{} refused this: {text}", provider.name())]
    ProviderRefused {
        /// Who.
        provider: Provider,
        /// What it said, safe to show.
        text: String,
    },
    /// A provider could not be reached or failed.
    #[error("{} did not answer. Nothing was changed. Try again in a minute.", provider.name())]
    ProviderUnavailable {
        /// Who.
        provider: Provider,
    },
    /// A provider was asked and has not answered in time: what came of it is not known yet.
    #[error("{} has not answered in time. We keep checking; look again in a minute.", provider.name())]
    ProviderSlow {
        /// Who.
        provider: Provider,
    },
    /// Too many requests.
    #[error("Too many requests. Try again in {retry_after_seconds} seconds.")]
    RateLimited {
        /// When to try again, in seconds.
        retry_after_seconds: u64,
    },
    /// The business has not finished setting this up.
    #[error("{text}")]
    IntegrationNotConfigured {
        /// What is missing, for people.
        text: &'static str,
    },
    /// A webhook that nobody we know has signed.
    #[error("The signature of this request is not right.")]
    SignatureInvalid,
    /// Others were faster, again and again.
    #[error("Somebody else is changing this right now. Try again.")]
    Busy,
    /// Our own store cannot be reached.
    #[error("Something on our side is down for a moment. Nothing was changed. Try again in a minute.")]
    Unavailable(#[source] StoreError),
    /// A record that cannot be read.
    #[error("Something on our side is wrong. We have been told.")]
    Corrupt(String),
}

impl AppError {
    /// The stable code of the problem document.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::NotFound => "not_found",
            Self::Invalid(_) => "validation_failed",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::RequestInProgress => "request_in_progress",
            Self::ProviderRefused { .. } => "provider_refused",
            Self::ProviderUnavailable { .. } => "provider_unavailable",
            Self::ProviderSlow { .. } => "provider_slow",
            Self::RateLimited { .. } => "too_many_requests",
            Self::IntegrationNotConfigured { .. } => "integration_not_configured",
            Self::SignatureInvalid => "signature_invalid",
            Self::Busy => "busy",
            Self::Unavailable(_) => "unavailable",
            Self::Corrupt(_) => "internal",
        }
    }

    /// One wrong field.
    pub fn field(field: &str, text: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, text)])
    }

    /// What a failed call to a provider means for a person who waits.
    pub(crate) fn call(provider: Provider, error: &CallError) -> Self {
        match error {
            CallError::Refused(refused) => Self::ProviderRefused { provider, text: refused.message.clone() },
            CallError::RateLimited { retry_after } => {
                Self::RateLimited { retry_after_seconds: retry_after.map_or(60, |wait| wait.as_secs().max(1)) }
            }
            CallError::NotSent { .. } => Self::ProviderUnavailable { provider },
            CallError::Unknown { .. } => Self::ProviderSlow { provider },
        }
    }
}

impl AppError {
    /// What a failed reading means for a person who waits: it changed nothing, so an answer that is no answer
    /// leaves nothing to doubt.
    pub(crate) fn reading(provider: Provider, error: &CallError) -> Self {
        match error {
            CallError::Unknown { status: Some(_), .. } => Self::ProviderUnavailable { provider },
            other => Self::call(provider, other),
        }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(Conflict::NotEnoughDays) => {
                Self::Refused(Refusal::NoDays { remaining: domain::Days::ZERO, wanted: domain::Days::new(1) })
            }
            StoreError::Conflict(Conflict::ChannelLimit) => Self::Refused(Refusal::ChannelLimitReached),
            StoreError::Conflict(Conflict::NotOpen) => Self::Refused(Refusal::AccountSuspended),
            StoreError::Conflict(_) => Self::Busy,
            StoreError::NotFound => Self::NotFound,
            StoreError::BadCursor => Self::field("cursor", "This cursor does not belong to this list."),
            StoreError::Corrupt(what) => Self::Corrupt(what),
            unavailable @ StoreError::Unavailable(_) => Self::Unavailable(unavailable),
        }
    }
}
