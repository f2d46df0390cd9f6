//! `PATCH /v1/billing/subscriptions/{id}`: what a merchant may change without the payer's consent, on an ACTIVE or SUSPENDED subscription.
//!
//! Whatever is changed under `plan` makes the subscription's terms its own: the plan's later changes no longer reach it.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::event::{self, Kind};
use super::lifecycle;
use super::money::Money;
use super::patch::{self, Operation, Verb};
use super::plan::{Plan, Pricing, Taxes};
use super::plan_rules;
use super::problem::{self, Issue, Problem};
use super::request::{Answer, Key};
use super::subscription::{Status, Subscription};
use super::{Service, shapes};

const DIALECT: problem::Dialect = problem::SUBSCRIPTION_PATCH;

/// `PATCH /v1/billing/subscriptions/{id}`
pub(super) async fn change(State(service): State<Service>, Key(id): Key, headers: HeaderMap, bytes: Bytes) -> Answer {
    let operations = patch::read(&headers, &bytes, DIALECT)?;
    service.desk(|desk| {
        let mut subscription = desk.world.subscription(&id).ok_or_else(Problem::not_found)?.clone();
        if !subscription.is_one_of(&[Status::Active, Status::Suspended]) {
            let description = "Invalid subscription status for patch action; subscription status should be either active or suspended.";
            return Err(lifecycle::forbidden(description));
        }
        let terms = desk.world.terms(&subscription).cloned();
        for operation in &operations {
            apply(&mut subscription, terms.as_ref(), operation, desk.now)?;
        }
        subscription.update_time = desk.now;
        desk.world.subscriptions.insert(id.clone(), subscription);
        event::publish_subscription(desk, &id, Kind::SubscriptionUpdated);
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

fn apply(subscription: &mut Subscription, terms: Option<&Plan>, operation: &Operation, now: Timestamp) -> Result<(), Problem> {
    const EITHER: &[Verb] = &[Verb::Add, Verb::Replace];
    const REPLACE: &[Verb] = &[Verb::Replace];
    match operation.path.as_str() {
        "/custom_id" => {
            operation.only(EITHER, DIALECT)?;
            subscription.custom_id = Some(operation.value(shapes::PATCHED_CUSTOM_ID, DIALECT)?);
        }
        "/shipping_amount" => {
            operation.only(EITHER, DIALECT)?;
            subscription.shipping_amount = Some(same_currency(operation.value(shapes::PATCHED_MONEY, DIALECT)?, terms)?);
        }
        "/billing_info/outstanding_balance" => {
            operation.only(REPLACE, DIALECT)?;
            lower_balance(subscription, &same_currency(operation.value(shapes::PATCHED_MONEY, DIALECT)?, terms)?)?;
        }
        "/subscriber/shipping_address" => {
            operation.only(EITHER, DIALECT)?;
            let address: Value = operation.value(shapes::PATCHED_SHIPPING, DIALECT)?;
            ship_to(subscription, address);
        }
        "/subscriber/payment_source" => {
            operation.only(REPLACE, DIALECT)?;
            let _: Value = operation.value(shapes::PATCHED_SOURCE, DIALECT)?;
        }
        "/start_time" => {
            operation.only(REPLACE, DIALECT)?;
            let _: String = operation.value(shapes::PATCHED_MOMENT, DIALECT)?;
            let description = "The start time cannot be updated for a subscription that has been activated.";
            return Err(Problem::unprocessable("INVALID_START_TIME", description));
        }
        path => {
            let rest = path.strip_prefix("/plan").ok_or_else(|| operation.refuse(Issue::PatchPath, DIALECT))?;
            let own = subscription.own_plan.clone().or_else(|| terms.cloned());
            let mut own = own.ok_or_else(Problem::not_found)?;
            apply_to_plan(subscription, &mut own, rest, operation, now)?;
            subscription.own_plan = Some(own);
        }
    }
    Ok(())
}

fn same_currency(money: Money, terms: Option<&Plan>) -> Result<Money, Problem> {
    if terms.is_some_and(|terms| terms.currency() != money.currency) {
        let description = "The currency code is different from the subscription's currency code.";
        return Err(Problem::unprocessable("CURRENCY_MISMATCH", description));
    }
    Ok(money)
}

fn lower_balance(subscription: &mut Subscription, balance: &Money) -> Result<(), Problem> {
    if balance.minor > subscription.outstanding {
        let description = "The new outstanding balance cannot be greater than the current outstanding balance.";
        return Err(Problem::unprocessable("AMOUNT_GREATER_THAN_OUTSTANDING_BALANCE", description));
    }
    subscription.outstanding = balance.minor.max(0);
    Ok(())
}

/// Sends the goods elsewhere.
pub(super) fn ship_to(subscription: &mut Subscription, address: Value) {
    let subscriber = subscription.subscriber.get_or_insert_with(|| json!({}));
    if let Some(members) = subscriber.as_object_mut() {
        members.insert("shipping_address".to_owned(), address);
    }
}

fn apply_to_plan(subscription: &Subscription, own: &mut Plan, path: &str, operation: &Operation, now: Timestamp) -> Result<(), Problem> {
    match path {
        "/payment_preferences/auto_bill_outstanding" => {
            own.payment_preferences.auto_bill_outstanding = operation.value(shapes::PATCHED_FLAG, DIALECT)?;
            operation.only(&[Verb::Replace], DIALECT)
        }
        "/payment_preferences/payment_failure_threshold" => {
            own.payment_preferences.payment_failure_threshold = operation.value(shapes::PATCHED_COUNT, DIALECT)?;
            operation.only(&[Verb::Replace], DIALECT)
        }
        "/taxes/percentage" | "/taxes/inclusive" => {
            operation.only(&[Verb::Add, Verb::Replace], DIALECT)?;
            let mut taxes = own.taxes.clone().unwrap_or(Taxes { percentage: "0".to_owned(), inclusive: true });
            if path == "/taxes/inclusive" {
                taxes.inclusive = operation.value(shapes::PATCHED_FLAG, DIALECT)?;
            } else {
                taxes.percentage = operation.value(shapes::PATCHED_PERCENTAGE, DIALECT)?;
            }
            own.taxes = Some(taxes);
            Ok(())
        }
        _ => apply_to_cycle(subscription, own, path, operation, now),
    }
}

fn apply_to_cycle(subscription: &Subscription, own: &mut Plan, path: &str, operation: &Operation, now: Timestamp) -> Result<(), Problem> {
    let unknown = || operation.refuse(Issue::PatchPath, DIALECT);
    let selected = path.strip_prefix("/billing_cycles/@sequence==").and_then(|rest| rest.split_once('/'));
    let (sequence, member) = selected.ok_or_else(unknown)?;
    let sequence: u32 = sequence.parse().map_err(|_| unknown())?;
    let whole = own.clone();
    let cycle = own.billing_cycles.iter_mut().find(|cycle| cycle.sequence == sequence).ok_or_else(unknown)?;
    let done = subscription.completed(sequence);
    if cycle.total_cycles != 0 && done >= cycle.total_cycles {
        let description = "Update cannot be performed on a billing cycle that has completed execution.";
        return Err(Problem::unprocessable("BILLING_CYCLE_EXECUTION_COMPLETED", description));
    }
    let pricing = match member {
        "total_cycles" => {
            operation.only(&[Verb::Replace], DIALECT)?;
            let total: u32 = operation.value(shapes::PATCHED_COUNT, DIALECT)?;
            if total != 0 && total < done {
                let description = "The total cycles cannot be less than the number of billing cycles completed.";
                return Err(Problem::unprocessable("INVALID_BILLING_TOTAL_CYCLES", description));
            }
            cycle.total_cycles = total;
            return Ok(());
        }
        "pricing_scheme/fixed_price" => {
            operation.only(&[Verb::Add, Verb::Replace], DIALECT)?;
            let price: Money = same_currency(operation.value(shapes::PATCHED_MONEY, DIALECT)?, Some(&whole))?;
            Pricing { fixed_price: Some(price), ..Pricing::default() }
        }
        "pricing_scheme/tiers" => {
            operation.only(&[Verb::Replace], DIALECT)?;
            let kept = cycle.newest().and_then(|scheme| scheme.pricing.pricing_model.clone());
            Pricing { fixed_price: None, pricing_model: kept, tiers: Some(operation.value(shapes::PATCHED_TIERS, DIALECT)?) }
        }
        _ => return Err(unknown()),
    };
    plan_rules::check_pricing(&pricing, cycle.tenure_type)?;
    cycle.reprice(pricing, now);
    Ok(())
}
