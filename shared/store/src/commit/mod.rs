//! One decision, one commit: everything that it writes, or nothing. Each condition has a name, and what
//! did not hold is told by that name.
//!
//! Invariants: an entry never travels without the account's change that it causes, and the other way
//! round; a spend never takes the balance below zero, guarded or not; a repeat after a lost answer is the
//! same commit (client token) or is told by its unique cause.

mod account;
mod prepare;
mod run;

use domain::account::{Account, AccountChange};
use domain::channel::Channel;
use domain::extension::Extension;
use domain::id::UserId;
use domain::ledger::Entry;
use domain::notice::{HistoryEvent, Notification};
use domain::plan::Plan;
use domain::subscription::Subscription;
use jiff::Timestamp;

use crate::who::{ApiKey, Identity, Pointer, PointerKind};

/// A change of what a customer says about themselves. `None` leaves a field as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProfileChange {
    /// The name.
    pub name: Option<String>,
    /// The time zone.
    pub time_zone: Option<String>,
    /// The locale.
    pub locale: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The version of the account that was read.
    pub version: u64,
}

pub(crate) enum Write {
    NewAccount(Box<Account>),
    Account(Box<AccountChange>),
    Profile(UserId, Box<ProfileChange>),
    Channel(Box<Channel>),
    Subscription(Box<Subscription>),
    Extension(Box<Extension>),
    Entry(Box<Entry>),
    Cause(Box<Entry>),
    Pointer(PointerKind, String, Pointer),
    Identity(Box<Identity>),
    Plan(Box<Plan>),
    ApiKey(Box<ApiKey>),
    KeyHash(Box<ApiKey>),
    Notification(Box<Notification>),
    History(Box<HistoryEvent>),
    InboxDone(String, String),
}

/// What is to be committed at once.
#[derive(Default)]
#[must_use]
pub struct Commit {
    pub(crate) writes: Vec<Write>,
    pub(crate) token: Option<String>,
}

impl Commit {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn with(mut self, write: Write) -> Self {
        self.writes.push(write);
        self
    }

    /// A new customer's account: refused when there is one.
    pub fn new_account(self, account: Account) -> Self {
        self.with(Write::NewAccount(Box::new(account)))
    }

    /// A channel: new at version 0, otherwise as it was read.
    pub fn channel(self, channel: Channel) -> Self {
        self.with(Write::Channel(Box::new(channel)))
    }

    /// A subscription: new at version 0, otherwise as it was read.
    pub fn subscription(self, subscription: Subscription) -> Self {
        self.with(Write::Subscription(Box::new(subscription)))
    }

    /// An extension: new at version 0, otherwise as it was read.
    pub fn extension(self, extension: Extension) -> Self {
        self.with(Write::Extension(Box::new(extension)))
    }

    /// An entry of the ledger, with its cause, which can happen once.
    pub fn entry(self, entry: Entry) -> Self {
        self.with(Write::Cause(Box::new(entry.clone()))).with(Write::Entry(Box::new(entry)))
    }

    /// A pointer: refused when it leads elsewhere already.
    pub fn pointer(self, kind: PointerKind, id: impl Into<String>, pointer: Pointer) -> Self {
        self.with(Write::Pointer(kind, id.into(), pointer))
    }

    /// Who somebody is: new at version 0, otherwise as it was read.
    pub fn identity(self, identity: Identity) -> Self {
        self.with(Write::Identity(Box::new(identity)))
    }

    /// A plan: new at version 0, otherwise as it was read.
    pub fn plan(self, plan: Plan) -> Self {
        self.with(Write::Plan(Box::new(plan)))
    }

    /// An API key, for its owner's list and by its hash: new at version 0, otherwise as it was read.
    pub fn key(self, key: ApiKey) -> Self {
        self.with(Write::KeyHash(Box::new(key.clone()))).with(Write::ApiKey(Box::new(key)))
    }

    /// A notification.
    pub fn notification(self, notification: Notification) -> Self {
        self.with(Write::Notification(Box::new(notification)))
    }

    /// A line of a channel's history.
    pub fn history(self, event: HistoryEvent) -> Self {
        self.with(Write::History(Box::new(event)))
    }

    /// A recorded call of a provider is processed with this: refused when it was already.
    pub fn inbox_done(self, provider: impl Into<String>, event_id: impl Into<String>) -> Self {
        self.with(Write::InboxDone(provider.into(), event_id.into()))
    }

    /// What a customer says about themselves.
    pub fn profile(self, user: UserId, change: ProfileChange) -> Self {
        self.with(Write::Profile(user, Box::new(change)))
    }

    /// A change of an account; a second one of the same account is added to the first.
    pub fn account(mut self, change: AccountChange) -> Self {
        let first = self.writes.iter_mut().find_map(|write| match write {
            Write::Account(first) if first.user_id == change.user_id => Some(first),
            _ => None,
        });
        match first {
            Some(first) => add(first, change),
            None => self.writes.push(Write::Account(Box::new(change))),
        }
        self
    }

    /// The request's own token of at most 36 characters: the same commit again within ten minutes is the
    /// same commit. Without one each call of `Store::commit` makes its own.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }
}

fn add(first: &mut AccountChange, second: AccountChange) {
    first.at = first.at.max(second.at);
    first.total = first.total.saturating_add(second.total);
    first.consumed = first.consumed.saturating_add(second.consumed);
    first.frozen = first.frozen.saturating_add(second.frozen);
    first.reserved = first.reserved.saturating_add(second.reserved);
    first.channels = first.channels.saturating_add(second.channels);
    first.refunds = first.refunds.saturating_add(second.refunds);
    first.plan = second.plan.or(first.plan.take());
    first.open_checkout = second.open_checkout.or(first.open_checkout.take());
    first.due_at = second.due_at.or(first.due_at);
    first.guards.extend(second.guards);
}
