//! `POST /v1/billing/subscriptions/{id}/revise`: a change of plan, quantity or price that needs the payer's consent again.
//!
//! Until the payer approves on the page behind the answer's `approve` link, nothing changes; then the next payment is the first by the new terms.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::amend;
use super::billing;
use super::event::{self, Kind};
use super::lifecycle;
use super::money::{Money, Wire};
use super::overrides;
use super::plan_view::PlanView;
use super::problem::{self, Problem};
use super::request::{self, Answer, Key, Link};
use super::subscription::{Context, Override, Revision, Status, Subscription};
use super::subscription_view::approval_url;
use super::world::Desk;
use super::{Service, shapes};

#[derive(Deserialize)]
struct Input {
    plan_id: Option<String>,
    quantity: Option<String>,
    shipping_amount: Option<Money>,
    shipping_address: Option<Value>,
    application_context: Option<Context>,
    plan: Option<Override>,
}

#[derive(Serialize)]
struct View<'a> {
    plan_id: &'a str,
    plan_overridden: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping_amount: Option<Wire>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping_address: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<PlanView<'a>>,
    links: Vec<Link>,
}

/// `POST /v1/billing/subscriptions/{id}/revise`
pub(super) async fn revise(State(service): State<Service>, Key(id): Key, headers: HeaderMap, bytes: Bytes) -> Answer {
    let input: Input = request::typed(&headers, &bytes, &shapes::REVISION, problem::REVISE)?;
    service.desk(|desk| {
        let subscription = desk.world.subscription(&id).ok_or_else(Problem::reference_not_found)?.clone();
        if !subscription.is_one_of(&[Status::Active, Status::Suspended]) {
            return Err(lifecycle::forbidden(
                "Invalid subscription status for revise action; subscription status should be active or suspended.",
            ));
        }
        let revision = prepare(desk, &subscription, input)?;
        let href = format!("{}/v1/billing/subscriptions/{id}", desk.site);
        let links = vec![
            Link::new(approval_url(desk.site, &revision.ba_token), "approve", "GET"),
            Link::new(href.clone(), "edit", "PATCH"),
            Link::new(href.clone(), "self", "GET"),
            Link::new(format!("{href}/cancel"), "cancel", "POST"),
        ];
        let view = View {
            plan_id: &revision.plan_id,
            plan_overridden: revision.own_plan.is_some(),
            quantity: revision.quantity.as_deref(),
            shipping_amount: revision.shipping_amount.as_ref().map(Money::short_wire),
            shipping_address: revision.shipping_address.as_ref(),
            plan: None,
            links,
        };
        let answer = Json(view).into_response();
        billing::change(desk, &id, |subscription| subscription.revision = Some(revision));
        Ok(answer)
    })
}

fn prepare(desk: &Desk<'_>, subscription: &Subscription, input: Input) -> Result<Revision, Problem> {
    let plan_id = input.plan_id.unwrap_or_else(|| subscription.plan_id.clone());
    let new = desk.world.plans.get(&plan_id).ok_or_else(Problem::reference_not_found)?;
    let old = desk.world.plans.get(&subscription.plan_id).ok_or_else(Problem::reference_not_found)?;
    if new.product_id != old.product_id {
        let description = "The old and the new plans should be for the same product.";
        return Err(Problem::unprocessable("PLAN_PRODUCT_NOT_COMPATIBLE", description));
    }
    if input.shipping_amount.as_ref().is_some_and(|amount| amount.currency != new.currency()) {
        return Err(overrides::currency_mismatch());
    }
    let own_plan = input.plan.as_ref().map(|changes| overrides::merged(new, changes, desk.now)).transpose()?;
    let unchanged = plan_id == subscription.plan_id;
    Ok(Revision {
        ba_token: desk.ids.approval(),
        own_plan: own_plan.or_else(|| subscription.own_plan.clone().filter(|_| unchanged)),
        plan_id,
        quantity: input.quantity,
        shipping_amount: input.shipping_amount,
        shipping_address: input.shipping_address,
        context: input.application_context,
    })
}

/// The payer consents: the revision becomes the subscription.
pub(super) fn consent(desk: &mut Desk<'_>, id: &str) {
    let now = desk.now;
    billing::change(desk, id, |subscription| {
        let Some(revision) = subscription.revision.take() else {
            return;
        };
        if revision.plan_id != subscription.plan_id {
            subscription.completed.clear();
        }
        subscription.plan_id = revision.plan_id;
        subscription.own_plan = revision.own_plan;
        subscription.quantity = revision.quantity.or(subscription.quantity.take());
        subscription.shipping_amount = revision.shipping_amount.or(subscription.shipping_amount.take());
        if let Some(address) = revision.shipping_address {
            amend::ship_to(subscription, address);
        }
        subscription.update_time = now;
    });
    event::publish_subscription(desk, id, Kind::SubscriptionUpdated);
}
