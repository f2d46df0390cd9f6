//! Providers' calls, recorded before anything is done about them. The put of an event's id is its
//! deduplication; long bodies go to the bucket first, the record points there.

use domain::due::DueKind;
use domain::id::UserId;
use jiff::{SignedDuration, Timestamp};
use ring::digest;

use crate::due::{SHARDS, due_shard};
use crate::error::{Conflict, StoreError, What};
use crate::expression::Expression;
use crate::item::{Bytes, InboxRow, Item, LogRow, from_item, to_item};
use crate::key::{Key, log_partition};
use crate::page::{Page, PageRequest, cursor};
use crate::read::{List, key_map};
use crate::store::Store;
use crate::transact::Transacted;
use crate::write::Written;

/// What follows the provider's name where its transmissions are remembered.
const TRANSMISSION: &str = "-transmission";
/// The longest body that lies in the record itself; longer ones lie in the bucket.
const LARGEST_INLINE_BYTES: usize = 8 * 1_024;
/// How every sort key of the log begins: with the year.
const LOG_PREFIX: &str = "2";
/// How long a record stays in the inbox and its log.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Where a recorded call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InboxState {
    /// Recorded, to be processed.
    Received,
    /// Done.
    Processed,
    /// Not understood, or of nobody we know: a person may replay it.
    Quarantined,
    /// Given up.
    Dead,
}

impl InboxState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Received, Self::Processed, Self::Quarantined, Self::Dead];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Processed => "processed",
            Self::Quarantined => "quarantined",
            Self::Dead => "dead",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A provider's call as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxItem {
    /// Who called: a word such as `paypal`, without `#`.
    pub provider: String,
    /// The provider's id of the event, or one that we gave where there is none.
    pub event_id: String,
    /// The provider's word for what happened.
    pub event_type: String,
    /// Our id of what it is about, where the address of the call says it: a channel's.
    pub subject: Option<String>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// Where it stands.
    pub state: InboxState,
    /// The customer that it is about, once known.
    pub user_id: Option<UserId>,
    /// What came of it, for people.
    pub note: Option<String>,
    /// Looks that came to nothing in a row.
    pub attempts: u32,
    /// When there is something to do.
    pub due_at: Option<Timestamp>,
    /// When it came.
    pub received_at: Timestamp,
    /// Counts the changes; 0 is not yet stored.
    pub version: u64,
}

/// What became of a put into the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutInbox {
    /// It is new and was stored.
    Stored,
    /// It was there before.
    Repeated,
    /// Its transmission came before with another body: nobody else's word than a forger's.
    Forged,
}

/// A line of the log of webhooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookLine {
    /// Who called: a word such as `paypal`, without `#`.
    pub provider: String,
    /// Which event.
    pub event_id: String,
    /// The provider's word for what happened.
    pub event_type: String,
    /// Where it stood when the line was written.
    pub state: InboxState,
    /// The customer that it is about, where known.
    pub user_id: Option<UserId>,
    /// When it came.
    pub received_at: Timestamp,
}

fn expires_at(received_at: Timestamp) -> i64 {
    received_at.as_second().saturating_add(KEPT_FOR.as_secs())
}

fn to_row(item: &InboxItem, body: Option<Bytes>, body_at: Option<String>) -> InboxRow {
    InboxRow {
        provider: item.provider.clone(),
        event_id: item.event_id.clone(),
        event_type: item.event_type.clone(),
        subject: item.subject.clone(),
        state: item.state,
        user_id: item.user_id.clone(),
        note: item.note.clone(),
        attempts: item.attempts,
        due_at: item.due_at,
        received_at: item.received_at,
        version: 1,
        body,
        body_at,
        expires_at: expires_at(item.received_at),
    }
}

fn to_inbox(row: InboxRow, body: Vec<u8>) -> InboxItem {
    InboxItem {
        provider: row.provider,
        event_id: row.event_id,
        event_type: row.event_type,
        subject: row.subject,
        body,
        state: row.state,
        user_id: row.user_id,
        note: row.note,
        attempts: row.attempts,
        due_at: row.due_at,
        received_at: row.received_at,
        version: row.version,
    }
}

fn to_line(item: &InboxItem) -> LogRow {
    let line = WebhookLine {
        provider: item.provider.clone(),
        event_id: item.event_id.clone(),
        event_type: item.event_type.clone(),
        state: item.state,
        user_id: item.user_id.clone(),
        received_at: item.received_at,
    };
    LogRow { line, shard: due_shard(&item.event_id), expires_at: expires_at(item.received_at) }
}

impl Store {
    /// Records a call together with the provider's id of its transmission, in one transaction. A transmission that
    /// is known with the same body is a repeat; one that comes with another body is a forgery, and nothing is recorded.
    ///
    /// # Errors
    /// What the store says: then the provider must send it again.
    pub async fn put_transmitted(&self, item: &InboxItem, transmission_id: &str) -> Result<PutInbox, StoreError> {
        let mut seen =
            InboxItem { provider: format!("{}{TRANSMISSION}", item.provider), event_id: transmission_id.to_owned(), ..item.clone() };
        (seen.event_type, seen.state, seen.due_at) = (item.event_id.clone(), InboxState::Processed, None);
        seen.body = digest::digest(&digest::SHA256, &item.body).as_ref().to_vec();
        let (body, body_at) = self.place_body(item).await?;
        let rows = [to_row(&seen, Some(Bytes(seen.body.clone())), None), to_row(item, body, body_at)];
        let writes = rows.iter().map(|row| self.put_if_absent(to_item(row))).collect::<Result<_, _>>()?;
        match self.transact(writes, self.entropy().token()).await? {
            Transacted::Done => Ok(PutInbox::Stored),
            Transacted::Refused(_) => self.repeated(&seen).await,
        }
    }

    /// Whether what was refused is a repeat or a forgery.
    async fn repeated(&self, seen: &InboxItem) -> Result<PutInbox, StoreError> {
        let known = self.inbox(&seen.provider, &seen.event_id).await?;
        let forged = known.is_some_and(|known| known.body != seen.body);
        Ok(if forged { PutInbox::Forged } else { PutInbox::Repeated })
    }

    /// Puts a long body into the bucket; says where the body is.
    async fn place_body(&self, item: &InboxItem) -> Result<(Option<Bytes>, Option<String>), StoreError> {
        if item.body.len() > LARGEST_INLINE_BYTES {
            let place = self.archive_raw(&item.provider, &item.event_id, item.received_at, &item.body).await?;
            return Ok((None, Some(place)));
        }
        Ok((Some(Bytes(item.body.clone())), None))
    }

    /// Records a call, unless it was recorded before; the version it is stored with is 1.
    ///
    /// # Errors
    /// What the store says: then the provider must send it again.
    pub async fn put_inbox(&self, item: &InboxItem) -> Result<PutInbox, StoreError> {
        let (body, body_at) = self.place_body(item).await?;
        let row = to_row(item, body, body_at);
        match self.put(&row.key(), to_item(&row), Expression::absent()).await? {
            Written::Done => Ok(PutInbox::Stored),
            Written::Refused(_) => Ok(PutInbox::Repeated),
        }
    }

    /// A recorded call, as it is now, with its body.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when its body is gone.
    pub async fn inbox(&self, provider: &str, event_id: &str) -> Result<Option<InboxItem>, StoreError> {
        let key = Key::Inbox(provider.to_owned(), event_id.to_owned());
        let Some(mut row) = self.get::<InboxRow>(&key).await? else { return Ok(None) };
        let body = match (row.body.take(), &row.body_at) {
            (Some(body), _) => body.0,
            (None, Some(place)) => {
                self.archived(place).await?.ok_or_else(|| StoreError::Corrupt(format!("{key}: its body `{place}` is gone")))?
            }
            (None, None) => return Err(StoreError::Corrupt(format!("{key}: it has no body"))),
        };
        Ok(Some(to_inbox(row, body)))
    }

    /// Saves where a recorded call stands: state, attempts, when it is due, customer, note. Once it is not
    /// waiting any more it also gets its line in the day's log.
    ///
    /// # Errors
    /// [`Conflict::VersionMoved`] when it is not as it was read any more.
    pub async fn save_inbox(&self, item: &InboxItem) -> Result<(), StoreError> {
        let key = Key::Inbox(item.provider.clone(), item.event_id.clone());
        let mut change = Expression::version(item.version.max(1));
        change.set("version", &(item.version.max(1) + 1));
        change.set("state", &item.state);
        change.set("attempts", &item.attempts);
        change.set("user_id", &item.user_id);
        change.set("note", &item.note);
        change.set_due(DueKind::Inbox, &key, item.due_at);
        if let Written::Refused(_) = self.update(&key, change).await? {
            return Err(Conflict::VersionMoved(What::Inbox).into());
        }
        if item.state != InboxState::Received {
            let line = to_line(item);
            self.put(&line.key(), to_item(&line), Expression::default()).await?;
        }
        Ok(())
    }

    /// The log of webhooks of one day such as `2026-11-21`, newest first: what was received then and is not
    /// waiting any more.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`] for a cursor that is not of this day's log.
    pub async fn webhook_log(&self, day: &str, page: PageRequest) -> Result<Page<WebhookLine>, StoreError> {
        let (name, size) = (format!("HOOKS#{day}"), page.size());
        let after = page.after(&name, "HOOKS")?;
        let mut lines: Vec<LogRow> = Vec::new();
        for shard in 0..SHARDS {
            let list = List { pk: log_partition(day, shard), prefix: LOG_PREFIX.to_owned(), consistent: false };
            let after = after.as_ref().map(|sk| key_map(&list.pk, sk));
            let found = self.query(&list, false, Some(size + 1), after).await?;
            for item in &found.items {
                lines.push(from_item(item)?);
            }
        }
        lines.sort_by_key(|line| std::cmp::Reverse(line.key().sk()));
        let more = lines.len() > size;
        lines.truncate(size);
        let last = lines.last().filter(|_| more).map(|line| cursor(&name, "HOOKS", &line.key().sk()));
        Ok(Page { items: lines.into_iter().map(|row| row.line).collect(), next_cursor: last })
    }
}
