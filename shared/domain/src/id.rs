//! Ids of their own kind: a prefix that names the kind and a ULID in lower case, so that ids sort by
//! the time they were made and one kind cannot be given for another.

use std::fmt;

use jiff::Timestamp;
use ulid::Ulid;

/// The text was not an id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id that starts with {prefix}_")]
pub struct IdError {
    /// The prefix that was expected, without its underscore.
    pub prefix: &'static str,
}

fn body(text: &str, prefix: &'static str) -> Result<Ulid, IdError> {
    let error = IdError { prefix };
    let rest = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).ok_or(error.clone())?;
    if rest.len() != 26 || rest.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(error);
    }
    Ulid::from_string(rest).map_err(|_| error)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The prefix of this kind, without its underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new id made at `now` from 80 bits of `random`.
            pub fn new(now: Timestamp, random: u128) -> Self {
                let at_ms = u64::try_from(now.as_millisecond()).unwrap_or_default();
                let ulid = Ulid::from_parts(at_ms, random);
                Self(format!("{}_{}", $prefix, ulid.to_string().to_ascii_lowercase()))
            }

            /// Reads an id of this kind.
            ///
            /// # Errors
            /// [`IdError`] when the text has another prefix or no ULID in lower case.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let ulid = body(text, $prefix)?;
                let canonical = format!("{}_{}", $prefix, ulid.to_string().to_ascii_lowercase());
                if canonical == text { Ok(Self(canonical)) } else { Err(IdError { prefix: $prefix }) }
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// When the id was made, to the millisecond.
            pub fn made_at(&self) -> Timestamp {
                let at_ms = body(&self.0, $prefix).map(|ulid| ulid.timestamp_ms()).unwrap_or_default();
                Timestamp::from_millisecond(i64::try_from(at_ms).unwrap_or_default()).unwrap_or_default()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }
    )*};
}

ids! {
    /// A person or business with an account.
    UserId = "usr";
    /// A plan on sale, or retired.
    PlanId = "pln";
    /// One purchase of a plan and its renewals.
    SubscriptionId = "sub";
    /// A payment by bank transfer or the like, with its proof.
    OfflinePaymentId = "ofp";
    /// A WhatsApp channel.
    ChannelId = "chn";
    /// An entry of the ledger.
    EntryId = "led";
    /// One extension of a channel by some days.
    ExtensionId = "ext";
    /// A notification shown to a person.
    NotificationId = "ntf";
    /// An API key.
    KeyId = "key";
    /// Something that a person has to look at.
    FindingId = "fnd";
    /// One change in a channel's history.
    HistoryId = "evt";
    /// A low-balance notice from WHAPI.
    NoticeId = "pbn";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_no_other_kind_does() {
        let id = ChannelId::new(Timestamp::from_millisecond(1_700_000_000_123).unwrap(), 42);
        assert_eq!(ChannelId::parse(id.as_str()), Ok(id.clone()));
        assert_eq!(id.made_at().as_millisecond(), 1_700_000_000_123);
        assert!(UserId::parse(id.as_str()).is_err());
        assert!(ChannelId::parse(&id.as_str().to_uppercase()).is_err());
        assert!(ChannelId::parse("chn_").is_err());
        assert!(ChannelId::parse("chn_8zzzzzzzzzzzzzzzzzzzzzzzzz").is_err(), "a ULID that overflows");
    }
}
