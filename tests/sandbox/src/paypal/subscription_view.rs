//! Subscriptions as shown by calls and by webhooks: the same object with other links, and with a retry time that webhooks name differently.
//! `next_billing_time` is absent as soon as nothing will be billed.

use serde::Serialize;
use serde_json::Value;

use super::money::{Money, Wire};
use super::plan::{Cycle, Plan, Tenure};
use super::plan_view::{self, PlanView};
use super::request::Link;
use super::subscription::{Failure, Status, Subscription};
use super::times;
use super::world::World;

#[derive(Serialize)]
struct Execution {
    tenure_type: Tenure,
    sequence: u32,
    cycles_completed: u32,
    cycles_remaining: u32,
    current_pricing_scheme_version: u32,
    total_cycles: u32,
}

#[derive(Serialize)]
struct LastPayment {
    amount: Wire,
    time: String,
}

#[derive(Serialize)]
struct FailedPayment {
    amount: Wire,
    time: String,
    reason_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_payment_retry_time: Option<String>,
    /// What the vendor's own webhook calls the same thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_payment_retry_date: Option<String>,
}

#[derive(Serialize)]
struct BillingInfo {
    outstanding_balance: Wire,
    cycle_executions: Vec<Execution>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_payment: Option<LastPayment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_failed_payment: Option<FailedPayment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_billing_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    final_payment_time: Option<String>,
    failed_payments_count: u32,
}

/// A subscription as shown.
#[derive(Serialize)]
pub(super) struct View<'a> {
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_change_note: Option<&'a str>,
    status_update_time: String,
    id: &'a str,
    plan_id: &'a str,
    start_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping_amount: Option<Wire>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscriber: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_info: Option<BillingInfo>,
    create_time: String,
    update_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_id: Option<&'a str>,
    plan_overridden: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<PlanView<'a>>,
    links: Vec<Link>,
}

/// Who looks, which decides on small differences.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Eye {
    Call,
    CallWithPlan,
    Webhook,
}

/// The whole subscription.
pub(super) fn whole<'a>(world: &'a World, subscription: &'a Subscription, site: &str, eye: Eye) -> View<'a> {
    let terms = world.terms(subscription);
    View {
        status: subscription.status,
        status_change_note: subscription.status_change_note.as_deref(),
        status_update_time: times::stamp(subscription.status_update_time),
        id: &subscription.id,
        plan_id: &subscription.plan_id,
        start_time: times::stamp(subscription.start_time),
        quantity: Some(subscription.quantity.as_deref().unwrap_or("1")),
        shipping_amount: subscription.shipping_amount.as_ref().map(Money::short_wire),
        subscriber: subscription.subscriber.as_ref(),
        billing_info: terms.filter(|_| subscription.status != Status::ApprovalPending).map(|terms| billing_info(subscription, terms, eye)),
        create_time: times::stamp(subscription.create_time),
        update_time: times::stamp(subscription.update_time),
        custom_id: subscription.custom_id.as_deref(),
        plan_overridden: subscription.own_plan.is_some(),
        plan: terms.filter(|_| eye == Eye::CallWithPlan).map(plan_view::terms),
        links: links(subscription, site),
    }
}

/// What an answer to a creation shows unless more is asked for.
#[derive(Serialize)]
pub(super) struct Short<'a> {
    status: Status,
    id: &'a str,
    create_time: String,
    links: Vec<Link>,
}

/// The short form.
pub(super) fn short<'a>(subscription: &'a Subscription, site: &str) -> Short<'a> {
    Short {
        status: subscription.status,
        id: &subscription.id,
        create_time: times::stamp(subscription.create_time),
        links: links(subscription, site),
    }
}

fn billing_info(subscription: &Subscription, terms: &Plan, eye: Eye) -> BillingInfo {
    let currency = terms.currency();
    BillingInfo {
        outstanding_balance: Money::of(currency, subscription.outstanding).short_wire(),
        cycle_executions: terms.billing_cycles.iter().map(|cycle| execution(subscription, cycle)).collect(),
        last_payment: subscription
            .last_payment
            .as_ref()
            .map(|payment| LastPayment { amount: payment.amount.short_wire(), time: times::stamp(payment.time) }),
        last_failed_payment: subscription.last_failure.as_ref().map(|failure| failed(failure, eye)),
        next_billing_time: subscription.next_billing.map(times::stamp),
        final_payment_time: final_payment(subscription, terms),
        failed_payments_count: subscription.failed_payments,
    }
}

fn execution(subscription: &Subscription, cycle: &Cycle) -> Execution {
    let completed = subscription.completed(cycle.sequence);
    let due = subscription.next_billing.unwrap_or(subscription.update_time);
    Execution {
        tenure_type: cycle.tenure_type,
        sequence: cycle.sequence,
        cycles_completed: completed,
        cycles_remaining: cycle.total_cycles.saturating_sub(completed),
        current_pricing_scheme_version: cycle.governing(subscription.create_time, due).map_or(1, |scheme| scheme.version),
        total_cycles: cycle.total_cycles,
    }
}

fn failed(failure: &Failure, eye: Eye) -> FailedPayment {
    let retry = failure.next_retry.map(times::stamp);
    let (time, date) = if eye == Eye::Webhook { (None, retry) } else { (retry, None) };
    FailedPayment {
        amount: failure.amount.short_wire(),
        time: times::stamp(failure.time),
        reason_code: failure.reason_code.clone(),
        next_payment_retry_time: time,
        next_payment_retry_date: date,
    }
}

/// When the last of finitely many payments falls due.
fn final_payment(subscription: &Subscription, terms: &Plan) -> Option<String> {
    let mut due = subscription.next_billing?;
    let mut last = None;
    for cycle in &terms.billing_cycles {
        if cycle.total_cycles == 0 {
            return None;
        }
        for _ in subscription.completed(cycle.sequence)..cycle.total_cycles {
            last = Some(due);
            due = cycle.after(due);
        }
    }
    last.map(times::stamp)
}

fn links(subscription: &Subscription, site: &str) -> Vec<Link> {
    let href = format!("{site}/v1/billing/subscriptions/{}", subscription.id);
    let post = |verb: &'static str| Link::new(format!("{href}/{verb}"), verb, "POST");
    let mut links = match subscription.status {
        Status::ApprovalPending => vec![Link::new(approval_url(site, &subscription.ba_token), "approve", "GET")],
        Status::Approved => vec![post("activate")],
        Status::Active => vec![post("cancel"), post("suspend"), post("capture")],
        Status::Suspended => vec![post("activate"), post("cancel"), post("capture")],
        Status::Cancelled | Status::Expired => Vec::new(),
    };
    links.insert(links.len().min(1), Link::new(href.clone(), "edit", "PATCH"));
    links.push(Link::new(href, "self", "GET"));
    links
}

/// The address of the page on which a payer approves.
pub(super) fn approval_url(site: &str, ba_token: &str) -> String {
    format!("{site}/webapps/billing/subscriptions?ba_token={ba_token}")
}
