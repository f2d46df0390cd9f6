//! Names of channels: what a customer may type, and our id at the end of what WHAPI gets.

use super::{LONGEST_NAME, NAME_MARK};
use crate::id::ChannelId;

/// A name that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing in it.
    #[error("Give the channel a name.")]
    Empty,
    /// Too long.
    #[error("A name has 60 characters at most.")]
    TooLong,
    /// Has a character that no name has, or our mark.
    #[error("A name has no line breaks or control characters, and no “ · ”.")]
    Forbidden,
}

/// Checks and trims a customer's name for a channel.
///
/// # Errors
/// [`NameError`].
pub fn name(text: &str) -> Result<String, NameError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(NameError::Empty);
    }
    if trimmed.chars().count() > LONGEST_NAME {
        return Err(NameError::TooLong);
    }
    if trimmed.chars().any(char::is_control) || trimmed.contains('·') {
        return Err(NameError::Forbidden);
    }
    Ok(trimmed.to_owned())
}

/// Our id at the end of a name that came from WHAPI.
pub fn id_in_name(name: &str) -> Option<ChannelId> {
    name.rsplit_once(NAME_MARK).and_then(|(_, id)| ChannelId::parse(id.trim()).ok())
}
