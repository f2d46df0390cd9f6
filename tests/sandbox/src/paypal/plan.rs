//! Billing plans as kept and as shown: cycles, prices with their versions, preferences, taxes.
//! A price changes by a new version; who pays which one is decided here, by the ten-day rule. No routes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::money::{self, Money};
use super::times::{self, Unit};

/// A new price does not touch payments of existing subscriptions within so many days.
const NOTICE_DAYS: i64 = 10;
/// The most prices that a cycle can have had.
pub(super) const MOST_VERSIONS: u32 = 99;

/// Where a plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum PlanStatus {
    Created,
    Active,
    Inactive,
}

/// Whether a cycle is a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Tenure {
    Trial,
    Regular,
}

/// How long a cycle is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Frequency {
    pub(super) interval_unit: Unit,
    #[serde(default = "one_interval")]
    pub(super) interval_count: i64,
}

fn one_interval() -> i64 {
    1
}

fn one_cycle() -> u32 {
    1
}

/// A price from a quantity on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Tier {
    pub(super) starting_quantity: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ending_quantity: Option<String>,
    pub(super) amount: Money,
}

/// What is charged: a fixed price, tiers, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Pricing {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) fixed_price: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pricing_model: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tiers: Option<Vec<Tier>>,
}

impl Pricing {
    /// All sums in it.
    pub(super) fn sums(&self) -> impl Iterator<Item = &Money> {
        self.fixed_price.iter().chain(self.tiers.iter().flatten().map(|tier| &tier.amount))
    }

    /// Whether nothing is charged.
    pub(super) fn is_free(&self) -> bool {
        self.sums().all(|sum| sum.minor == 0)
    }

    /// The price of a quantity in millionths.
    pub(super) fn price(&self, quantity: i128) -> Option<Money> {
        if let Some(fixed) = &self.fixed_price {
            return Some(fixed.times(quantity));
        }
        let tiers = self.tiers.as_deref()?;
        if self.pricing_model.as_deref() == Some("TIERED") { graduated(tiers, quantity) } else { by_volume(tiers, quantity) }
    }
}

fn by_volume(tiers: &[Tier], quantity: i128) -> Option<Money> {
    let reached = |tier: &&Tier| money::quantity(&tier.starting_quantity).is_some_and(|start| start <= quantity);
    tiers.iter().rev().find(reached).or(tiers.first()).map(|tier| tier.amount.times(quantity))
}

fn graduated(tiers: &[Tier], quantity: i128) -> Option<Money> {
    let mut left = quantity;
    let mut covered = 0;
    let mut total = Money::zero(&tiers.first()?.amount.currency);
    for tier in tiers {
        let end = tier.ending_quantity.as_deref().and_then(money::quantity).unwrap_or(i128::MAX);
        let here = left.min(end.saturating_sub(covered));
        total = total.plus(tier.amount.times(here).minor);
        left -= here;
        covered = end;
    }
    Some(total)
}

/// A price with its version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Scheme {
    pub(super) version: u32,
    pub(super) pricing: Pricing,
    pub(super) create_time: Timestamp,
}

/// A cycle of billing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Cycle {
    pub(super) frequency: Frequency,
    pub(super) tenure_type: Tenure,
    pub(super) sequence: u32,
    /// 0 is without end.
    pub(super) total_cycles: u32,
    pub(super) schemes: Vec<Scheme>,
}

impl Cycle {
    /// The newest price.
    pub(super) fn newest(&self) -> Option<&Scheme> {
        self.schemes.last()
    }

    /// The price of a payment at `due` of a subscription made at `since`.
    pub(super) fn governing(&self, since: Timestamp, due: Timestamp) -> Option<&Scheme> {
        let noticed = |scheme: &&Scheme| scheme.create_time <= since || times::later(scheme.create_time, times::days(NOTICE_DAYS)) <= due;
        self.schemes.iter().rev().find(noticed).or(self.schemes.first())
    }

    /// A new price from now on.
    pub(super) fn reprice(&mut self, pricing: Pricing, now: Timestamp) {
        let version = self.newest().map_or(1, |scheme| scheme.version.saturating_add(1).min(MOST_VERSIONS));
        self.schemes.push(Scheme { version, pricing, create_time: now });
    }

    /// When the cycle after the one that fell due at `from` falls due.
    pub(super) fn after(&self, from: Timestamp) -> Timestamp {
        times::next_due(from, self.frequency.interval_unit, self.frequency.interval_count)
    }
}

/// How payments are treated.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Preferences {
    #[serde(default = "yes")]
    pub(super) auto_bill_outstanding: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) setup_fee: Option<Money>,
    #[serde(default = "cancel")]
    pub(super) setup_fee_failure_action: String,
    #[serde(default)]
    pub(super) payment_failure_threshold: u32,
}

fn yes() -> bool {
    true
}

fn cancel() -> String {
    "CANCEL".to_owned()
}

/// A tax on the price.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Taxes {
    pub(super) percentage: String,
    #[serde(default = "yes")]
    pub(super) inclusive: bool,
}

/// A plan.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) id: String,
    pub(super) product_id: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) status: PlanStatus,
    pub(super) billing_cycles: Vec<Cycle>,
    pub(super) payment_preferences: Preferences,
    pub(super) taxes: Option<Taxes>,
    pub(super) quantity_supported: bool,
    pub(super) create_time: Timestamp,
    pub(super) update_time: Timestamp,
    pub(super) serial: u64,
}

impl Plan {
    /// The currency of its prices.
    pub(super) fn currency(&self) -> &str {
        let newest = self.billing_cycles.iter().filter_map(Cycle::newest);
        let mut sums = newest.flat_map(|scheme| scheme.pricing.sums());
        sums.next().map_or("USD", |money| money.currency.as_str())
    }
}

/// What a request to make a plan holds.
#[derive(Deserialize)]
pub(super) struct PlanInput {
    pub(super) product_id: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) status: Option<PlanStatus>,
    pub(super) billing_cycles: Vec<CycleInput>,
    pub(super) payment_preferences: Preferences,
    pub(super) taxes: Option<Taxes>,
    #[serde(default)]
    pub(super) quantity_supported: bool,
}

/// A cycle in such a request.
#[derive(Deserialize)]
pub(super) struct CycleInput {
    pub(super) pricing_scheme: Option<Pricing>,
    pub(super) frequency: Frequency,
    pub(super) tenure_type: Tenure,
    pub(super) sequence: u32,
    #[serde(default = "one_cycle")]
    pub(super) total_cycles: u32,
}

impl CycleInput {
    /// The cycle, priced from now on.
    pub(super) fn at(self, now: Timestamp) -> Cycle {
        let pricing = self.pricing_scheme.unwrap_or_default();
        Cycle {
            frequency: self.frequency,
            tenure_type: self.tenure_type,
            sequence: self.sequence,
            total_cycles: self.total_cycles,
            schemes: vec![Scheme { version: 1, pricing, create_time: now }],
        }
    }
}
