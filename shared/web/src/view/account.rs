//! The caller's account in JSON.

use app::account::{Banner, Me};
use domain::account::{Account, Balance};
use domain::ledger::Entry;
use domain::lots::Lot;
use domain::notice::{Finding, Notification};
use serde::Serialize;
use utoipa::ToSchema;

use super::{maybe_time, time};

/// The plan whose limits hold.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CurrentPlanView {
    /// The plan's id.
    pub id: String,
    /// Its name when it was bought.
    pub name: String,
    /// The subscription that it comes from.
    pub subscription_id: String,
    /// `active`, or `ended` when it holds no more.
    pub status: String,
    /// Until when it is paid.
    pub end_at: Option<String>,
    /// Whether it renews by itself.
    pub renews: bool,
}

/// One limit and its use.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LimitView {
    /// How many are in use.
    pub used: u32,
    /// How many there may be; null is no limit.
    pub limit: Option<u32>,
    /// When the count starts anew.
    pub resets_at: Option<String>,
}

/// All limits.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LimitsView {
    /// Channels.
    pub channels: LimitView,
    /// Messages in a day.
    pub daily_messages: LimitView,
    /// Bulk sends in a paid period.
    pub bulk_messages: LimitView,
}

/// Days, summed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DaysView {
    /// Credits and grants.
    pub total: u32,
    /// What was spent, reserved or frozen.
    pub consumed: u32,
    /// What can be spent.
    pub remaining: u32,
    /// What is frozen.
    pub frozen: u32,
}

impl From<Balance> for DaysView {
    fn from(balance: Balance) -> Self {
        Self {
            total: balance.total.count(),
            consumed: balance.consumed.count(),
            remaining: balance.remaining().count(),
            frozen: balance.frozen.count(),
        }
    }
}

/// Something above every page.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BannerView {
    /// A stable word.
    pub code: String,
    /// What is shown.
    pub text: String,
}

impl From<Banner> for BannerView {
    fn from(banner: Banner) -> Self {
        Self { code: banner.code.to_owned(), text: banner.text }
    }
}

/// An account that the caller may act on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountRefView {
    /// Its id.
    pub id: String,
    /// The caller's role there.
    pub role: String,
}

/// The caller.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MeView {
    /// Their id.
    #[schema(example = "usr_01kah6w1m0e8c9q2v7r4t5y6z8")]
    pub id: String,
    /// The e-mail, where verified.
    pub email: Option<String>,
    /// The name.
    pub name: String,
    /// `customer` or `admin`.
    pub role: String,
    /// An IANA time zone.
    pub time_zone: String,
    /// `en`, `ar` or `sw`.
    pub locale: String,
    /// Whether the account is suspended.
    pub suspended: bool,
    /// The plan, if there is one.
    pub plan: Option<CurrentPlanView>,
    /// The limits and their use.
    pub limits: LimitsView,
    /// The days.
    pub days: DaysView,
    /// What stands above every page.
    pub banners: Vec<BannerView>,
    /// The accounts that the caller may act on.
    pub accounts: Vec<AccountRefView>,
    /// When the account was made.
    pub created_at: String,
}

impl MeView {
    /// The caller as of `now`.
    pub fn of(me: Me, now: domain::Timestamp) -> Self {
        let account = me.account;
        let banners = me.banners.into_iter().map(Into::into).collect();
        Self {
            id: account.user_id.to_string(),
            email: account.email.clone(),
            name: account.name.clone(),
            role: account.role.word().to_owned(),
            time_zone: account.time_zone.clone(),
            locale: account.locale.clone(),
            suspended: account.suspended,
            plan: plan(&account, now),
            limits: limits(&account),
            days: account.balance.into(),
            banners,
            accounts: vec![AccountRefView { id: account.user_id.to_string(), role: "owner".to_owned() }],
            created_at: time(account.created_at),
        }
    }
}

/// The plan of an account as of `now`.
pub fn plan(account: &Account, now: domain::Timestamp) -> Option<CurrentPlanView> {
    account.plan.as_ref().map(|plan| CurrentPlanView {
        id: plan.plan_id.to_string(),
        name: plan.name.clone(),
        subscription_id: plan.subscription_id.to_string(),
        status: if plan.holds_at(now) { "active" } else { "ended" }.to_owned(),
        end_at: maybe_time(plan.end_at),
        renews: plan.renews,
    })
}

/// The limits of an account and their use.
pub fn limits(account: &Account) -> LimitsView {
    let limits = account.plan.as_ref().map(|plan| plan.limits).unwrap_or_default();
    let limit = |used, limit| LimitView { used, limit, resets_at: None };
    let none = account.plan.is_none();
    LimitsView {
        channels: limit(account.channels_used, if none { Some(0) } else { limits.channels }),
        daily_messages: limit(0, if none { Some(0) } else { limits.daily_messages }),
        bulk_messages: limit(0, if none { Some(0) } else { limits.bulk_messages }),
    }
}

/// The balance of days.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BalanceView {
    /// Credits and grants.
    pub days_total: u32,
    /// What was spent, reserved or frozen.
    pub days_consumed: u32,
    /// What can be spent.
    pub days_remaining: u32,
    /// What is frozen.
    pub days_frozen: u32,
    /// What is set aside for extensions that are not settled yet.
    pub days_reserved: u32,
    /// When it last changed.
    pub last_update: Option<String>,
}

impl From<Balance> for BalanceView {
    fn from(balance: Balance) -> Self {
        Self {
            days_total: balance.total.count(),
            days_consumed: balance.consumed.count(),
            days_remaining: balance.remaining().count(),
            days_frozen: balance.frozen.count(),
            days_reserved: balance.reserved.count(),
            last_update: maybe_time(balance.updated_at),
        }
    }
}

/// A movement of days.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EntryView {
    /// Its id.
    pub id: String,
    /// When.
    pub at: String,
    /// `credit`, `grant`, `debit`, `return`, `freeze`, `release` or `lapse`.
    pub kind: String,
    /// How many days, negative for what goes.
    pub days: i64,
    /// The balance after it.
    pub balance_after: i64,
    /// Why.
    pub cause: String,
    /// The channel, where there is one.
    pub channel_id: Option<String>,
    /// A reason given by a person.
    pub note: Option<String>,
}

impl EntryView {
    /// A movement and the balance after it.
    pub fn of((entry, balance_after): (Entry, i64)) -> Self {
        Self {
            id: entry.id.to_string(),
            at: time(entry.at),
            kind: entry.kind.word().to_owned(),
            days: entry.effect(),
            balance_after,
            cause: entry.cause.to_string(),
            channel_id: entry.channel_id.map(|id| id.to_string()),
            note: entry.note,
        }
    }
}

/// A movement of days without the balance after it, which is worked out where movements are listed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MovementView {
    /// Its id.
    pub id: String,
    /// When.
    pub at: String,
    /// `credit`, `grant`, `debit`, `return`, `freeze`, `release` or `lapse`.
    pub kind: String,
    /// How many days, negative for what goes.
    pub days: i64,
    /// Why.
    pub cause: String,
    /// A reason given by a person.
    pub note: Option<String>,
}

impl From<Entry> for MovementView {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id.to_string(),
            at: time(entry.at),
            kind: entry.kind.word().to_owned(),
            days: entry.effect(),
            cause: entry.cause.to_string(),
            note: entry.note,
        }
    }
}

/// What is left of days that came at one time, from one cause.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LotView {
    /// The credit or grant that made it.
    pub entry_id: String,
    /// When it came.
    pub at: String,
    /// Why.
    pub cause: String,
    /// How many days it had.
    pub days: u32,
    /// How many of them are on channels, or on their way.
    pub used: u32,
    /// How many can still be spent.
    pub left: u32,
    /// How many are frozen.
    pub frozen: u32,
    /// How many have lapsed.
    pub lapsed: u32,
    /// When what is left of it lapses; null is never.
    pub lapses_at: Option<String>,
}

impl From<Lot> for LotView {
    fn from(lot: Lot) -> Self {
        Self {
            used: lot.used().count(),
            entry_id: lot.entry_id.to_string(),
            at: time(lot.at),
            cause: lot.origin.to_string(),
            days: lot.days.count(),
            left: lot.left.count(),
            frozen: lot.frozen.count(),
            lapsed: lot.lapsed.count(),
            lapses_at: maybe_time(lot.lapses_at),
        }
    }
}

/// A notification.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NotificationView {
    /// Its id.
    pub id: String,
    /// A stable word for what happened.
    pub kind: String,
    /// What is shown.
    pub text: String,
    /// When.
    pub at: String,
    /// When it was read.
    pub read_at: Option<String>,
}

impl From<Notification> for NotificationView {
    fn from(notification: Notification) -> Self {
        Self {
            id: notification.id.to_string(),
            kind: notification.kind,
            text: notification.text,
            at: time(notification.at),
            read_at: maybe_time(notification.read_at),
        }
    }
}

/// Something that waits for a person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FindingView {
    /// Its id.
    pub id: String,
    /// A stable word for its kind.
    pub kind: String,
    /// What was seen.
    pub text: String,
    /// What to do.
    pub remedy: String,
    /// The customer, where known.
    pub user_id: Option<String>,
    /// When it was found.
    pub found_at: String,
    /// When it was settled.
    pub resolved_at: Option<String>,
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        Self {
            id: finding.id.to_string(),
            kind: finding.kind,
            text: finding.text,
            remedy: finding.remedy,
            user_id: finding.user_id.map(|id| id.to_string()),
            found_at: time(finding.found_at),
            resolved_at: maybe_time(finding.resolved_at),
        }
    }
}
