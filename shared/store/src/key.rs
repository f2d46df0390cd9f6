//! Every key of the table, as a pure value: what it is made of, how it is written, and back.
//!
//! Invariants: all of a customer's own lies under `USR#<customer>`; a key that was written reads back as
//! the same key; a text from outside stands last in its part, so that it cannot pretend to be another part.

use std::fmt::Write as _;

use domain::id::{ChannelId, EntryId, ExtensionId, FindingId, HistoryId, KeyId, NoticeId, NotificationId, PlanId, SubscriptionId, UserId};
use domain::ledger::Cause;
use ring::digest::{Context, SHA256};

use crate::who::PointerKind;

/// DynamoDB's limit of a partition key, in bytes.
const LONGEST_PK: usize = 2_048;
/// DynamoDB's limit of a sort key, in bytes.
const LONGEST_SK: usize = 1_024;

/// The text is no key that we ever wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a key of the table: {0}")]
pub struct KeyError(pub String);

/// The place of one record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each variant is named after the record at that place")]
pub enum Key {
    Account(UserId),
    Subscription(UserId, SubscriptionId),
    Channel(UserId, ChannelId),
    Extension(UserId, ChannelId, ExtensionId),
    Entry(UserId, EntryId),
    History(UserId, ChannelId, HistoryId),
    Notification(UserId, NotificationId),
    ApiKey(UserId, KeyId),
    Cause(Cause),
    /// By the hash of issuer and subject.
    Identity(String),
    /// By the hash of the API key.
    KeyHash(String),
    Pointer(PointerKind, String),
    Plan(PlanId),
    /// By provider (a word without `#`) and the event's id.
    Inbox(String, String),
    WebhookLog(LogPlace),
    /// By customer, route and the hash of the caller's key.
    Idempotency(UserId, String, String),
    Notice(NoticeId),
    PartnerState,
    Creations,
    OpenFinding(FindingId),
    SettledFinding(FindingId),
    /// By the hash of what the finding is about.
    FindingKey(String),
    /// What of the sum over everybody a customer's account is counted with.
    Rolled(UserId),
    /// One part of the sum over everybody.
    Owed(u8),
    /// One reading of the solvency, by its time as it is stored.
    Solvency(String),
}

/// The place of a line in the log of webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LogPlace {
    /// The day, such as `2026-11-21`.
    pub day: String,
    /// Which of the day's parts.
    pub shard: u8,
    /// When it came, as it is stored.
    pub at: String,
    /// Whose call.
    pub provider: String,
    /// Which.
    pub event_id: String,
}

/// Where a customer's own records lie.
pub(crate) fn partition(user: &UserId) -> String {
    format!("USR#{user}")
}

/// The partition of the catalogue.
pub(crate) const PLANS: &str = "PLANS";
/// The partition of what is known of our account at WHAPI.
pub(crate) const PARTNER: &str = "PARTNER";
/// The partition of the findings.
pub(crate) const FINDINGS: &str = "FINDINGS";
/// The sort key of every account.
pub(crate) const ACCOUNT: &str = "ACCOUNT";
/// The sort key of what an account is counted with.
const ROLLED: &str = "ROLLED";
/// The partition of the readings of the solvency.
pub(crate) const SOLVENCY: &str = "SOLVENCY";

/// The partition of one part of a day's log.
pub(crate) fn log_partition(day: &str, shard: u8) -> String {
    format!("HOOKS#{day}#{shard}")
}

impl Key {
    /// The partition key.
    pub fn pk(&self) -> String {
        match self {
            Self::Account(user)
            | Self::Subscription(user, _)
            | Self::Channel(user, _)
            | Self::Extension(user, ..)
            | Self::Entry(user, _)
            | Self::History(user, ..)
            | Self::Notification(user, _)
            | Self::ApiKey(user, _)
            | Self::Rolled(user) => partition(user),
            Self::Cause(cause) => format!("CAUSE#{cause}"),
            Self::Identity(hash) => format!("IDN#{hash}"),
            Self::KeyHash(hash) => format!("KEYHASH#{hash}"),
            Self::Pointer(kind, id) => format!("PTR#{}#{id}", kind.word()),
            Self::Plan(_) => PLANS.to_owned(),
            Self::Inbox(provider, event) => format!("INB#{provider}#{event}"),
            Self::WebhookLog(place) => log_partition(&place.day, place.shard),
            Self::Idempotency(user, route, hash) => format!("IDEM#{user}#{route}#{hash}"),
            Self::Notice(_) | Self::PartnerState | Self::Creations => PARTNER.to_owned(),
            Self::OpenFinding(_) | Self::SettledFinding(_) => FINDINGS.to_owned(),
            Self::FindingKey(hash) => format!("FNDKEY#{hash}"),
            Self::Owed(shard) => format!("OWED#{shard}"),
            Self::Solvency(_) => SOLVENCY.to_owned(),
        }
    }

    /// The sort key.
    pub fn sk(&self) -> String {
        match self {
            Self::Account(_) => ACCOUNT.to_owned(),
            Self::Subscription(_, id) => format!("SUB#{id}"),
            Self::Channel(_, id) => format!("CHN#{id}"),
            Self::Extension(_, channel, id) => format!("EXT#{channel}#{id}"),
            Self::Entry(_, id) => format!("LED#{id}"),
            Self::History(_, channel, id) => format!("HIS#{channel}#{id}"),
            Self::Notification(_, id) => format!("NTF#{id}"),
            Self::ApiKey(_, id) => format!("KEY#{id}"),
            Self::Cause(_) => "CAUSE".to_owned(),
            Self::Identity(_) => "IDENTITY".to_owned(),
            Self::KeyHash(_) => "KEY".to_owned(),
            Self::Pointer(..) => "POINTER".to_owned(),
            Self::Plan(id) => format!("PLAN#{id}"),
            Self::Inbox(..) => "INBOX".to_owned(),
            Self::WebhookLog(place) => format!("{}#{}#{}", place.at, place.provider, place.event_id),
            Self::Idempotency(..) => "IDEM".to_owned(),
            Self::Notice(id) => format!("NOTICE#{id}"),
            Self::PartnerState => "STATE".to_owned(),
            Self::Creations => "CREATIONS".to_owned(),
            Self::OpenFinding(id) => format!("OPEN#{id}"),
            Self::SettledFinding(id) => format!("SETTLED#{id}"),
            Self::FindingKey(_) => "FINDING".to_owned(),
            Self::Rolled(_) => ROLLED.to_owned(),
            Self::Owed(_) => "OWED".to_owned(),
            Self::Solvency(at) => format!("AT#{at}"),
        }
    }

    /// The place that makes a finding about that unique.
    pub(crate) fn finding(about: &str) -> Self {
        Self::FindingKey(hash(&["finding", about]))
    }

    /// Reads a key back.
    ///
    /// # Errors
    /// [`KeyError`] for what was never written.
    pub fn parse(pk: &str, sk: &str) -> Result<Self, KeyError> {
        let found = match pk.split_once('#') {
            Some(("USR", user)) => UserId::parse(user).ok().and_then(|user| of_customer(user, sk)),
            Some((kind, rest)) => alone(kind, rest, sk),
            None => shared(pk, sk),
        };
        found.ok_or_else(|| KeyError(format!("{pk} / {sk}")))
    }

    /// Whether DynamoDB takes it: ids from outside may be of any length.
    pub(crate) fn fits(&self) -> bool {
        self.pk().len() <= LONGEST_PK && self.sk().len() <= LONGEST_SK
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} / {}", self.pk(), self.sk())
    }
}

/// Keys under a customer.
fn of_customer(user: UserId, sk: &str) -> Option<Key> {
    match sk {
        ACCOUNT => return Some(Key::Account(user)),
        ROLLED => return Some(Key::Rolled(user)),
        _ => {}
    }
    let (kind, id) = sk.split_once('#')?;
    match kind {
        "SUB" => SubscriptionId::parse(id).ok().map(|id| Key::Subscription(user, id)),
        "CHN" => ChannelId::parse(id).ok().map(|id| Key::Channel(user, id)),
        "LED" => EntryId::parse(id).ok().map(|id| Key::Entry(user, id)),
        "NTF" => NotificationId::parse(id).ok().map(|id| Key::Notification(user, id)),
        "KEY" => KeyId::parse(id).ok().map(|id| Key::ApiKey(user, id)),
        "EXT" | "HIS" => of_channel(user, kind, id),
        _ => None,
    }
}

fn of_channel(user: UserId, kind: &str, rest: &str) -> Option<Key> {
    let (channel, id) = rest.split_once('#')?;
    let channel = ChannelId::parse(channel).ok()?;
    match kind {
        "EXT" => ExtensionId::parse(id).ok().map(|id| Key::Extension(user, channel, id)),
        _ => HistoryId::parse(id).ok().map(|id| Key::History(user, channel, id)),
    }
}

/// Keys of records that lie alone in their partition.
fn alone(kind: &str, rest: &str, sk: &str) -> Option<Key> {
    match (kind, sk) {
        ("CAUSE", "CAUSE") => Some(Key::Cause(Cause::from_stored(rest))),
        ("IDN", "IDENTITY") => Some(Key::Identity(rest.to_owned())),
        ("KEYHASH", "KEY") => Some(Key::KeyHash(rest.to_owned())),
        ("FNDKEY", "FINDING") => Some(Key::FindingKey(rest.to_owned())),
        ("OWED", "OWED") => rest.parse().ok().map(Key::Owed),
        ("PTR", "POINTER") => {
            let (kind, id) = rest.split_once('#')?;
            PointerKind::parse(kind).map(|kind| Key::Pointer(kind, id.to_owned()))
        }
        ("INB", "INBOX") => {
            let (provider, event) = rest.split_once('#')?;
            Some(Key::Inbox(provider.to_owned(), event.to_owned()))
        }
        ("IDEM", "IDEM") => {
            let (user, rest) = rest.split_once('#')?;
            let (route, hash) = rest.rsplit_once('#')?;
            UserId::parse(user).ok().map(|user| Key::Idempotency(user, route.to_owned(), hash.to_owned()))
        }
        ("HOOKS", _) => log_place(rest, sk).map(Key::WebhookLog),
        _ => None,
    }
}

fn log_place(rest: &str, sk: &str) -> Option<LogPlace> {
    let (day, shard) = rest.split_once('#')?;
    let (at, rest) = sk.split_once('#')?;
    let (provider, event_id) = rest.split_once('#')?;
    Some(LogPlace {
        day: day.to_owned(),
        shard: shard.parse().ok()?,
        at: at.to_owned(),
        provider: provider.to_owned(),
        event_id: event_id.to_owned(),
    })
}

/// Keys in the partitions that everybody shares.
fn shared(pk: &str, sk: &str) -> Option<Key> {
    match (pk, sk, sk.split_once('#')) {
        (PARTNER, "STATE", _) => Some(Key::PartnerState),
        (PARTNER, "CREATIONS", _) => Some(Key::Creations),
        (PARTNER, _, Some(("NOTICE", id))) => NoticeId::parse(id).ok().map(Key::Notice),
        (SOLVENCY, _, Some(("AT", at))) => Some(Key::Solvency(at.to_owned())),
        (PLANS, _, Some(("PLAN", id))) => PlanId::parse(id).ok().map(Key::Plan),
        (FINDINGS, _, Some(("OPEN", id))) => FindingId::parse(id).ok().map(Key::OpenFinding),
        (FINDINGS, _, Some(("SETTLED", id))) => FindingId::parse(id).ok().map(Key::SettledFinding),
        _ => None,
    }
}

/// SHA-256 of the parts, each with its length in front, so that no two lists of parts meet.
pub(crate) fn digest(parts: &[&str]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(part.as_bytes());
    }
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.finish().as_ref());
    bytes
}

/// The same as text.
pub(crate) fn hash(parts: &[&str]) -> String {
    digest(parts).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
