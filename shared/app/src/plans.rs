//! The catalogue.

use clients::paypal::{NewPlan, NewProduct};
use domain::id::PlanId;
use domain::plan::{Plan, RequestType};
use store::Commit;

use crate::error::{AppError, Provider};
use crate::parts::App;

/// What people read while PayPal's keys are missing.
const PAYPAL_TEXT: &str = "Payments through PayPal are not set up yet. Write to us.";

/// The plans on sale, cheapest first.
///
/// # Errors
/// Only what the store says.
pub async fn list(app: &App) -> Result<Vec<Plan>, AppError> {
    let mut plans = app.store.plans().await?;
    plans.retain(|plan| plan.is_active);
    plans.sort_by(|a, b| {
        (a.request_type != RequestType::Paid, a.price.minor, &a.id).cmp(&(b.request_type != RequestType::Paid, b.price.minor, &b.id))
    });
    Ok(plans)
}

/// One plan on sale.
///
/// # Errors
/// [`AppError::NotFound`] when there is none, or it is retired.
pub async fn get(app: &App, id: &PlanId) -> Result<Plan, AppError> {
    app.store.plan(id).await?.filter(|plan| plan.is_active).ok_or(AppError::NotFound)
}

/// Saves a plan; one that is sold gets its product and plan at PayPal first, once.
///
/// # Errors
/// What PayPal or the store answered.
pub async fn publish(app: &App, mut plan: Plan) -> Result<Plan, AppError> {
    if let Some(charged) = plan.charged.filter(|_| plan.request_type == RequestType::Paid && plan.paypal_plan_id.is_none()) {
        let product = NewProduct { request_id: format!("product-{}", plan.id), name: format!("Daypass {}", plan.name) };
        let product_id = app.paypal.create_product(&product).await.map_err(|error| AppError::call(Provider::Paypal, &error))?;
        let wanted = NewPlan {
            request_id: format!("plan-{}-{}", plan.id, plan.version),
            product_id: product_id.clone(),
            name: plan.name.clone(),
            days: plan.billing_period.days(),
            price: charged,
        };
        plan.paypal_plan_id = Some(app.paypal.create_plan(&wanted).await.map_err(|error| AppError::call(Provider::Paypal, &error))?);
        plan.paypal_product_id = Some(product_id);
    }
    keep(app, plan).await
}

/// Saves a plan as it is; one that is sold is made at PayPal at its first checkout.
///
/// # Errors
/// Only what the store says.
pub async fn keep(app: &App, mut plan: Plan) -> Result<Plan, AppError> {
    plan.updated_at = app.now();
    app.store.commit(Commit::new().plan(plan.clone())).await?;
    plan.version += 1;
    Ok(plan)
}

/// A plan for a checkout. One that PayPal does not have yet, because it was saved before PayPal's keys were there, is
/// made there now.
///
/// # Errors
/// [`AppError::NotFound`]; no keys of PayPal; what PayPal answered.
pub(crate) async fn for_checkout(app: &App, id: &PlanId) -> Result<Plan, AppError> {
    let plan = app.store.plan(id).await?.ok_or(AppError::NotFound)?;
    if !plan.is_active || plan.request_type != RequestType::Paid {
        return Ok(plan);
    }
    if app.platform().await?.paypal().is_none() {
        return Err(AppError::IntegrationNotConfigured { text: PAYPAL_TEXT });
    }
    if plan.paypal_plan_id.is_some() { Ok(plan) } else { publish(app, plan).await }
}
