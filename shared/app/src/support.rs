//! Small things that several use cases need: new ids, notices, what to do after a lost race.

use std::future::Future;

use domain::id::{ChannelId, EntryId, ExtensionId, FindingId, HistoryId, NotificationId, SubscriptionId, UserId};
use domain::ledger::Entry;
use domain::lots::Lots;
use domain::notice::{Finding, HistoryEvent, Notification};
use jiff::Timestamp;
use store::{Commit, Conflict, StoreError, Tenant};

use crate::error::AppError;
use crate::figures::{Figure, count};
use crate::parts::App;

/// How often a decision is made anew after somebody else was faster.
const MOST_RACES: u32 = 8;

macro_rules! new_ids {
    ($($method:ident $kind:ident),* $(,)?) => {
        impl App {$(
            pub(crate) fn $method(&self) -> $kind {
                $kind::new(self.now(), self.random())
            }
        )*}
    };
}

new_ids!(
    new_entry_id EntryId, new_extension_id ExtensionId, new_finding_id FindingId, new_history_id HistoryId,
    new_notification_id NotificationId, new_subscription_id SubscriptionId, new_user_id UserId,
);

/// Whether the commit lost a race and the decision should be made anew from what is there now.
pub(crate) fn lost_race(error: &AppError) -> bool {
    matches!(error, AppError::Busy)
}

/// Decides and commits until no one else was faster, a bounded number of times.
pub(crate) async fn until_settled<T, F, Fut>(mut decide: F) -> Result<T, AppError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, AppError>>,
{
    let mut races = 0;
    loop {
        match decide().await {
            Err(error) if lost_race(&error) && races < MOST_RACES => races += 1,
            settled => return settled,
        }
    }
}

/// Whether a commit failed because its cause had happened already: a repeat, which is success.
pub(crate) fn is_repeat(error: &StoreError) -> bool {
    matches!(error, StoreError::Conflict(Conflict::Exists(_)))
}

/// A notification for one customer.
pub(crate) fn notification(app: &App, user: &UserId, kind: &str, text: impl Into<String>) -> Notification {
    Notification {
        id: app.new_notification_id(),
        user_id: user.clone(),
        kind: kind.to_owned(),
        text: text.into(),
        at: app.now(),
        read_at: None,
    }
}

/// A line in a channel's history.
pub(crate) fn history(app: &App, user: &UserId, channel: &ChannelId, kind: &str, text: impl Into<String>, cause: &str) -> HistoryEvent {
    HistoryEvent {
        id: app.new_history_id(),
        user_id: user.clone(),
        channel_id: channel.clone(),
        at: app.now(),
        kind: kind.to_owned(),
        text: text.into(),
        cause: cause.to_owned(),
    }
}

/// Something for a person to look at, and an alarm; the same key again is the same finding.
pub(crate) async fn find(app: &App, key: String, kind: &str, text: String, remedy: &str, user: Option<&UserId>) -> Result<(), AppError> {
    tracing::warn!(finding = kind, key, "{text}");
    if tell(app, key, kind, text, remedy, user).await? {
        count(app, Figure::Findings, 1);
    }
    Ok(())
}

/// Something that staff should know, without an alarm; whether it is news.
pub(crate) async fn tell(app: &App, key: String, kind: &str, text: String, remedy: &str, user: Option<&UserId>) -> Result<bool, AppError> {
    let finding = Finding {
        id: app.new_finding_id(),
        key,
        kind: kind.to_owned(),
        text,
        remedy: remedy.to_owned(),
        user_id: user.cloned(),
        found_at: app.now(),
        resolved_at: None,
    };
    match app.store.put_finding(&finding).await {
        Err(error) if is_repeat(&error) => Ok(false),
        other => Ok(other?),
    }
}

/// Adds a return to a commit, with the freezes of what goes back to refunded lots.
pub(crate) async fn with_return(
    app: &App,
    tenant: &Tenant,
    commit: Commit,
    returned: Entry,
    refunds: u32,
    mut change: domain::account::AccountChange,
) -> Result<Commit, AppError> {
    change.add_entry(&returned);
    let mut commit = commit;
    if refunds > 0 {
        let entries = tenant.all_entries().await?;
        for (lot, days) in Lots::fold(&entries).refrozen_by(&returned) {
            let mut freeze = returned.clone();
            freeze.id = app.new_entry_id();
            freeze.kind = domain::ledger::EntryKind::Freeze;
            freeze.days = days;
            freeze.cause = domain::ledger::Cause::freeze_returned(&returned.cause, &lot);
            freeze.lot_id = Some(lot);
            change.add_entry(&freeze);
            commit = commit.entry(freeze);
        }
    }
    Ok(commit.entry(returned).account(change))
}

/// A date as a sentence says it.
pub(crate) fn date(at: Timestamp) -> String {
    at.strftime("%-d %b %Y").to_string()
}

/// “1 day”, “-30 days”: for figures that may be below zero.
pub(crate) fn days_signed(days: i64) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}

/// “1 day”, “30 days”.
pub(crate) fn days_text(days: domain::Days) -> String {
    if days.count() == 1 { "1 day".to_owned() } else { format!("{days} days") }
}
