//! The proof of the ledger: every balance is the sum of its entries, or there is an alarm.

use domain::id::UserId;
use domain::ledger::EntryKind;
use domain::lots::Lots;

use crate::error::AppError;
use crate::figures::{Figure, count};
use crate::parts::App;
use crate::support::{find, until_settled};
use crate::{lapse, solvency};

/// In how many parts the table is walked, one after the other.
const SEGMENTS: u32 = 4;
/// Pages in all at most.
const MOST_PAGES: usize = 40_000;
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

/// Walks through every customer, in pages.
pub(crate) struct Everybody<'a> {
    app: &'a App,
    segment: u32,
    cursor: Option<store::Cursor>,
    pages: usize,
}

impl<'a> Everybody<'a> {
    pub(crate) fn of(app: &'a App) -> Self {
        Self { app, segment: 0, cursor: None, pages: 0 }
    }

    /// The next page, which may be empty; `None` after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<UserId>>, AppError> {
        if self.segment >= SEGMENTS || self.pages >= MOST_PAGES {
            return Ok(None);
        }
        let (users, next) = self.app.store.walk(self.segment, SEGMENTS, self.cursor.take()).await?;
        self.pages += 1;
        self.cursor = next;
        if self.cursor.is_none() {
            self.segment += 1;
        }
        Ok(Some(users))
    }
}

/// Proves all balances.
///
/// # Errors
/// What the store says.
pub async fn run(app: &App) -> Result<Audited, AppError> {
    let mut audited = Audited::default();
    let mut everybody = Everybody::of(app);
    while let Some(users) = everybody.next().await? {
        for user in users {
            audited.accounts += 1;
            if !is_right(app, &user).await? {
                audited.wrong += 1;
            }
            until_settled(|| lapse::post(app, &user)).await?;
            until_settled(|| solvency::roll_up(app, &user)).await?;
        }
    }
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
        let total: i64 = entries
            .iter()
            .filter(|entry| matches!(entry.kind, EntryKind::Credit | EntryKind::Grant))
            .map(domain::ledger::Entry::effect)
            .sum();
        let balance = after.balance;
        let lots = Lots::fold(&entries);
        let sums_agree = sum == i64::from(balance.remaining().count()) && total == i64::from(balance.total.count());
        if sums_agree && lots.left() == balance.remaining() && lots.frozen() == balance.frozen {
            return Ok(true);
        }
        tracing::error!(%user, sum, remaining = balance.remaining().count(), lots = lots.left().count(), "LEDGER MISMATCH");
        count(app, Figure::LedgerMismatches, 1);
        let text = format!("The entries of {user} sum to {sum} days, the account says {}.", balance.remaining());
        find(app, format!("audit:{user}"), "ledger.mismatch", text, "Stop and look at every entry before anything is changed.", Some(user))
            .await?;
        return Ok(false);
    }
    Ok(true)
}
