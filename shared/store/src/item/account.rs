//! The account. Its sums and its limit of channels stand as attributes of their own, because conditions
//! and additions work on them; `days_remaining` is kept beside them for the condition of every spend.

use domain::account::{Account, Balance, CurrentPlan};
use domain::due::DueKind;
use domain::plan::Limits;
use domain::{Days, Timestamp};

use super::field::nested;
use super::{Item, Reading, Row};
use crate::error::StoreError;
use crate::key::Key;

nested!(Limits { channels, daily_messages, bulk_messages });
nested!(CurrentPlan { subscription_id, plan_id, name, limits, end_at, payment_method, renews });

impl Item for Account {
    fn key(&self) -> Key {
        Key::Account(self.user_id.clone())
    }

    fn write(&self, row: &mut Row) {
        write_person(self, row);
        write_balance(&self.balance, row);
        row.put("channels_used", &self.channels_used);
        row.put("plan", &self.plan);
        row.put("channels_limit", &self.plan.as_ref().and_then(|plan| plan.limits.channels));
        row.put("open_checkout", &self.open_checkout);
        row.put("refunds", &self.refunds);
    }

    fn read(item: &Reading<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            user_id: item.get("user_id")?,
            email: item.get("email")?,
            name: item.get("name")?,
            role: item.get("role")?,
            time_zone: item.get("time_zone")?,
            locale: item.get("locale")?,
            balance: read_balance(item)?,
            channels_used: item.get("channels_used")?,
            plan: item.get("plan")?,
            open_checkout: item.get("open_checkout")?,
            refunds: item.get("refunds")?,
            suspended: item.get("suspended")?,
            closing: item.get("closing")?,
            due_at: item.get("due_at")?,
            created_at: item.get("created_at")?,
            updated_at: item.get("updated_at")?,
            version: item.get("version")?,
        })
    }

    fn due(&self) -> Option<(DueKind, Timestamp)> {
        self.due_at.map(|at| (DueKind::Account, at))
    }
}

fn write_person(account: &Account, row: &mut Row) {
    row.put("user_id", &account.user_id);
    row.put("email", &account.email);
    row.put("name", &account.name);
    row.put("role", &account.role);
    row.put("time_zone", &account.time_zone);
    row.put("locale", &account.locale);
    row.put("suspended", &account.suspended);
    row.put("closing", &account.closing);
    row.put("created_at", &account.created_at);
    row.put("updated_at", &account.updated_at);
    row.put("version", &account.version);
}

fn write_balance(balance: &Balance, row: &mut Row) {
    row.put("days_total", &balance.total);
    row.put("days_consumed", &balance.consumed);
    row.put("days_remaining", &balance.remaining());
    row.put("days_frozen", &balance.frozen);
    row.put("days_reserved", &balance.reserved);
    row.put("days_updated_at", &balance.updated_at);
}

/// The stored sums must agree: a balance that does not add up is not read as one.
fn read_balance(item: &Reading<'_>) -> Result<Balance, StoreError> {
    let balance = Balance {
        total: item.get("days_total")?,
        consumed: item.get("days_consumed")?,
        frozen: item.get("days_frozen")?,
        reserved: item.get::<Option<Days>>("days_reserved")?.unwrap_or_default(),
        updated_at: item.get("days_updated_at")?,
    };
    let remaining: i64 = item.get("days_remaining")?;
    if remaining != i64::from(balance.total.count()) - i64::from(balance.consumed.count()) {
        return Err(item.corrupt("days_remaining"));
    }
    Ok(balance)
}
