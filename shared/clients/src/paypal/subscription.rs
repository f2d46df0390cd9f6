//! Subscriptions and their transactions. What the payer's browser brings back is worth nothing: the
//! subscription is read again.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::amount::Amount;
use super::client::{Call, PayPal};
use super::sale::sale_state;
use crate::json::Node;
use crate::outcome::CallError;
use domain::payment::SaleState;

/// The name that the payer sees.
const BRAND: &str = "Daypass";
/// PayPal's longest reason, in characters.
const LONGEST_REASON: usize = 128;

/// What a checkout begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSubscription {
    /// The same for the same checkout: with it the call may be repeated.
    pub request_id: String,
    /// PayPal's id of the plan.
    pub plan_id: String,
    /// Our id of the subscription.
    pub custom_id: String,
    /// Where the payer comes back to.
    pub return_url: String,
    /// Where the payer comes back to when not willing.
    pub cancel_url: String,
}

/// A checkout that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// PayPal's id (`I-…`).
    pub id: String,
    /// PayPal's word for where it stands.
    pub status: String,
    /// Where the payer approves, while that is open.
    pub approval_url: Option<String>,
}

/// PayPal's word for where a subscription stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubscriptionState {
    /// Waits for the payer.
    ApprovalPending,
    /// The payer agreed; not running yet.
    Approved,
    /// Runs.
    Active,
    /// Held.
    Suspended,
    /// Ended by somebody.
    Cancelled,
    /// Ended by itself.
    Expired,
    /// A word that we do not know.
    Unknown(String),
}

impl SubscriptionState {
    /// PayPal's word.
    pub fn text(&self) -> &str {
        match self {
            Self::ApprovalPending => "APPROVAL_PENDING",
            Self::Approved => "APPROVED",
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::Cancelled => "CANCELLED",
            Self::Expired => "EXPIRED",
            Self::Unknown(word) => word,
        }
    }

    /// Whether nothing follows.
    pub const fn is_ended(&self) -> bool {
        matches!(self, Self::Cancelled | Self::Expired)
    }

    fn read(word: &str) -> Self {
        match word {
            "APPROVAL_PENDING" => Self::ApprovalPending,
            "APPROVED" => Self::Approved,
            "ACTIVE" => Self::Active,
            "SUSPENDED" => Self::Suspended,
            "CANCELLED" => Self::Cancelled,
            "EXPIRED" => Self::Expired,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

/// A subscription as PayPal tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionInfo {
    /// PayPal's id (`I-…`).
    pub id: String,
    /// Where it stands.
    pub state: SubscriptionState,
    /// PayPal's id of the plan.
    pub plan_id: Option<String>,
    /// Our id, as it was given.
    pub custom_id: Option<String>,
    /// Where the payer approves, while that is open.
    pub approval_url: Option<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it starts.
    pub starts_at: Option<Timestamp>,
    /// When its status last changed.
    pub status_changed_at: Option<Timestamp>,
    /// When PayPal bills next; absent once it is cancelled.
    pub next_billing_at: Option<Timestamp>,
    /// The last payment.
    pub last_payment: Option<Amount>,
    /// When that was.
    pub last_payment_at: Option<Timestamp>,
    /// When a payment last failed, be it a try that is followed by another.
    pub last_failure_at: Option<Timestamp>,
    /// Failed payments in a row, each counted when its last try has failed.
    pub failed_payments: u32,
    /// What is not paid.
    pub outstanding: Option<Amount>,
    /// The version of the price that its regular period runs on.
    pub scheme_version: Option<i64>,
    /// The payer's address at PayPal.
    pub payer_email: Option<String>,
}

/// One payment of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The sale's id.
    pub id: String,
    /// Its state.
    pub state: SaleState,
    /// What was charged.
    pub gross: Option<Amount>,
    /// When it was made, which stays when it completes later.
    pub at: Option<Timestamp>,
}

impl PayPal {
    /// Makes a subscription that waits for the payer; may be repeated with the same `request_id`.
    ///
    /// # Errors
    /// [`CallError`]; 422 when the plan is not on sale.
    pub async fn create_subscription(&self, new: &NewSubscription) -> Result<Opened, CallError> {
        let call = Call::post(&["v1", "billing", "subscriptions"], &new.body()).idempotent(&new.request_id);
        let answer = self.call(call).await?;
        let opened = SubscriptionInfo::read(Node(&answer.json()?)).ok_or_else(|| answer.unreadable("no subscription in the answer"))?;
        Ok(Opened { status: opened.state.text().to_owned(), id: opened.id, approval_url: opened.approval_url })
    }

    /// Reads a subscription.
    ///
    /// # Errors
    /// [`CallError`]; PayPal may forget one that was never approved.
    pub async fn subscription(&self, id: &str) -> Result<SubscriptionInfo, CallError> {
        let answer = self.call(Call::get(&["v1", "billing", "subscriptions", id])).await?;
        SubscriptionInfo::read(Node(&answer.json()?)).ok_or_else(|| answer.unreadable("no subscription in the answer"))
    }

    /// Cancels a running or held subscription for good.
    ///
    /// # Errors
    /// [`CallError`]; see [`super::status_invalid`] for one that still waits for the payer or has ended.
    pub async fn cancel_subscription(&self, id: &str, reason: &str) -> Result<(), CallError> {
        self.step(id, "cancel", reason).await
    }

    /// Holds a running subscription.
    ///
    /// # Errors
    /// [`CallError`]; see [`super::status_invalid`].
    pub async fn suspend_subscription(&self, id: &str, reason: &str) -> Result<(), CallError> {
        self.step(id, "suspend", reason).await
    }

    /// Lets a held subscription run again, or starts an approved one.
    ///
    /// # Errors
    /// [`CallError`]; see [`super::status_invalid`].
    pub async fn activate_subscription(&self, id: &str, reason: &str) -> Result<(), CallError> {
        self.step(id, "activate", reason).await
    }

    /// The payments made from `from` to `until`, both to the second.
    ///
    /// # Errors
    /// [`CallError`]; also when one of them could not be read, for what is missing would be missed.
    pub async fn transactions(&self, id: &str, from: Timestamp, until: Timestamp) -> Result<Vec<Transaction>, CallError> {
        let (from, until) = (whole_seconds(from), whole_seconds(until));
        let path = ["v1", "billing", "subscriptions", id, "transactions"];
        let query = [("start_time", from.as_str()), ("end_time", until.as_str())];
        let answer = self.call(Call { query: &query, ..Call::get(&path) }).await?;
        transactions(Node(&answer.json()?)).ok_or_else(|| answer.unreadable("no transactions in the answer"))
    }

    async fn step(&self, id: &str, step: &str, reason: &str) -> Result<(), CallError> {
        let reason: String = reason.chars().take(LONGEST_REASON).collect();
        let path = ["v1", "billing", "subscriptions", id, step];
        self.call(Call::post(&path, &json!({"reason": reason}))).await.map(drop)
    }
}

fn whole_seconds(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).unwrap_or(time).to_string()
}

impl NewSubscription {
    fn body(&self) -> Value {
        json!({
            "plan_id": self.plan_id,
            "custom_id": self.custom_id,
            "application_context": {
                "brand_name": BRAND,
                "shipping_preference": "NO_SHIPPING",
                "user_action": "SUBSCRIBE_NOW",
                "payment_method": {"payer_selected": "PAYPAL", "payee_preferred": "IMMEDIATE_PAYMENT_REQUIRED"},
                "return_url": self.return_url,
                "cancel_url": self.cancel_url,
            },
        })
    }
}

impl SubscriptionInfo {
    /// Whether the newest try to take a payment failed.
    pub fn is_failing(&self) -> bool {
        self.last_failure_at.is_some_and(|failed| self.last_payment_at.is_none_or(|paid| paid < failed))
    }

    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        let billing = node.at("billing_info");
        let cycles = billing.at("cycle_executions").list();
        let regular = cycles.iter().find(|cycle| cycle.at("tenure_type").text().as_deref() == Some("REGULAR"));
        Some(Self {
            id: node.at("id").text()?,
            state: SubscriptionState::read(&node.at("status").text()?),
            plan_id: node.at("plan_id").text(),
            custom_id: node.at("custom_id").text(),
            approval_url: link(node, "approve"),
            created_at: node.at("create_time").instant(),
            starts_at: node.at("start_time").instant(),
            status_changed_at: node.at("status_update_time").instant(),
            next_billing_at: billing.at("next_billing_time").instant(),
            last_payment: Amount::read(billing.at("last_payment").at("amount")),
            last_payment_at: billing.at("last_payment").at("time").instant(),
            last_failure_at: billing.at("last_failed_payment").at("time").instant(),
            failed_payments: billing.at("failed_payments_count").integer().and_then(|count| count.try_into().ok()).unwrap_or(0),
            outstanding: Amount::read(billing.at("outstanding_balance")),
            scheme_version: regular.and_then(|cycle| cycle.at("current_pricing_scheme_version").integer()),
            payer_email: node.at("subscriber").at("email_address").text(),
        })
    }
}

/// The address of a link, by its relation: their order differs between answers.
pub(super) fn link(node: Node<'_>, relation: &str) -> Option<String> {
    let links = node.at("links").list();
    links.iter().find(|link| link.at("rel").text().as_deref() == Some(relation))?.at("href").text()
}

/// A subscription that was never charged has no list at all.
fn transactions(node: Node<'_>) -> Option<Vec<Transaction>> {
    let pages = node.at("total_pages").integer().unwrap_or(1);
    if pages > 1 {
        tracing::warn!(pages, "PayPal holds back transactions: it documents no way to ask for the second page");
    }
    let rows = node.at("transactions").list();
    node.is_object().then(|| rows.iter().map(|row| transaction(*row)).collect()).flatten()
}

fn transaction(node: Node<'_>) -> Option<Transaction> {
    Some(Transaction {
        id: node.at("id").text()?,
        state: sale_state(&node.at("status").text()?),
        gross: Amount::read(node.at("amount_with_breakdown").at("gross_amount")),
        at: node.at("time").instant(),
    })
}
