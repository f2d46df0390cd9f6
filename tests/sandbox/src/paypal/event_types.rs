//! The events a listener may ask for: name, description, resource versions. `*` asks for all.

use serde::Serialize;

/// Asks for every event.
pub(super) const EVERY: &str = "*";

const NAMES: [(&str, &str, &str); 30] = [
    ("CATALOG.PRODUCT.CREATED", "A product is created.", "2.0"),
    ("CATALOG.PRODUCT.UPDATED", "A product is updated.", "2.0"),
    ("BILLING.PLAN.CREATED", "A billing plan is created.", "2.0"),
    ("BILLING.PLAN.UPDATED", "A billing plan is updated.", "2.0"),
    ("BILLING.PLAN.ACTIVATED", "A billing plan is activated.", "2.0"),
    ("BILLING.PLAN.DEACTIVATED", "A billing plan is deactivated.", "2.0"),
    ("BILLING.PLAN.PRICING-CHANGE.ACTIVATED", "A price change for the plan is activated.", "2.0"),
    ("BILLING.SUBSCRIPTION.CREATED", "A subscription is created.", "2.0"),
    ("BILLING.SUBSCRIPTION.ACTIVATED", "A subscription is activated.", "2.0"),
    ("BILLING.SUBSCRIPTION.RE-ACTIVATED", "A subscription is re-activated.", "1.0"),
    ("BILLING.SUBSCRIPTION.UPDATED", "A subscription is updated.", "2.0"),
    ("BILLING.SUBSCRIPTION.EXPIRED", "A subscription expires.", "2.0"),
    ("BILLING.SUBSCRIPTION.CANCELLED", "A subscription is cancelled.", "2.0"),
    ("BILLING.SUBSCRIPTION.SUSPENDED", "A subscription is suspended.", "2.0"),
    ("BILLING.SUBSCRIPTION.PAYMENT.FAILED", "Payment failed on a subscription.", "2.0"),
    ("PAYMENT.SALE.COMPLETED", "A sale completes.", "1.0"),
    ("PAYMENT.SALE.DENIED", "The state of a sale changes from pending to denied.", "1.0"),
    ("PAYMENT.SALE.PENDING", "The state of a sale changes to pending.", "1.0"),
    ("PAYMENT.SALE.REFUNDED", "A merchant refunds a sale.", "1.0"),
    ("PAYMENT.SALE.REVERSED", "A sale is reversed.", "1.0"),
    ("PAYMENT.CAPTURE.COMPLETED", "A payment capture completes.", "2.0"),
    ("PAYMENT.CAPTURE.DENIED", "A payment capture is denied.", "1.0"),
    ("PAYMENT.CAPTURE.DECLINED", "A payment capture is declined.", "2.0"),
    ("PAYMENT.CAPTURE.PENDING", "The state of a payment capture changes to pending.", "2.0"),
    ("PAYMENT.CAPTURE.REFUNDED", "A merchant refunds a payment capture.", "2.0"),
    ("PAYMENT.CAPTURE.REVERSED", "A payment capture is reversed.", "2.0"),
    ("CHECKOUT.ORDER.APPROVED", "A buyer approves a checkout order.", "2.0"),
    ("CHECKOUT.ORDER.COMPLETED", "A checkout order is processed.", "2.0"),
    ("CHECKOUT.PAYMENT-APPROVAL.REVERSED", "A payment approval is reversed.", "2.0"),
    ("CUSTOMER.DISPUTE.CREATED", "A dispute is created.", "1.0"),
];

/// An event type as shown.
#[derive(Serialize)]
pub(super) struct EventType {
    name: &'static str,
    description: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    resource_versions: Vec<&'static str>,
}

/// All of them.
pub(super) fn all() -> Vec<EventType> {
    NAMES.iter().map(|entry| shown(entry, None)).collect()
}

/// One of them, or all in one, as a listener's.
pub(super) fn one(name: &str) -> Option<EventType> {
    if name == EVERY {
        return Some(EventType { name: EVERY, description: "ALL", status: Some("ENABLED"), resource_versions: Vec::new() });
    }
    NAMES.iter().find(|(known, _, _)| *known == name).map(|entry| shown(entry, Some("ENABLED")))
}

fn shown(entry: &(&'static str, &'static str, &'static str), status: Option<&'static str>) -> EventType {
    let (name, description, version) = *entry;
    EventType { name, description, status, resource_versions: vec![version] }
}

/// The name as this list has it.
pub(super) fn listed(name: &str) -> Option<&'static str> {
    NAMES.iter().map(|(known, _, _)| *known).find(|known| *known == name)
}
