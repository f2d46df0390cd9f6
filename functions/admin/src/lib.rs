//! What staff see of the state of the business, and what they do about days and about what waits for them.
//!
//! Absent: taking days away, which nobody can.

mod days;
mod findings;
mod users;

use app::{App, Solvency};
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use boot::{Boot, BootError};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use web::openapi::CallerErrors;
use web::page::{ListView, PageParams};
use web::view::account::BannerView;
use web::view::{maybe_time, time};
use web::{AdminCaller, Answer, PageQuery};

/// The function's routes.
///
/// # Errors
/// [`BootError`].
pub fn router(boot: &Boot) -> Result<Router, BootError> {
    let routes = Router::new()
        .route("/v1/admin/status", get(status))
        .route("/v1/admin/partner-balance", get(partner_balance))
        .route("/v1/admin/solvency", get(solvency))
        .route("/v1/admin/solvency/days", get(solvency_by_day))
        .route("/v1/admin/findings", get(findings::list))
        .route("/v1/admin/findings/{id}/resolve", post(findings::resolve))
        .route("/v1/admin/users/{id}", get(users::one))
        .route("/v1/admin/users/{id}/grant-days", post(days::grant))
        .route("/v1/admin/users/{id}/release-days", post(days::release));
    Ok(web::api(routes, boot.app()?))
}

/// Its part of the OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(
        status,
        partner_balance,
        solvency,
        solvency_by_day,
        findings::list,
        findings::resolve,
        users::one,
        days::grant,
        days::release
    ))]
    struct Document;
    Document::openapi()
}

/// The state of the business.
#[derive(Debug, Serialize, ToSchema)]
struct StatusAnswer {
    /// What stands above every page of theirs.
    banners: Vec<BannerView>,
    /// What we have at WHAPI beside what we owe.
    solvency: SolvencyView,
}

/// What we have at WHAPI beside what we owe.
#[derive(Debug, Serialize, ToSchema)]
struct SolvencyView {
    /// When it was read.
    at: String,
    /// The days that we have at WHAPI; null is unknown.
    partner_days: Option<i64>,
    /// The days that customers can spend, and those on their way to channels.
    owed_days: i64,
    /// What we have less what we owe; null is unknown. Below zero, new sales pause.
    margin: Option<i64>,
}

impl From<Solvency> for SolvencyView {
    fn from(reading: Solvency) -> Self {
        let margin = reading.margin_days();
        Self { at: time(reading.at), partner_days: reading.partner_days, owed_days: reading.owed_days, margin }
    }
}

/// The partner balance at WHAPI.
#[derive(Debug, Serialize, ToSchema)]
struct PartnerBalanceAnswer {
    /// The days by the last notice.
    current_days: Option<i64>,
    /// The limit that set the notice off.
    days_limit: Option<i64>,
    /// When it came.
    received_at: Option<String>,
    /// The days as read now; null when WHAPI did not say.
    live_days: Option<i64>,
    /// The sentence for the page.
    text: String,
}

/// What is wrong with the integrations, and whether we have the days that we owe.
#[utoipa::path(get, path = "/v1/admin/status", tag = "Admin", security(("bearer" = [])), responses((status = 200, body = StatusAnswer), CallerErrors))]
async fn status(State(app): State<App>, AdminCaller(actor): AdminCaller) -> Answer<axum::Json<StatusAnswer>> {
    let status = app::admin::status(&app, &actor).await?;
    let banners = status.banners.into_iter().map(Into::into).collect();
    Ok(axum::Json(StatusAnswer { banners, solvency: status.solvency.into() }))
}

/// The days that are left at WHAPI.
#[utoipa::path(get, path = "/v1/admin/partner-balance", tag = "Admin", security(("bearer" = [])), responses((status = 200, body = PartnerBalanceAnswer), CallerErrors))]
async fn partner_balance(State(app): State<App>, AdminCaller(actor): AdminCaller) -> Answer<axum::Json<PartnerBalanceAnswer>> {
    let balance = app::admin::partner_balance(&app, &actor).await?;
    Ok(axum::Json(PartnerBalanceAnswer {
        current_days: balance.current_days,
        days_limit: balance.days_limit,
        received_at: maybe_time(balance.received_at),
        live_days: balance.live_days,
        text: balance.text,
    }))
}

/// What we had at WHAPI and what we owed, reading by reading, newest first.
#[utoipa::path(get, path = "/v1/admin/solvency", tag = "Admin", security(("bearer" = [])), params(PageParams), responses((status = 200, body = ListView<SolvencyView>), CallerErrors))]
async fn solvency(
    State(app): State<App>,
    AdminCaller(actor): AdminCaller,
    PageQuery(page): PageQuery,
) -> Answer<axum::Json<ListView<SolvencyView>>> {
    let readings = app::admin::solvency_history(&app, &actor, page).await?;
    Ok(axum::Json(ListView::of(readings, Into::into)))
}

/// The last reading of each of the last 60 days (UTC) that have one, newest first.
#[utoipa::path(get, path = "/v1/admin/solvency/days", tag = "Admin", security(("bearer" = [])), responses((status = 200, body = ListView<SolvencyView>), CallerErrors))]
async fn solvency_by_day(State(app): State<App>, AdminCaller(actor): AdminCaller) -> Answer<axum::Json<ListView<SolvencyView>>> {
    let readings = app::admin::solvency_by_day(&app, &actor).await?;
    Ok(axum::Json(ListView { items: readings.into_iter().map(Into::into).collect(), next_cursor: None }))
}
