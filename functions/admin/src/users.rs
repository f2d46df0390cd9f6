//! A customer as staff see them. Absent: the list of all and the search, which need an index of their own.

use app::App;
use app::staff::Customer;
use axum::extract::State;
use domain::Timestamp;
use domain::id::UserId;
use serde::Serialize;
use utoipa::ToSchema;
use web::openapi::CallerErrors;
use web::view::account::{BalanceView, CurrentPlanView, LimitsView, LotView, MovementView, limits, plan};
use web::view::time;
use web::{AdminCaller, Answer, Id};

/// A customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerAnswer {
    /// Their id.
    id: String,
    /// The e-mail, where verified.
    email: Option<String>,
    /// The name.
    name: String,
    /// Whether the account is suspended.
    suspended: bool,
    /// When the account was made.
    created_at: String,
    /// The plan, if there is one.
    plan: Option<CurrentPlanView>,
    /// The limits and their use.
    limits: LimitsView,
    /// The balance of days.
    balance: BalanceView,
    /// Where the days came from, oldest first, all of them.
    lots: Vec<LotView>,
    /// The latest movements of days, newest first.
    movements: Vec<MovementView>,
}

impl CustomerAnswer {
    fn of(customer: Customer, now: Timestamp) -> Self {
        let account = customer.account;
        Self {
            id: account.user_id.to_string(),
            plan: plan(&account, now),
            limits: limits(&account),
            balance: account.balance.into(),
            lots: customer.lots.into_iter().map(Into::into).collect(),
            movements: customer.movements.into_iter().map(Into::into).collect(),
            email: account.email,
            name: account.name,
            suspended: account.suspended,
            created_at: time(account.created_at),
        }
    }
}

/// One customer: the account, its lots, its latest movements.
#[utoipa::path(get, path = "/v1/admin/users/{id}", tag = "Admin", security(("bearer" = [])), params(("id" = String, Path)), responses((status = 200, body = CustomerAnswer), CallerErrors))]
pub(crate) async fn one(
    State(app): State<App>,
    AdminCaller(actor): AdminCaller,
    Id(user): Id<UserId>,
) -> Answer<axum::Json<CustomerAnswer>> {
    let customer = app::staff::customer(&app, &actor, &user).await?;
    Ok(axum::Json(CustomerAnswer::of(customer, app.now())))
}
