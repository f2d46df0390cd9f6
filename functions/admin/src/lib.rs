//! What staff see of the state of the business: `GET /v1/admin/{status,partner-balance,findings}`.
//!
//! Absent for now: everything that staff change.

use app::App;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use boot::{Boot, BootError};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use web::openapi::CallerErrors;
use web::page::{ListView, PageParams};
use web::view::account::{BannerView, FindingView};
use web::view::maybe_time;
use web::{AdminCaller, Answer, PageQuery};

/// The function's routes.
///
/// # Errors
/// [`BootError`].
pub fn router(boot: &Boot) -> Result<Router, BootError> {
    let routes = Router::new()
        .route("/v1/admin/status", get(status))
        .route("/v1/admin/partner-balance", get(partner_balance))
        .route("/v1/admin/findings", get(findings));
    Ok(web::api(routes, boot.app()?))
}

/// Its part of the OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(status, partner_balance, findings))]
    struct Document;
    Document::openapi()
}

/// The state of the integrations.
#[derive(Debug, Serialize, ToSchema)]
struct StatusAnswer {
    /// What stands above every page of theirs.
    banners: Vec<BannerView>,
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

/// What is wrong with the integrations.
#[utoipa::path(get, path = "/v1/admin/status", tag = "Admin", security(("bearer" = [])), responses((status = 200, body = StatusAnswer), CallerErrors))]
async fn status(State(app): State<App>, AdminCaller(actor): AdminCaller) -> Answer<axum::Json<StatusAnswer>> {
    let status = app::admin::status(&app, &actor).await?;
    Ok(axum::Json(StatusAnswer { banners: status.banners.into_iter().map(Into::into).collect() }))
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

/// What waits for a person, newest first.
#[utoipa::path(get, path = "/v1/admin/findings", tag = "Admin", security(("bearer" = [])), params(PageParams), responses((status = 200, body = ListView<FindingView>), CallerErrors))]
async fn findings(
    State(app): State<App>,
    AdminCaller(actor): AdminCaller,
    PageQuery(page): PageQuery,
) -> Answer<axum::Json<ListView<FindingView>>> {
    let findings = app::admin::findings(&app, &actor, page).await?;
    Ok(axum::Json(ListView::of(findings, Into::into)))
}
