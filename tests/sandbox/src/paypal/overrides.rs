//! A plan as one subscription has it: the plan's copy with that subscription's prices, counts, preferences and taxes.
//! Once made, the copy no longer follows the plan.

use jiff::Timestamp;

use super::plan::{Plan, Taxes};
use super::plan_rules;
use super::problem::Problem;
use super::subscription::{CycleOverride, Override};

/// The plan with the changes in it.
pub(super) fn merged(plan: &Plan, changes: &Override, now: Timestamp) -> Result<Plan, Problem> {
    let mut own = plan.clone();
    for change in &changes.billing_cycles {
        merge_cycle(&mut own, change, now)?;
    }
    if let Some(wanted) = &changes.payment_preferences {
        let kept = &mut own.payment_preferences;
        kept.auto_bill_outstanding = wanted.auto_bill_outstanding.unwrap_or(kept.auto_bill_outstanding);
        kept.payment_failure_threshold = wanted.payment_failure_threshold.unwrap_or(kept.payment_failure_threshold);
        kept.setup_fee = wanted.setup_fee.clone().or(kept.setup_fee.take());
        if let Some(action) = &wanted.setup_fee_failure_action {
            kept.setup_fee_failure_action.clone_from(action);
        }
    }
    if let Some(wanted) = &changes.taxes {
        let kept = own.taxes.clone().unwrap_or(Taxes { percentage: "0".to_owned(), inclusive: true });
        own.taxes = Some(Taxes {
            percentage: wanted.percentage.clone().unwrap_or(kept.percentage),
            inclusive: wanted.inclusive.unwrap_or(kept.inclusive),
        });
    }
    let fee = own.payment_preferences.setup_fee.as_ref();
    if fee.is_some_and(|fee| fee.currency != plan.currency()) {
        return Err(currency_mismatch());
    }
    Ok(own)
}

fn merge_cycle(own: &mut Plan, change: &CycleOverride, now: Timestamp) -> Result<(), Problem> {
    let currency = own.currency().to_owned();
    let Some(cycle) = own.billing_cycles.iter_mut().find(|cycle| cycle.sequence == change.sequence) else {
        return Err(Problem::unprocessable("INVALID_BILLING_CYCLE_SEQUENCE", "The provided billing cycle sequence is not available."));
    };
    cycle.total_cycles = change.total_cycles.unwrap_or(cycle.total_cycles);
    let Some(pricing) = &change.pricing_scheme else {
        return Ok(());
    };
    plan_rules::check_pricing(pricing, cycle.tenure_type)?;
    if cycle.newest().is_some_and(|scheme| scheme.pricing.tiers.is_some() != pricing.tiers.is_some()) {
        let description = "The override plan pricing scheme should be of the same type as that of the original plan.";
        return Err(Problem::unprocessable("INVALID_PRICING_SCHEME", description));
    }
    if pricing.sums().any(|sum| sum.currency != currency) {
        return Err(currency_mismatch());
    }
    cycle.schemes.clear();
    cycle.reprice(pricing.clone(), now);
    Ok(())
}

/// The refusal of a sum in another currency than the plan's.
pub(super) fn currency_mismatch() -> Problem {
    Problem::unprocessable("CURRENCY_MISMATCH", "The currency code is different from the plan's currency code.")
}
