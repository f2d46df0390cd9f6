//! What staff see of the state of the business.

use domain::Timestamp;
use domain::account::{Actor, Role};
use domain::notice::Finding;
use store::{Page, PageRequest, Solvency};

use crate::account::Banner;
use crate::error::AppError;
use crate::partner::{BALANCE_AGE, TOKEN_TEXT};
use crate::parts::App;
use crate::solvency;

/// The state of the integrations.
#[derive(Debug, Clone)]
pub struct AdminStatus {
    /// What stands above every page of theirs.
    pub banners: Vec<Banner>,
    /// What we have at WHAPI beside what we owe.
    pub solvency: Solvency,
}

/// The partner balance at WHAPI.
#[derive(Debug, Clone)]
pub struct PartnerBalance {
    /// The days by the last notice.
    pub current_days: Option<i64>,
    /// The limit that set the notice off.
    pub days_limit: Option<i64>,
    /// When it came.
    pub received_at: Option<Timestamp>,
    /// The days as read now; unknown when WHAPI did not say.
    pub live_days: Option<i64>,
    /// The sentence for the page (WHK-1).
    pub text: String,
}

pub(crate) fn check(actor: &Actor) -> Result<(), AppError> {
    if actor.role == Role::Admin { Ok(()) } else { Err(AppError::NotFound) }
}

pub(crate) async fn banners(app: &App) -> Result<Vec<Banner>, AppError> {
    let state = app.store.partner_state().await?;
    let invalid = state.token_invalid.then(|| Banner { code: "whapi_partner_token_invalid", text: TOKEN_TEXT.to_owned() });
    Ok(invalid.into_iter().chain(solvency::banner(&state)).collect())
}

/// The banners of staff.
///
/// # Errors
/// [`AppError::NotFound`] for anybody who is no admin.
pub async fn status(app: &App, actor: &Actor) -> Result<AdminStatus, AppError> {
    check(actor)?;
    let solvency = solvency::now(app).await?;
    Ok(AdminStatus { banners: banners(app).await?, solvency })
}

/// The partner balance: the last notice, and a reading that is not too old.
///
/// # Errors
/// [`AppError::NotFound`] for anybody who is no admin.
pub async fn partner_balance(app: &App, actor: &Actor) -> Result<PartnerBalance, AppError> {
    check(actor)?;
    let mut state = app.store.partner_state().await?;
    if state.read_at.is_none_or(|read| app.now().duration_since(read) > BALANCE_AGE) {
        crate::whapi_events::read_balance(app, None).await?;
        state = app.store.partner_state().await?;
    }
    let text = match (state.current_days, state.received_at) {
        (Some(days), Some(at)) => format!("Partner balance: {days} days remaining (updated {})", at.strftime("%Y-%m-%d %H:%M UTC")),
        _ => "Partner balance: no notice from WHAPI yet".to_owned(),
    };
    Ok(PartnerBalance {
        current_days: state.current_days,
        days_limit: state.days_limit,
        received_at: state.received_at,
        live_days: state.live_days,
        text,
    })
}

/// The solvency as it was read, newest first.
///
/// # Errors
/// [`AppError::NotFound`] for anybody who is no admin.
pub async fn solvency_history(app: &App, actor: &Actor, page: PageRequest) -> Result<Page<Solvency>, AppError> {
    check(actor)?;
    solvency::history(app, page).await
}

/// The last reading of the solvency of each of the last 60 days that have one, newest first.
///
/// # Errors
/// [`AppError::NotFound`] for anybody who is no admin.
pub async fn solvency_by_day(app: &App, actor: &Actor) -> Result<Vec<Solvency>, AppError> {
    check(actor)?;
    solvency::by_day(app).await
}

/// What waits for a person, newest first.
///
/// # Errors
/// [`AppError::NotFound`] for anybody who is no admin.
pub async fn findings(app: &App, actor: &Actor, page: PageRequest) -> Result<Page<Finding>, AppError> {
    check(actor)?;
    Ok(app.store.findings(page).await?)
}
