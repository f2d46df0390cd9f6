//! The proof of the ledger: every balance is the sum of its entries, or there is an alarm.

use std::future::Future;

use domain::account::Account;
use domain::id::UserId;
use domain::ledger::{Entry, EntryKind};
use domain::lots::Lots;
use futures::{StreamExt, stream};

use crate::error::AppError;
use crate::figures::{Figure, count};
use crate::parts::App;
use crate::support::{find, until_settled};
use crate::{lapse, solvency};

/// In how many parts the table is walked, one after the other.
const SEGMENTS: u32 = 4;
/// Pages in all at most.
const MOST_PAGES: usize = 40_000;
/// Customers that are worked on at the same time: a job waits for the store most of its time, and has fifteen minutes for
/// everybody.
const AT_ONCE: usize = 8;
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

/// Does something for every customer, for a few at a time. Whose records cannot be read is a finding, and nobody after
/// them waits for it.
///
/// # Errors
/// What the store says when it is away: the next run begins again.
pub(crate) async fn for_everybody<T, Fut>(app: &App, mut one: impl FnMut(UserId) -> Fut) -> Result<Vec<T>, AppError>
where
    Fut: Future<Output = Result<T, AppError>>,
{
    let mut told = Vec::new();
    let mut everybody = Everybody::of(app);
    while let Some(users) = everybody.next().await? {
        let work = users.into_iter().map(|user| {
            let done = one(user.clone());
            async move { (user, done.await) }
        });
        let mut under_way = stream::iter(work).buffer_unordered(AT_ONCE);
        while let Some((user, done)) = under_way.next().await {
            match done {
                Ok(done) => told.push(done),
                Err(away @ AppError::Unavailable(_)) => return Err(away),
                Err(error) => note_unreadable(app, &user, &error).await?,
            }
        }
    }
    Ok(told)
}

async fn note_unreadable(app: &App, user: &UserId, error: &AppError) -> Result<(), AppError> {
    let text = format!("The records of {user} could not be worked on: {error:?}.");
    let remedy = "Look at the customer's records in the table; the log of this job names the one.";
    find(app, format!("account:{user}"), "account.unreadable", text, remedy, Some(user)).await
}

/// Proves all balances.
///
/// # Errors
/// What the store says when it is away.
pub async fn run(app: &App) -> Result<Audited, AppError> {
    let proofs = for_everybody(app, |user| async move { look(app, &user).await }).await?;
    let audited = Audited { accounts: proofs.len(), wrong: proofs.iter().filter(|right| !**right).count() };
    tracing::info!(accounts = audited.accounts, wrong = audited.wrong, "ledger audited");
    Ok(audited)
}

/// Proves one balance, lets lapse what is over, and counts what is owed; whether it was right.
async fn look(app: &App, user: &UserId) -> Result<bool, AppError> {
    let Some((account, entries)) = read_still(app, user).await? else { return Ok(true) };
    let lots = Lots::fold(&entries);
    let right = is_right(&account, &entries, &lots);
    if right {
        lapse::post(app, &account, &lots).await?;
    } else {
        sound_alarm(app, &account, &entries, &lots).await?;
    }
    until_settled(|| solvency::roll_up(app, user)).await?;
    Ok(right)
}

/// An account and its entries of one moment; `None` when it is changed all the time, and tomorrow is a night, too.
async fn read_still(app: &App, user: &UserId) -> Result<Option<(Account, Vec<Entry>)>, AppError> {
    let tenant = app.store.custody(user);
    for _ in 0..MOST_READS {
        let before = tenant.account().await?;
        let entries = tenant.all_entries().await?;
        let after = tenant.account().await?;
        if before.version == after.version {
            return Ok(Some((after, entries)));
        }
    }
    Ok(None)
}

fn is_right(account: &Account, entries: &[Entry], lots: &Lots) -> bool {
    let balance = &account.balance;
    let credited = entries.iter().filter(|entry| matches!(entry.kind, EntryKind::Credit | EntryKind::Grant));
    let total: i64 = credited.map(Entry::effect).sum();
    sum(entries) == i64::from(balance.remaining().count())
        && total == i64::from(balance.total.count())
        && lots.left() == balance.remaining()
        && lots.frozen() == balance.frozen
}

fn sum(entries: &[Entry]) -> i64 {
    entries.iter().map(Entry::effect).sum()
}

async fn sound_alarm(app: &App, account: &Account, entries: &[Entry], lots: &Lots) -> Result<(), AppError> {
    let (user, sum, remaining) = (&account.user_id, sum(entries), account.balance.remaining());
    tracing::error!(%user, sum, remaining = remaining.count(), lots = lots.left().count(), "LEDGER MISMATCH");
    count(app, Figure::LedgerMismatches, 1);
    let text = format!("The entries of {user} sum to {sum} days, the account says {remaining}.");
    find(app, format!("audit:{user}"), "ledger.mismatch", text, "Stop and look at every entry before anything is changed.", Some(user))
        .await
}
