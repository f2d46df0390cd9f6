//! What a merchant does to a running subscription:
//!
//! - `POST /v1/billing/subscriptions/{id}/activate`, `/suspend`, `/cancel`, `/capture`
//!
//! Each has the statuses it may start from; what waits for approval cannot be cancelled, what is cancelled or expired stays so. To run again
//! after a suspension needs a reason, a first activation none.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde::Deserialize;

use super::billing;
use super::event::{self, Kind};
use super::money::Money;
use super::problem::{self, Fault, Issue, Problem};
use super::request::{self, Answer, Key};
use super::sale;
use super::subscription::{Payment, Status, Subscription};
use super::world::{Desk, ReplayKind};
use super::{Service, shapes};

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    reason: Option<String>,
}

/// The refusal of an action that this status forbids.
pub(super) fn forbidden(description: &'static str) -> Problem {
    Problem::unprocessable("SUBSCRIPTION_STATUS_INVALID", description)
}

fn known(desk: &Desk<'_>, id: &str) -> Result<Subscription, Problem> {
    desk.world.subscription(id).cloned().ok_or_else(Problem::not_found)
}

/// `POST …/activate`
pub(super) async fn activate(State(service): State<Service>, Key(id): Key, headers: HeaderMap, bytes: Bytes) -> Answer {
    let body = request::optional_body(&headers, &bytes, &shapes::OPTIONAL_REASON, problem::REASON)?;
    let reason: Reason = request::convert(body, problem::REASON)?;
    service.desk(|desk| {
        activate_now(desk, &id, reason.reason)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

fn activate_now(desk: &mut Desk<'_>, id: &str, reason: Option<String>) -> Result<(), Problem> {
    let cannot = |description| Err(Problem::unprocessable("SUBSCRIPTION_CANNOT_BE_ACTIVATED", description));
    let subscription = known(desk, id)?;
    match subscription.status {
        Status::Suspended if subscription.threshold_reached => {
            cannot("Subscription cannot be activated after payment failure threshold has reached.")
        }
        Status::Approved if subscription.starts_by_itself() => cannot("This subscription should be activated by the system."),
        Status::Approved => {
            billing::begin(desk, id);
            Ok(())
        }
        Status::Suspended if reason.is_none() => Err(Problem::invalid(problem::REASON, &[Fault::body("/reason", Issue::Missing)])),
        Status::Suspended => {
            billing::resume(desk, id, reason);
            Ok(())
        }
        _ => Err(forbidden("Invalid subscription status for activate action; subscription status should be suspended.")),
    }
}

/// `POST …/suspend`
pub(super) async fn suspend(State(service): State<Service>, Key(id): Key, headers: HeaderMap, bytes: Bytes) -> Answer {
    let reason: Reason = request::typed(&headers, &bytes, &shapes::REASON, problem::REASON)?;
    service.desk(|desk| {
        let description = "Invalid subscription status for suspend action; subscription status should be active.";
        if !known(desk, &id)?.is_one_of(&[Status::Active]) {
            return Err(forbidden(description));
        }
        suspend_now(desk, &id, reason.reason);
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

/// A running subscription pauses.
pub(super) fn suspend_now(desk: &mut Desk<'_>, id: &str, reason: Option<String>) {
    let now = desk.now;
    billing::change(desk, id, |subscription| {
        subscription.retrying = None;
        subscription.turn(Status::Suspended, reason, now);
    });
    event::publish_subscription(desk, id, Kind::SubscriptionSuspended);
}

/// `POST …/cancel`
pub(super) async fn cancel(State(service): State<Service>, Key(id): Key, headers: HeaderMap, bytes: Bytes) -> Answer {
    let reason: Reason = request::typed(&headers, &bytes, &shapes::REASON, problem::REASON)?;
    service.desk(|desk| {
        let description = "Invalid subscription status for cancel action; subscription status should be active or suspended.";
        if !known(desk, &id)?.is_one_of(&[Status::Active, Status::Suspended]) {
            return Err(forbidden(description));
        }
        cancel_now(desk, &id, reason.reason);
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

/// A subscription ends for good; nothing more is billed.
pub(super) fn cancel_now(desk: &mut Desk<'_>, id: &str, reason: Option<String>) {
    let now = desk.now;
    billing::change(desk, id, |subscription| {
        subscription.turn(Status::Cancelled, reason, now);
        subscription.retrying = None;
        subscription.next_billing = None;
        subscription.ends_at = None;
        subscription.revision = None;
        if let Some(failure) = &mut subscription.last_failure {
            failure.next_retry = None;
        }
    });
    event::publish_subscription(desk, id, Kind::SubscriptionCancelled);
}

#[derive(Deserialize)]
struct Capture {
    amount: Money,
}

/// `POST …/capture`
pub(super) async fn capture(State(service): State<Service>, Key(id): Key, headers: HeaderMap, bytes: Bytes) -> Answer {
    let capture: Capture = request::typed(&headers, &bytes, &shapes::CAPTURE, problem::CAPTURE)?;
    if capture.amount.minor <= 0 {
        return Err(Problem::invalid(problem::CAPTURE, &[Fault::body("/amount/value", Issue::Value)]));
    }
    let request_id = request::request_id(&headers);
    service.desk(|desk| {
        let sale_id = match desk.replayed(ReplayKind::Capture, request_id) {
            Some(sale_id) => sale_id,
            None => capture_now(desk, &id, &capture.amount)?,
        };
        desk.remember(ReplayKind::Capture, request_id, &sale_id);
        let subscription = known(desk, &id)?;
        let sale = desk.world.sales.get(&sale_id).ok_or_else(Problem::not_found)?;
        Ok((StatusCode::OK, Json(sale::transaction(sale, &subscription))).into_response())
    })
}

fn capture_now(desk: &mut Desk<'_>, id: &str, amount: &Money) -> Result<String, Problem> {
    let subscription = known(desk, id)?;
    check_capture(desk, &subscription, amount)?;
    if subscription.declining {
        return Ok(sale::deny(desk, id, amount.clone()));
    }
    let now = desk.now;
    billing::change(desk, id, |subscription| {
        subscription.outstanding = subscription.outstanding.saturating_sub(amount.minor);
        subscription.last_payment = Some(Payment { amount: amount.clone(), time: now });
        subscription.failed_payments = 0;
        subscription.threshold_reached = subscription.threshold_reached && subscription.outstanding > 0;
    });
    Ok(sale::take(desk, id, amount.clone(), false))
}

fn check_capture(desk: &Desk<'_>, subscription: &Subscription, amount: &Money) -> Result<(), Problem> {
    if !subscription.is_one_of(&[Status::Active, Status::Suspended, Status::Expired]) {
        return Err(forbidden(
            "Invalid subscription status for capture action; subscription status should be active or suspended or expired.",
        ));
    }
    if subscription.outstanding <= 0 {
        return Err(Problem::unprocessable("ZERO_OUTSTANDING_BALANCE", "Current outstanding balance should be greater than zero."));
    }
    if desk.world.terms(subscription).is_some_and(|terms| terms.currency() != amount.currency) {
        return Err(Problem::unprocessable("CURRENCY_MISMATCH", "The currency code is different from the subscription's currency code."));
    }
    if amount.minor > subscription.outstanding {
        let description = "The capture amount can not be greater than the current outstanding balance.";
        return Err(Problem::unprocessable("AMOUNT_GREATER_THAN_OUTSTANDING_BALANCE", description));
    }
    Ok(())
}
