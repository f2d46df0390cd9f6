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
        lapses_at: subscription.terms.lapse_after.map(|days| days.after(now)),
        note: None,
        by: None,
    };
    let was_current = account.plan.as_ref().is_some_and(|plan| plan.subscription_id == subscription.id);
    // One that ended at PayPal before its payment was heard of has its plan for what was paid; one that we ended has none.
    let may_win = subscription.status == SubscriptionStatus::Active || !subscription.paypal.cancel_wanted;
    let wins = may_win && subscription.wins_over(account.plan.as_ref());
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
        lapses_at: None,
        note: None,
        by: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{Account, Balance, CurrentPlan, Role};
    use crate::days::Days;
    use crate::id::{PlanId, SubscriptionId, UserId};
    use crate::money::Currency;
    use crate::plan::Limits;
    use crate::subscription::{PaymentMethod, PaypalSide, Terms};

    const PRICE: Money = Money::new(1_350, Currency::Usd);

    fn day(number: u32) -> Timestamp {
        Days::new(number).after("2026-11-21T09:00:00Z".parse().unwrap())
    }

    fn sale(on: u32, amount: Money, state: SaleState) -> Sale {
        Sale { id: format!("SALE-{on}"), state, amount, made_at: day(on) }
    }

    fn paid(on: u32) -> Sale {
        sale(on, PRICE, SaleState::Completed)
    }

    fn checkout(number: u128) -> Subscription {
        let terms = Terms {
            plan_id: PlanId::new(day(0), number),
            plan_name: "Starter".to_owned(),
            price: Money::new(5_000, Currency::Bhd),
            charged: Some(PRICE),
            days: Days::new(30),
            limits: Limits::default(),
            lapse_after: None,
            paypal_plan_id: Some("P-1".to_owned()),
        };
        let id = SubscriptionId::new(day(0), number);
        let (user_id, status) = (UserId::new(day(0), 1), SubscriptionStatus::Pending);
        Subscription {
            id,
            user_id,
            terms,
            status,
            payment_method: PaymentMethod::Paypal,
            paypal: PaypalSide::default(),
            replaces: None,
            start_at: None,
            end_at: None,
            offline_reference: None,
            approved_by: None,
            approved_at: None,
            paid_periods: 0,
            note: None,
            due_at: None,
            attempts: 0,
            created_at: day(0),
            updated_at: day(0),
            version: 1,
        }
    }

    fn account(plan: Option<CurrentPlan>) -> Account {
        Account {
            user_id: UserId::new(day(0), 1),
            email: None,
            name: String::new(),
            role: Role::Customer,
            time_zone: "UTC".to_owned(),
            locale: "en".to_owned(),
            balance: Balance::default(),
            channels_used: 0,
            plan,
            open_checkout: None,
            refunds: 0,
            suspended: false,
            closing: false,
            due_at: None,
            created_at: day(0),
            updated_at: day(0),
            version: 1,
        }
    }

    fn credited(account: &Account, subscription: Subscription, sale: &Sale) -> Credit {
        credit(account, subscription, sale, EntryId::new(day(0), 7), day(400))
    }

    #[test]
    fn only_a_completed_sale_of_the_agreed_amount_counts() {
        let subscription = checkout(1);
        let verdict = |amount, state| judge(&sale(0, amount, state), &subscription);
        assert_eq!(verdict(PRICE, SaleState::Completed), Verdict::Counts);
        for (minor, currency) in
            [(1_349, Currency::Usd), (1_351, Currency::Usd), (0, Currency::Usd), (-1_350, Currency::Usd), (1_350, Currency::Eur)]
        {
            assert_eq!(verdict(Money::new(minor, currency), SaleState::Completed), Verdict::ForAPerson("sale.amount_differs"));
        }
        assert_eq!(verdict(PRICE, SaleState::Pending), Verdict::NotYet);
        assert_eq!(verdict(PRICE, SaleState::Denied), Verdict::Nothing);
        assert_eq!(verdict(PRICE, SaleState::Refunded), Verdict::WentBack);
        assert_eq!(verdict(PRICE, SaleState::Reversed), Verdict::WentBack);
        assert_eq!(verdict(PRICE, SaleState::PartiallyRefunded), Verdict::ForAPerson("sale.partially_refunded"));
        assert_eq!(verdict(PRICE, SaleState::Unknown("new".to_owned())), Verdict::ForAPerson("sale.state_unknown"));
        let free = Subscription { terms: Terms { charged: None, ..subscription.terms.clone() }, ..subscription };
        assert_eq!(judge(&paid(0), &free), Verdict::ForAPerson("sale.amount_differs"), "nothing was agreed");
    }

    #[test]
    fn in_whatever_order_payments_are_heard_of_the_end_is_the_same() {
        let account = account(None);
        let orders = [[0, 30, 60, 90], [90, 60, 30, 0], [30, 0, 90, 60], [60, 90, 0, 30]];
        for order in orders {
            let subscription = order.iter().fold(checkout(1), |subscription, on| credited(&account, subscription, &paid(*on)).subscription);
            assert_eq!((subscription.start_at, subscription.end_at), (Some(day(0)), Some(day(120))), "{order:?}");
        }
        for order in [[0, 30, 150], [150, 30, 0], [30, 150, 0]] {
            let subscription = order.iter().fold(checkout(1), |subscription, on| credited(&account, subscription, &paid(*on)).subscription);
            assert_eq!(subscription.end_at, Some(day(180)), "after a gap the period begins with its payment: {order:?}");
        }
        let early = [0, 10].iter().fold(checkout(1), |subscription, on| credited(&account, subscription, &paid(*on)).subscription);
        assert_eq!(early.end_at, Some(day(60)), "a payment before the end moves it on by its period");
    }

    #[test]
    fn a_sale_that_is_not_settled_is_looked_for_from_its_own_time() {
        let after = |payments: &[u32]| {
            payments.iter().fold(checkout(1), |subscription, on| credited(&account(None), subscription, &paid(*on)).subscription)
        };
        assert_eq!(after(&[]).unsettled_from(), day(0));
        assert_eq!(after(&[0]).unsettled_from(), day(0));
        assert_eq!(after(&[0, 30, 60]).unsettled_from(), day(60));
        assert_eq!(after(&[0, 60, 90]).unsettled_from(), day(0), "the one between is missing");
        let mut confirmed = checkout(1);
        confirmed.activate(day(3));
        assert_eq!(confirmed.unsettled_from(), day(0), "confirmed and not paid");
    }

    #[test]
    fn who_cancelled_before_the_payment_was_heard_of_has_what_was_paid() {
        let mut at_paypal = checkout(2);
        at_paypal.end(SubscriptionStatus::Canceled, "It was cancelled at PayPal.");
        let credit = credited(&account(None), at_paypal.clone(), &paid(0));
        assert!(credit.is_current);
        let plan = credit.change.plan.flatten().unwrap();
        assert!(plan.holds_at(day(29)) && !plan.holds_at(day(30)) && !plan.renews);
        let newer = Some(checkout(3).as_current_plan());
        assert!(!credited(&account(newer), at_paypal.clone(), &paid(0)).is_current, "a newer one keeps the plan");
        at_paypal.paypal.cancel_wanted = true;
        let replaced = credited(&account(None), at_paypal, &paid(0));
        assert!(!replaced.is_current && replaced.change.plan.is_none(), "what we ended gives days and no plan");
        assert_eq!(replaced.entry.days, Days::new(30));
    }

    #[test]
    fn a_plan_that_renews_holds_ten_days_past_its_end_and_another_does_not() {
        let subscription = credited(&account(None), checkout(1), &paid(0)).subscription;
        let renewing = subscription.as_current_plan();
        assert!(renewing.renews && renewing.holds_at(day(39)) && !renewing.holds_at(day(40)));
        let stopped = CurrentPlan { renews: false, ..renewing };
        assert!(stopped.holds_at(day(29)) && !stopped.holds_at(day(30)));
    }
}
