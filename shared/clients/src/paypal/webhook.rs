//! What a PayPal webhook says. Read it only after its signature was checked, and believe only its ids:
//! what they stand for is read again at PayPal.
//!
//! Invariants: the shape follows `event_type`; an event that we do not know is kept by its name; the
//! times of PayPal's samples are not always times, so they stay text.

use serde_json::Value;

use super::sale::{Refund, Sale};
use super::subscription::Subscription;
use crate::json::Node;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// PayPal's id (`WH-…`), the same in every delivery of it.
    pub id: String,
    /// What happened, such as `PAYMENT.SALE.COMPLETED`.
    pub event_type: String,
    /// PayPal's word for the kind of thing it is about.
    pub resource_type: Option<String>,
    /// The version of that thing's shape; sales have none.
    pub resource_version: Option<String>,
    /// When, as it was written.
    pub create_time: Option<String>,
    /// What it is about.
    pub resource: Resource,
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// A subscription changed.
    Subscription(Box<Subscription>),
    /// A sale was made, waits, or failed.
    Sale(Sale),
    /// A sale was refunded, or the payer's bank took it back.
    Refund(Refund),
    /// Anything else, with its id where it has one.
    Other(Option<String>),
}

/// The body is no event of PayPal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Not JSON, or not an object.
    #[error("not a JSON object")]
    NotAnObject,
    /// Without its id or type.
    #[error("no id or no event type")]
    NoEvent,
}

/// Reads an event.
///
/// # Errors
/// [`EventError`] when it is no JSON object, or has no id or type.
pub fn parse(body: &[u8]) -> Result<Event, EventError> {
    let body: Value = serde_json::from_slice(body).map_err(|_| EventError::NotAnObject)?;
    let node = Node(&body);
    if !node.is_object() {
        return Err(EventError::NotAnObject);
    }
    let id = node.at("id").text().ok_or(EventError::NoEvent)?;
    let event_type = node.at("event_type").text().ok_or(EventError::NoEvent)?;
    let resource_type = node.at("resource_type").text();
    Ok(Event {
        resource: resource(&event_type, node.at("resource")),
        id,
        event_type,
        resource_type,
        resource_version: node.at("resource_version").text(),
        create_time: node.at("create_time").text(),
    })
}

fn resource(event_type: &str, node: Node<'_>) -> Resource {
    let read = match event_type {
        "PAYMENT.SALE.COMPLETED" | "PAYMENT.SALE.PENDING" | "PAYMENT.SALE.DENIED" => Sale::read(node).map(Resource::Sale),
        "PAYMENT.SALE.REFUNDED" | "PAYMENT.SALE.REVERSED" => Refund::read(node).map(Resource::Refund),
        other if other.starts_with("BILLING.SUBSCRIPTION.") => Subscription::read(node).map(|read| Resource::Subscription(Box::new(read))),
        _ => None,
    };
    read.unwrap_or_else(|| Resource::Other(node.at("id").text()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::payment::SaleState;
    use domain::{Currency, Money};

    fn resource_of(event_type: &str, resource: &str) -> Resource {
        let body = format!(r#"{{"id":"WH-1","event_type":"{event_type}","create_time":"2018-19-12T22:20:32.000Z","resource":{resource}}}"#);
        parse(body.as_bytes()).unwrap().resource
    }

    #[test]
    fn a_sale_is_read_with_its_subscription() {
        let text = r#"{"id":"5XP","state":"completed","amount":{"total":"10.0","currency":"USD"},"billing_agreement_id":"I-AB","custom":"sub_1"}"#;
        let Resource::Sale(sale) = resource_of("PAYMENT.SALE.COMPLETED", text) else { panic!("no sale") };
        assert_eq!(sale.amount.and_then(|amount| amount.money()), Some(Money::new(1_000, Currency::Usd)));
        assert_eq!((sale.subscription_id.as_deref(), sale.custom.as_deref()), (Some("I-AB"), Some("sub_1")));
    }

    #[test]
    fn held_money_is_not_there_yet() {
        let state = |hold: &str| {
            let text = format!(r#"{{"id":"5XP","state":"completed","payment_hold_status":"{hold}"}}"#);
            match resource_of("PAYMENT.SALE.PENDING", &text) {
                Resource::Sale(sale) => sale.state,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(state("HELD"), SaleState::Pending);
        assert_eq!(state("RELEASED"), SaleState::Completed);
    }

    #[test]
    fn a_refund_finds_its_sale_by_field_or_by_link() {
        let links = r#"{"id":"R1","amount":{"total":"-0.01","currency":"USD"},"links":[{"rel":"self","href":"https://x/v1/payments/refund/R1"},{"rel":"sale","href":"https://x/v1/payments/sale/5XP"}]}"#;
        for text in [links, r#"{"id":"R1","amount":{"total":"0.01","currency":"USD"},"sale_id":"5XP"}"#] {
            let Resource::Refund(refund) = resource_of("PAYMENT.SALE.REFUNDED", text) else { panic!("no refund") };
            assert_eq!(refund.sale_id.as_deref(), Some("5XP"));
            assert_eq!(refund.amount.and_then(|amount| amount.money()), Some(Money::new(1, Currency::Usd)));
        }
    }

    #[test]
    fn what_we_do_not_know_keeps_its_name_and_id() {
        assert_eq!(resource_of("CATALOG.PRODUCT.CREATED", r#"{"id":"PROD-1"}"#), Resource::Other(Some("PROD-1".to_owned())));
        assert_eq!(resource_of("PAYMENT.SALE.COMPLETED", "[]"), Resource::Other(None));
        assert_eq!(parse(b"{}"), Err(EventError::NoEvent));
        assert_eq!(parse(b"x"), Err(EventError::NotAnObject));
    }
}
