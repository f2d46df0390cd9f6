//! Plans, subscriptions and payments in JSON.

use app::payments::Payment;
use domain::plan::Plan;
use domain::subscription::{Subscription, SubscriptionStatus};
use serde::Serialize;
use utoipa::ToSchema;

use super::{MoneyView, maybe_time, time};

/// A plan on sale.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlanView {
    /// Its id.
    #[schema(example = "pln_01kah6w1m0e8c9q2v7r4t5y6z8")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// The price, in dinars.
    pub price: MoneyView,
    /// What PayPal charges.
    pub charged: Option<MoneyView>,
    /// `monthly`, `quarterly`, `semiannual` or `yearly`.
    pub billing_period: String,
    /// The days that one payment gives.
    pub days: u32,
    /// Channels at the same time; null is no limit.
    pub channels_limit: Option<u32>,
    /// Messages a day; null is no limit.
    pub daily_messages_limit: Option<u32>,
    /// Bulk sends in a paid period; null is no limit.
    pub bulk_messages_limit: Option<u32>,
    /// What else it has.
    pub features: Vec<String>,
    /// `paid`, `request_quote` or `book_demo`.
    pub request_type: String,
    /// The text of its button.
    pub action_label: String,
    /// Whether it is on sale.
    pub is_active: bool,
}

impl From<Plan> for PlanView {
    fn from(plan: Plan) -> Self {
        Self {
            id: plan.id.to_string(),
            name: plan.name,
            price: plan.price.into(),
            charged: plan.charged.map(Into::into),
            billing_period: plan.billing_period.word().to_owned(),
            days: plan.billing_period.days().count(),
            channels_limit: plan.limits.channels,
            daily_messages_limit: plan.limits.daily_messages,
            bulk_messages_limit: plan.limits.bulk_messages,
            features: plan.features,
            request_type: plan.request_type.word().to_owned(),
            action_label: plan.request_type.action_label().to_owned(),
            is_active: plan.is_active,
        }
    }
}

/// A subscription.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SubscriptionView {
    /// Its id.
    pub id: String,
    /// The plan that was bought.
    pub plan_id: String,
    /// Its name when it was bought.
    pub plan_name: String,
    /// `pending`, `active`, `expired` or `canceled`.
    pub status: String,
    /// `paypal` or `offline`.
    pub payment_method: String,
    /// What one period costs.
    pub price: MoneyView,
    /// What PayPal charges for it.
    pub charged: Option<MoneyView>,
    /// The days of one period.
    pub days: u32,
    /// When it became active.
    pub start_at: Option<String>,
    /// Until when it is paid.
    pub end_at: Option<String>,
    /// Whether it renews by itself.
    pub renews: bool,
    /// The subscription that it takes the place of once paid.
    pub replaces: Option<String>,
    /// Where the payer approves it, while it waits for that.
    pub approval_url: Option<String>,
    /// What people should know of it.
    pub note: Option<String>,
    /// The payer's reference of an offline payment.
    pub offline_reference: Option<String>,
    /// Who approved an offline payment.
    pub approved_by: Option<String>,
    /// When.
    pub approved_at: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
}

impl From<Subscription> for SubscriptionView {
    fn from(subscription: Subscription) -> Self {
        let waits = subscription.status == SubscriptionStatus::Pending;
        Self {
            renews: subscription.renews(),
            id: subscription.id.to_string(),
            plan_id: subscription.terms.plan_id.to_string(),
            plan_name: subscription.terms.plan_name,
            status: subscription.status.word().to_owned(),
            payment_method: subscription.payment_method.word().to_owned(),
            price: subscription.terms.price.into(),
            charged: subscription.terms.charged.map(Into::into),
            days: subscription.terms.days.count(),
            start_at: maybe_time(subscription.start_at),
            end_at: maybe_time(subscription.end_at),
            replaces: subscription.replaces.map(|id| id.to_string()),
            approval_url: subscription.paypal.approval_url.filter(|_| waits),
            note: subscription.note,
            offline_reference: subscription.offline_reference,
            approved_by: subscription.approved_by.map(|id| id.to_string()),
            approved_at: maybe_time(subscription.approved_at),
            created_at: time(subscription.created_at),
            updated_at: time(subscription.updated_at),
        }
    }
}

/// A payment, with what its receipt says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PaymentView {
    /// Its id.
    pub id: String,
    /// The receipt's number.
    pub number: String,
    /// When it was credited.
    pub paid_at: String,
    /// The plan that was paid for.
    pub plan_name: String,
    /// What was charged.
    pub amount: MoneyView,
    /// The price in dinars.
    pub price: MoneyView,
    /// The days that it gave.
    pub days: u32,
    /// `paypal` or `offline`.
    pub method: String,
    /// What it paid for.
    pub subscription_id: String,
    /// Its reference at the one who took it.
    pub reference: String,
}

impl From<Payment> for PaymentView {
    fn from(payment: Payment) -> Self {
        let tail: String = payment.id.chars().skip(payment.id.len().saturating_sub(8)).collect();
        Self {
            number: format!("{}-{}", payment.paid_at.strftime("%Y%m%d"), tail.to_uppercase()),
            id: payment.id,
            paid_at: time(payment.paid_at),
            plan_name: payment.plan_name,
            amount: payment.amount.into(),
            price: payment.price.into(),
            days: payment.days.count(),
            method: payment.method.to_owned(),
            subscription_id: payment.subscription_id.to_string(),
            reference: payment.reference,
        }
    }
}
