//! A purchase of a plan and its renewals: its own copy of the terms, and how it follows PayPal.
//!
//! Invariants: editing a plan never reaches into a subscription; a terminal state is never left; our
//! clock alone never ends what PayPal renews.

use jiff::Timestamp;

use crate::account::{Account, CurrentPlan};
use crate::days::Days;
use crate::id::{PlanId, SubscriptionId, UserId};
use crate::money::Money;
use crate::plan::{Limits, Plan};
use crate::refusal::Refusal;

/// Where a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubscriptionStatus {
    /// Waiting for the payer, PayPal or an admin.
    Pending,
    /// Paid, or confirmed by PayPal.
    Active,
    /// Ran out.
    Expired,
    /// Ended by somebody.
    Canceled,
}

impl SubscriptionStatus {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Canceled => "canceled",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Pending, Self::Active, Self::Expired, Self::Canceled].into_iter().find(|status| status.word() == word)
    }

    /// Whether nothing follows.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Expired | Self::Canceled)
    }
}

/// How it is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentMethod {
    /// PayPal charges by itself.
    Paypal,
    /// A transfer that an admin approves.
    Offline,
}

impl PaymentMethod {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Paypal => "paypal",
            Self::Offline => "offline",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Paypal, Self::Offline].into_iter().find(|method| method.word() == word)
    }
}

/// What was bought, copied at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The plan.
    pub plan_id: PlanId,
    /// Its name then.
    pub plan_name: String,
    /// The price then, in dinars.
    pub price: Money,
    /// What PayPal charges for each period.
    pub charged: Option<Money>,
    /// The days of one period.
    pub days: Days,
    /// The limits then.
    pub limits: Limits,
    /// How long its days stay before what is left of them lapses; `None` is for ever.
    pub lapse_after: Option<Days>,
    /// PayPal's plan then.
    pub paypal_plan_id: Option<String>,
}

/// What is known of it at PayPal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PaypalSide {
    /// PayPal's id (`I-…`), once the answer of its creation was seen.
    pub id: Option<String>,
    /// Where the payer approves.
    pub approval_url: Option<String>,
    /// PayPal's word for its status, as last read.
    pub status: Option<String>,
    /// When PayPal bills next, as last read.
    pub next_billing_at: Option<Timestamp>,
    /// Failed payments in a row, as last read.
    pub failed_payments: u32,
    /// We want it cancelled there; a job does not give up until it is.
    pub cancel_wanted: bool,
}

/// One purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its id; `custom_id` at PayPal.
    pub id: SubscriptionId,
    /// The buyer.
    pub user_id: UserId,
    /// What was bought.
    pub terms: Terms,
    /// Where it stands.
    pub status: SubscriptionStatus,
    /// How it is paid.
    pub payment_method: PaymentMethod,
    /// Its side at PayPal.
    pub paypal: PaypalSide,
    /// The subscription that this one takes the place of once paid.
    pub replaces: Option<SubscriptionId>,
    /// When it became active.
    pub start_at: Option<Timestamp>,
    /// Until when it is paid.
    pub end_at: Option<Timestamp>,
    /// The payer's reference of an offline payment.
    pub offline_reference: Option<String>,
    /// Who approved an offline payment.
    pub approved_by: Option<UserId>,
    /// When.
    pub approved_at: Option<Timestamp>,
    /// Sales that were credited.
    pub paid_periods: u32,
    /// Why it ended, or what is wrong, for people.
    pub note: Option<String>,
    /// When there is something to do.
    pub due_at: Option<Timestamp>,
    /// Looks that came to nothing in a row.
    pub attempts: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts the changes.
    pub version: u64,
}

impl Subscription {
    /// Begins a checkout through PayPal. `running` is the subscription of the current plan, if there is one.
    ///
    /// # Errors
    /// [`Refusal`] when the account is not open, the plan is not for sale, or PayPal renews it already.
    pub fn begin_paypal(
        id: SubscriptionId,
        account: &Account,
        plan: &Plan,
        running: Option<&Self>,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        account.check_open()?;
        let terms = plan.paypal_terms()?;
        let same =
            running.is_some_and(|old| old.status == SubscriptionStatus::Active && old.renews() && old.terms.plan_id == terms.plan_id);
        if same {
            return Err(Refusal::AlreadySubscribed);
        }
        Ok(Self {
            id,
            user_id: account.user_id.clone(),
            terms,
            status: SubscriptionStatus::Pending,
            payment_method: PaymentMethod::Paypal,
            paypal: PaypalSide::default(),
            replaces: running.filter(|old| !old.status.is_terminal()).map(|old| old.id.clone()),
            start_at: None,
            end_at: None,
            offline_reference: None,
            approved_by: None,
            approved_at: None,
            paid_periods: 0,
            note: None,
            due_at: Some(now),
            attempts: 0,
            created_at: now,
            updated_at: now,
            version: 0,
        })
    }

    /// Whether PayPal goes on charging for it.
    pub fn renews(&self) -> bool {
        self.payment_method == PaymentMethod::Paypal && !self.paypal.cancel_wanted && !self.status.is_terminal()
    }

    /// What the account's record says of it while it is the current plan.
    pub fn as_current_plan(&self) -> CurrentPlan {
        CurrentPlan {
            subscription_id: self.id.clone(),
            plan_id: self.terms.plan_id.clone(),
            name: self.terms.plan_name.clone(),
            limits: self.terms.limits,
            end_at: self.end_at,
            payment_method: self.payment_method,
            renews: self.renews(),
        }
    }

    /// Whether this one gives the account its plan: the later of two that were both approved.
    pub fn wins_over(&self, current: Option<&CurrentPlan>) -> bool {
        current.is_none_or(|plan| plan.subscription_id <= self.id)
    }

    /// Makes it active at `now`, if it was pending.
    pub fn activate(&mut self, now: Timestamp) {
        if self.status == SubscriptionStatus::Pending {
            self.status = SubscriptionStatus::Active;
            self.start_at = self.start_at.or(Some(now));
            self.end_at = self.end_at.or_else(|| Some(self.terms.days.after(now)));
        }
    }

    /// Moves its end on by one paid period, in whatever order payments are heard of: it ends as many periods
    /// after its beginning as were paid for, and not before the period of any payment is over.
    pub fn pay_period(&mut self, paid_at: Timestamp) {
        let start = self.start_at.map_or(paid_at, |start| start.min(paid_at));
        let before = self.end_at.filter(|_| self.paid_periods > 0);
        self.paid_periods += 1;
        let counted = self.terms.days.times(self.paid_periods).after(start);
        self.start_at = Some(start);
        self.end_at = [Some(counted), Some(self.terms.days.after(paid_at)), before].into_iter().flatten().max();
    }

    /// From when on a sale of it may not be settled yet: from its beginning while it was not paid, or was
    /// paid with a gap; else from its latest payment.
    pub fn unsettled_from(&self) -> Timestamp {
        let start = self.start_at.unwrap_or(self.created_at);
        let counted = self.terms.days.times(self.paid_periods).after(start);
        let has_gap = self.end_at.is_some_and(|end| end.duration_since(counted) > Days::new(1).duration());
        let settled = if has_gap { 0 } else { self.paid_periods.saturating_sub(1) };
        self.terms.days.times(settled).after(start.min(self.created_at))
    }

    /// Ends it: canceled, or expired when nobody meant to. A terminal state stays what it is.
    pub fn end(&mut self, status: SubscriptionStatus, note: &str) {
        if !self.status.is_terminal() {
            self.status = status;
            self.note = Some(note.to_owned());
        }
    }
}
