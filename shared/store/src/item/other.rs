//! The store's own records: identities, keys, what a cause brought about, providers' calls, kept answers.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Timestamp;
use domain::creations::Creations;
use domain::due::DueKind;
use domain::id::{ChannelId, EntryId, FindingId, UserId};
use domain::ledger::Cause;

use super::field::{Field, time_text};
use super::{Item, Reading, Row, stored};
use crate::error::StoreError;
use crate::inbox::{InboxState, WebhookLine};
use crate::key::{Key, LogPlace};
use crate::partner::PartnerState;
use crate::solvency::Solvency;
use crate::who::{ApiKey, Identity, PointerKind};

stored!(Identity { issuer, subject, user_id, role, suspended, email, created_at, version },
    key(identity) Key::Identity(Identity::hash(&identity.issuer, &identity.subject)));

stored!(ApiKey { id, user_id, name, prefix, hash, scopes, created_at, last_used_at, revoked_at, version },
    key(key) Key::ApiKey(key.user_id.clone(), key.id.clone()));

stored!(PartnerState { token_invalid, current_days, days_limit, received_at, live_days, read_at, raw, margin_days, margin_low, version },
    key(_state) Key::PartnerState);

/// The same API key by its hash: what the authorizer reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HashedKey(pub(crate) ApiKey);

impl Item for HashedKey {
    fn key(&self) -> Key {
        Key::KeyHash(self.0.hash.clone())
    }
    fn write(&self, row: &mut Row) {
        self.0.write(row);
    }
    fn read(item: &Reading<'_>) -> Result<Self, StoreError> {
        ApiKey::read(item).map(Self)
    }
}

impl Field for PointerKind {
    fn write(&self) -> Option<AttributeValue> {
        Some(AttributeValue::S(self.word().to_owned()))
    }
    fn read(value: Option<&AttributeValue>) -> Option<Self> {
        String::read(value).and_then(|word| Self::parse(&word))
    }
}

/// A pointer with both its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PointerRow {
    pub(crate) kind: PointerKind,
    pub(crate) id: String,
    pub(crate) user_id: UserId,
    pub(crate) target: String,
}

stored!(PointerRow { kind, id, user_id, target }, key(row) Key::Pointer(row.kind, row.id.clone()));

/// What makes a cause unique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CauseRow {
    pub(crate) cause: Cause,
    pub(crate) entry_id: EntryId,
    pub(crate) user_id: UserId,
}

stored!(CauseRow { cause, entry_id, user_id }, key(row) Key::Cause(row.cause.clone()));

/// What makes a finding unique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FindingKeyRow {
    pub(crate) about: String,
    pub(crate) finding_id: FindingId,
}

stored!(FindingKeyRow { about, finding_id }, key(row) Key::finding(&row.about));

/// A provider's call without its body, which lies in the item or in the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InboxRow {
    pub(crate) provider: String,
    pub(crate) event_id: String,
    pub(crate) event_type: String,
    pub(crate) subject: Option<String>,
    pub(crate) state: InboxState,
    pub(crate) user_id: Option<UserId>,
    pub(crate) note: Option<String>,
    pub(crate) attempts: u32,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) received_at: Timestamp,
    pub(crate) version: u64,
    /// The body itself.
    pub(crate) body: Option<Bytes>,
    /// The body's place in the bucket.
    pub(crate) body_at: Option<String>,
    /// When the item ages out, in seconds since 1970.
    pub(crate) expires_at: i64,
}

stored!(InboxRow {
    provider, event_id, event_type, subject, state, user_id, note, attempts, due_at, received_at, version, body, body_at, expires_at,
}, key(row) Key::Inbox(row.provider.clone(), row.event_id.clone()),
   due row.due_at.map(|at| (DueKind::Inbox, at)));

/// Raw bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Field for Bytes {
    fn write(&self) -> Option<AttributeValue> {
        Some(AttributeValue::B(self.0.clone().into()))
    }
    fn read(value: Option<&AttributeValue>) -> Option<Self> {
        value?.as_b().ok().map(|blob| Self(blob.as_ref().to_vec()))
    }
}

/// A line of the log of webhooks, in its part of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogRow {
    pub(crate) line: WebhookLine,
    pub(crate) shard: u8,
    pub(crate) expires_at: i64,
}

impl Item for LogRow {
    fn key(&self) -> Key {
        let at = time_text(self.line.received_at);
        Key::WebhookLog(LogPlace {
            day: at.chars().take(10).collect(),
            shard: self.shard,
            at,
            provider: self.line.provider.clone(),
            event_id: self.line.event_id.clone(),
        })
    }

    fn write(&self, row: &mut Row) {
        row.put("provider", &self.line.provider);
        row.put("event_id", &self.line.event_id);
        row.put("event_type", &self.line.event_type);
        row.put("state", &self.line.state);
        row.put("user_id", &self.line.user_id);
        row.put("received_at", &self.line.received_at);
        row.put("shard", &self.shard);
        row.put("expires_at", &self.expires_at);
    }

    fn read(item: &Reading<'_>) -> Result<Self, StoreError> {
        let line = WebhookLine {
            provider: item.get("provider")?,
            event_id: item.get("event_id")?,
            event_type: item.get("event_type")?,
            state: item.get("state")?,
            user_id: item.get("user_id")?,
            received_at: item.get("received_at")?,
        };
        Ok(Self { line, shard: item.get("shard")?, expires_at: item.get("expires_at")? })
    }
}

/// A request with an idempotency key: running, or done with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReceiptRow {
    pub(crate) user_id: UserId,
    pub(crate) route: String,
    /// The hash of the caller's key.
    pub(crate) key_hash: String,
    /// The hash of the request's body.
    pub(crate) request: String,
    /// When its first run began; older records lack it.
    pub(crate) begun_at: Option<Timestamp>,
    pub(crate) leased_until: Timestamp,
    pub(crate) kept_until: Timestamp,
    pub(crate) status: Option<u16>,
    pub(crate) body: Option<String>,
    pub(crate) expires_at: i64,
}

stored!(ReceiptRow {
    user_id, route, key_hash, request, begun_at, leased_until, kept_until, status, body, expires_at,
}, key(row) Key::Idempotency(row.user_id.clone(), row.route.clone(), row.key_hash.clone()));

/// What of the sum over everybody a customer's account is counted with, and as of which of its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RolledRow {
    pub(crate) user_id: UserId,
    pub(crate) owed_days: i64,
    pub(crate) of_version: u64,
    pub(crate) version: u64,
}

stored!(RolledRow { user_id, owed_days, of_version, version }, key(row) Key::Rolled(row.user_id.clone()));

/// One part of the sum over everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwedRow {
    pub(crate) shard: u8,
    pub(crate) days: i64,
}

stored!(OwedRow { shard, days }, key(row) Key::Owed(row.shard));

stored!(Solvency { at, partner_days, owed_days, expires_at }, key(reading) Key::Solvency(time_text(reading.at)));

/// The queue of creations; its pairs lie as texts of two words.
impl Item for Creations {
    fn key(&self) -> Key {
        Key::Creations
    }

    fn write(&self, row: &mut Row) {
        let started: Vec<String> = self.started.iter().map(|(at, user)| format!("{} {user}", time_text(*at))).collect();
        let waiting: Vec<String> = self.waiting.iter().map(|(channel, user)| format!("{channel} {user}")).collect();
        row.put("started", &started);
        row.put("waiting", &waiting);
        row.put("version", &self.version);
    }

    fn read(item: &Reading<'_>) -> Result<Self, StoreError> {
        let started: Vec<String> = item.get("started")?;
        let waiting: Vec<String> = item.get("waiting")?;
        let started = started.iter().map(|pair| {
            let (at, user) = pair.split_once(' ')?;
            Some((at.parse::<Timestamp>().ok()?, UserId::parse(user).ok()?))
        });
        let waiting = waiting.iter().map(|pair| {
            let (channel, user) = pair.split_once(' ')?;
            Some((ChannelId::parse(channel).ok()?, UserId::parse(user).ok()?))
        });
        Ok(Self {
            started: started.collect::<Option<_>>().ok_or_else(|| item.corrupt("started"))?,
            waiting: waiting.collect::<Option<_>>().ok_or_else(|| item.corrupt("waiting"))?,
            version: item.get("version")?,
        })
    }
}
