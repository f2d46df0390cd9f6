//! Billing plans:
//!
//! - `POST·GET /v1/billing/plans`
//! - `GET·PATCH /v1/billing/plans/{id}`
//! - `POST /v1/billing/plans/{id}/activate`, `/deactivate`, `/update-pricing-schemes`
//!
//! A plan cannot be deleted.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};

use super::event::{self, About, Kind};
use super::patch::{self, Operation, Verb};
use super::plan::{CycleInput, MOST_VERSIONS, Plan, PlanInput, PlanStatus, Pricing, Taxes};
use super::plan_view::{self, PlanView};
use super::problem::{self, Fault, Issue, Problem};
use super::request::{self, Answer, Key, Link, Query};
use super::world::{Desk, ReplayKind, World};
use super::{Service, plan_rules, shapes};

const MOST_PLAN_IDS: usize = 10;

/// `POST /v1/billing/plans`
pub(super) async fn create(State(service): State<Service>, headers: HeaderMap, bytes: Bytes) -> Answer {
    let input: PlanInput = request::typed(&headers, &bytes, &shapes::PLAN, problem::PLAN_CREATE)?;
    plan_rules::check(&input)?;
    let request_id = request::request_id(&headers);
    service.desk(|desk| {
        let earlier = desk.replayed(ReplayKind::Plan, request_id);
        let replayed = earlier.is_some();
        let id = match earlier {
            Some(id) => id,
            None => add(desk, input)?,
        };
        desk.remember(ReplayKind::Plan, request_id, &id);
        let plan = desk.world.plans.get(&id).ok_or_else(Problem::not_found)?;
        let view = shown(plan, desk.site, request::wants_representation(&headers));
        Ok((request::made(replayed), Json(view)).into_response())
    })
}

fn shown<'a>(plan: &'a Plan, site: &str, whole: bool) -> PlanView<'a> {
    if whole { plan_view::whole(plan, site) } else { plan_view::short(plan, site) }
}

fn add(desk: &mut Desk<'_>, input: PlanInput) -> Result<String, Problem> {
    if !desk.world.products.contains_key(&input.product_id) {
        return Err(Problem::reference_not_found());
    }
    let now = desk.now;
    let plan = Plan {
        id: desk.ids.plan(),
        product_id: input.product_id,
        name: input.name,
        description: input.description,
        status: input.status.unwrap_or(PlanStatus::Active),
        billing_cycles: input.billing_cycles.into_iter().map(|cycle: CycleInput| cycle.at(now)).collect(),
        payment_preferences: input.payment_preferences,
        taxes: input.taxes,
        quantity_supported: input.quantity_supported,
        create_time: now,
        update_time: now,
        serial: desk.world.next_serial(),
    };
    let id = plan.id.clone();
    store(desk, plan, Kind::PlanCreated);
    Ok(id)
}

fn store(desk: &mut Desk<'_>, plan: Plan, kind: Kind) {
    event::publish(desk, kind, &plan_view::whole(&plan, desk.site), About::default());
    desk.world.plans.insert(plan.id.clone(), plan);
}

#[derive(Serialize)]
struct List<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_items: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_pages: Option<usize>,
    plans: Vec<PlanView<'a>>,
    links: Vec<Link>,
}

/// `GET /v1/billing/plans`
pub(super) async fn list(State(service): State<Service>, headers: HeaderMap, query: Query) -> Answer {
    let paging = request::paging(&query, problem::LIST)?;
    let product_id = query.bounded("product_id", 6, 50, problem::LIST)?;
    let plan_ids = query.list("plan_ids");
    if plan_ids.len() > MOST_PLAN_IDS {
        return Err(Problem::invalid(problem::LIST, &[Fault::query("plan_ids", None, Issue::Value)]));
    }
    let whole = request::wants_representation(&headers);
    Ok(service.look(|world, site| {
        let all = matching(world, product_id, &plan_ids);
        let total = all.len();
        let list = List {
            total_items: paging.totals.then_some(total),
            total_pages: paging.totals.then(|| paging.pages(total)),
            plans: paging.cut(all).into_iter().map(|plan| shown(plan, site, whole)).collect(),
            links: paging.links(site, "/v1/billing/plans", total),
        };
        Json(list).into_response()
    }))
}

fn matching<'a>(world: &'a World, product_id: Option<&str>, plan_ids: &[&str]) -> Vec<&'a Plan> {
    let wanted = |plan: &&Plan| {
        product_id.is_none_or(|product_id| plan.product_id == product_id) && (plan_ids.is_empty() || plan_ids.contains(&plan.id.as_str()))
    };
    let mut plans: Vec<&Plan> = world.plans.values().filter(wanted).collect();
    plans.sort_by_key(|plan| std::cmp::Reverse(plan.serial));
    plans
}

/// `GET /v1/billing/plans/{id}`
pub(super) async fn get(State(service): State<Service>, Key(id): Key) -> Answer {
    service.look(|world, site| {
        let plan = world.plans.get(&id).ok_or_else(Problem::not_found)?;
        Ok(Json(plan_view::whole(plan, site)).into_response())
    })
}

/// `PATCH /v1/billing/plans/{id}`
pub(super) async fn change(State(service): State<Service>, Key(id): Key, headers: HeaderMap, bytes: Bytes) -> Answer {
    let operations = patch::read(&headers, &bytes, problem::PLAN_PATCH)?;
    service.desk(|desk| {
        let mut plan = desk.world.plans.get(&id).ok_or_else(Problem::not_found)?.clone();
        if plan.status == PlanStatus::Inactive {
            let description = "Status update is the only patchable filed on an inactive plan.";
            return Err(Problem::unprocessable("PLAN_STATUS_INACTIVE", description));
        }
        for operation in &operations {
            apply(&mut plan, operation)?;
        }
        plan.update_time = desk.now;
        store(desk, plan, Kind::PlanUpdated);
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

fn apply(plan: &mut Plan, operation: &Operation) -> Result<(), Problem> {
    let dialect = problem::PLAN_PATCH;
    let preferences = &mut plan.payment_preferences;
    match operation.path.as_str() {
        "/name" => plan.name = operation.value(shapes::PATCHED_NAME, dialect)?,
        "/description" => plan.description = Some(operation.value(shapes::PATCHED_NAME, dialect)?),
        "/payment_preferences/auto_bill_outstanding" => {
            preferences.auto_bill_outstanding = operation.value(shapes::PATCHED_FLAG, dialect)?
        }
        "/payment_preferences/payment_failure_threshold" => {
            preferences.payment_failure_threshold = operation.value(shapes::PATCHED_COUNT, dialect)?
        }
        "/payment_preferences/setup_fee" => preferences.setup_fee = Some(operation.value(shapes::PATCHED_MONEY, dialect)?),
        "/payment_preferences/setup_fee_failure_action" => {
            preferences.setup_fee_failure_action = operation.value(shapes::PATCHED_FEE_ACTION, dialect)?
        }
        "/taxes/percentage" => {
            let percentage = operation.value(shapes::PATCHED_PERCENTAGE, dialect)?;
            let inclusive = plan.taxes.as_ref().is_none_or(|taxes| taxes.inclusive);
            plan.taxes = Some(Taxes { percentage, inclusive });
        }
        _ => return Err(operation.refuse(Issue::PatchPath, dialect)),
    }
    operation.only(&[Verb::Replace], dialect)
}

/// `POST /v1/billing/plans/{id}/activate`
pub(super) async fn activate(State(service): State<Service>, Key(id): Key) -> Answer {
    let description = "Invalid plan status for activate action; plan status should be either created or inactive.";
    turn(&service, &id, &[PlanStatus::Created, PlanStatus::Inactive], PlanStatus::Active, Kind::PlanActivated, description)
}

/// `POST /v1/billing/plans/{id}/deactivate`
pub(super) async fn deactivate(State(service): State<Service>, Key(id): Key) -> Answer {
    let description = "Invalid plan status for deactivate action; plan status should be active.";
    turn(&service, &id, &[PlanStatus::Active], PlanStatus::Inactive, Kind::PlanDeactivated, description)
}

fn turn(service: &Service, id: &str, from: &[PlanStatus], to: PlanStatus, kind: Kind, description: &'static str) -> Answer {
    service.desk(|desk| {
        let mut plan = desk.world.plans.get(id).ok_or_else(Problem::not_found)?.clone();
        if !from.contains(&plan.status) {
            return Err(Problem::unprocessable("PLAN_STATUS_INVALID", description));
        }
        plan.status = to;
        plan.update_time = desk.now;
        store(desk, plan, kind);
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

#[derive(Deserialize)]
struct Prices {
    pricing_schemes: Vec<PriceChange>,
}

#[derive(Deserialize)]
struct PriceChange {
    billing_cycle_sequence: u32,
    pricing_scheme: Pricing,
}

/// `POST /v1/billing/plans/{id}/update-pricing-schemes`
pub(super) async fn reprice(State(service): State<Service>, Key(id): Key, headers: HeaderMap, bytes: Bytes) -> Answer {
    let prices: Prices = request::typed(&headers, &bytes, &shapes::PRICES, problem::PLAN_PRICES)?;
    service.desk(|desk| {
        let mut plan = desk.world.plans.get(&id).ok_or_else(Problem::not_found)?.clone();
        if plan.status == PlanStatus::Inactive {
            return Err(repricing_refused());
        }
        for change in prices.pricing_schemes {
            change_price(&mut plan, change, desk.now)?;
        }
        plan.update_time = desk.now;
        store(desk, plan, Kind::PlanPriceChanged);
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

fn repricing_refused() -> Problem {
    Problem::unprocessable("PRICING_SCHEME_UPDATE_NOT_ALLOWED", "Pricing scheme update is not allowed for the plan.")
}

fn change_price(plan: &mut Plan, change: PriceChange, now: jiff::Timestamp) -> Result<(), Problem> {
    let currency = plan.currency().to_owned();
    let cycle = plan.billing_cycles.iter_mut().find(|cycle| cycle.sequence == change.billing_cycle_sequence);
    let Some(cycle) = cycle else {
        return Err(Problem::unprocessable("INVALID_BILLING_CYCLE_SEQUENCE", "The provided billing cycle sequence is not available."));
    };
    let pricing = change.pricing_scheme;
    if pricing.sums().any(|sum| sum.minor < 0) || pricing == Pricing::default() {
        return Err(Problem::invalid(problem::PLAN_PRICES, &[Fault::body("/pricing_schemes", Issue::Value)]));
    }
    plan_rules::check_pricing(&pricing, cycle.tenure_type)?;
    let tiered_now = cycle.newest().is_some_and(|scheme| scheme.pricing.tiers.is_some());
    if tiered_now != pricing.tiers.is_some() {
        let description = "The new pricing scheme should be of the same type as that of the old one.";
        return Err(Problem::unprocessable("INVALID_PRICING_SCHEME", description));
    }
    if pricing.sums().any(|sum| sum.currency != currency) {
        let description = "The currency code is different from the plan's currency code.";
        return Err(Problem::unprocessable("CURRENCY_MISMATCH", description));
    }
    if cycle.newest().is_some_and(|scheme| scheme.version >= MOST_VERSIONS) {
        return Err(repricing_refused());
    }
    cycle.reprice(pricing, now);
    Ok(())
}
