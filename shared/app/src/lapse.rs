//! Days whose terms say that they lapse: what is left of a lot after its date goes by an entry (BAL-7). The nightly
//! walk through all ledgers posts them, so a day that lapses tonight can be spent until then.

use domain::account::{Account, AccountChange, Guard};
use domain::id::UserId;
use domain::ledger::{Cause, Entry, EntryKind};
use domain::lots::{Lot, Lots};
use store::Commit;

use crate::error::AppError;
use crate::parts::App;
use crate::support::{date, days_text, lost_race, notification};

/// Lots that lapse in one commit at most; the next night goes on.
const MOST_LOTS: usize = 20;

/// Posts what has lapsed of one customer's lots, as both were read; a change meanwhile leaves it to the next night.
pub(crate) async fn post(app: &App, account: &Account, lots: &Lots) -> Result<(), AppError> {
    let user = &account.user_id;
    let mut change = AccountChange::new(user.clone(), app.now());
    let mut commit = Commit::new();
    for lot in lots.lapsed_by(app.now()).take(MOST_LOTS) {
        let entry = entry(app, user, lot);
        change.add_entry(&entry);
        let text = format!("{} of {} have lapsed.", days_text(entry.days), date(lot.at));
        commit = commit.entry(entry).notification(notification(app, user, "balance.lapsed", text));
    }
    if commit.is_empty() {
        return Ok(());
    }
    match app.store.commit(commit.account(change.guarded(Guard::Version(account.version)))).await.map_err(AppError::from) {
        Err(error) if lost_race(&error) => Ok(()),
        other => other.map(drop),
    }
}

fn entry(app: &App, user: &UserId, lot: &Lot) -> Entry {
    Entry {
        id: app.new_entry_id(),
        user_id: user.clone(),
        at: app.now(),
        kind: EntryKind::Lapse,
        days: lot.left,
        cause: Cause::lapse(&lot.entry_id, lot.lapses + 1),
        channel_id: None,
        subscription_id: None,
        lot_id: Some(lot.entry_id.clone()),
        lapses_at: None,
        note: None,
        by: None,
    }
}
