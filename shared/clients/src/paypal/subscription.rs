//! Subscriptions and their transactions. What the payer's browser brings back is worth nothing: the
//! subscription is read again.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::amount::Amount;
use super::client::{Call, Credentials, PayPal};
use super::sale::transaction_state;
use crate::json::Node;
use crate::outcome::CallError;
use domain::payment::SaleState;

/// PayPal's longest reason, in characters.
const LONGEST_REASON: usize = 128;

/// What a checkout begins with.
#[derive(Debug, Clone, Copy)]
pub struct NewSubscription<'a> {
    /// PayPal's id of the plan.
    pub plan_id: &'a str,
    /// Our id of the subscription.
    pub custom_id: &'a str,
    /// The name that the payer sees.
    pub brand_name: &'a str,
    /// Where the payer comes back to.
    pub return_url: &'a str,
    /// Where the payer comes back to when not willing.
    pub cancel_url: &'a str,
}

/// PayPal's word for where a subscription stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubscriptionStatus {
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

impl SubscriptionStatus {
    /// PayPal's word.
    pub fn word(&self) -> &str {
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
pub struct Subscription {
    /// PayPal's id (`I-…`).
    pub id: String,
    /// Where it stands.
    pub status: SubscriptionStatus,
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
    /// Failed payments in a row.
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

/// The payments of a span of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transactions {
    /// Those that could be read.
    pub items: Vec<Transaction>,
    /// Rows that could not be read.
    pub unreadable: usize,
    /// How many pages PayPal says there are; it documents no way to ask for the second.
    pub pages: Option<i64>,
}

impl PayPal {
    /// Makes a subscription that waits for the payer; may be repeated with the same `request_id`.
    ///
    /// # Errors
    /// [`CallError`]; 422 when the plan is not on sale.
    pub async fn create_subscription(
        &self,
        credentials: &Credentials,
        request_id: &str,
        new: NewSubscription<'_>,
    ) -> Result<Subscription, CallError> {
        let call = Call::post(&["v1", "billing", "subscriptions"], &new.body()).idempotent(request_id);
        let answer = self.call(credentials, call).await?;
        Subscription::read(Node(&answer.json()?)).ok_or_else(|| answer.unreadable("no subscription in the answer"))
    }

    /// Reads a subscription.
    ///
    /// # Errors
    /// [`CallError`]; PayPal may forget one that was never approved.
    pub async fn get_subscription(&self, credentials: &Credentials, id: &str) -> Result<Subscription, CallError> {
        let answer = self.call(credentials, Call::get(&["v1", "billing", "subscriptions", id])).await?;
        Subscription::read(Node(&answer.json()?)).ok_or_else(|| answer.unreadable("no subscription in the answer"))
    }

    /// Cancels a running or held subscription for good.
    ///
    /// # Errors
    /// [`CallError`]; see [`super::status_invalid`] for one that still waits for the payer or has ended.
    pub async fn cancel_subscription(&self, credentials: &Credentials, id: &str, reason: &str) -> Result<(), CallError> {
        self.step(credentials, id, "cancel", reason).await
    }

    /// Holds a running subscription.
    ///
    /// # Errors
    /// [`CallError`]; see [`super::status_invalid`].
    pub async fn suspend_subscription(&self, credentials: &Credentials, id: &str, reason: &str) -> Result<(), CallError> {
        self.step(credentials, id, "suspend", reason).await
    }

    /// Lets a held subscription run again, or starts an approved one.
    ///
    /// # Errors
    /// [`CallError`]; see [`super::status_invalid`].
    pub async fn activate_subscription(&self, credentials: &Credentials, id: &str, reason: &str) -> Result<(), CallError> {
        self.step(credentials, id, "activate", reason).await
    }

    /// The payments made from `from` to `until`.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn transactions(
        &self,
        credentials: &Credentials,
        id: &str,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Transactions, CallError> {
        let (from, until) = (whole_seconds(from), whole_seconds(until));
        let path = ["v1", "billing", "subscriptions", id, "transactions"];
        let query = [("start_time", from.as_str()), ("end_time", until.as_str())];
        let answer = self.call(credentials, Call { query: &query, ..Call::get(&path) }).await?;
        Transactions::read(Node(&answer.json()?)).ok_or_else(|| answer.unreadable("no transactions in the answer"))
    }

    async fn step(&self, credentials: &Credentials, id: &str, step: &str, reason: &str) -> Result<(), CallError> {
        let reason: String = reason.chars().take(LONGEST_REASON).collect();
        let path = ["v1", "billing", "subscriptions", id, step];
        self.call(credentials, Call::post(&path, &json!({"reason": reason}))).await.map(drop)
    }
}

fn whole_seconds(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).unwrap_or(time).to_string()
}

impl NewSubscription<'_> {
    fn body(&self) -> Value {
        json!({
            "plan_id": self.plan_id,
            "custom_id": self.custom_id,
            "application_context": {
                "brand_name": self.brand_name,
                "shipping_preference": "NO_SHIPPING",
                "user_action": "SUBSCRIBE_NOW",
                "payment_method": {"payer_selected": "PAYPAL", "payee_preferred": "IMMEDIATE_PAYMENT_REQUIRED"},
                "return_url": self.return_url,
                "cancel_url": self.cancel_url,
            },
        })
    }
}

impl Subscription {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        let billing = node.at("billing_info");
        let cycles = billing.at("cycle_executions").list();
        let regular = cycles.iter().find(|cycle| cycle.at("tenure_type").text().as_deref() == Some("REGULAR"));
        Some(Self {
            id: node.at("id").text()?,
            status: SubscriptionStatus::read(&node.at("status").text()?),
            plan_id: node.at("plan_id").text(),
            custom_id: node.at("custom_id").text(),
            approval_url: link(node, "approve"),
            created_at: node.at("create_time").instant(),
            starts_at: node.at("start_time").instant(),
            status_changed_at: node.at("status_update_time").instant(),
            next_billing_at: billing.at("next_billing_time").instant(),
            last_payment: Amount::read(billing.at("last_payment").at("amount")),
            last_payment_at: billing.at("last_payment").at("time").instant(),
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

impl Transactions {
    fn read(node: Node<'_>) -> Option<Self> {
        let rows = node.at("transactions").list();
        let items: Vec<_> = rows.iter().filter_map(|row| transaction(*row)).collect();
        node.is_object().then(|| Self { unreadable: rows.len() - items.len(), items, pages: node.at("total_pages").integer() })
    }
}

fn transaction(node: Node<'_>) -> Option<Transaction> {
    Some(Transaction {
        id: node.at("id").text()?,
        state: transaction_state(&node.at("status").text()?),
        gross: Amount::read(node.at("amount_with_breakdown").at("gross_amount")),
        at: node.at("time").instant(),
    })
}
