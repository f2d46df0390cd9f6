//! What a sale at PayPal is worth here. A sale counts when it was read again at PayPal as completed,
//! belongs to a subscription of ours, and is of the amount of its terms; all else waits or is a finding.

use jiff::Timestamp;

use crate::account::Account;
use crate::account::AccountChange;
use crate::id::EntryId;
use crate::ledger::{Cause, Entry, EntryKind};
use crate::lots::Lots;
use crate::money::Money;
use crate::subscription::{Subscription, SubscriptionStatus};

/// A sale as PayPal itself told it when asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// PayPal's id of it.
    pub id: String,
    /// PayPal's word for its state.
    pub state: SaleState,
    /// What was charged.
    pub amount: Money,
    /// When it was made.
    pub made_at: Timestamp,
}

/// The state of a sale when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaleState {
    /// The money is there.
    Completed,
    /// Not yet, or held.
    Pending,
    /// It never came.
    Denied,
    /// A part went back.
    PartiallyRefunded,
    /// All went back.
    Refunded,
    /// The payer's bank took it back.
    Reversed,
    /// A word that we do not know.
    Unknown(String),
}

/// What a sale means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It credits its days.
    Counts,
    /// Look again later.
    NotYet,
    /// It gives nothing, or what it gave is frozen.
    WentBack,
    /// Nothing came of it.
    Nothing,
    /// A person has to look: a stable word for why.
    ForAPerson(&'static str),
}

/// Judges a sale of a subscription.
pub fn judge(sale: &Sale, subscription: &Subscription) -> Verdict {
    let due = subscription.terms.charged;
    match &sale.state {
        SaleState::Completed if due == Some(sale.amount) => Verdict::Counts,
        SaleState::Completed => Verdict::ForAPerson("sale.amount_differs"),
        SaleState::Pending => Verdict::NotYet,
        SaleState::Denied => Verdict::Nothing,
        SaleState::Refunded | SaleState::Reversed => Verdict::WentBack,
        SaleState::PartiallyRefunded => Verdict::ForAPerson("sale.partially_refunded"),
        SaleState::Unknown(_) => Verdict::ForAPerson("sale.state_unknown"),
    }
}

/// All that a counted sale does, to be committed at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    /// The entry, with the sale as its cause.
    pub entry: Entry,
    /// The account's change, guarded by nothing: a paid sale is always credited.
    pub change: AccountChange,
    /// The subscription afterwards.
    pub subscription: Subscription,
    /// Whether this subscription is the account's plan now.
    pub is_current: bool,
}

/// Credits a sale that counts.
pub fn credit(account: &Account, mut subscription: Subscription, sale: &Sale, entry_id: EntryId, now: Timestamp) -> Credit {
    subscription.activate(sale.made_at.min(now));
    subscription.pay_period(sale.made_at.min(now));
    let entry = Entry {
        id: entry_id,
        user_id: account.user_id.clone(),
        at: now,
        kind: EntryKind::Credit,
        days: subscription.terms.days,
        cause: Cause::paypal_sale(&sale.id),
        channel_id: None,
        subscription_id: Some(subscription.id.clone()),
        lot_id: None,
        note: None,
    };
    let was_current = account.plan.as_ref().is_some_and(|plan| plan.subscription_id == subscription.id);
    let wins = subscription.status == SubscriptionStatus::Active && subscription.wins_over(account.plan.as_ref());
    let is_current = was_current || wins;
    let mut change = entry.account_change();
    change.due_at = Some(Some(now));
    if is_current {
        change.plan = Some(Some(subscription.as_current_plan()));
        if account.open_checkout.as_ref() == Some(&subscription.id) {
            change.open_checkout = Some(None);
        }
    }
    Credit { entry, change, subscription, is_current }
}

/// Freezes what is unspent of a sale that went back; `None` when it was never credited or nothing is left.
pub fn freeze(account: &Account, lots: &Lots, sale_id: &str, entry_id: EntryId, now: Timestamp) -> Option<Entry> {
    let lot = lots.of_origin(&Cause::paypal_sale(sale_id))?;
    Some(Entry {
        id: entry_id,
        user_id: account.user_id.clone(),
        at: now,
        kind: EntryKind::Freeze,
        days: lot.left,
        cause: Cause::freeze(sale_id),
        channel_id: None,
        subscription_id: None,
        lot_id: Some(lot.entry_id.clone()),
        note: None,
    })
}
