//! What staff do about days and about what waits for them: look at a customer, give days with a reason, release frozen
//! ones, settle a finding. Nothing here takes days away.

use domain::Days;
use domain::account::{Account, AccountChange, Actor, Balance, Guard};
use domain::id::{EntryId, FindingId, UserId};
use domain::ledger::{Cause, Entry, EntryKind};
use domain::lots::{Lot, Lots};
use domain::notice::Finding;
use store::{Commit, StoreError, Tenant};

use crate::admin::check;
use crate::error::{AppError, FieldError};
use crate::parts::App;
use crate::settle;
pub use crate::settle::Verdict;
use crate::support::{days_text, is_repeat, notification, until_settled};

/// How often a ledger is read again because it moved meanwhile.
const MOST_READS: usize = 3;
/// How many movements of a customer are shown.
const MOVEMENTS: usize = 20;
/// The longest reason, in characters.
const LONGEST_REASON: usize = 500;

/// What was moved, and the balance after it.
#[derive(Debug, Clone)]
pub struct Moved {
    /// The entries.
    pub entries: Vec<Entry>,
    /// The balance.
    pub balance: Balance,
}

/// A customer as staff see them: the account, and where its days came from and went.
#[derive(Debug, Clone)]
pub struct Customer {
    /// The account.
    pub account: Account,
    /// The lots, oldest first.
    pub lots: Vec<Lot>,
    /// The latest movements, newest first.
    pub movements: Vec<Entry>,
}

/// One customer. The account and the entries agree: if the ledger moves meanwhile, both are read again.
///
/// # Errors
/// [`AppError::NotFound`] for anybody who is no admin, or for an unknown customer.
pub async fn customer(app: &App, actor: &Actor, user: &UserId) -> Result<Customer, AppError> {
    check(actor)?;
    let tenant = app.store.custody(user);
    for _ in 0..MOST_READS {
        let before = known(&tenant).await?.version;
        let entries = tenant.all_entries().await?;
        let account = known(&tenant).await?;
        if account.version == before {
            let lots = Lots::fold(&entries).all().to_vec();
            let movements = entries.into_iter().rev().take(MOVEMENTS).collect();
            return Ok(Customer { account, lots, movements });
        }
    }
    Err(AppError::Busy)
}

/// Gives a customer days, with a reason that the customer can read (BAL-6). `key` names the request: under the same key
/// days are given once, whatever became of the first answer.
///
/// # Errors
/// [`AppError::NotFound`] for anybody who is no admin or for an unknown customer; [`AppError::Invalid`] for no reason, or
/// for a number of days that makes no sense.
pub async fn grant(app: &App, actor: &Actor, user: &UserId, days: Days, reason: &str, key: Option<&str>) -> Result<Moved, AppError> {
    check(actor)?;
    let reason = reasoned(reason, days_errors(days))?;
    let tenant = app.store.custody(user);
    known(&tenant).await?;
    let id = app.new_entry_id();
    let name = key.map_or_else(|| id.to_string(), |key| format!("{}:{key}", actor.user_id));
    let mut entry = entry(app, actor, user, EntryKind::Grant, Cause::grant(&name), reason);
    (entry.id, entry.days) = (id, days);
    let mut change = entry.account_change();
    change.due_at = Some(Some(app.now()));
    let text = format!("You were given {}: {}", days_text(days), entry.note.as_deref().unwrap_or_default());
    let note = notification(app, user, "balance.granted", text);
    match app.store.commit(Commit::new().account(change).entry(entry.clone()).notification(note)).await {
        Err(error) if is_repeat(&error) => return granted_before(app, &tenant, user, &entry.cause).await,
        other => other?,
    }
    tracing::info!(%user, by = %actor.user_id, days = days.count(), "days were granted");
    Ok(Moved { entries: vec![entry], balance: tenant.account().await?.balance })
}

/// The same request again: what it did then. A key that named a gift to somebody else names no second one.
async fn granted_before(app: &App, tenant: &Tenant, user: &UserId, cause: &Cause) -> Result<Moved, AppError> {
    let done = app.store.cause(cause).await?.filter(|done| done.user_id == *user).ok_or(AppError::IdempotencyKeyReused)?;
    let entry = tenant.entry(&done.entry_id).await?.ok_or(AppError::Busy)?;
    Ok(Moved { entries: vec![entry], balance: tenant.account().await?.balance })
}

/// Releases what one entry froze, or all that is frozen of a credit (PAY-5).
///
/// # Errors
/// [`AppError::NotFound`] for anybody who is no admin, and where nothing was frozen; a state that forbids it where all of it
/// is released already.
pub async fn release(app: &App, actor: &Actor, user: &UserId, frozen: &EntryId, reason: &str) -> Result<Moved, AppError> {
    check(actor)?;
    let reason = &reasoned(reason, Vec::new())?;
    until_settled(|| release_once(app, actor, user, frozen, reason)).await
}

async fn release_once(app: &App, actor: &Actor, user: &UserId, frozen: &EntryId, reason: &str) -> Result<Moved, AppError> {
    let tenant = app.store.custody(user);
    let account = known(&tenant).await?;
    let entries = tenant.all_entries().await?;
    let is_meant = |entry: &&Entry| entry.kind == EntryKind::Freeze && (&entry.id == frozen || entry.lot_id.as_ref() == Some(frozen));
    let meant: Vec<&Entry> = entries.iter().filter(is_meant).collect();
    if meant.is_empty() {
        return Err(AppError::NotFound);
    }
    let is_done = |entry: &&&Entry| entries.iter().any(|other| other.cause == Cause::release(&entry.id));
    let open: Vec<&Entry> = meant.iter().filter(|entry| !entry.days.is_zero() && !is_done(entry)).copied().collect();
    if open.is_empty() {
        return Err(domain::Refusal::StateForbids("These days are released already.").into());
    }
    let mut change = AccountChange::new(user.clone(), app.now());
    change.due_at = Some(Some(app.now()));
    let mut commit = Commit::new();
    let mut released = Vec::new();
    for freeze in open {
        let mut entry = entry(app, actor, user, EntryKind::Release, Cause::release(&freeze.id), reason.to_owned());
        (entry.days, entry.lot_id) = (freeze.days, freeze.lot_id.clone());
        change.add_entry(&entry);
        commit = commit.entry(entry.clone());
        released.push(entry);
    }
    let days = released.iter().map(|entry| entry.days).sum();
    let text = format!("{} that were frozen can be spent again: {reason}", days_text(days));
    let commit =
        commit.account(change.guarded(Guard::Version(account.version))).notification(notification(app, user, "balance.released", text));
    app.store.commit(commit).await?;
    tracing::info!(%user, by = %actor.user_id, days = days.count(), "frozen days were released");
    Ok(Moved { entries: released, balance: tenant.account().await?.balance })
}

/// Marks a finding as settled. For an extension that only a person can settle, `verdict` says what came of it at WHAPI:
/// then it is posted or given back.
///
/// # Errors
/// [`AppError::NotFound`] for anybody who is no admin and for an unknown finding; [`AppError::Invalid`] when a verdict is
/// needed and missing, or given and not needed.
pub async fn resolve(app: &App, actor: &Actor, id: &FindingId, verdict: Option<Verdict>) -> Result<Finding, AppError> {
    check(actor)?;
    let finding = app.store.finding(id).await?.ok_or(AppError::NotFound)?;
    if finding.resolved_at.is_none() && finding.kind == settle::DRIFT {
        let verdict = verdict.ok_or_else(|| AppError::field("extension", "Say what came of it at WHAPI: posted or void."))?;
        settle::decide(app, &finding, verdict).await?;
    } else if verdict.is_some() {
        return Err(AppError::field("extension", "This finding is about no extension that is open."));
    }
    let resolved = until_settled(|| async { Ok(app.store.resolve_finding(id, app.now()).await?) }).await?;
    tracing::info!(finding = %id, by = %actor.user_id, kind = resolved.kind, "a finding was settled");
    Ok(resolved)
}

async fn known(tenant: &Tenant) -> Result<Account, AppError> {
    match tenant.account().await {
        Err(StoreError::NotFound) => Err(AppError::NotFound),
        other => Ok(other?),
    }
}

fn days_errors(days: Days) -> Vec<FieldError> {
    let fits = (1..=Days::MOST_AT_ONCE).contains(&days.count());
    if fits { Vec::new() } else { vec![FieldError::new("days", format!("Give a number of days from 1 to {}.", Days::MOST_AT_ONCE))] }
}

/// The reason without space around it, or what is wrong with the request.
fn reasoned(reason: &str, mut errors: Vec<FieldError>) -> Result<String, AppError> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON || reason.chars().any(char::is_control) {
        errors.push(FieldError::new("reason", format!("Say why, in 1 to {LONGEST_REASON} characters; the customer reads it.")));
    }
    if errors.is_empty() { Ok(reason.to_owned()) } else { Err(AppError::Invalid(errors)) }
}

fn entry(app: &App, actor: &Actor, user: &UserId, kind: EntryKind, cause: Cause, reason: String) -> Entry {
    Entry {
        id: app.new_entry_id(),
        user_id: user.clone(),
        at: app.now(),
        kind,
        days: Days::ZERO,
        cause,
        channel_id: None,
        subscription_id: None,
        lot_id: None,
        lapses_at: None,
        note: Some(reason),
        by: Some(actor.user_id.clone()),
    }
}
