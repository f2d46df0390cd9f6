//! The ledger: postings a second for one customer and for many, what one posting costs, and how long the nightly proof
//! takes over a million entries.
//!
//! A posting is what every spend is: an entry with its own cause and the account's change guarded by what remains, in one
//! transaction. The relay is off, so that only the ledger works.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use app::App;
use domain::Days;
use domain::account::Guard;
use domain::id::{EntryId, ExtensionId, UserId};
use domain::ledger::{Cause, Entry, EntryKind};
use futures::future::try_join_all;
use futures::{StreamExt, TryStreamExt};
use serde_json::json;
use store::{Commit, Meter};

use crate::Result;
use crate::figures::{Samples, ratio};
use crate::fill::account;
use crate::table::{Section, Table, plain};
use crate::world::World;

/// Who posts at the same time.
const WRITERS: usize = 4;
/// Customers, where there are many.
const MANY: usize = 256;
/// Days of each customer: more than are spent here.
const DAYS: u32 = 10_000_000;
/// Entries of one customer of the large ledger: what fits into one commit beside the account, each with its cause.
const ENTRIES_EACH: u32 = 49;
/// Commits at the same time while it is filled: the embedded table takes them one after the other anyway.
const FILLING: usize = 1;

/// What postings came to.
struct Postings {
    name: String,
    per_second: f64,
    took: Samples,
    round_trips: f64,
    units: f64,
}

/// Measures; the proof over so many entries.
///
/// # Errors
/// What the store says, or a balance that is not the sum of its entries.
pub async fn run(entries: u32, seconds: u64) -> Result<Section> {
    let world = World::without_relay().await?;
    let meter = Meter::new();
    let app = world.app_with("schedule", Some(meter.clone()))?;
    let everybody: Vec<UserId> = (1..=MANY).map(|number| UserId::new(app.now(), number as u128)).collect();
    for user in &everybody {
        open(&app, user).await?;
    }
    let time = Duration::from_secs(seconds);
    let one = post(&app, &meter, "one customer", everybody.get(..1).unwrap_or_default(), time).await?;
    let many = post(&app, &meter, &format!("{MANY} customers"), &everybody, time).await?;
    let began = Instant::now();
    let customers = fill(&app, entries).await?;
    let (filled_in, began) = (began.elapsed(), Instant::now());
    let audited = app::audit::run(&app).await?;
    let proved_in = began.elapsed();
    if audited.wrong > 0 || audited.accounts < customers {
        return Err(format!("{} of {} balances are wrong", audited.wrong, audited.accounts).into());
    }
    let mut section = section(&[one, many]);
    section.say(&format!(
        "The nightly proof of {} entries more, of {customers} customers, took {:.1} s on one core ({:.0} entries a second); they were filled in in {:.0} s.",
        customers * ENTRIES_EACH as usize,
        proved_in.as_secs_f64(),
        ratio(f64::from(entries), proved_in.as_secs_f64()),
        filled_in.as_secs_f64()
    ));
    if let Some(told) = section.json.as_object_mut() {
        told.insert("audit".to_owned(), json!({ "entries": entries, "seconds": proved_in.as_secs_f64() }));
    }
    Ok(section)
}

/// An account with days to spend.
async fn open(app: &App, user: &UserId) -> Result<()> {
    let credit = entry(app, user, EntryKind::Credit, DAYS, 0);
    app.store.commit(Commit::new().new_account(account(user, 0, app.now()))).await?;
    Ok(app.store.commit(Commit::new().account(credit.account_change()).entry(credit)).await?)
}

fn entry(app: &App, user: &UserId, kind: EntryKind, days: u32, number: u128) -> Entry {
    let cause = match kind {
        EntryKind::Debit => Cause::extend(&ExtensionId::new(app.now(), number)),
        _ => Cause::paypal_sale(&format!("BENCH-{user}-{number}")),
    };
    Entry {
        id: EntryId::new(app.now(), number),
        user_id: user.clone(),
        at: app.now(),
        kind,
        days: Days::new(days),
        cause,
        channel_id: None,
        subscription_id: None,
        lot_id: None,
        lapses_at: None,
        note: None,
        by: None,
    }
}

/// Spends a day at a time, from several writers, for that long.
async fn post(app: &App, meter: &Meter, name: &str, users: &[UserId], time: Duration) -> Result<Postings> {
    let (next, before, began) = (AtomicUsize::new(1), meter.usage(), Instant::now());
    let next = &next;
    let writer = |_| async move {
        let mut took = Vec::new();
        while began.elapsed() < time {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(user) = users.get(number % users.len().max(1)) else { break };
            let debit = entry(app, user, EntryKind::Debit, 1, number as u128);
            let change = debit.account_change().guarded(Guard::Remaining(Days::new(1))).guarded(Guard::Open);
            let sent = Instant::now();
            app.store.commit(Commit::new().account(change).entry(debit)).await?;
            took.push(sent.elapsed());
        }
        Ok::<_, crate::Error>(took)
    };
    let took: Vec<Duration> = try_join_all((0..WRITERS).map(writer)).await?.into_iter().flatten().collect();
    let (seconds, usage, took) = (began.elapsed().as_secs_f64(), meter.usage(), Samples::of_times(took));
    #[allow(clippy::cast_precision_loss, reason = "a count of postings stays far below 2^53")]
    let (postings, requests) = (took.count() as f64, (usage.requests - before.requests) as f64);
    Ok(Postings {
        name: name.to_owned(),
        per_second: ratio(postings, seconds),
        round_trips: ratio(requests, postings),
        units: ratio(usage.write_units - before.write_units, postings),
        took,
    })
}

/// Customers with a ledger each, until there are so many entries; tells how many customers.
async fn fill(app: &App, entries: u32) -> Result<usize> {
    let customers = entries.div_ceil(ENTRIES_EACH) as usize;
    let commits = (0..customers).map(|number| async move {
        let user = UserId::new(app.now(), (MANY + 1 + number) as u128);
        let mut account = account(&user, 0, app.now());
        (account.balance.total, account.balance.consumed) = (Days::new(ENTRIES_EACH), Days::new(ENTRIES_EACH - 1));
        let first = (number as u128 + 1) << 32;
        let credit = Commit::new().new_account(account).entry(entry(app, &user, EntryKind::Credit, ENTRIES_EACH, first));
        let commit =
            (1..ENTRIES_EACH).fold(credit, |commit, one| commit.entry(entry(app, &user, EntryKind::Debit, 1, first + u128::from(one))));
        app.store.commit(commit).await.map_err(crate::Error::from)
    });
    futures::stream::iter(commits).buffer_unordered(FILLING).try_collect::<Vec<()>>().await?;
    Ok(customers)
}

fn section(rows: &[Postings]) -> Section {
    let mut section = Section::new("ledger", "The ledger");
    let mut table = Table::new(&["postings of", "a second", "p50 ms", "p99 ms", "round trips of one", "write units of one"]);
    for row in rows {
        table.row(vec![
            row.name.clone(),
            plain(row.per_second, 0),
            plain(row.took.median(), 2),
            plain(row.took.percentile(99), 2),
            plain(row.round_trips, 2),
            plain(row.units, 1),
        ]);
    }
    section.table(&table);
    section
        .say(&format!("{WRITERS} writers at the same time, each posting one day after the other into the embedded table on this machine."));
    let told = rows.iter().map(|row| {
        json!({
            "of": row.name, "per_second": row.per_second, "p50_ms": row.took.median(), "p99_ms": row.took.percentile(99),
            "round_trips": row.round_trips, "write_units": row.units,
        })
    });
    section.json = json!({ "postings": told.collect::<Vec<_>>() });
    section
}
