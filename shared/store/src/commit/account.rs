//! The account's change as one conditional update: additions that never race each other away, and guards
//! by value. Which guard did not hold is told by looking at the account as it was then.

use domain::account::{AccountChange, Guard};
use domain::due::DueKind;

use super::ProfileChange;
use crate::error::{Conflict, StoreError, What};
use crate::expression::Expression;
use crate::item::Attributes;
use crate::item::field::Field;
use crate::key::Key;

/// How much the days that remain change.
fn remaining_delta(change: &AccountChange) -> i64 {
    i64::from(change.total.count()).saturating_sub(change.consumed)
}

/// How many days must remain: what a guard says, and what is taken in any case.
fn must_remain(change: &AccountChange) -> i64 {
    let guarded = change.guards.iter().filter_map(|guard| match guard {
        Guard::Remaining(days) => Some(i64::from(days.count())),
        _ => None,
    });
    guarded.max().unwrap_or(0).max(remaining_delta(change).saturating_neg())
}

/// Counts that a change takes from and that must not fall below nothing: the count, what is taken.
fn taken(change: &AccountChange) -> [(&'static str, i64); 4] {
    [
        ("channels_used", i64::from(change.channels).saturating_neg()),
        ("days_frozen", change.frozen.saturating_neg()),
        ("days_consumed", change.consumed.saturating_neg()),
        ("days_reserved", change.reserved.saturating_neg()),
    ]
}

/// The update of an account.
pub(super) fn update(change: &AccountChange) -> Expression {
    let mut update = Expression::present();
    require_guards(change, &mut update);
    update.set("updated_at", &change.at);
    update.add("version", 1);
    if change.moves_days() {
        update.set("days_updated_at", &change.at);
    }
    update.add("days_total", i64::from(change.total.count()));
    update.add("days_consumed", change.consumed);
    update.add("days_remaining", remaining_delta(change));
    update.add("days_frozen", change.frozen);
    update.add("days_reserved", change.reserved);
    update.add("channels_used", i64::from(change.channels));
    update.add("refunds", i64::from(change.refunds));
    if let Some(plan) = &change.plan {
        update.set("plan", plan);
        update.set("channels_limit", &plan.as_ref().and_then(|plan| plan.limits.channels));
    }
    if let Some(checkout) = &change.open_checkout {
        update.set("open_checkout", checkout);
    }
    if let Some(due_at) = change.due_at {
        update.set_due(DueKind::Account, &Key::Account(change.user_id.clone()), due_at);
    }
    update
}

fn require_guards(change: &AccountChange, update: &mut Expression) {
    let days = must_remain(change);
    if days > 0 {
        update.require_compare("days_remaining", ">=", &days);
    }
    for (count, taken) in taken(change).into_iter().filter(|(_, taken)| *taken > 0) {
        update.require_compare(count, ">=", &taken);
    }
    for guard in &change.guards {
        match guard {
            Guard::Version(version) => update.require_compare("version", "=", version),
            Guard::Open => {
                let (suspended, closing) = (update.name("suspended"), update.name("closing"));
                update.require(format!("attribute_not_exists({suspended}) AND attribute_not_exists({closing})"));
            }
            Guard::ChannelRoom => {
                let (limit, used) = (update.name("channels_limit"), update.name("channels_used"));
                update.require(format!("(attribute_not_exists({limit}) OR {used} < {limit})"));
            }
            Guard::Remaining(_) => {}
        }
    }
}

/// What did not hold, by the account as it was when the change was refused.
pub(super) fn conflict(change: &AccountChange, account: Option<&Attributes>) -> StoreError {
    let Some(account) = account.filter(|account| !account.is_empty()) else { return StoreError::NotFound };
    let number = |name: &str| i64::read(account.get(name)).unwrap_or_default();
    let has = |guard: Guard| change.guards.contains(&guard);
    let moved =
        change.guards.iter().any(|guard| matches!(guard, Guard::Version(version) if u64::read(account.get("version")) != Some(*version)));
    let limit = i64::read(account.get("channels_limit"));
    if has(Guard::Open) && (account.contains_key("suspended") || account.contains_key("closing")) {
        Conflict::NotOpen.into()
    } else if number("days_remaining") < must_remain(change) {
        Conflict::NotEnoughDays.into()
    } else if has(Guard::ChannelRoom) && limit.is_some_and(|limit| number("channels_used") >= limit) {
        Conflict::ChannelLimit.into()
    } else if moved {
        Conflict::VersionMoved(What::Account).into()
    } else if let Some((count, _)) = taken(change).into_iter().find(|(count, taken)| number(count) < *taken) {
        StoreError::Corrupt(format!("{}: `{count}` would fall below nothing", Key::Account(change.user_id.clone())))
    } else {
        Conflict::Contention.into()
    }
}

/// The update of what a customer says about themselves.
pub(super) fn profile(change: &ProfileChange) -> Expression {
    let mut update = Expression::version(change.version);
    update.set("updated_at", &change.at);
    update.add("version", 1);
    for (name, value) in [("name", &change.name), ("time_zone", &change.time_zone), ("locale", &change.locale)] {
        if let Some(value) = value {
            update.set(name, value);
        }
    }
    update
}
