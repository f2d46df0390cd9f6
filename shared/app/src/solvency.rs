//! Whether we have the days at WHAPI that our customers can still spend. What is owed is rolled up account by account,
//! beside the money's path; what we have is read at WHAPI. Below a margin staff are told, below zero new sales pause.
//!
//! Invariants: a reading that failed is unknown, not zero, and pauses nothing; a renewal that was paid is always
//! credited, whatever stands here.

use domain::id::UserId;
use domain::{Refusal, SignedDuration, Timestamp};
use store::{Page, PageRequest, PartnerState, Solvency};

use crate::account::Banner;
use crate::error::AppError;
use crate::figures::{Figure, count};
use crate::partner::BALANCE_AGE;
use crate::parts::App;
use crate::support::{days_signed, find};
use crate::whapi_events::read_balance;
use crate::work::Done;

/// How long a reading, or a low-balance notice where WHAPI does not tell the balance itself, is believed.
const READING_AGE: SignedDuration = SignedDuration::from_hours(24);
/// How many days are shown beside each other.
const SHOWN_DAYS: usize = 60;
/// The text that staff see while new sales pause.
const PAUSED_TEXT: &str = "New sales are paused: WHAPI has fewer days for us than customers can spend. Buy days at WHAPI.";

/// Counts an account with what it is owed now. It does not matter how often and in what order that is done.
pub(crate) async fn roll_up(app: &App, user: &UserId) -> Result<Done, AppError> {
    let account = app.store.custody(user).account().await?;
    let owed = i64::from(account.balance.owed().count());
    let news = app.store.roll_owed(user, account.version, owed).await?;
    Ok(if news { Done::Progress } else { Done::Nothing })
}

/// The days that we have at WHAPI, as far as they are known at `now`: what was read, if that is not too long ago, else
/// what the latest notice said.
fn partner_days(state: &PartnerState, now: Timestamp) -> Option<i64> {
    let is_fresh = |at: Option<Timestamp>| at.is_some_and(|at| now.duration_since(at) <= READING_AGE);
    let read = state.live_days.filter(|_| is_fresh(state.read_at));
    read.or(state.current_days.filter(|_| is_fresh(state.received_at)))
}

/// The solvency of now, by the last reading of WHAPI.
async fn stored(app: &App) -> Result<Solvency, AppError> {
    let state = app.store.partner_state().await?;
    Ok(Solvency::new(app.now(), partner_days(&state, app.now()), app.store.owed_days().await?))
}

/// The solvency of now; the balance at WHAPI is read again when the last reading is old.
pub(crate) async fn now(app: &App) -> Result<Solvency, AppError> {
    let state = app.store.partner_state().await?;
    if state.read_at.is_none_or(|read| app.now().duration_since(read) > BALANCE_AGE) {
        read_balance(app, None).await?;
    }
    stored(app).await
}

/// The job of the clock: reads both sides, keeps the figure, and tells staff when it is low.
pub(crate) async fn look(app: &App) -> Result<(), AppError> {
    read_balance(app, None).await?;
    let reading = stored(app).await?;
    app.store.put_solvency(&reading).await?;
    remember(app, reading.margin_days()).await?;
    let Some(margin) = reading.margin_days() else {
        tracing::warn!("the partner balance is unknown");
        return Ok(());
    };
    count(app, Figure::PartnerDays, clipped(reading.partner_days.unwrap_or_default()));
    count(app, Figure::OwedDays, clipped(reading.owed_days));
    count(app, Figure::MissingDays, clipped(margin.saturating_neg()));
    if margin < app.settings.solvency_margin_days { warn(app, &reading, margin).await } else { Ok(()) }
}

fn clipped(days: i64) -> u32 {
    u32::try_from(days.max(0)).unwrap_or(u32::MAX)
}

/// Keeps the margin where the banners read it; writes only when it changed.
async fn remember(app: &App, margin: Option<i64>) -> Result<(), AppError> {
    let mut state = app.store.partner_state().await?;
    let low = margin.is_some_and(|margin| margin < app.settings.solvency_margin_days);
    if (state.margin_days, state.margin_low) == (margin, low) {
        return Ok(());
    }
    (state.margin_days, state.margin_low) = (margin, low);
    match app.store.save_partner_state(&state).await {
        Err(store::StoreError::Conflict(_)) => Ok(()),
        other => Ok(other?),
    }
}

/// One finding a day, until somebody has bought days.
async fn warn(app: &App, reading: &Solvency, margin: i64) -> Result<(), AppError> {
    let text = format!(
        "WHAPI has {} for us, customers are owed {}: the margin is {}.",
        days_signed(reading.partner_days.unwrap_or_default()),
        days_signed(reading.owed_days),
        days_signed(margin)
    );
    let key = format!("solvency:{}", reading.at.strftime("%Y-%m-%d"));
    find(app, key, "solvency.low", text, "Buy days at WHAPI. Below zero, new sales pause by themselves.", None).await
}

/// Refuses a new sale while we owe more than we have; what is unknown refuses nothing.
///
/// # Errors
/// [`Refusal::SalesPaused`].
pub(crate) async fn check_sales(app: &App) -> Result<(), AppError> {
    let short = stored(app).await?.margin_days().is_some_and(|margin| margin < 0);
    if short { Err(Refusal::SalesPaused.into()) } else { Ok(()) }
}

/// What stands above the pages of staff.
pub(crate) fn banner(state: &PartnerState) -> Option<Banner> {
    let margin = state.margin_days.filter(|_| state.margin_low)?;
    if margin < 0 {
        return Some(Banner { code: "sales_paused", text: PAUSED_TEXT.to_owned() });
    }
    let text = format!("WHAPI has only {} more for us than customers are owed. Buy days at WHAPI.", days_signed(margin));
    Some(Banner { code: "solvency_low", text })
}

/// The last reading of each of the last days that have one, newest first.
pub(crate) async fn by_day(app: &App) -> Result<Vec<Solvency>, AppError> {
    Ok(app.store.solvency_by_day(SHOWN_DAYS).await?)
}

/// The readings so far, newest first.
pub(crate) async fn history(app: &App, page: PageRequest) -> Result<Page<Solvency>, AppError> {
    Ok(app.store.solvency(page).await?)
}
