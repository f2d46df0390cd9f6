//! The caller's own account: profile, plan, limits, days, notifications.

use domain::account::{Account, Actor, Balance, Role};
use domain::id::NotificationId;
use domain::ledger::Entry;
use domain::lots::{Lot, Lots};
use domain::notice::Notification;
use store::{Commit, Page, PageRequest, ProfileChange};

use crate::error::{AppError, FieldError};
use crate::parts::App;
use crate::support::until_settled;

/// The longest name, in characters.
const LONGEST_NAME: usize = 100;
/// The languages of the console.
pub const LOCALES: [&str; 3] = ["en", "ar", "sw"];
/// How often the ledger is read again because it moved meanwhile.
const MOST_READS: usize = 3;

/// Something that stands above every page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner {
    /// A stable word.
    pub code: &'static str,
    /// What is shown.
    pub text: String,
}

/// All that a page needs to know of the caller.
#[derive(Debug, Clone)]
pub struct Me {
    /// The account.
    pub account: Account,
    /// What stands above the page.
    pub banners: Vec<Banner>,
}

/// What somebody changes of their profile.
#[derive(Debug, Clone, Default)]
pub struct ProfileUpdate {
    /// The name.
    pub name: Option<String>,
    /// An IANA time zone.
    pub time_zone: Option<String>,
    /// A locale of the console.
    pub locale: Option<String>,
}

/// The caller's account, with its banners.
///
/// # Errors
/// Only what the store says.
pub async fn me(app: &App, actor: &Actor) -> Result<Me, AppError> {
    let mut account = app.store.tenant(actor).account().await?;
    // The record has the role of the first sign-in; the caller's follows the issuer's groups.
    account.role = actor.role;
    let mut banners = Vec::new();
    if account.suspended {
        banners.push(Banner { code: "account_suspended", text: domain::Refusal::AccountSuspended.to_string() });
    }
    if actor.role == Role::Admin {
        banners.extend(crate::admin::banners(app).await?);
    }
    Ok(Me { account, banners })
}

/// Changes the caller's profile.
///
/// # Errors
/// [`AppError::Invalid`] with the fields that are wrong.
pub async fn update(app: &App, actor: &Actor, update: ProfileUpdate) -> Result<Account, AppError> {
    check(&update)?;
    let update = &update;
    until_settled(|| async move {
        let tenant = app.store.tenant(actor);
        let account = tenant.account().await?;
        let change = ProfileChange {
            name: update.name.as_ref().map(|name| name.trim().to_owned()),
            time_zone: update.time_zone.clone(),
            locale: update.locale.clone(),
            version: account.version,
            at: app.now(),
        };
        app.store.commit(Commit::new().profile(account.user_id, change)).await?;
        Ok(tenant.account().await?)
    })
    .await
}

fn check(update: &ProfileUpdate) -> Result<(), AppError> {
    let mut errors = Vec::new();
    if update.name.as_ref().is_some_and(|name| name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control)) {
        errors.push(FieldError::new("name", "A name has 100 characters at most and no line breaks."));
    }
    if update.time_zone.as_ref().is_some_and(|zone| !is_time_zone(zone)) {
        errors.push(FieldError::new("time_zone", "Give an IANA time zone such as Asia/Bahrain."));
    }
    if update.locale.as_ref().is_some_and(|locale| !LOCALES.contains(&locale.as_str())) {
        errors.push(FieldError::new("locale", "Choose en, ar or sw."));
    }
    if errors.is_empty() { Ok(()) } else { Err(AppError::Invalid(errors)) }
}

/// Whether the text has the form of an IANA name; which ones exist is for the reader's own database to know.
fn is_time_zone(text: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_+-".contains(c));
    text.len() <= 64 && text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.split('/').all(part)
}

/// The caller's days.
///
/// # Errors
/// Only what the store says.
pub async fn balance(app: &App, actor: &Actor) -> Result<Balance, AppError> {
    Ok(app.store.tenant(actor).account().await?.balance)
}

/// The caller's movements, newest first, each with the balance after it. The balance is worked out backwards
/// from what remains now; if the ledger moves meanwhile, it is read again.
///
/// # Errors
/// A cursor of another list.
pub async fn entries(app: &App, actor: &Actor, page: PageRequest) -> Result<Page<(Entry, i64)>, AppError> {
    let tenant = app.store.tenant(actor);
    let (start, cursor) = match page.cursor.as_deref().map(split_cursor) {
        Some(Some((after, cursor))) => (Some(after), Some(cursor.to_owned())),
        Some(None) => return Err(AppError::field("cursor", "This cursor does not belong to this list.")),
        None => (None, None),
    };
    for _ in 0..MOST_READS {
        let before = tenant.account().await?;
        let found = tenant.entries(PageRequest { limit: page.limit, cursor: cursor.clone() }).await?;
        let settled = start.is_some() || tenant.account().await?.version == before.version;
        if settled {
            return Ok(running(found, start.unwrap_or(i64::from(before.balance.remaining().count()))));
        }
    }
    Err(AppError::Busy)
}

/// The lots of the caller's days, oldest first: folded from the entries alone.
///
/// # Errors
/// Only what the store says.
pub async fn lots(app: &App, actor: &Actor) -> Result<Vec<Lot>, AppError> {
    let entries = app.store.tenant(actor).all_entries().await?;
    Ok(Lots::fold(&entries).all().to_vec())
}

fn split_cursor(text: &str) -> Option<(i64, &str)> {
    let (after, cursor) = text.split_once('.')?;
    let after: i64 = after.parse().ok()?;
    // No balance is larger, and what is worked out from it fits.
    (after.unsigned_abs() <= u64::from(u32::MAX)).then_some((after, cursor))
}

fn running(page: Page<Entry>, mut after: i64) -> Page<(Entry, i64)> {
    let mut items = Vec::with_capacity(page.items.len());
    for entry in page.items {
        let effect = entry.effect();
        items.push((entry, after));
        after -= effect;
    }
    Page { items, next_cursor: page.next_cursor.map(|cursor| format!("{after}.{cursor}")) }
}

/// The caller's notifications, newest first.
///
/// # Errors
/// A cursor of another list.
pub async fn notifications(app: &App, actor: &Actor, page: PageRequest) -> Result<Page<Notification>, AppError> {
    Ok(app.store.tenant(actor).notifications(page).await?)
}

/// Marks notifications as read; those that are not the caller's are passed over.
///
/// # Errors
/// Only what the store says.
pub async fn mark_read(app: &App, actor: &Actor, ids: &[NotificationId]) -> Result<(), AppError> {
    Ok(app.store.tenant(actor).mark_read(ids, app.now()).await?)
}
