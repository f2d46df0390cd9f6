//! The jobs of the clock. The sweep queues everything that is due; the others compare what we believe with
//! what a provider says. Two at once do no harm.

use domain::due::DueKind;

use crate::error::AppError;
use crate::parts::App;
use crate::{audit, partner, reconcile_paypal, reconcile_whapi, reminders, solvency};

/// How many due records one question asks for.
const DUE_PAGE: usize = 100;
/// How many pages of one shard one sweep queues at most; the next sweep goes on.
const MOST_PAGES: usize = 50;
/// How many parts the index of each kind has.
pub const DUE_SHARDS: u8 = store::due::SHARDS;

/// A job of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduledJob {
    /// Queue what is due.
    Sweep,
    /// Ask PayPal about subscriptions and payments.
    ReconcilePaypal,
    /// Compare channels with WHAPI's list.
    ReconcileWhapi,
    /// Prove that balances are the sums of their ledgers.
    AuditLedger,
    /// Tell who runs out of days soon.
    Reminders,
    /// Compare what we have at WHAPI with what we owe.
    Solvency,
}

impl ScheduledJob {
    /// Reads the name that the template gives.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "sweep" => Some(Self::Sweep),
            "reconcile-paypal" => Some(Self::ReconcilePaypal),
            "reconcile-whapi" => Some(Self::ReconcileWhapi),
            "audit-ledger" => Some(Self::AuditLedger),
            "reminders" => Some(Self::Reminders),
            "solvency" => Some(Self::Solvency),
            _ => None,
        }
    }
}

/// Runs a job to its end.
///
/// # Errors
/// What the store or the queue says; the next run goes on.
pub async fn run(app: &App, job: ScheduledJob) -> Result<(), AppError> {
    match job {
        ScheduledJob::Sweep => sweep(app).await,
        ScheduledJob::ReconcilePaypal => reconcile_paypal::run(app).await,
        ScheduledJob::ReconcileWhapi => reconcile_whapi::run(app).await,
        ScheduledJob::AuditLedger => audit::run(app).await.map(|_| ()),
        ScheduledJob::Reminders => reminders::run(app).await,
        ScheduledJob::Solvency => solvency::look(app).await,
    }
}

async fn sweep(app: &App) -> Result<(), AppError> {
    partner::probe(app).await?;
    for kind in DueKind::SWEPT {
        for shard in 0..DUE_SHARDS {
            sweep_shard(app, kind, shard).await?;
        }
    }
    Ok(())
}

async fn sweep_shard(app: &App, kind: DueKind, shard: u8) -> Result<(), AppError> {
    let mut cursor = None;
    for _ in 0..MOST_PAGES {
        let (jobs, next) = app.store.due(kind, shard, app.now(), DUE_PAGE, cursor).await?;
        queue(app, &jobs).await?;
        if next.is_none() {
            break;
        }
        cursor = next;
    }
    Ok(())
}

/// Queues jobs; none that was not taken is missed, because the next run asks for all again.
pub(crate) async fn queue(app: &App, jobs: &[store::Job]) -> Result<(), AppError> {
    if jobs.is_empty() {
        return Ok(());
    }
    let bodies: Vec<String> = jobs.iter().map(store::Job::to_json).collect();
    let sent = app.queue.send_all(&bodies).await;
    sent.map(drop).map_err(|error| {
        tracing::error!(%error, "work could not be queued");
        AppError::Busy
    })
}
