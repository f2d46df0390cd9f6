//! Telephone numbers as the world writes them: E.164, checked against the numbering plans.

use std::fmt;

/// The text is no telephone number that exists with its country code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a telephone number with its country code")]
pub struct PhoneError;

/// The longest text that is looked at at all.
const LONGEST_TEXT: usize = 32;

/// A valid number in E.164 form, such as `+97337780873`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number with its country code; spaces, dots, dashes and brackets are taken, a leading
    /// `+` or `00` may be missing.
    ///
    /// # Errors
    /// [`PhoneError`] when no such number can exist.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        if text.len() > LONGEST_TEXT || !text.chars().all(|c| c.is_ascii_digit() || " +-().".contains(c)) {
            return Err(PhoneError);
        }
        if text.chars().skip_while(|c| !c.is_ascii_digit()).any(|c| c == '+') || text.matches('+').count() > 1 {
            return Err(PhoneError);
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let international = digits.strip_prefix("00").unwrap_or(&digits);
        let number = phonenumber::parse(None, format!("+{international}")).map_err(|_| PhoneError)?;
        if !phonenumber::is_valid(&number) {
            return Err(PhoneError);
        }
        Ok(Self(number.format().mode(phonenumber::Mode::E164).to_string()))
    }

    /// Takes a number that was checked when it was stored; numbering plans change, records do not.
    pub fn from_stored(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let plain = !digits.is_empty() && text.len() <= LONGEST_TEXT && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| Self(text.to_owned()))
    }

    /// With its plus sign.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits alone, as WHAPI takes them.
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches('+')
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for text in ["+97336612345", "973 3661 2345", "0097336612345", "+973-3661-2345"] {
            assert_eq!(PhoneNumber::parse(text).map(|number| number.as_str().to_owned()), Ok("+97336612345".to_owned()), "{text}");
        }
        for bad in ["", "12", "+973", "abc", "+97300000000", "+9733661234567890", "３６６１", "+97336612345;drop"] {
            assert_eq!(PhoneNumber::parse(bad), Err(PhoneError), "{bad}");
        }
    }
}
