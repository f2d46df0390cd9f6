//! The passing of time: approvals that run out, future starts, renewals at ten o'clock, retries of failed payments, the end of finite cycles.
//!
//! Everything due is done in the order of its time, each at its own time, however far the clock jumped. A failed payment is tried again after
//! five days, twice; then it counts as one failure, its amount is outstanding, and the plan's threshold may suspend the subscription.
//! A payment that is followed by the next due one before its retry counts as failed then.

use jiff::{SignedDuration, Timestamp};

use super::event::{self, Kind};
use super::ids::Ids;
use super::money::Money;
use super::plan::{Cycle, Plan};
use super::sale;
use super::subscription::{Failure, Payment, Retrying, Status, Subscription};
use super::times;
use super::world::{Desk, World};

const RETRY_DAYS: i64 = 5;
const MOST_RETRIES: u32 = 2;
/// The most things done in one catch-up; what is left is done in the next.
const MOST_STEPS: usize = 100_000;
const DECLINED: &str = "PAYMENT_DENIED";

/// Does all that is due until `now`.
pub(super) fn catch_up(world: &mut World, site: &str, ids: &Ids, now: Timestamp) {
    for _ in 0..MOST_STEPS {
        let Some((due, id)) = next(world).filter(|(due, _)| *due <= now) else {
            return;
        };
        let mut desk = Desk { world, now: times::whole_second(due), site, ids };
        step(&mut desk, &id);
    }
}

/// When the next thing is due.
pub(super) fn next_due(world: &World) -> Option<Timestamp> {
    next(world).map(|(due, _)| due)
}

fn next(world: &World) -> Option<(Timestamp, String)> {
    let dues = world.subscriptions.values().filter_map(|subscription| Some((due(world, subscription)?, subscription)));
    let first = dues.min_by_key(|(due, subscription)| (*due, subscription.serial));
    first.map(|(due, subscription)| (due, subscription.id.clone()))
}

fn due(world: &World, subscription: &Subscription) -> Option<Timestamp> {
    match subscription.status {
        _ if subscription.gone => None,
        Status::ApprovalPending => {
            let patience = SignedDuration::from_secs(world.settings.approval_seconds);
            Some(times::later(subscription.create_time, patience))
        }
        Status::Approved => Some(subscription.start_time).filter(|_| subscription.starts_by_itself()),
        Status::Active => match subscription.retrying {
            Some(retrying) => Some(following(world, subscription).map_or(retrying.at, |following| following.min(retrying.at))),
            None => subscription.next_billing.or(subscription.ends_at),
        },
        Status::Suspended | Status::Cancelled | Status::Expired => None,
    }
}

/// The due time after the one whose payment is being retried.
fn following(world: &World, subscription: &Subscription) -> Option<Timestamp> {
    let cycle = subscription.cycle(world.terms(subscription)?)?;
    Some(cycle.after(subscription.next_billing?))
}

fn step(desk: &mut Desk<'_>, id: &str) {
    let Some(subscription) = desk.world.subscriptions.get(id).cloned() else {
        return;
    };
    match subscription.status {
        Status::ApprovalPending => change(desk, id, |subscription| subscription.gone = true),
        Status::Approved => begin(desk, id),
        Status::Active if subscription.retrying.is_some_and(|retrying| retrying.at > desk.now) => give_up(desk, id),
        Status::Active if subscription.retrying.is_some() || subscription.next_billing.is_some() => bill(desk, id),
        Status::Active => expire(desk, id),
        Status::Suspended | Status::Cancelled | Status::Expired => {}
    }
}

/// Changes a subscription.
pub(super) fn change(desk: &mut Desk<'_>, id: &str, with: impl FnOnce(&mut Subscription)) {
    if let Some(subscription) = desk.world.subscriptions.get_mut(id) {
        with(subscription);
    }
}

/// An approved subscription starts: ACTIVE, announced before anything is charged, then the setup fee and the first payment,
/// unless that is for later.
pub(super) fn begin(desk: &mut Desk<'_>, id: &str) {
    let now = desk.now;
    let mut first = now;
    change(desk, id, |subscription| {
        first = subscription.start_time.max(now);
        subscription.turn(Status::Active, None, now);
        subscription.next_billing = Some(first);
    });
    event::publish_subscription(desk, id, Kind::SubscriptionActivated);
    if first > now {
        return;
    }
    let fee =
        desk.world.subscriptions.get(id).and_then(|subscription| desk.world.terms(subscription)?.payment_preferences.setup_fee.clone());
    if let Some(fee) = fee.filter(|fee| fee.minor > 0) {
        sale::take(desk, id, fee, false);
    }
    bill(desk, id);
}

fn expire(desk: &mut Desk<'_>, id: &str) {
    let now = desk.now;
    change(desk, id, |subscription| subscription.turn(Status::Expired, None, now));
    event::publish_subscription(desk, id, Kind::SubscriptionExpired);
}

/// What one payment comes to.
struct Charge {
    price: Money,
    outstanding: i64,
    sequence: u32,
}

fn charge(world: &World, subscription: &Subscription, now: Timestamp) -> Option<Charge> {
    let terms = world.terms(subscription)?;
    let cycle = subscription.cycle(terms)?;
    let scheme = cycle.governing(subscription.create_time, now)?;
    let quantity = subscription.quantity_millionths();
    let price = scheme.pricing.price(quantity).unwrap_or_else(|| Money::zero(terms.currency()));
    let extras = if price.minor == 0 { 0 } else { surcharge(&price, terms, subscription) };
    let outstanding = if terms.payment_preferences.auto_bill_outstanding { subscription.outstanding } else { 0 };
    Some(Charge { price: price.plus(extras), outstanding, sequence: cycle.sequence })
}

/// Shipping, and a tax that the price does not hold already.
fn surcharge(price: &Money, terms: &Plan, subscription: &Subscription) -> i64 {
    let shipping = subscription.shipping_amount.as_ref().map_or(0, |amount| amount.minor);
    let taxes = terms.taxes.as_ref().filter(|taxes| !taxes.inclusive);
    let percentage = taxes.and_then(|taxes| super::money::quantity(&taxes.percentage)).unwrap_or(0);
    price.times(percentage / 100).minor.saturating_add(shipping)
}

/// Takes the payment that is due, or fails to.
pub(super) fn bill(desk: &mut Desk<'_>, id: &str) {
    let Some(subscription) = desk.world.subscriptions.get(id).cloned() else {
        return;
    };
    let Some(charge) = charge(desk.world, &subscription, desk.now) else {
        change(desk, id, |subscription| {
            subscription.ends_at = subscription.next_billing.take();
        });
        return;
    };
    let amount = charge.price.plus(charge.outstanding);
    if amount.minor == 0 {
        advance(desk, id, charge.sequence);
    } else if subscription.declining {
        fail(desk, id, &charge);
    } else {
        succeed(desk, id, &charge, amount);
    }
}

fn succeed(desk: &mut Desk<'_>, id: &str, charge: &Charge, amount: Money) {
    let now = desk.now;
    let mut held = false;
    change(desk, id, |subscription| {
        held = std::mem::take(&mut subscription.hold_next);
        subscription.outstanding = subscription.outstanding.saturating_sub(charge.outstanding);
        subscription.failed_payments = 0;
        subscription.retrying = None;
        subscription.last_payment = Some(Payment { amount: amount.clone(), time: now });
        if let Some(failure) = &mut subscription.last_failure {
            failure.next_retry = None;
        }
    });
    advance(desk, id, charge.sequence);
    sale::take(desk, id, amount, held);
}

/// One more cycle done: the next falls due, or the end is set.
fn advance(desk: &mut Desk<'_>, id: &str, sequence: u32) {
    let Some(subscription) = desk.world.subscriptions.get(id) else {
        return;
    };
    let Some(terms) = desk.world.terms(subscription) else {
        return;
    };
    let billed = terms.billing_cycles.iter().find(|cycle| cycle.sequence == sequence);
    let from = subscription.next_billing.unwrap_or(desk.now);
    let after = billed.map_or(Timestamp::MAX, |cycle: &Cycle| cycle.after(from));
    let mut counted = subscription.clone();
    *counted.completed.entry(sequence).or_default() += 1;
    let more = counted.cycle(terms).is_some();
    let now = desk.now;
    change(desk, id, |subscription| {
        subscription.completed = counted.completed;
        subscription.update_time = now;
        subscription.next_billing = more.then_some(after);
        subscription.ends_at = (!more).then_some(after);
    });
}

fn fail(desk: &mut Desk<'_>, id: &str, charge: &Charge) {
    let now = desk.now;
    let amount = charge.price.plus(charge.outstanding);
    sale::deny(desk, id, amount.clone());
    let mut last = false;
    change(desk, id, |subscription| {
        let retries_done = subscription.retrying.map_or(0, |retrying| retrying.retries_done + 1);
        last = retries_done >= MOST_RETRIES;
        let at = times::later(now, times::days(RETRY_DAYS));
        subscription.retrying = (!last).then_some(Retrying { at, retries_done });
        let next_retry = (!last).then_some(at);
        subscription.last_failure = Some(Failure { amount, time: now, reason_code: DECLINED.to_owned(), next_retry });
        subscription.update_time = now;
        if last {
            count_failure(subscription, &charge.price);
        }
    });
    event::publish_subscription(desk, id, Kind::PaymentFailed);
    if last {
        close_failure(desk, id, charge.sequence);
    }
}

/// The retries are overtaken by the next payment: the failure counts now.
fn give_up(desk: &mut Desk<'_>, id: &str) {
    let subscription = desk.world.subscriptions.get(id);
    let Some(charge) = subscription.and_then(|subscription| charge(desk.world, subscription, desk.now)) else {
        return;
    };
    change(desk, id, |subscription| {
        count_failure(subscription, &charge.price);
        if let Some(failure) = &mut subscription.last_failure {
            failure.next_retry = None;
        }
    });
    close_failure(desk, id, charge.sequence);
}

fn count_failure(subscription: &mut Subscription, price: &Money) {
    subscription.retrying = None;
    subscription.failed_payments = subscription.failed_payments.saturating_add(1);
    subscription.outstanding = subscription.outstanding.saturating_add(price.minor);
}

fn close_failure(desk: &mut Desk<'_>, id: &str, sequence: u32) {
    advance(desk, id, sequence);
    let Some(subscription) = desk.world.subscriptions.get(id) else {
        return;
    };
    let threshold = desk.world.terms(subscription).map_or(0, |terms| terms.payment_preferences.payment_failure_threshold);
    if threshold == 0 || subscription.failed_payments < threshold {
        return;
    }
    let now = desk.now;
    change(desk, id, |subscription| {
        subscription.threshold_reached = true;
        subscription.turn(Status::Suspended, None, now);
    });
    event::publish_subscription(desk, id, Kind::SubscriptionSuspended);
}

/// A suspended subscription runs again; payments that fell due meanwhile are skipped.
pub(super) fn resume(desk: &mut Desk<'_>, id: &str, note: Option<String>) {
    let Some(subscription) = desk.world.subscriptions.get(id) else {
        return;
    };
    let cycle = desk.world.terms(subscription).and_then(|terms| subscription.cycle(terms)).cloned();
    let now = desk.now;
    change(desk, id, |subscription| {
        subscription.turn(Status::Active, note, now);
        subscription.retrying = None;
        if let (Some(cycle), Some(due)) = (cycle, subscription.next_billing) {
            subscription.next_billing = Some(first_after(&cycle, due, now));
        }
    });
    event::publish_subscription(desk, id, Kind::SubscriptionActivated);
}

fn first_after(cycle: &Cycle, from: Timestamp, now: Timestamp) -> Timestamp {
    let mut due = from;
    for _ in 0..MOST_STEPS {
        if due > now {
            break;
        }
        due = cycle.after(due);
    }
    due
}
