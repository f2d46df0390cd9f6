//! Sales and refunds, as read again at PayPal or as a webhook tells them.
//!
//! Invariant: a sale whose money is held counts as pending, whatever its state says.

use domain::payment::SaleState;
use jiff::Timestamp;

use super::amount::Amount;
use super::client::{Call, Credentials, PayPal};
use super::subscription::link;
use crate::json::Node;
use crate::outcome::CallError;

/// One payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// PayPal's id.
    pub id: String,
    /// Its state.
    pub state: SaleState,
    /// What was charged.
    pub amount: Option<Amount>,
    /// PayPal's id of the subscription (`I-…`); `None` for a sale that belongs to none.
    pub subscription_id: Option<String>,
    /// Our id of the subscription, where PayPal passes it on.
    pub custom: Option<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

/// Money that went back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// PayPal's id of the refund, or of the reversal.
    pub id: String,
    /// The sale that it takes back; a reversal may not say.
    pub sale_id: Option<String>,
    /// PayPal's word for its state.
    pub state: Option<String>,
    /// What went back, without a sign.
    pub amount: Option<Amount>,
    /// Our id of the subscription, where PayPal passes it on.
    pub custom: Option<String>,
    /// When.
    pub created_at: Option<Timestamp>,
}

impl PayPal {
    /// Reads a sale.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn get_sale(&self, credentials: &Credentials, id: &str) -> Result<Sale, CallError> {
        let answer = self.call(credentials, Call::get(&["v1", "payments", "sale", id])).await?;
        Sale::read(Node(&answer.json()?)).ok_or_else(|| answer.unreadable("no sale in the answer"))
    }

    /// Reads a refund.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn get_refund(&self, credentials: &Credentials, id: &str) -> Result<Refund, CallError> {
        let answer = self.call(credentials, Call::get(&["v1", "payments", "refund", id])).await?;
        Refund::read(Node(&answer.json()?)).ok_or_else(|| answer.unreadable("no refund in the answer"))
    }
}

impl Sale {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        let held = node.at("payment_hold_status").text().is_some_and(|status| status.eq_ignore_ascii_case("HELD"));
        let state = sale_state(&node.any(&["state", "status"]).text()?);
        Some(Self {
            id: node.at("id").text()?,
            state: if held && state == SaleState::Completed { SaleState::Pending } else { state },
            amount: Amount::read(node.at("amount")),
            subscription_id: node.at("billing_agreement_id").text(),
            custom: node.any(&["custom", "custom_id"]).text(),
            created_at: node.at("create_time").instant(),
            updated_at: node.at("update_time").instant(),
        })
    }
}

impl Refund {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        let linked = || link(node, "sale").and_then(|url| last_segment(&url));
        Some(Self {
            id: node.at("id").text()?,
            sale_id: node.at("sale_id").text().or_else(linked),
            state: node.any(&["state", "status"]).text(),
            amount: Amount::read(node.at("amount")).map(Amount::unsigned),
            custom: node.any(&["custom", "custom_id"]).text(),
            created_at: node.at("create_time").instant(),
        })
    }
}

fn last_segment(url: &str) -> Option<String> {
    let last = url.split('?').next()?.rsplit('/').next()?;
    (!last.is_empty()).then(|| last.to_owned())
}

fn sale_state(word: &str) -> SaleState {
    match word.to_ascii_lowercase().as_str() {
        "completed" => SaleState::Completed,
        "pending" => SaleState::Pending,
        "denied" | "declined" | "failed" | "voided" => SaleState::Denied,
        "partially_refunded" => SaleState::PartiallyRefunded,
        "refunded" => SaleState::Refunded,
        "reversed" => SaleState::Reversed,
        _ => SaleState::Unknown(word.to_owned()),
    }
}

/// The state of a transaction, whose words are those of a sale in capitals.
pub(super) fn transaction_state(word: &str) -> SaleState {
    sale_state(word)
}
