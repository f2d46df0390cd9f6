//! Subscriptions, made and read:
//!
//! - `POST·GET /v1/billing/subscriptions`
//! - `GET /v1/billing/subscriptions/{id}`
//! - `GET /v1/billing/subscriptions/{id}/transactions`

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::event::{self, Kind};
use super::money::{self, Money};
use super::overrides;
use super::plan::PlanStatus;
use super::problem::{self, Fault, Issue, Problem};
use super::request::{self, Answer, Key, Link, Query};
use super::sale::{self, Transaction};
use super::subscription::{Context, Override, Status, Subscription};
use super::subscription_view::{self, Eye, View};
use super::world::{Desk, ReplayKind, World};
use super::{Service, shapes};

const STATUSES: [(&str, Status); 6] = [
    ("APPROVAL_PENDING", Status::ApprovalPending),
    ("APPROVED", Status::Approved),
    ("ACTIVE", Status::Active),
    ("SUSPENDED", Status::Suspended),
    ("CANCELLED", Status::Cancelled),
    ("EXPIRED", Status::Expired),
];

#[derive(Deserialize)]
struct Input {
    plan_id: String,
    start_time: Option<String>,
    quantity: Option<String>,
    shipping_amount: Option<Money>,
    subscriber: Option<Value>,
    application_context: Option<Context>,
    custom_id: Option<String>,
    plan: Option<Override>,
}

/// `POST /v1/billing/subscriptions`
pub(super) async fn create(State(service): State<Service>, headers: HeaderMap, bytes: Bytes) -> Answer {
    let input: Input = request::typed(&headers, &bytes, &shapes::SUBSCRIPTION, problem::SUBSCRIBE)?;
    let request_id = request::request_id(&headers);
    service.desk(|desk| {
        let earlier = desk.replayed(ReplayKind::Subscription, request_id);
        let replayed = earlier.is_some();
        let id = match earlier {
            Some(id) => id,
            None => add(desk, input)?,
        };
        desk.remember(ReplayKind::Subscription, request_id, &id);
        let subscription = desk.world.subscription(&id).ok_or_else(Problem::not_found)?;
        let status = request::made(replayed);
        if request::wants_representation(&headers) {
            let view = subscription_view::whole(desk.world, subscription, desk.site, Eye::Call);
            return Ok((status, Json(view)).into_response());
        }
        Ok((status, Json(subscription_view::short(subscription, desk.site))).into_response())
    })
}

fn add(desk: &mut Desk<'_>, input: Input) -> Result<String, Problem> {
    let plan = desk.world.plans.get(&input.plan_id).ok_or_else(Problem::reference_not_found)?;
    if plan.status != PlanStatus::Active {
        let description = "Invalid plan status for subscription creation; plan status should be active.";
        return Err(Problem::unprocessable("PLAN_STATUS_INVALID", description));
    }
    if !plan.quantity_supported && input.quantity.as_deref().is_some_and(|quantity| money::quantity(quantity) != money::quantity("1")) {
        let description = "Subscription can't have quantity as the plan does not support quantity.";
        return Err(Problem::unprocessable("SUBSCRIPTION_CANNOT_HAVE_QUANTITY", description));
    }
    if input.shipping_amount.as_ref().is_some_and(|amount| amount.currency != plan.currency()) {
        return Err(overrides::currency_mismatch());
    }
    let own_plan = input.plan.as_ref().map(|changes| overrides::merged(plan, changes, desk.now)).transpose()?;
    let start_time = start_time(input.start_time.as_deref(), desk.now)?;
    let serial = desk.world.next_serial();
    let subscription = Subscription {
        own_plan,
        quantity: input.quantity,
        shipping_amount: input.shipping_amount,
        subscriber: input.subscriber.map(without_card),
        context: input.application_context,
        custom_id: input.custom_id,
        start_time,
        ..blank(desk, input.plan_id, serial)
    };
    let id = subscription.id.clone();
    desk.world.subscriptions.insert(id.clone(), subscription);
    event::publish_subscription(desk, &id, Kind::SubscriptionCreated);
    Ok(id)
}

/// A card's number is never kept.
fn without_card(mut subscriber: Value) -> Value {
    if let Some(members) = subscriber.as_object_mut() {
        members.remove("payment_source");
    }
    subscriber
}

fn start_time(text: Option<&str>, now: Timestamp) -> Result<Timestamp, Problem> {
    let Some(text) = text else {
        return Ok(now);
    };
    let past =
        || Problem::invalid(problem::SUBSCRIBE, &[Fault { value: Some(text.to_owned()), ..Fault::body("/start_time", Issue::StartTime) }]);
    super::times::parse(text).filter(|start| *start > now).ok_or_else(past)
}

fn blank(desk: &Desk<'_>, plan_id: String, serial: u64) -> Subscription {
    let now = desk.now;
    Subscription {
        id: desk.ids.subscription(),
        ba_token: desk.ids.approval(),
        token: desk.ids.seventeen(),
        plan_id,
        own_plan: None,
        status: Status::ApprovalPending,
        status_update_time: now,
        status_change_note: None,
        custom_id: None,
        start_time: now,
        quantity: None,
        shipping_amount: None,
        subscriber: None,
        context: None,
        create_time: now,
        update_time: now,
        completed: std::collections::BTreeMap::new(),
        outstanding: 0,
        failed_payments: 0,
        last_payment: None,
        last_failure: None,
        next_billing: None,
        ends_at: None,
        retrying: None,
        threshold_reached: false,
        declining: false,
        hold_next: false,
        revision: None,
        gone: false,
        serial,
    }
}

/// `GET /v1/billing/subscriptions/{id}`
pub(super) async fn get(State(service): State<Service>, Key(id): Key, query: Query) -> Answer {
    let with_plan =
        query.bounded("fields", 1, 100, problem::LIST)?.is_some_and(|fields| fields.split(',').any(|field| field.trim() == "plan"));
    let eye = if with_plan { Eye::CallWithPlan } else { Eye::Call };
    service.look(|world, site| {
        let subscription = world.subscription(&id).ok_or_else(Problem::not_found)?;
        Ok(Json(subscription_view::whole(world, subscription, site, eye)).into_response())
    })
}

#[derive(Serialize)]
struct List<'a> {
    subscriptions: Vec<View<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_items: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_pages: Option<usize>,
    links: Vec<Link>,
}

struct Filter<'a> {
    plan_ids: Vec<&'a str>,
    statuses: Vec<Status>,
    created: (Option<Timestamp>, Option<Timestamp>),
    updated: (Option<Timestamp>, Option<Timestamp>),
}

impl<'a> Filter<'a> {
    fn of(query: &'a Query) -> Result<Self, Problem> {
        let dialect = problem::TRANSACTIONS;
        let range = |after, before| Ok::<_, Problem>((query.moment(after, dialect)?, query.moment(before, dialect)?));
        let known = |name: &&str| STATUSES.iter().find(|(text, _)| text == name).map(|(_, status)| *status);
        let named = query.list("statuses");
        let statuses: Vec<Status> = named.iter().filter_map(known).collect();
        if statuses.len() != named.len() {
            return Err(Problem::invalid(dialect, &[Fault::query("statuses", query.text("statuses"), Issue::Value)]));
        }
        Ok(Self {
            plan_ids: query.list("plan_ids"),
            statuses,
            created: range("created_after", "created_before")?,
            updated: range("status_updated_after", "status_updated_before")?,
        })
    }

    fn takes(&self, subscription: &Subscription) -> bool {
        let within = |(after, before): (Option<Timestamp>, Option<Timestamp>), at: Timestamp| {
            after.is_none_or(|after| after <= at) && before.is_none_or(|before| at <= before)
        };
        !subscription.gone
            && (self.plan_ids.is_empty() || self.plan_ids.contains(&subscription.plan_id.as_str()))
            && (self.statuses.is_empty() || self.statuses.contains(&subscription.status))
            && within(self.created, subscription.create_time)
            && within(self.updated, subscription.status_update_time)
    }
}

/// `GET /v1/billing/subscriptions`
pub(super) async fn list(State(service): State<Service>, query: Query) -> Answer {
    let paging = request::paging(&query, problem::LIST)?;
    let filter = Filter::of(&query)?;
    Ok(service.look(|world, site| listed(world, site, paging, &filter)))
}

fn listed(world: &World, site: &str, paging: request::Paging, filter: &Filter<'_>) -> Response {
    let mut all: Vec<&Subscription> = world.subscriptions.values().filter(|subscription| filter.takes(subscription)).collect();
    all.sort_by_key(|subscription| std::cmp::Reverse(subscription.serial));
    let total = all.len();
    let page = paging.cut(all);
    Json(List {
        subscriptions: page.into_iter().map(|subscription| subscription_view::whole(world, subscription, site, Eye::Call)).collect(),
        total_items: paging.totals.then_some(total),
        total_pages: paging.totals.then(|| paging.pages(total)),
        links: paging.links(site, "/v1/billing/subscriptions", total),
    })
    .into_response()
}

#[derive(Serialize)]
struct Transactions {
    transactions: Vec<Transaction>,
    total_items: usize,
    total_pages: usize,
    links: Vec<Link>,
}

/// `GET /v1/billing/subscriptions/{id}/transactions`
pub(super) async fn transactions(State(service): State<Service>, Key(id): Key, query: Query) -> Answer {
    let from = query.needed_moment("start_time", problem::TRANSACTIONS)?;
    let until = query.needed_moment("end_time", problem::TRANSACTIONS)?;
    if until < from {
        return Err(Problem::invalid(problem::TRANSACTIONS, &[Fault::query("end_time", query.text("end_time"), Issue::Value)]));
    }
    service.look(|world, site| {
        let subscription = world.subscription(&id).ok_or_else(Problem::not_found)?;
        let transactions = sale::transactions(world, subscription, from, until);
        let path = format!("{site}/v1/billing/subscriptions/{id}/transactions");
        let this = url::form_urlencoded::Serializer::new(format!("{path}?"))
            .extend_pairs([("start_time", super::times::stamp(from)), ("end_time", super::times::stamp(until))])
            .finish();
        let list =
            Transactions { total_items: transactions.len(), total_pages: 1, transactions, links: vec![Link::new(this, "self", "GET")] };
        Ok(Json(list).into_response())
    })
}
