//! Sales and refunds, as read again at PayPal.
//!
//! Invariant: a sale whose money is held counts as pending, whatever its state says.

use domain::payment::{Sale, SaleState};

use super::amount::Amount;
use super::client::{Call, PayPal};
use super::subscription::link;
use crate::json::Node;
use crate::outcome::CallError;

/// One payment, as read at PayPal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleInfo {
    /// The sale.
    pub sale: Sale,
    /// PayPal's id of the subscription (`I-…`); `None` for a sale that belongs to none.
    pub agreement: Option<String>,
    /// Our id of the subscription, where PayPal passes it on.
    pub custom: Option<String>,
}

/// Money that went back, as read at PayPal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundInfo {
    /// PayPal's id of the refund, or of the reversal.
    pub id: String,
    /// The sale that it takes back; a reversal may not say.
    pub sale_id: Option<String>,
    /// PayPal's word for its state.
    pub state: Option<String>,
    /// What went back, without a sign.
    pub amount: Option<Amount>,
}

impl PayPal {
    /// Reads a sale.
    ///
    /// # Errors
    /// [`CallError`]; also for an amount or a time that we cannot read.
    pub async fn sale(&self, id: &str) -> Result<SaleInfo, CallError> {
        let answer = self.call(Call::get(&["v1", "payments", "sale", id])).await?;
        SaleInfo::read(Node(&answer.json()?)).ok_or_else(|| answer.unreadable("no sale that can be read in the answer"))
    }

    /// Reads a refund.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn refund(&self, id: &str) -> Result<RefundInfo, CallError> {
        let answer = self.call(Call::get(&["v1", "payments", "refund", id])).await?;
        RefundInfo::read(Node(&answer.json()?)).ok_or_else(|| answer.unreadable("no refund in the answer"))
    }

    /// The sale that a refund takes back, where PayPal says so.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn refund_sale(&self, id: &str) -> Result<Option<String>, CallError> {
        self.refund(id).await.map(|refund| refund.sale_id)
    }
}

impl SaleInfo {
    fn read(node: Node<'_>) -> Option<Self> {
        let held = node.at("payment_hold_status").text().is_some_and(|status| status.eq_ignore_ascii_case("HELD"));
        let state = sale_state(&node.any(&["state", "status"]).text()?);
        let sale = Sale {
            id: node.at("id").text()?,
            state: if held && state == SaleState::Completed { SaleState::Pending } else { state },
            amount: Amount::read(node.at("amount"))?.money()?,
            made_at: node.any(&["create_time", "update_time"]).instant()?,
        };
        Some(Self { sale, agreement: node.at("billing_agreement_id").text(), custom: node.any(&["custom", "custom_id"]).text() })
    }
}

impl RefundInfo {
    fn read(node: Node<'_>) -> Option<Self> {
        Some(Self {
            id: node.at("id").text()?,
            sale_id: refunded_sale(node),
            state: node.any(&["state", "status"]).text(),
            amount: Amount::read(node.at("amount")).map(Amount::unsigned),
        })
    }
}

/// The sale that a refund names, in its field or in its links.
pub(super) fn refunded_sale(node: Node<'_>) -> Option<String> {
    let linked = || link(node, "sale").and_then(|url| last_segment(&url));
    node.at("sale_id").text().or_else(linked)
}

fn last_segment(url: &str) -> Option<String> {
    let last = url.split('?').next()?.rsplit('/').next()?;
    (!last.is_empty()).then(|| last.to_owned())
}

/// PayPal's word for a state: a sale's in small letters, a transaction's in capitals.
pub(super) fn sale_state(word: &str) -> SaleState {
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Currency, Money};
    use serde_json::json;

    fn sale(hold: Option<&str>, currency: &str) -> Option<SaleInfo> {
        let body = json!({
            "id": "5XP", "state": "completed", "amount": {"total": "10.0", "currency": currency}, "payment_hold_status": hold,
            "billing_agreement_id": "I-AB", "custom": "sub_1", "create_time": "2026-11-21T10:00:00Z",
        });
        SaleInfo::read(Node(&body))
    }

    #[test]
    fn a_sale_is_read_with_its_subscription() {
        let read = sale(None, "USD").unwrap();
        assert_eq!(read.sale.amount, Money::new(1_000, Currency::Usd));
        assert_eq!((read.agreement.as_deref(), read.custom.as_deref()), (Some("I-AB"), Some("sub_1")));
        assert_eq!(sale(None, "XAU"), None, "money that we cannot count is not guessed");
    }

    #[test]
    fn held_money_is_not_there_yet() {
        assert_eq!(sale(Some("HELD"), "USD").unwrap().sale.state, SaleState::Pending);
        assert_eq!(sale(Some("RELEASED"), "USD").unwrap().sale.state, SaleState::Completed);
    }
}
