//! The open catalogue: `GET /v1/plans`, `GET /v1/plans/{id}`, `GET /v1/health`.
//!
//! Anybody may call it. Absent: leads, which come with the people who answer them.

use app::App;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use boot::{Boot, BootError};
use domain::id::PlanId;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use web::openapi::OpenErrors;
use web::page::ListView;
use web::view::plan::PlanView;
use web::{Answer, Id};

/// The function's routes.
///
/// # Errors
/// [`BootError`].
pub fn router(boot: &Boot) -> Result<Router, BootError> {
    let routes = Router::new().route("/v1/plans", get(list)).route("/v1/plans/{id}", get(one)).route("/v1/health", get(health));
    Ok(web::open(routes, boot.app()?))
}

/// Its part of the OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, one, health))]
    struct Document;
    Document::openapi()
}

/// That the API answers.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// Always `ok`: an API that is not says nothing.
    status: &'static str,
}

/// The plans on sale, cheapest first.
#[utoipa::path(get, path = "/v1/plans", tag = "Plans", responses((status = 200, body = ListView<PlanView>), OpenErrors))]
async fn list(State(app): State<App>) -> Answer<axum::Json<ListView<PlanView>>> {
    let plans = app::plans::list(&app).await?;
    Ok(axum::Json(ListView { items: plans.into_iter().map(Into::into).collect(), next_cursor: None }))
}

/// One plan on sale.
#[utoipa::path(get, path = "/v1/plans/{id}", tag = "Plans", params(("id" = String, Path)), responses((status = 200, body = PlanView), OpenErrors))]
async fn one(State(app): State<App>, Id(id): Id<PlanId>) -> Answer<axum::Json<PlanView>> {
    Ok(axum::Json(app::plans::get(&app, &id).await?.into()))
}

/// Whether the API answers.
#[utoipa::path(get, path = "/v1/health", tag = "Service", responses((status = 200, body = Health), OpenErrors))]
async fn health() -> axum::Json<Health> {
    axum::Json(Health { status: "ok" })
}
