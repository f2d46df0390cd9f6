//! Who somebody is and what they have: the one record that every decision about money or limits reads.
//!
//! Invariant: the balance is a fold of the ledger. It changes by deltas that travel with the entry that
//! causes them ([`AccountChange`]); spends are guarded by value, so that they never race each other away.

use jiff::{SignedDuration, Timestamp};

use crate::days::Days;
use crate::id::{PlanId, SubscriptionId, UserId};
use crate::plan::Limits;
use crate::refusal::Refusal;
use crate::subscription::PaymentMethod;

/// How long a plan that PayPal renews is believed past its end, for PayPal's own retries.
pub const RENEWAL_GRACE: SignedDuration = SignedDuration::from_hours(10 * 24);

/// What a person is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Buys and uses channels.
    Customer,
    /// Runs the business.
    Admin,
}

impl Role {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Admin => "admin",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Customer, Self::Admin].into_iter().find(|role| role.word() == word)
    }
}

/// The caller, as the authorizer found them. Only an actor opens a customer's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person or key's owner who calls.
    pub user_id: UserId,
    /// The account that is acted on.
    pub account_id: UserId,
    /// What they are.
    pub role: Role,
    /// What a key may do; `*` for a person.
    pub scopes: Vec<String>,
    /// Whether the account is suspended.
    pub suspended: bool,
    /// The e-mail, where it was verified.
    pub email: Option<String>,
}

impl Actor {
    /// Whether the caller may do what `scope` names.
    pub fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == "*" || held == scope)
    }
}

/// Days in and out, summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Balance {
    /// Credits and grants.
    pub total: Days,
    /// Debits, open reservations, freezes and lapses, less returns and releases.
    pub consumed: Days,
    /// The part of `consumed` that is frozen.
    pub frozen: Days,
    /// The part of `consumed` that is set aside for extensions that are not settled yet.
    pub reserved: Days,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

impl Balance {
    /// What can be spent.
    pub fn remaining(&self) -> Days {
        self.total.saturating_sub(self.consumed)
    }

    /// What WHAPI may still have to give for it: what can be spent, and what is on its way to channels.
    pub fn owed(&self) -> Days {
        self.remaining().saturating_add(self.reserved)
    }
}

/// The plan whose limits hold, as bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentPlan {
    /// The subscription it comes from.
    pub subscription_id: SubscriptionId,
    /// The plan.
    pub plan_id: PlanId,
    /// Its name when it was bought.
    pub name: String,
    /// Its limits when it was bought.
    pub limits: Limits,
    /// Until when it is paid.
    pub end_at: Option<Timestamp>,
    /// How it is paid.
    pub payment_method: PaymentMethod,
    /// Whether it renews by itself.
    pub renews: bool,
}

impl CurrentPlan {
    /// Whether the plan still holds at `now`. One that PayPal renews has a grace: our clock alone never
    /// ends it.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        let grace = if self.renews { RENEWAL_GRACE } else { SignedDuration::ZERO };
        self.end_at.is_none_or(|end| now < end.saturating_add(grace).unwrap_or(Timestamp::MAX))
    }
}

/// One customer's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose it is.
    pub user_id: UserId,
    /// The e-mail, where the issuer says that it is verified.
    pub email: Option<String>,
    /// The name, may be empty.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// An IANA time zone, `UTC` unless set.
    pub time_zone: String,
    /// A locale of the console: `en`, `ar` or `sw`.
    pub locale: String,
    /// The days.
    pub balance: Balance,
    /// Channels that count against the limit.
    pub channels_used: u32,
    /// The plan whose limits hold.
    pub plan: Option<CurrentPlan>,
    /// The checkout that is under way, if any.
    pub open_checkout: Option<SubscriptionId>,
    /// Refunded or reversed sales so far: days that come back may belong to one of them.
    pub refunds: u32,
    /// Whether staff has suspended it.
    pub suspended: bool,
    /// Whether it is being closed.
    pub closing: bool,
    /// When there is something to do for it.
    pub due_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts the changes.
    pub version: u64,
}

impl Account {
    /// Refuses a suspended or closing account.
    ///
    /// # Errors
    /// [`Refusal::AccountSuspended`], [`Refusal::AccountClosing`].
    pub fn check_open(&self) -> Result<(), Refusal> {
        match (self.suspended, self.closing) {
            (true, _) => Err(Refusal::AccountSuspended),
            (_, true) => Err(Refusal::AccountClosing),
            _ => Ok(()),
        }
    }

    /// The plan that holds at `now`.
    ///
    /// # Errors
    /// [`Refusal::NoPlan`] when there is none, or it has ended.
    pub fn current_plan(&self, now: Timestamp) -> Result<&CurrentPlan, Refusal> {
        self.plan.as_ref().filter(|plan| plan.holds_at(now)).ok_or(Refusal::NoPlan)
    }

    /// Whether one more channel may be added: plan, days, room, in this order (CH-3, PLAN-5).
    ///
    /// # Errors
    /// The first [`Refusal`] that applies.
    pub fn check_new_channel(&self, now: Timestamp) -> Result<(), Refusal> {
        self.check_open()?;
        let plan = self.current_plan(now)?;
        if plan.limits.channels.is_some_and(|limit| self.channels_used >= limit) {
            return Err(Refusal::ChannelLimitReached);
        }
        if self.balance.remaining().is_zero() {
            return Err(Refusal::NoDays { remaining: Days::ZERO, wanted: Days::new(1) });
        }
        Ok(())
    }
}

/// What must still be true of the account when a change is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Nothing was changed since that version was read.
    Version(u64),
    /// At least so many days remain: the guard of every spend.
    Remaining(Days),
    /// One more channel fits under the limit of the plan.
    ChannelRoom,
    /// Neither suspended nor closing.
    Open,
}

/// A change of the account, as deltas: it is applied to whatever the record says by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountChange {
    /// Whose account.
    pub user_id: UserId,
    /// When.
    pub at: Timestamp,
    /// Added to the total.
    pub total: Days,
    /// Added to what is consumed; negative for what comes back.
    pub consumed: i64,
    /// Added to what is frozen.
    pub frozen: i64,
    /// Added to what is set aside for extensions that are not settled yet.
    pub reserved: i64,
    /// Added to the channels in use.
    pub channels: i32,
    /// Added to the refunds.
    pub refunds: u32,
    /// The plan, where it changes.
    pub plan: Option<Option<CurrentPlan>>,
    /// The open checkout, where it changes.
    pub open_checkout: Option<Option<SubscriptionId>>,
    /// When there is something to do, where that changes.
    pub due_at: Option<Option<Timestamp>>,
    /// What must hold.
    pub guards: Vec<Guard>,
}

impl AccountChange {
    /// A change that changes nothing yet.
    pub fn new(user_id: UserId, at: Timestamp) -> Self {
        Self {
            user_id,
            at,
            total: Days::ZERO,
            consumed: 0,
            frozen: 0,
            reserved: 0,
            channels: 0,
            refunds: 0,
            plan: None,
            open_checkout: None,
            due_at: None,
            guards: Vec::new(),
        }
    }

    /// With one more guard.
    #[must_use]
    pub fn guarded(mut self, guard: Guard) -> Self {
        self.guards.push(guard);
        self
    }

    /// Whether the balance changes.
    pub fn moves_days(&self) -> bool {
        !self.total.is_zero() || self.consumed != 0 || self.frozen != 0 || self.reserved != 0
    }
}
