//! What really is at this PayPal, whatever was answered or announced on the way. For those who check a product
//! against the truth; no route shows it.

use jiff::Timestamp;

use super::Paypal;
use super::sale::{Hold, Sale, SaleState};
use super::subscription::Subscription;
use super::world::World;

/// How a sale stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SaleStanding {
    /// Paid.
    Completed,
    /// Taken, and held back by the vendor.
    Held,
    /// Given back in part.
    PartiallyRefunded,
    /// Given back.
    Refunded,
    /// Tried, and refused.
    Denied,
}

/// A payment for a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleTruth {
    /// The vendor's id.
    pub id: String,
    /// What it pays for.
    pub subscription_id: String,
    /// What the merchant called that.
    pub custom_id: Option<String>,
    /// How it stands.
    pub standing: SaleStanding,
    /// How much was paid, in the smallest unit.
    pub amount_minor: i64,
    /// How much of it was given back or taken back.
    pub refunded_minor: i64,
    /// Of what.
    pub currency: String,
    /// When it was taken.
    pub at: Timestamp,
    /// Whether some of it was taken back by force.
    pub reversed: bool,
}

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionTruth {
    /// The vendor's id.
    pub id: String,
    /// What the merchant calls it.
    pub custom_id: Option<String>,
    /// The vendor's plan.
    pub plan_id: String,
    /// The vendor's word for where it stands; `GONE` where nobody approved in time.
    pub status: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it is billed next.
    pub next_billing: Option<Timestamp>,
}

impl Paypal {
    /// Every sale there ever was, refused ones too, in the order of their time.
    #[must_use]
    pub fn sales(&self) -> Vec<SaleTruth> {
        self.service.look(|world, _| {
            let mut sales: Vec<&Sale> = world.sales.values().collect();
            sales.sort_by_key(|sale| sale.serial);
            sales.into_iter().map(|sale| of_sale(world, sale)).collect()
        })
    }

    /// Every subscription there ever was, in the order of their making.
    #[must_use]
    pub fn all_subscriptions(&self) -> Vec<SubscriptionTruth> {
        self.service.look(|world, _| {
            let mut all: Vec<&Subscription> = world.subscriptions.values().collect();
            all.sort_by_key(|subscription| subscription.serial);
            all.into_iter().map(of_subscription).collect()
        })
    }
}

fn of_sale(world: &World, sale: &Sale) -> SaleTruth {
    let standing = match (sale.state, sale.hold) {
        (SaleState::Completed, Some(Hold::Held)) => SaleStanding::Held,
        (SaleState::Completed, _) => SaleStanding::Completed,
        (SaleState::PartiallyRefunded, _) => SaleStanding::PartiallyRefunded,
        (SaleState::Refunded, _) => SaleStanding::Refunded,
        (SaleState::Denied, _) => SaleStanding::Denied,
    };
    SaleTruth {
        id: sale.id.clone(),
        subscription_id: sale.subscription_id.clone(),
        custom_id: world.subscriptions.get(&sale.subscription_id).and_then(|subscription| subscription.custom_id.clone()),
        standing,
        amount_minor: sale.amount.minor,
        refunded_minor: sale.refunded,
        currency: sale.amount.currency.clone(),
        at: sale.create_time,
        reversed: world.refunds.values().any(|refund| refund.sale_id == sale.id && refund.reversal),
    }
}

fn of_subscription(subscription: &Subscription) -> SubscriptionTruth {
    let status = serde_json::to_value(subscription.status).unwrap_or_default();
    SubscriptionTruth {
        id: subscription.id.clone(),
        custom_id: subscription.custom_id.clone(),
        plan_id: subscription.plan_id.clone(),
        status: if subscription.gone { "GONE".to_owned() } else { status.as_str().unwrap_or_default().to_owned() },
        made_at: subscription.create_time,
        next_billing: subscription.next_billing,
    }
}
