//! Checkouts through PayPal: `POST /v1/subscriptions`, `POST /v1/subscriptions/{id}/cancel`.
//!
//! A checkout is recorded before PayPal is called. What the payer's browser brings back is never believed.

use app::{App, FieldError, subscriptions};
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use boot::{Boot, BootError};
use domain::id::{PlanId, SubscriptionId};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use web::auth::everything_only;
use web::openapi::CallerErrors;
use web::view::plan::SubscriptionView;
use web::{Answer, Id, Json, Once, Problem, Writer};

/// The function's routes.
///
/// # Errors
/// [`BootError`].
pub fn router(boot: &Boot) -> Result<Router, BootError> {
    let routes = Router::new().route("/v1/subscriptions", post(begin)).route("/v1/subscriptions/{id}/cancel", post(cancel));
    Ok(web::api(routes, boot.app()?))
}

/// Its part of the OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(begin, cancel))]
    struct Document;
    Document::openapi()
}

/// What is bought, and how it is paid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BeginBody {
    /// The plan.
    plan_id: String,
    /// `paypal`.
    #[schema(example = "paypal")]
    payment_method: String,
}

/// A checkout.
#[derive(Debug, Serialize, ToSchema)]
struct BeginAnswer {
    /// The subscription, pending until PayPal says otherwise.
    subscription: SubscriptionView,
    /// Where the payer approves it.
    approval_url: Option<String>,
}

/// A subscription that was changed.
#[derive(Debug, Serialize, ToSchema)]
struct CancelAnswer {
    /// The subscription.
    subscription: SubscriptionView,
}

/// Begins a checkout and answers where to approve it. An active plan is replaced once this one is paid.
#[utoipa::path(post, path = "/v1/subscriptions", tag = "Subscription", security(("bearer" = [])), request_body = BeginBody, responses((status = 201, body = BeginAnswer), CallerErrors))]
async fn begin(
    State(app): State<App>,
    Writer(actor): Writer,
    Once(once): Once,
    Json(body): Json<BeginBody>,
) -> Answer<(StatusCode, axum::Json<BeginAnswer>)> {
    everything_only(&actor)?;
    if body.payment_method != "paypal" {
        return Err(Problem::fields(vec![FieldError::new("payment_method", "Choose paypal.")]));
    }
    let plan = PlanId::parse(&body.plan_id).map_err(|_| Problem::fields(vec![FieldError::new("plan_id", "There is no such plan.")]))?;
    let subscription: SubscriptionView = subscriptions::begin(&app, &actor, &plan, once.as_ref()).await?.into();
    let approval_url = subscription.approval_url.clone();
    Ok((StatusCode::CREATED, axum::Json(BeginAnswer { subscription, approval_url })))
}

/// Stops renewals. The plan's limits hold until its end, the days stay.
#[utoipa::path(post, path = "/v1/subscriptions/{id}/cancel", tag = "Subscription", security(("bearer" = [])), params(("id" = String, Path)), responses((status = 200, body = CancelAnswer), CallerErrors))]
async fn cancel(
    State(app): State<App>,
    Writer(actor): Writer,
    Id(id): Id<SubscriptionId>,
    Once(once): Once,
) -> Answer<axum::Json<CancelAnswer>> {
    everything_only(&actor)?;
    let subscription = subscriptions::cancel(&app, &actor, &id, once.as_ref()).await?;
    Ok(axum::Json(CancelAnswer { subscription: subscription.into() }))
}
