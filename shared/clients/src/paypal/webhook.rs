//! What a PayPal webhook says. Read it only after its signature was checked, and believe only its ids:
//! what they stand for is read again at PayPal.
//!
//! Invariants: the shape follows `event_type`; an event that we do not know is kept by its name; the
//! times of PayPal's samples are not always times, so they stay text.

use serde_json::Value;

use super::sale::refunded_sale;
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

/// What an event is about, by its ids alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// A subscription changed.
    Subscription {
        /// PayPal's id (`I-…`).
        id: String,
        /// Our id, where it was passed on.
        custom_id: Option<String>,
    },
    /// A sale was made, waits, or failed.
    Sale {
        /// PayPal's id.
        id: String,
        /// PayPal's id of the subscription; `None` for a sale of none.
        agreement: Option<String>,
    },
    /// A sale was refunded, or the payer's bank took it back.
    Refund {
        /// PayPal's id of the refund or reversal.
        id: String,
        /// The sale; a reversal may not say.
        sale_id: Option<String>,
    },
    /// Anything else.
    Other,
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
    let Some(id) = node.at("id").text() else { return Resource::Other };
    match event_type {
        "PAYMENT.SALE.COMPLETED" | "PAYMENT.SALE.PENDING" | "PAYMENT.SALE.DENIED" => {
            Resource::Sale { id, agreement: node.at("billing_agreement_id").text() }
        }
        "PAYMENT.SALE.REFUNDED" | "PAYMENT.SALE.REVERSED" => Resource::Refund { id, sale_id: refunded_sale(node) },
        other if other.starts_with("BILLING.SUBSCRIPTION.") => Resource::Subscription { id, custom_id: node.at("custom_id").text() },
        _ => Resource::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource_of(event_type: &str, resource: &str) -> Resource {
        let body = format!(r#"{{"id":"WH-1","event_type":"{event_type}","create_time":"2018-19-12T22:20:32.000Z","resource":{resource}}}"#);
        parse(body.as_bytes()).unwrap().resource
    }

    #[test]
    fn a_sale_names_its_subscription_if_it_has_one() {
        let sale = |agreement: Option<&str>| Resource::Sale { id: "5XP".to_owned(), agreement: agreement.map(str::to_owned) };
        assert_eq!(resource_of("PAYMENT.SALE.COMPLETED", r#"{"id":"5XP","billing_agreement_id":"I-AB"}"#), sale(Some("I-AB")));
        assert_eq!(resource_of("PAYMENT.SALE.PENDING", r#"{"id":"5XP"}"#), sale(None));
    }

    #[test]
    fn a_refund_finds_its_sale_by_field_or_by_link() {
        let links = r#"{"id":"R1","links":[{"rel":"self","href":"https://x/v1/payments/refund/R1"},{"rel":"sale","href":"https://x/v1/payments/sale/5XP"}]}"#;
        for text in [links, r#"{"id":"R1","sale_id":"5XP"}"#] {
            let expected = Resource::Refund { id: "R1".to_owned(), sale_id: Some("5XP".to_owned()) };
            assert_eq!(resource_of("PAYMENT.SALE.REFUNDED", text), expected);
        }
        assert_eq!(resource_of("PAYMENT.SALE.REVERSED", r#"{"id":"R1"}"#), Resource::Refund { id: "R1".to_owned(), sale_id: None });
    }

    #[test]
    fn a_subscription_is_named_by_both_of_its_ids() {
        for event in ["CREATED", "ACTIVATED", "RE-ACTIVATED", "PAYMENT.FAILED"] {
            let expected = Resource::Subscription { id: "I-AB".to_owned(), custom_id: Some("sub_1".to_owned()) };
            assert_eq!(resource_of(&format!("BILLING.SUBSCRIPTION.{event}"), r#"{"id":"I-AB","custom_id":"sub_1"}"#), expected);
        }
    }

    #[test]
    fn what_we_do_not_know_is_kept_by_its_name() {
        assert_eq!(resource_of("CATALOG.PRODUCT.CREATED", r#"{"id":"PROD-1"}"#), Resource::Other);
        assert_eq!(resource_of("PAYMENT.SALE.COMPLETED", "[]"), Resource::Other);
        assert_eq!(parse(b"{}"), Err(EventError::NoEvent));
        assert_eq!(parse(b"x"), Err(EventError::NotAnObject));
    }
}
