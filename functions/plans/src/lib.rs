//! The open catalogue: `GET /v1/plans`, `GET /v1/plans/{id}`, `POST /v1/leads`, `GET /v1/health`.
//!
//! Anybody may call it; it shows nothing of anybody.

use app::leads::NewLead;
use app::{App, FieldError};
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use boot::{Boot, BootError};
use domain::id::PlanId;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use web::openapi::OpenErrors;
use web::page::ListView;
use web::view::plan::PlanView;
use web::{Answer, Id, Json, Problem};

/// The function's routes.
///
/// # Errors
/// [`BootError`].
pub fn router(boot: &Boot) -> Result<Router, BootError> {
    let routes = Router::new()
        .route("/v1/plans", get(list))
        .route("/v1/plans/{id}", get(one))
        .route("/v1/leads", post(lead))
        .route("/v1/health", get(health));
    Ok(web::open(routes, boot.app()?))
}

/// Its part of the OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(list, one, lead, health))]
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

/// Who asks, and for what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LeadBody {
    /// The plan: one with “Request Quote” or “Book Demo”.
    plan_id: String,
    /// Their name.
    name: String,
    /// Where to write to.
    #[schema(example = "name@example.com")]
    email: String,
    /// Where to call.
    phone: Option<String>,
    /// What they want to say.
    message: Option<String>,
    /// When a demo would suit them.
    preferred_time: Option<String>,
}

/// Asks for a quote or a demo. Nothing is bought.
#[utoipa::path(post, path = "/v1/leads", tag = "Plans", request_body = LeadBody, responses((status = 202, description = "We write back"), OpenErrors))]
async fn lead(State(app): State<App>, Json(body): Json<LeadBody>) -> Answer<StatusCode> {
    let plan = PlanId::parse(&body.plan_id).map_err(|_| Problem::fields(vec![FieldError::new("plan_id", "There is no such plan.")]))?;
    let lead =
        NewLead { name: body.name, email: body.email, phone: body.phone, message: body.message, preferred_time: body.preferred_time };
    app::leads::record(&app, &plan, lead).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Whether the API answers.
#[utoipa::path(get, path = "/v1/health", tag = "Service", responses((status = 200, body = Health), OpenErrors))]
async fn health() -> axum::Json<Health> {
    axum::Json(Health { status: "ok" })
}
