//! Subscriptions as kept. What moves them stands in `billing`, `lifecycle`, `approval`, `amend` and `revise`; what shows them in `subscription_view`.
//! A subscription that nobody approved in time is `gone`: kept here, unknown to every call.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::money::{self, Money};
use super::plan::{Cycle, Plan, Pricing};

/// Where a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Status {
    ApprovalPending,
    Approved,
    Active,
    Suspended,
    Cancelled,
    Expired,
}

/// How the payer comes back to the merchant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Context {
    #[serde(default)]
    pub(super) brand_name: Option<String>,
    #[serde(default)]
    pub(super) user_action: Option<String>,
    pub(super) return_url: String,
    pub(super) cancel_url: String,
}

/// A payment that was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Payment {
    pub(super) amount: Money,
    pub(super) time: Timestamp,
}

/// A payment that failed last.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Failure {
    pub(super) amount: Money,
    pub(super) time: Timestamp,
    pub(super) reason_code: String,
    pub(super) next_retry: Option<Timestamp>,
}

/// A failed payment that will be tried again.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Retrying {
    pub(super) at: Timestamp,
    pub(super) retries_done: u32,
}

/// A change that waits for the payer's consent.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Revision {
    pub(super) ba_token: String,
    pub(super) plan_id: String,
    pub(super) own_plan: Option<Plan>,
    pub(super) quantity: Option<String>,
    pub(super) shipping_amount: Option<Money>,
    pub(super) shipping_address: Option<Value>,
    pub(super) context: Option<Context>,
}

/// A subscription.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Subscription {
    pub(super) id: String,
    pub(super) ba_token: String,
    /// The other token of the return address; no order stands behind it.
    pub(super) token: String,
    pub(super) plan_id: String,
    /// The terms where they differ from the plan's.
    pub(super) own_plan: Option<Plan>,
    pub(super) status: Status,
    pub(super) status_update_time: Timestamp,
    pub(super) status_change_note: Option<String>,
    pub(super) custom_id: Option<String>,
    pub(super) start_time: Timestamp,
    pub(super) quantity: Option<String>,
    pub(super) shipping_amount: Option<Money>,
    pub(super) subscriber: Option<Value>,
    pub(super) context: Option<Context>,
    pub(super) create_time: Timestamp,
    pub(super) update_time: Timestamp,
    pub(super) completed: BTreeMap<u32, u32>,
    pub(super) outstanding: i64,
    pub(super) failed_payments: u32,
    pub(super) last_payment: Option<Payment>,
    pub(super) last_failure: Option<Failure>,
    pub(super) next_billing: Option<Timestamp>,
    pub(super) ends_at: Option<Timestamp>,
    pub(super) retrying: Option<Retrying>,
    pub(super) threshold_reached: bool,
    /// The payer's funding is refused until somebody mends it.
    pub(super) declining: bool,
    /// The next sale is held back by the vendor.
    pub(super) hold_next: bool,
    pub(super) revision: Option<Revision>,
    pub(super) gone: bool,
    pub(super) serial: u64,
}

impl Subscription {
    /// Whether the payer's approval alone makes it run.
    pub(super) fn starts_by_itself(&self) -> bool {
        self.context.as_ref().and_then(|context| context.user_action.as_deref()) != Some("CONTINUE")
    }

    /// The quantity in millionths.
    pub(super) fn quantity_millionths(&self) -> i128 {
        self.quantity.as_deref().and_then(money::quantity).unwrap_or(1_000_000)
    }

    /// How often a cycle has been billed.
    pub(super) fn completed(&self, sequence: u32) -> u32 {
        self.completed.get(&sequence).copied().unwrap_or(0)
    }

    /// The cycle that is billed next; nothing when all are done.
    pub(super) fn cycle<'a>(&self, terms: &'a Plan) -> Option<&'a Cycle> {
        terms.billing_cycles.iter().find(|cycle| cycle.total_cycles == 0 || self.completed(cycle.sequence) < cycle.total_cycles)
    }

    /// Whether the status is one of these.
    pub(super) fn is_one_of(&self, statuses: &[Status]) -> bool {
        statuses.contains(&self.status)
    }

    /// Another status from now on.
    pub(super) fn turn(&mut self, status: Status, note: Option<String>, now: Timestamp) {
        self.status = status;
        self.status_change_note = note;
        self.status_update_time = now;
        self.update_time = now;
    }
}

/// What a subscription changes about its plan.
#[derive(Clone, Deserialize)]
pub(super) struct Override {
    #[serde(default)]
    pub(super) billing_cycles: Vec<CycleOverride>,
    #[serde(default)]
    pub(super) payment_preferences: Option<PreferencesOverride>,
    #[serde(default)]
    pub(super) taxes: Option<TaxesOverride>,
}

/// A cycle of it.
#[derive(Clone, Deserialize)]
pub(super) struct CycleOverride {
    pub(super) sequence: u32,
    pub(super) pricing_scheme: Option<Pricing>,
    pub(super) total_cycles: Option<u32>,
}

/// Its preferences; what is not said stays.
#[derive(Clone, Deserialize)]
pub(super) struct PreferencesOverride {
    pub(super) auto_bill_outstanding: Option<bool>,
    pub(super) setup_fee: Option<Money>,
    pub(super) setup_fee_failure_action: Option<String>,
    pub(super) payment_failure_threshold: Option<u32>,
}

/// Its taxes.
#[derive(Clone, Deserialize)]
pub(super) struct TaxesOverride {
    pub(super) percentage: Option<String>,
    pub(super) inclusive: Option<bool>,
}
