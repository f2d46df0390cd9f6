//! What the vendor refuses about a plan although each member is well formed: order and number of cycles, prices, tiers, currencies.
//! Each refusal is a 422 with its documented issue. No state is read here.

use super::money::{self, Money};
use super::plan::{CycleInput, PlanInput, Pricing, Tenure, Tier};
use super::problem::{self, Fault, Issue, Problem};
use super::times::Unit;

const MOST_TRIALS: usize = 2;

/// All rules of a new plan.
pub(super) fn check(input: &PlanInput) -> Result<(), Problem> {
    well_formed(input)?;
    cycles(&input.billing_cycles)?;
    for cycle in &input.billing_cycles {
        if let Some(pricing) = &cycle.pricing_scheme {
            check_pricing(pricing, cycle.tenure_type)?;
        }
    }
    let tiered = input.billing_cycles.iter().filter_map(|cycle| cycle.pricing_scheme.as_ref()).any(|pricing| pricing.tiers.is_some());
    if tiered && !input.quantity_supported {
        return Err(Problem::unprocessable("INVALID_QUANTITY_SUPPORTED", "Quantity is always supported for volume and tiered plans."));
    }
    currencies(input)
}

fn well_formed(input: &PlanInput) -> Result<(), Problem> {
    let refuse = |field: &str, issue| Err(Problem::invalid(problem::PLAN_CREATE, &[Fault::body(field, issue)]));
    for (index, cycle) in input.billing_cycles.iter().enumerate() {
        let longest = match cycle.frequency.interval_unit {
            Unit::Day => 365,
            Unit::Week => 52,
            Unit::Month => 12,
            Unit::Year => 1,
        };
        if cycle.frequency.interval_count > longest {
            return refuse(&format!("/billing_cycles/{index}/frequency/interval_count"), Issue::Value);
        }
        if cycle.tenure_type == Tenure::Regular && cycle.pricing_scheme.as_ref().is_none_or(|pricing| *pricing == Pricing::default()) {
            return refuse(&format!("/billing_cycles/{index}/pricing_scheme"), Issue::Missing);
        }
    }
    if sums(input).any(|sum| sum.minor < 0) {
        return refuse("/billing_cycles", Issue::Value);
    }
    Ok(())
}

fn sums(input: &PlanInput) -> impl Iterator<Item = &Money> {
    let prices = input.billing_cycles.iter().filter_map(|cycle| cycle.pricing_scheme.as_ref());
    prices.flat_map(Pricing::sums).chain(input.payment_preferences.setup_fee.iter())
}

fn cycles(cycles: &[CycleInput]) -> Result<(), Problem> {
    let trials = || cycles.iter().filter(|cycle| cycle.tenure_type == Tenure::Trial);
    let regular = cycles.len() - trials().count();
    let free = trials().filter(|cycle| cycle.pricing_scheme.as_ref().is_none_or(Pricing::is_free)).count();
    let consecutive = cycles.iter().zip(1..).all(|(cycle, place)| cycle.sequence == place);
    let trials_first =
        cycles.iter().skip_while(|cycle| cycle.tenure_type == Tenure::Trial).all(|cycle| cycle.tenure_type == Tenure::Regular);
    let rules = [
        (regular == 0, "MISSING_REGULAR_BILLING_CYCLE", "Plan should have at least one regular billing cycle."),
        (regular > 1, "MULTIPLE_REGULAR_BILLING_CYCLES_NOT_SUPPORTED", "Only one regular billing cycle is allowed."),
        (trials().count() > MOST_TRIALS, "MORE_THAN_TWO_TRIAL_BILLING_CYCLE_NOT_SUPPORTED", "Only two trial billing cycles are allowed."),
        (free > 1, "MULTIPLE_FREE_TRIAL_BILLING_CYCLES_NOT_SUPPORTED", "Only one free trial billing cycle is allowed."),
        (!trials_first, "INVALID_BILLING_CYCLE_SEQUENCE", "Trial Billing cycle should precede regular billing cycle."),
        (!consecutive, "INVALID_BILLING_CYCLE_SEQUENCE", "Billing cycle sequence should start with `1` and be consecutive."),
        (
            trials().any(|cycle| cycle.total_cycles == 0),
            "INVALID_TRIAL_BILLING_TOTAL_CYCLES",
            "Total cycles for trial billing must be greater than '0'.",
        ),
    ];
    first_broken(&rules)
}

fn first_broken(rules: &[(bool, &'static str, &'static str)]) -> Result<(), Problem> {
    let broken = rules.iter().find(|(broken, _, _)| *broken);
    broken.map_or(Ok(()), |(_, issue, description)| Err(Problem::unprocessable(issue, description)))
}

/// The rules of one price.
pub(super) fn check_pricing(pricing: &Pricing, tenure: Tenure) -> Result<(), Problem> {
    let tiered = pricing.pricing_model.is_some() || pricing.tiers.is_some();
    let tiers = pricing.tiers.as_deref().unwrap_or_default();
    first_broken(&[
        (
            tiered && tenure == Tenure::Trial,
            "INVALID_PRICING_MODEL",
            "The specified pricing model is not supported for trial billing cycle.",
        ),
        (tiered && pricing.fixed_price.is_some(), "FIXED_PRICE_NOT_SUPPORTED", "Fixed price is not supported for tiered pricing schemes."),
        (tiered && tiers.is_empty(), "MISSING_PRICING_SCHEME_TIERS", "Tier(s) are missing for some quantities."),
        (tiers.iter().any(|tier| tier.amount.minor <= 0), "INVALID_PRICING_TIER_AMOUNT", "Free tiers are not supported."),
    ])?;
    check_tiers(tiers)
}

fn check_tiers(tiers: &[Tier]) -> Result<(), Problem> {
    const UNIT: i128 = 1_000_000;
    let mut expected = UNIT;
    for (index, tier) in tiers.iter().enumerate() {
        let start = money::quantity(&tier.starting_quantity).unwrap_or(0);
        let end = tier.ending_quantity.as_deref().map(|text| money::quantity(text).unwrap_or(0));
        let last = index + 1 == tiers.len();
        first_broken(&[
            (
                end.is_some_and(|end| start >= end),
                "INVALID_PRICING_TIER_QUANTITY",
                "Tier starting quantity must be less than ending quantity.",
            ),
            (start < expected, "OVERLAPPING_PRICING_SCHEME_TIERS", "The specified quantity overlaps with multiple pricing tiers."),
            (start > expected || end.is_some() == last, "MISSING_PRICING_SCHEME_TIERS", "Tier(s) are missing for some quantities."),
        ])?;
        expected = end.unwrap_or(0).saturating_add(UNIT);
    }
    Ok(())
}

fn currencies(input: &PlanInput) -> Result<(), Problem> {
    let Some(first) = sums(input).next() else {
        return Ok(());
    };
    let rules = [
        (
            sums(input).any(|sum| sum.currency != first.currency),
            "CURRENCY_MISMATCH",
            "All currency codes in the request should be of similar value.",
        ),
        (
            !money::receivable(&first.currency),
            "CURRENCY_NOT_SUPPORTED_FOR_RECEIVER",
            "This currency cannot be accepted for this recipient\u{2019}s account.",
        ),
    ];
    first_broken(&rules)
}
