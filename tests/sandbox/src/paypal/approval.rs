//! What the payer sees and does:
//!
//! - `GET /webapps/billing/subscriptions?ba_token=…`: the page, plain HTML without a script
//! - `POST /webapps/billing/subscriptions`: its two buttons (a form with `ba_token` and `action`)
//!
//! Approving sends the payer to the merchant's return address with `subscription_id`, `ba_token` and `token`; refusing to the cancel address,
//! which changes nothing. Nobody signs in here: whoever has the link is the payer.

use axum::Form;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::page;
use super::request::Query;
use super::revise;
use super::subscription::{Context, Status, Subscription};
use super::world::{Desk, World};
use super::{Service, billing};

/// What an approval link stands for.
pub(super) enum Found {
    /// A subscription that waits.
    Waiting(Subscription),
    /// A change to a running one that waits.
    Revision(Subscription),
    /// One that waits no more.
    Done(Subscription),
}

/// What is behind an approval token.
pub(super) fn find(world: &World, ba_token: &str) -> Option<Found> {
    let revised = |subscription: &&Subscription| subscription.revision.as_ref().is_some_and(|revision| revision.ba_token == ba_token);
    if let Some(subscription) = world.subscriptions.values().find(revised) {
        return Some(Found::Revision(subscription.clone()));
    }
    let subscription = world.subscriptions.values().find(|subscription| subscription.ba_token == ba_token && !subscription.gone)?.clone();
    Some(if subscription.status == Status::ApprovalPending { Found::Waiting(subscription) } else { Found::Done(subscription) })
}

/// `GET /webapps/billing/subscriptions?ba_token=…`
pub(super) async fn show(State(service): State<Service>, query: Query) -> Response {
    let ba_token = query.text("ba_token").unwrap_or_default();
    service.look(|world, _| match find(world, ba_token) {
        Some(Found::Waiting(subscription)) => Html(page::ask(world, &subscription, ba_token)).into_response(),
        Some(Found::Revision(subscription)) => {
            let revised = with_revision(subscription);
            Html(page::ask(world, &revised, ba_token)).into_response()
        }
        Some(Found::Done(subscription)) => Html(page::done(back(&subscription, subscription.context.as_ref(), true))).into_response(),
        None => (StatusCode::NOT_FOUND, Html(page::unknown())).into_response(),
    })
}

/// The subscription as it will be once the payer consents.
fn with_revision(mut subscription: Subscription) -> Subscription {
    if let Some(revision) = subscription.revision.clone() {
        subscription.plan_id = revision.plan_id;
        subscription.own_plan = revision.own_plan;
        subscription.quantity = revision.quantity.or(subscription.quantity);
        subscription.context = revision.context.or(subscription.context);
    }
    subscription
}

/// What the page's form sends.
#[derive(Deserialize)]
pub(super) struct Choice {
    ba_token: String,
    action: String,
}

/// `POST /webapps/billing/subscriptions`
pub(super) async fn choose(State(service): State<Service>, Form(choice): Form<Choice>) -> Response {
    let approves = choice.action == "approve";
    let target = service.desk(|desk| match find(desk.world, &choice.ba_token)? {
        Found::Done(subscription) => Some(back(&subscription, subscription.context.as_ref(), true)),
        Found::Waiting(subscription) | Found::Revision(subscription) => {
            if approves {
                approve(desk, &subscription);
            }
            Some(back(&subscription, context(&subscription), approves))
        }
    });
    match target {
        None => (StatusCode::NOT_FOUND, Html(page::unknown())).into_response(),
        Some(Some(url)) => (StatusCode::SEE_OTHER, [(header::LOCATION, url)]).into_response(),
        Some(None) => Html(page::done(None)).into_response(),
    }
}

/// How the payer comes back from what waits.
pub(super) fn context(subscription: &Subscription) -> Option<&Context> {
    let revised = subscription.revision.as_ref().and_then(|revision| revision.context.as_ref());
    revised.or(subscription.context.as_ref())
}

/// The merchant's address with what the vendor adds to it.
pub(super) fn back(subscription: &Subscription, context: Option<&Context>, approved: bool) -> Option<String> {
    let context = context?;
    let target = if approved { &context.return_url } else { &context.cancel_url };
    let mut url = url::Url::parse(target).ok()?;
    let ba_token = subscription.revision.as_ref().map_or(&subscription.ba_token, |revision| &revision.ba_token);
    url.query_pairs_mut()
        .append_pair("subscription_id", &subscription.id)
        .append_pair("ba_token", ba_token)
        .append_pair("token", &subscription.token);
    Some(url.into())
}

/// The payer approves what waits: a new subscription or a change of one. Answers where the payer is sent.
pub(super) fn approve(desk: &mut Desk<'_>, subscription: &Subscription) -> Option<String> {
    let target = back(subscription, context(subscription), true);
    if subscription.revision.is_some() && subscription.status != Status::ApprovalPending {
        revise::consent(desk, &subscription.id);
        return target;
    }
    let now = desk.now;
    let starts_now = subscription.starts_by_itself() && subscription.start_time <= now;
    let payer_id = desk.ids.payer();
    billing::change(desk, &subscription.id, |subscription| {
        identify(subscription, &payer_id);
        subscription.turn(Status::Approved, None, now);
    });
    if starts_now {
        billing::begin(desk, &subscription.id);
    }
    target
}

/// Once somebody has approved, the vendor knows who it was.
fn identify(subscription: &mut Subscription, payer_id: &str) {
    let subscriber = subscription.subscriber.get_or_insert_with(|| json!({}));
    let Some(members) = subscriber.as_object_mut() else {
        return;
    };
    let mut unless_said = |name: &str, value: Value| {
        members.entry(name).or_insert(value);
    };
    unless_said("email_address", json!("payer@example.com"));
    unless_said("payer_id", json!(payer_id));
    unless_said("name", json!({"given_name": "Zoë", "surname": "Payer"}));
    unless_said("tenant", json!("PAYPAL"));
}
