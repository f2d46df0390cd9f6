//! The proof of the ledger: every balance is the sum of its entries, or there is an alarm.

use domain::id::UserId;
use domain::ledger::EntryKind;

use crate::error::AppError;
use crate::parts::App;
use crate::support::find;

/// In how many parts the table is walked, one after the other.
const SEGMENTS: u32 = 4;
/// Pages of one part at most.
const MOST_PAGES: usize = 10_000;
/// Reads of one account that is being changed meanwhile.
const MOST_READS: usize = 3;

/// What an audit found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Audited {
    /// Accounts that were proved.
    pub accounts: usize,
    /// Accounts whose balance is not the sum of their entries.
    pub wrong: usize,
}

/// Every customer, in pages.
pub(crate) async fn everybody(app: &App, mut each: impl AsyncFnMut(UserId) -> Result<(), AppError>) -> Result<(), AppError> {
    for segment in 0..SEGMENTS {
        let mut cursor = None;
        for _ in 0..MOST_PAGES {
            let (users, next) = app.store.walk(segment, SEGMENTS, cursor).await?;
            for user in users {
                each(user).await?;
            }
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
    }
    Ok(())
}

/// Proves all balances.
///
/// # Errors
/// What the store says.
pub async fn run(app: &App) -> Result<Audited, AppError> {
    let mut audited = Audited::default();
    everybody(app, async |user| {
        audited.accounts += 1;
        if !is_right(app, &user).await? {
            audited.wrong += 1;
        }
        Ok(())
    })
    .await?;
    tracing::info!(accounts = audited.accounts, wrong = audited.wrong, "ledger audited");
    Ok(audited)
}

async fn is_right(app: &App, user: &UserId) -> Result<bool, AppError> {
    let tenant = app.store.custody(user);
    for _ in 0..MOST_READS {
        let before = tenant.account().await?;
        let entries = tenant.all_entries().await?;
        let after = tenant.account().await?;
        if before.version != after.version {
            continue;
        }
        let sum: i64 = entries.iter().map(domain::ledger::Entry::effect).sum();
        let total: i64 = entries.iter().filter(|entry| matches!(entry.kind, EntryKind::Credit | EntryKind::Grant)).map(domain::ledger::Entry::effect).sum();
        let balance = after.balance;
        if sum == i64::from(balance.remaining().count()) && total == i64::from(balance.total.count()) {
            return Ok(true);
        }
        tracing::error!(%user, sum, remaining = balance.remaining().count(), "LEDGER MISMATCH");
        let text = format!("The entries of {user} sum to {sum} days, the account says {}.", balance.remaining());
        find(app, format!("audit:{user}"), "ledger.mismatch", text, "Stop and look at every entry before anything is changed.", Some(user)).await?;
        return Ok(false);
    }
    Ok(true)
}
