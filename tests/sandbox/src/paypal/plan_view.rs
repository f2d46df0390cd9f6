//! Plans as shown: whole, or the short form of lists and of answers to a request that wants no more.
//! Prices are printed with few decimals, and members that no documentation names are there, as at the vendor.

use jiff::Timestamp;
use serde::Serialize;

use super::money::Wire;
use super::plan::{Cycle, Frequency, Plan, PlanStatus, Pricing, Taxes, Tenure};
use super::request::Link;
use super::times;

#[derive(Serialize)]
struct TierView {
    starting_quantity: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ending_quantity: Option<String>,
    amount: Wire,
}

#[derive(Serialize)]
struct PricingView {
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed_price: Option<Wire>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing_model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tier_mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tiers: Option<Vec<TierView>>,
    create_time: String,
    update_time: String,
}

#[derive(Serialize)]
struct CycleView {
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing_scheme: Option<PricingView>,
    frequency: Frequency,
    tenure_type: Tenure,
    sequence: u32,
    total_cycles: u32,
}

#[derive(Serialize)]
struct PreferencesView<'a> {
    service_type: &'static str,
    auto_bill_outstanding: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    setup_fee: Option<Wire>,
    setup_fee_failure_action: &'a str,
    payment_failure_threshold: u32,
}

/// A plan as shown.
#[derive(Serialize)]
pub(super) struct PlanView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    product_id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<PlanStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    usage_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_cycles: Option<Vec<CycleView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_preferences: Option<PreferencesView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    taxes: Option<&'a Taxes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity_supported: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_time: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link>,
}

/// The whole plan with its newest prices.
pub(super) fn whole<'a>(plan: &'a Plan, site: &str) -> PlanView<'a> {
    PlanView {
        version: Some(version(plan)),
        billing_cycles: Some(plan.billing_cycles.iter().map(cycle).collect()),
        payment_preferences: Some(preferences(plan)),
        taxes: plan.taxes.as_ref(),
        quantity_supported: Some(plan.quantity_supported),
        update_time: Some(times::stamp(plan.update_time)),
        ..short(plan, site)
    }
}

/// What lists show.
pub(super) fn short<'a>(plan: &'a Plan, site: &str) -> PlanView<'a> {
    PlanView {
        id: Some(&plan.id),
        version: None,
        product_id: &plan.product_id,
        name: &plan.name,
        status: Some(plan.status),
        description: plan.description.as_deref(),
        usage_type: "LICENSED",
        billing_cycles: None,
        payment_preferences: None,
        taxes: None,
        quantity_supported: None,
        create_time: Some(times::stamp(plan.create_time)),
        update_time: None,
        links: links(plan, site),
    }
}

/// The terms inside a subscription: the plan without what only a plan has.
pub(super) fn terms(plan: &Plan) -> PlanView<'_> {
    PlanView {
        id: None,
        version: None,
        status: None,
        description: None,
        create_time: None,
        update_time: None,
        links: Vec::new(),
        ..whole(plan, "")
    }
}

fn version(plan: &Plan) -> u32 {
    plan.billing_cycles.iter().filter_map(Cycle::newest).map(|scheme| scheme.version).max().unwrap_or(1)
}

fn cycle(cycle: &Cycle) -> CycleView {
    let scheme = cycle.newest().filter(|scheme| scheme.pricing != Pricing::default());
    CycleView {
        pricing_scheme: scheme.map(|scheme| pricing(&scheme.pricing, scheme.version, scheme.create_time)),
        frequency: cycle.frequency,
        tenure_type: cycle.tenure_type,
        sequence: cycle.sequence,
        total_cycles: cycle.total_cycles,
    }
}

fn pricing(pricing: &Pricing, version: u32, at: Timestamp) -> PricingView {
    let tiers = pricing.tiers.as_ref().map(|tiers| {
        let view = tiers.iter().map(|tier| TierView {
            starting_quantity: tier.starting_quantity.clone(),
            ending_quantity: tier.ending_quantity.clone(),
            amount: tier.amount.short_wire(),
        });
        view.collect()
    });
    PricingView {
        version,
        fixed_price: pricing.fixed_price.as_ref().map(super::money::Money::short_wire),
        pricing_model: pricing.pricing_model.clone(),
        tier_mode: pricing.pricing_model.clone(),
        tiers,
        create_time: times::stamp(at),
        update_time: times::stamp(at),
    }
}

fn preferences(plan: &Plan) -> PreferencesView<'_> {
    let kept = &plan.payment_preferences;
    PreferencesView {
        service_type: "PREPAID",
        auto_bill_outstanding: kept.auto_bill_outstanding,
        setup_fee: kept.setup_fee.as_ref().map(super::money::Money::short_wire),
        setup_fee_failure_action: &kept.setup_fee_failure_action,
        payment_failure_threshold: kept.payment_failure_threshold,
    }
}

fn links(plan: &Plan, site: &str) -> Vec<Link> {
    let href = format!("{site}/v1/billing/plans/{}", plan.id);
    let turn = if plan.status == PlanStatus::Active { "deactivate" } else { "activate" };
    vec![
        Link::new(href.clone(), "self", "GET"),
        Link::new(href.clone(), "edit", "PATCH"),
        Link::new(format!("{href}/{turn}"), turn, "POST"),
        Link::new(format!("{href}/update-pricing-schemes"), "edit", "POST"),
    ]
}
