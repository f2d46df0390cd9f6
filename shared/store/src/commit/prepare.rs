//! From what is to be committed to what is written: items, conditions and their names. What must not be
//! committed is refused here, before anything is sent.

use std::collections::{HashMap, HashSet};

use domain::account::{Account, AccountChange};
use domain::channel::Channel;
use domain::extension::Extension;
use domain::id::UserId;
use domain::ledger::Entry;
use domain::plan::Plan;
use domain::subscription::Subscription;

use super::{Write, account};
use crate::error::{Conflict, StoreError, What};
use crate::expression::Expression;
use crate::inbox::InboxState;
use crate::item::{Attributes, CauseRow, HashedKey, Item, PointerRow, to_item};
use crate::key::Key;
use crate::who::{ApiKey, Identity};
use crate::write;

/// DynamoDB's limit of writes in one transaction.
pub(super) const MOST_WRITES: usize = 100;

/// What a write does.
pub(super) enum Action {
    /// Puts the whole item.
    Put(Attributes),
    /// Changes some of it.
    Update,
}

/// What it means when a write's condition did not hold.
pub(super) enum Broken {
    /// This.
    Means(Conflict),
    /// It depends on the account as it was.
    Account(Box<AccountChange>),
}

impl Broken {
    /// The error, by the item as it was.
    pub(super) fn error(&self, found: Option<&Attributes>) -> StoreError {
        match self {
            Self::Means(conflict) => (*conflict).into(),
            Self::Account(change) => account::conflict(change, found),
        }
    }
}

/// One write, ready to be sent.
pub(super) struct Prepared {
    pub(super) key: Key,
    pub(super) action: Action,
    pub(super) expression: Expression,
    pub(super) broken: Broken,
}

/// A record with a version.
trait Versioned: Item {
    fn version_mut(&mut self) -> &mut u64;
}

macro_rules! versioned {
    ($($kind:ty),*) => {$(
        impl Versioned for $kind {
            fn version_mut(&mut self) -> &mut u64 {
                &mut self.version
            }
        }
    )*};
}

versioned!(Account, ApiKey, Channel, Extension, Identity, Plan, Subscription);

impl Versioned for HashedKey {
    fn version_mut(&mut self) -> &mut u64 {
        &mut self.0.version
    }
}

/// A record at the version that was read, written as the next.
fn versioned<T: Versioned>(mut record: T, what: What) -> Prepared {
    let read = *record.version_mut();
    *record.version_mut() = read + 1;
    let conflict = if read == 0 { Conflict::Exists(what) } else { Conflict::VersionMoved(what) };
    Prepared {
        key: record.key(),
        action: Action::Put(to_item(&record)),
        expression: Expression::version(read),
        broken: Broken::Means(conflict),
    }
}

fn put<T: Item>(record: &T, expression: Expression, what: What) -> Prepared {
    Prepared { key: record.key(), action: Action::Put(to_item(record)), expression, broken: Broken::Means(Conflict::Exists(what)) }
}

fn update(key: Key, expression: Expression, broken: Broken) -> Prepared {
    Prepared { key, action: Action::Update, expression, broken }
}

fn pointer(row: &PointerRow) -> Prepared {
    let mut free = Expression::default();
    let (user, target) = (free.compare("user_id", "=", &row.user_id), free.compare("target", "=", &row.target));
    free.require(format!("(attribute_not_exists(pk) OR ({user} AND {target}))"));
    put(row, free, What::Pointer)
}

fn inbox_done(provider: String, event_id: String) -> Prepared {
    let key = Key::Inbox(provider, event_id);
    let mut done = Expression::present();
    done.require_compare("state", "=", &InboxState::Received);
    done.set("state", &InboxState::Processed);
    done.add("version", 1);
    done.set_due(domain::due::DueKind::Inbox, &key, None);
    update(key, done, Broken::Means(Conflict::VersionMoved(What::Inbox)))
}

fn cause(entry: &Entry) -> CauseRow {
    CauseRow { cause: entry.cause.clone(), entry_id: entry.id.clone(), user_id: entry.user_id.clone() }
}

fn one(write: Write) -> Prepared {
    match write {
        Write::NewAccount(mut account) => {
            account.version = 0;
            versioned(*account, What::Account)
        }
        Write::Account(change) => update(Key::Account(change.user_id.clone()), account::update(&change), Broken::Account(change)),
        Write::Profile(user, change) => {
            update(Key::Account(user), account::profile(&change), Broken::Means(Conflict::VersionMoved(What::Account)))
        }
        Write::Channel(channel) => versioned(*channel, What::Channel),
        Write::Subscription(subscription) => versioned(*subscription, What::Subscription),
        Write::Extension(extension) => versioned(*extension, What::Extension),
        Write::Identity(identity) => versioned(*identity, What::Identity),
        Write::Plan(plan) => versioned(*plan, What::Plan),
        Write::ApiKey(key) => versioned(*key, What::ApiKey),
        Write::KeyHash(key) => versioned(HashedKey(*key), What::ApiKey),
        Write::Cause(entry) => put(&cause(&entry), Expression::absent(), What::Cause),
        Write::Entry(entry) => put(&*entry, Expression::absent(), What::Entry),
        Write::Pointer(kind, id, to) => pointer(&PointerRow { kind, id, user_id: to.user_id, target: to.target }),
        Write::Notification(notification) => put(&*notification, Expression::absent(), What::Notification),
        Write::History(event) => put(&*event, Expression::absent(), What::History),
        Write::InboxDone(provider, event_id) => inbox_done(provider, event_id),
    }
}

/// Gets all writes ready.
///
/// # Errors
/// [`StoreError::Corrupt`] for a commit that must not be: entries without the account's change that they
/// cause (or the other way round), the same record twice, too many writes.
pub(super) fn prepare(writes: Vec<Write>) -> Result<Vec<Prepared>, StoreError> {
    check_ledger(&writes)?;
    let prepared: Vec<_> = writes.into_iter().map(one).collect();
    if prepared.len() > MOST_WRITES {
        return Err(StoreError::Corrupt(format!("a commit of {} writes", prepared.len())));
    }
    let mut keys = HashSet::new();
    for one in &prepared {
        write::check(&one.key)?;
        if !keys.insert(&one.key) {
            return Err(StoreError::Corrupt(format!("a commit that writes {} twice", one.key)));
        }
    }
    Ok(prepared)
}

/// What an account's sums change by: total, consumed, frozen.
type Sums = (i64, i64, i64);

fn sums(change: &AccountChange) -> Sums {
    (i64::from(change.total.count()), change.consumed, change.frozen)
}

fn add_to(sums: &mut HashMap<UserId, Sums>, user: &UserId, (total, consumed, frozen): Sums) {
    let sum = sums.entry(user.clone()).or_default();
    *sum = (sum.0.saturating_add(total), sum.1.saturating_add(consumed), sum.2.saturating_add(frozen));
}

/// The account's change must be the sum of the entries that travel with it, for every customer.
fn check_ledger(writes: &[Write]) -> Result<(), StoreError> {
    let (mut entries, mut changes) = (HashMap::new(), HashMap::new());
    for write in writes {
        match write {
            Write::Entry(entry) => add_to(&mut entries, &entry.user_id, sums(&entry.account_change())),
            Write::Account(change) => add_to(&mut changes, &change.user_id, sums(change)),
            Write::NewAccount(account) => {
                let of = |days: domain::Days| i64::from(days.count());
                let balance = &account.balance;
                add_to(&mut changes, &account.user_id, (of(balance.total), of(balance.consumed), of(balance.frozen)));
            }
            _ => {}
        }
    }
    let mut users = entries.keys().chain(changes.keys());
    match users.find(|user| entries.get(*user).copied().unwrap_or_default() != changes.get(*user).copied().unwrap_or_default()) {
        Some(user) => Err(StoreError::Corrupt(format!("the entries for {user} are not what the account changes by"))),
        None => Ok(()),
    }
}
