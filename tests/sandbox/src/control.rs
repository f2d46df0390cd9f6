//! What a control of the sandbox answers. Controls are plain methods of the providers ("the payer
//! approves", "the phone scans"); the local stack serves them under `/local/…`.
//!
//! Serves no route and knows no HTTP beyond the status that fits.

use serde_json::Value;

/// What a control did, as the caller shall see it, or why it did nothing.
pub type ControlResult = Result<Value, ControlError>;

/// Why a control did nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// No such thing at this provider.
    #[error("there is nothing with this id")]
    Unknown,
    /// The thing is there, but the provider could not be in the state asked for; the text says why.
    #[error("{0}")]
    Impossible(String),
}

impl ControlError {
    /// A state the provider could not be in, said in a sentence.
    pub fn impossible(why: impl Into<String>) -> Self {
        Self::Impossible(why.into())
    }

    /// The status that `/local/…` answers with.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Unknown => 404,
            Self::Impossible(_) => 409,
        }
    }
}
