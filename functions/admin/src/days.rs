//! Days that staff give and frozen days that they release. Each with a reason that the customer reads.

use app::App;
use app::staff::Moved;
use axum::extract::State;
use domain::Days;
use domain::id::{EntryId, UserId};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::openapi::CallerErrors;
use web::view::account::{BalanceView, MovementView};
use web::{AdminCaller, Answer, Id, Json};

/// How many days, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantBody {
    /// From 1 to 3660.
    #[schema(minimum = 1, maximum = 3660, example = 30)]
    days: u32,
    /// Why; the customer reads it.
    #[schema(min_length = 1, max_length = 500, example = "WHAPI was down for a day")]
    reason: String,
}

/// Which frozen days, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleaseBody {
    /// The entry that froze them, or the credit of which all that is frozen is meant.
    entry_id: String,
    /// Why; the customer reads it.
    #[schema(min_length = 1, max_length = 500, example = "The bank gave the money back")]
    reason: String,
}

/// What was moved.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MovedAnswer {
    /// The movements.
    entries: Vec<MovementView>,
    /// The balance after them.
    balance: BalanceView,
}

impl From<Moved> for MovedAnswer {
    fn from(moved: Moved) -> Self {
        Self { entries: moved.entries.into_iter().map(Into::into).collect(), balance: moved.balance.into() }
    }
}

/// Gives a customer days. Under the same `Idempotency-Key` they are given once.
#[utoipa::path(post, path = "/v1/admin/users/{id}/grant-days", tag = "Admin", security(("bearer" = [])), params(("id" = String, Path)), request_body = GrantBody, responses((status = 200, body = MovedAnswer), CallerErrors))]
pub(crate) async fn grant(
    State(app): State<App>,
    AdminCaller(actor): AdminCaller,
    Id(user): Id<UserId>,
    headers: HeaderMap,
    Json(body): Json<GrantBody>,
) -> Answer<axum::Json<MovedAnswer>> {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    let moved = app::staff::grant(&app, &actor, &user, Days::new(body.days), &body.reason, key).await?;
    Ok(axum::Json(moved.into()))
}

/// Releases frozen days, so that they can be spent again.
#[utoipa::path(post, path = "/v1/admin/users/{id}/release-days", tag = "Admin", security(("bearer" = [])), params(("id" = String, Path)), request_body = ReleaseBody, responses((status = 200, body = MovedAnswer), CallerErrors))]
pub(crate) async fn release(
    State(app): State<App>,
    AdminCaller(actor): AdminCaller,
    Id(user): Id<UserId>,
    Json(body): Json<ReleaseBody>,
) -> Answer<axum::Json<MovedAnswer>> {
    let entry = EntryId::parse(&body.entry_id).map_err(|_| app::AppError::NotFound)?;
    let moved = app::staff::release(&app, &actor, &user, &entry, &body.reason).await?;
    Ok(axum::Json(moved.into()))
}
