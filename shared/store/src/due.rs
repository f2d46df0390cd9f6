//! The index of unfinished work, and the jobs that come of it. A job only names a record: whoever works
//! on it reads the record again and does what it needs by then.

use std::collections::HashMap;
use std::fmt;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use domain::due::DueKind;
use domain::id::{ChannelId, ExtensionId, SubscriptionId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::call::{by_code, unexpected};
use crate::error::StoreError;
use crate::item::field::time_text;
use crate::key::{ACCOUNT, Key, KeyError, digest};
use crate::read::text;
use crate::store::Store;

/// How many parts the index has of each kind, so that no single one is hot.
pub const SHARDS: u8 = 4;
/// The most jobs that one question brings.
pub const MOST_JOBS: usize = 500;
/// The name of the index.
const INDEX: &str = "due";

/// Which part of the index a partition belongs to.
pub fn due_shard(pk: &str) -> u8 {
    let [first, ..] = digest(&[pk]);
    first % SHARDS
}

/// The index's own key of that part.
pub(crate) fn shard_key(kind: DueKind, shard: u8) -> String {
    format!("{}#{shard}", kind.word())
}

/// Where a look into the index goes on. It never leaves the process.
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor(pub(crate) HashMap<String, AttributeValue>);

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn write_kind<S: Serializer>(kind: &DueKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.word())
}

fn read_kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DueKind, D::Error> {
    let word = String::deserialize(deserializer)?;
    DueKind::parse(&word).ok_or_else(|| serde::de::Error::custom(format_args!("no kind of work: {word}")))
}

/// A record with something to be done, as it stands on the queue.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Job {
    /// What kind of work.
    #[serde(serialize_with = "write_kind", deserialize_with = "read_kind")]
    pub kind: DueKind,
    /// The record's partition key.
    pub pk: String,
    /// The record's sort key.
    pub sk: String,
}

/// The record that a job is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each variant is named after its record")]
pub enum Target {
    Inbox { provider: String, event_id: String },
    Account(UserId),
    Subscription(UserId, SubscriptionId),
    Channel(UserId, ChannelId),
    Extension(UserId, ChannelId, ExtensionId),
    Rollup(UserId),
    Reconcile(UserId),
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} / {}", self.kind.word(), self.pk, self.sk)
    }
}

impl Job {
    /// A job of the attributes that a changed record shows in the stream.
    ///
    /// # Errors
    /// [`KeyError`] when the word is no kind of work.
    pub fn read(due_kind: &str, pk: &str, sk: &str) -> Result<Self, KeyError> {
        let kind = DueKind::parse(due_kind).ok_or_else(|| KeyError(format!("no kind of work: {due_kind}")))?;
        Ok(Self { kind, pk: pk.to_owned(), sk: sk.to_owned() })
    }

    /// As it stands on the queue; it reads back by serde.
    pub fn to_json(&self) -> String {
        serde_json::json!({ "kind": self.kind.word(), "pk": self.pk, "sk": self.sk }).to_string()
    }

    /// The record that it is about.
    ///
    /// # Errors
    /// [`KeyError`] when the key is of no record with such work.
    pub fn target(&self) -> Result<Target, KeyError> {
        match (self.kind, Key::parse(&self.pk, &self.sk)?) {
            (DueKind::Inbox, Key::Inbox(provider, event_id)) => Ok(Target::Inbox { provider, event_id }),
            (DueKind::Account, Key::Account(user)) => Ok(Target::Account(user)),
            (DueKind::Rollup, Key::Account(user)) => Ok(Target::Rollup(user)),
            (DueKind::Reconcile, Key::Account(user)) => Ok(Target::Reconcile(user)),
            (DueKind::Subscription, Key::Subscription(user, id)) => Ok(Target::Subscription(user, id)),
            (DueKind::Channel, Key::Channel(user, id)) => Ok(Target::Channel(user, id)),
            (DueKind::Extension, Key::Extension(user, channel, id)) => Ok(Target::Extension(user, channel, id)),
            _ => Err(KeyError(self.to_string())),
        }
    }
}

impl Job {
    /// The job that a changed account leaves beside others: the sum over everybody follows its days. `days` are the
    /// account's attributes that the sum is made of, before and after the change.
    pub fn rollup(pk: &str, sk: &str, before: &[Option<String>], after: &[Option<String>]) -> Option<Self> {
        let is_account = matches!(Key::parse(pk, sk), Ok(Key::Account(_)));
        (is_account && before != after).then(|| Self { kind: DueKind::Rollup, pk: pk.to_owned(), sk: sk.to_owned() })
    }
}

impl From<&Target> for Job {
    fn from(target: &Target) -> Self {
        let (kind, key) = match target.clone() {
            Target::Inbox { provider, event_id } => (DueKind::Inbox, Key::Inbox(provider, event_id)),
            Target::Account(user) => (DueKind::Account, Key::Account(user)),
            Target::Subscription(user, id) => (DueKind::Subscription, Key::Subscription(user, id)),
            Target::Channel(user, id) => (DueKind::Channel, Key::Channel(user, id)),
            Target::Extension(user, channel, id) => (DueKind::Extension, Key::Extension(user, channel, id)),
            Target::Rollup(user) => (DueKind::Rollup, Key::Account(user)),
            Target::Reconcile(user) => (DueKind::Reconcile, Key::Account(user)),
        };
        Self { kind, pk: key.pk(), sk: key.sk() }
    }
}

impl Store {
    /// The jobs of one kind and part that are due by `until`, the longest due first. The index may lag and
    /// forget nothing: whoever works on a job reads the record.
    ///
    /// # Errors
    /// What the store says.
    pub async fn due(
        &self,
        kind: DueKind,
        shard: u8,
        until: Timestamp,
        limit: usize,
        cursor: Option<Cursor>,
    ) -> Result<(Vec<Job>, Option<Cursor>), StoreError> {
        let request = self
            .dynamo()
            .query()
            .table_name(self.table())
            .index_name(INDEX)
            .key_condition_expression("due_shard = :shard AND due_at <= :until")
            .expression_attribute_values(":shard", AttributeValue::S(shard_key(kind, shard)))
            .expression_attribute_values(":until", AttributeValue::S(time_text(until)))
            .projection_expression("pk, sk")
            .limit(i32::try_from(limit.clamp(1, MOST_JOBS)).unwrap_or(1))
            .set_exclusive_start_key(cursor.map(|cursor| cursor.0))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let answer = self.call(by_code, || request.clone().send()).await?.map_err(unexpected)?;
        self.count_reads(answer.consumed_capacity());
        let jobs = answer.items().iter().map(|item| Ok(Job { kind, pk: text(item, "pk")?.to_owned(), sk: text(item, "sk")?.to_owned() }));
        let jobs = jobs.collect::<Result<_, StoreError>>()?;
        Ok((jobs, answer.last_evaluated_key.filter(|key| !key.is_empty()).map(Cursor)))
    }

    /// All customers, one part of the table after the other, a page at a time; a page may be empty though
    /// others follow. The only scan, for the nightly audit and reconciliation.
    ///
    /// # Errors
    /// What the store says.
    pub async fn walk(&self, segment: u32, segments: u32, cursor: Option<Cursor>) -> Result<(Vec<UserId>, Option<Cursor>), StoreError> {
        let request = self
            .dynamo()
            .scan()
            .table_name(self.table())
            .segment(i32::try_from(segment).unwrap_or(i32::MAX))
            .total_segments(i32::try_from(segments).unwrap_or(i32::MAX))
            .filter_expression("sk = :account")
            .expression_attribute_values(":account", AttributeValue::S(ACCOUNT.to_owned()))
            .projection_expression("pk, sk")
            .set_exclusive_start_key(cursor.map(|cursor| cursor.0))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let answer = self.call(by_code, || request.clone().send()).await?.map_err(unexpected)?;
        self.count_reads(answer.consumed_capacity());
        let mut users = Vec::new();
        for item in answer.items() {
            match Key::parse(text(item, "pk")?, text(item, "sk")?) {
                Ok(Key::Account(user)) => users.push(user),
                Ok(other) => return Err(StoreError::Corrupt(format!("{other}: not an account"))),
                Err(error) => return Err(StoreError::Corrupt(error.to_string())),
            }
        }
        Ok((users, answer.last_evaluated_key.filter(|key| !key.is_empty()).map(Cursor)))
    }
}
