//! Events: what happened, as the exact bytes that every delivery of it carries, and a record of those deliveries.
//!
//! The body is written once, when the event happens, with its members in the vendor's order; resends and retries carry the same bytes
//! under another transmission. What an API call shows of an event differs from those bytes, as at the vendor.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::ids::Ids;
use super::request::Link;
use super::subscription_view::{self, Eye};
use super::times;
use super::world::Desk;

/// What may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    ProductCreated,
    ProductUpdated,
    PlanCreated,
    PlanUpdated,
    PlanActivated,
    PlanDeactivated,
    PlanPriceChanged,
    SubscriptionCreated,
    SubscriptionActivated,
    SubscriptionUpdated,
    SubscriptionExpired,
    SubscriptionCancelled,
    SubscriptionSuspended,
    PaymentFailed,
    SaleCompleted,
    SalePending,
    SaleRefunded,
    SaleReversed,
}

/// How an event is written: type, resource type, resource version, summary.
pub(super) struct Form {
    pub(super) event_type: &'static str,
    pub(super) resource_type: &'static str,
    pub(super) resource_version: Option<&'static str>,
    pub(super) summary: &'static str,
}

impl Kind {
    /// How it is written.
    pub(super) fn form(self) -> Form {
        let (event_type, resource_type, summary) = self.words();
        let older = event_type.starts_with("PAYMENT.SALE");
        Form { event_type, resource_type, resource_version: (!older).then_some("2.0"), summary }
    }

    fn words(self) -> (&'static str, &'static str, &'static str) {
        let product = |event_type, summary| (event_type, "product", summary);
        let plan = |event_type, summary| (event_type, "plan", summary);
        let subscription = |event_type, summary| (event_type, "subscription", summary);
        match self {
            Self::ProductCreated => product("CATALOG.PRODUCT.CREATED", "Product created"),
            Self::ProductUpdated => product("CATALOG.PRODUCT.UPDATED", "Product updated"),
            Self::PlanCreated => plan("BILLING.PLAN.CREATED", "Billing plan created"),
            Self::PlanUpdated => plan("BILLING.PLAN.UPDATED", "Billing plan updated"),
            Self::PlanActivated => plan("BILLING.PLAN.ACTIVATED", "Billing plan activated"),
            Self::PlanDeactivated => plan("BILLING.PLAN.DEACTIVATED", "Billing plan deactivated"),
            Self::PlanPriceChanged => plan("BILLING.PLAN.PRICING-CHANGE.ACTIVATED", "Price changed"),
            Self::SubscriptionCreated => subscription("BILLING.SUBSCRIPTION.CREATED", "Subscription created"),
            Self::SubscriptionActivated => subscription("BILLING.SUBSCRIPTION.ACTIVATED", "Subscription activated"),
            Self::SubscriptionUpdated => subscription("BILLING.SUBSCRIPTION.UPDATED", "Subscription updated"),
            Self::SubscriptionExpired => subscription("BILLING.SUBSCRIPTION.EXPIRED", "Subscription expired"),
            Self::SubscriptionCancelled => subscription("BILLING.SUBSCRIPTION.CANCELLED", "Subscription cancelled"),
            Self::SubscriptionSuspended => subscription("BILLING.SUBSCRIPTION.SUSPENDED", "Subscription suspended"),
            Self::PaymentFailed => subscription("BILLING.SUBSCRIPTION.PAYMENT.FAILED", "Payment failed"),
            Self::SaleCompleted => ("PAYMENT.SALE.COMPLETED", "sale", "Payment completed"),
            Self::SalePending => ("PAYMENT.SALE.PENDING", "sale", "Payment pending"),
            Self::SaleRefunded => ("PAYMENT.SALE.REFUNDED", "refund", "Payment refunded"),
            Self::SaleReversed => ("PAYMENT.SALE.REVERSED", "sale", "Payment reversed"),
        }
    }
}

/// How a delivery of an event to one listener stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Transmission {
    pub(super) webhook_id: String,
    pub(super) webhook_url: String,
    pub(super) transmission_id: String,
    pub(super) timestamp: Timestamp,
    pub(super) status: TransmissionStatus,
    pub(super) http_status: Option<u16>,
    pub(super) attempts: u32,
}

/// Its end, or none yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum TransmissionStatus {
    Pending,
    Success,
    Failure,
}

/// An event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) create_time: Timestamp,
    pub(super) event_type: String,
    /// The bytes of every delivery.
    pub(super) body: String,
    pub(super) subscription: Option<String>,
    pub(super) transaction: Option<String>,
    pub(super) transmissions: Vec<Transmission>,
}

/// What an event is about, for those who look for it later, and its summary where the usual one does not do.
#[derive(Default)]
pub(super) struct About<'a> {
    pub(super) subscription: Option<&'a str>,
    pub(super) transaction: Option<&'a str>,
    pub(super) summary: Option<String>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    id: &'a str,
    event_version: &'static str,
    create_time: String,
    resource_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_version: Option<&'a str>,
    event_type: &'a str,
    summary: &'a str,
    resource: &'a RawValue,
    links: Vec<Link>,
}

/// Writes an event and puts it down to be sent.
pub(super) fn publish<R: Serialize>(desk: &mut Desk<'_>, kind: Kind, resource: &R, about: About<'_>) {
    match write(&kind.form(), resource, about, desk.now, desk.site, desk.ids) {
        Ok(event) => desk.publish(event),
        Err(cause) => tracing::error!(%cause, ?kind, "an event could not be written"),
    }
}

/// Writes an event.
pub(super) fn write<R: Serialize>(
    form: &Form,
    resource: &R,
    about: About<'_>,
    now: Timestamp,
    site: &str,
    ids: &Ids,
) -> Result<Event, serde_json::Error> {
    let id = ids.event();
    let resource = to_raw_value(resource)?;
    let create_time = if form.resource_version.is_some() { times::stamp_millis(now) } else { times::stamp(now) };
    let mut links = links(site, &id);
    if let Some(subscription) = about.subscription.filter(|_| form.event_type.ends_with("PAYMENT.FAILED")) {
        links.push(Link::new(format!("{site}/v1/billing/subscriptions/{subscription}"), "subscription", "GET"));
    }
    let envelope = Envelope {
        id: &id,
        event_version: "1.0",
        create_time,
        resource_type: form.resource_type,
        resource_version: form.resource_version,
        event_type: form.event_type,
        summary: about.summary.as_deref().unwrap_or(form.summary),
        resource: &resource,
        links,
    };
    let body = serde_json::to_string(&envelope)?;
    Ok(Event {
        id,
        create_time: now,
        event_type: form.event_type.to_owned(),
        body,
        subscription: about.subscription.map(str::to_owned),
        transaction: about.transaction.map(str::to_owned),
        transmissions: Vec::new(),
    })
}

/// Writes an event about a subscription as it now is.
pub(super) fn publish_subscription(desk: &mut Desk<'_>, id: &str, kind: Kind) {
    let Some(subscription) = desk.world.subscriptions.get(id) else {
        return;
    };
    let view = subscription_view::whole(desk.world, subscription, desk.site, Eye::Webhook);
    let about = About { subscription: Some(id), ..About::default() };
    match write(&kind.form(), &view, about, desk.now, desk.site, desk.ids) {
        Ok(event) => desk.publish(event),
        Err(cause) => tracing::error!(%cause, ?kind, "an event could not be written"),
    }
}

/// The links of every event.
pub(super) fn links(site: &str, id: &str) -> Vec<Link> {
    let href = format!("{site}/v1/notifications/webhooks-events/{id}");
    vec![Link::new(href.clone(), "self", "GET"), Link::new(format!("{href}/resend"), "resend", "POST")]
}
