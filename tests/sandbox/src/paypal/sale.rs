//! Payments that were taken, and what was given back: kept once, shown in three ways — as the older `sale`, as the newer `capture`,
//! and as a line of a subscription's transactions. A held sale is `completed` to the first and pending to the others.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::event::{self, About, Kind};
use super::money::{Money, Wire};
use super::request::Link;
use super::subscription::Subscription;
use super::times;
use super::world::{Desk, World};

const SOFT_DESCRIPTOR: &str = "PAYPAL *TEST STORE";

/// Where a sale stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SaleState {
    Completed,
    PartiallyRefunded,
    Refunded,
    Denied,
}

/// Whether the vendor holds the money back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Hold {
    Held,
    Released,
}

/// A payment for a subscription.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Sale {
    pub(super) id: String,
    pub(super) subscription_id: String,
    pub(super) amount: Money,
    pub(super) state: SaleState,
    pub(super) hold: Option<Hold>,
    pub(super) custom: Option<String>,
    pub(super) create_time: Timestamp,
    pub(super) update_time: Timestamp,
    pub(super) refunded: i64,
    pub(super) serial: u64,
}

/// Money given back, by the merchant or by force.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) sale_id: String,
    pub(super) amount: Money,
    pub(super) total_refunded: Money,
    /// The whole sale in one piece.
    pub(super) whole: bool,
    pub(super) reversal: bool,
    pub(super) create_time: Timestamp,
    pub(super) custom: Option<String>,
    pub(super) invoice: Option<String>,
}

#[derive(Serialize)]
struct Details {
    subtotal: String,
}

/// A sum as the older services write it.
#[derive(Serialize)]
pub(super) struct Total {
    total: String,
    currency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details>,
}

#[derive(Serialize)]
struct OldMoney {
    currency: String,
    value: String,
}

/// A sale as the older services and the webhooks show it.
#[derive(Serialize)]
pub(super) struct SaleView<'a> {
    billing_agreement_id: &'a str,
    amount: Total,
    payment_mode: &'static str,
    update_time: String,
    create_time: String,
    protection_eligibility_type: &'static str,
    transaction_fee: OldMoney,
    protection_eligibility: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom: Option<&'a str>,
    links: Vec<Link>,
    id: &'a str,
    state: SaleState,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_hold_status: Option<Hold>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_hold_reasons: Option<[&'static str; 1]>,
    invoice_number: &'static str,
    soft_descriptor: &'static str,
}

/// Writes a sale.
pub(super) fn view<'a>(sale: &'a Sale, site: &str) -> SaleView<'a> {
    let href = format!("{site}/v1/payments/sale/{}", sale.id);
    let fee = sale.amount.fee();
    SaleView {
        billing_agreement_id: &sale.subscription_id,
        amount: Total { details: Some(Details { subtotal: sale.amount.plain() }), ..total(&sale.amount) },
        payment_mode: "INSTANT_TRANSFER",
        update_time: times::stamp(sale.update_time),
        create_time: times::stamp(sale.create_time),
        protection_eligibility_type: "ITEM_NOT_RECEIVED_ELIGIBLE,UNAUTHORIZED_PAYMENT_ELIGIBLE",
        transaction_fee: OldMoney { currency: fee.currency.clone(), value: fee.plain() },
        protection_eligibility: "ELIGIBLE",
        custom: sale.custom.as_deref(),
        links: vec![Link::new(href.clone(), "self", "GET"), Link::new(format!("{href}/refund"), "refund", "POST")],
        id: &sale.id,
        state: sale.state,
        payment_hold_status: sale.hold,
        payment_hold_reasons: sale.hold.filter(|hold| *hold == Hold::Held).map(|_| ["PAYMENT_HOLD"]),
        invoice_number: "",
        soft_descriptor: SOFT_DESCRIPTOR,
    }
}

/// A sum as the older services write it, without its parts.
pub(super) fn total(money: &Money) -> Total {
    Total { total: money.plain(), currency: money.currency.clone(), details: None }
}

/// Takes a payment: the sale, its event, the memory of it at its subscription.
pub(super) fn take(desk: &mut Desk<'_>, subscription_id: &str, amount: Money, held: bool) -> String {
    let custom = desk.world.subscriptions.get(subscription_id).and_then(|subscription| subscription.custom_id.clone());
    let sale = Sale {
        id: desk.ids.seventeen(),
        subscription_id: subscription_id.to_owned(),
        amount,
        state: SaleState::Completed,
        hold: held.then_some(Hold::Held),
        custom,
        create_time: desk.now,
        update_time: desk.now,
        refunded: 0,
        serial: desk.world.next_serial(),
    };
    let id = sale.id.clone();
    desk.world.sales.insert(id.clone(), sale);
    announce(desk, &id, if held { Kind::SalePending } else { Kind::SaleCompleted });
    id
}

/// Writes down a charge that was refused.
pub(super) fn deny(desk: &mut Desk<'_>, subscription_id: &str, amount: Money) -> String {
    let sale = Sale {
        id: desk.ids.seventeen(),
        subscription_id: subscription_id.to_owned(),
        amount,
        state: SaleState::Denied,
        hold: None,
        custom: None,
        create_time: desk.now,
        update_time: desk.now,
        refunded: 0,
        serial: desk.world.next_serial(),
    };
    let id = sale.id.clone();
    desk.world.sales.insert(id.clone(), sale);
    id
}

/// Publishes an event about a sale as it now is.
pub(super) fn announce(desk: &mut Desk<'_>, id: &str, kind: Kind) {
    let Some(sale) = desk.world.sales.get(id).cloned() else {
        return;
    };
    let verb = if kind == Kind::SalePending { "pending" } else { "completed" };
    let summary = format!("Payment {verb} for {} {}", sale.amount.short(), sale.amount.currency);
    let about = About { subscription: Some(&sale.subscription_id), transaction: Some(id), summary: Some(summary) };
    let site = desk.site;
    event::publish(desk, kind, &view(&sale, site), about);
}

#[derive(Serialize)]
struct Breakdown {
    gross_amount: Wire,
    fee_amount: Wire,
    net_amount: Wire,
}

#[derive(Serialize)]
struct StatusDetails {
    reason: &'static str,
}

/// A line of a subscription's transactions.
#[derive(Serialize)]
pub(super) struct Transaction {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_details: Option<StatusDetails>,
    id: String,
    amount_with_breakdown: Breakdown,
    #[serde(skip_serializing_if = "Option::is_none")]
    payer_name: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payer_email: Option<Value>,
    time: String,
}

/// The status in the newer services' words.
pub(super) fn newer_status(sale: &Sale) -> &'static str {
    match (sale.state, sale.hold) {
        (SaleState::Completed, Some(Hold::Held)) => "PENDING",
        (SaleState::Completed, _) => "COMPLETED",
        (SaleState::PartiallyRefunded, _) => "PARTIALLY_REFUNDED",
        (SaleState::Refunded, _) => "REFUNDED",
        (SaleState::Denied, _) => "DECLINED",
    }
}

/// One line.
pub(super) fn transaction(sale: &Sale, subscription: &Subscription) -> Transaction {
    let fee = if sale.state == SaleState::Denied { Money::zero(&sale.amount.currency) } else { sale.amount.fee() };
    let subscriber = subscription.subscriber.as_ref();
    let status = newer_status(sale);
    Transaction {
        status,
        status_details: (status == "PENDING").then_some(StatusDetails { reason: "PENDING_REVIEW" }),
        id: sale.id.clone(),
        amount_with_breakdown: Breakdown {
            gross_amount: sale.amount.wire(),
            fee_amount: fee.wire(),
            net_amount: sale.amount.plus(-fee.minor).wire(),
        },
        payer_name: subscriber.and_then(|subscriber| subscriber.get("name")).cloned(),
        payer_email: subscriber.and_then(|subscriber| subscriber.get("email_address")).cloned(),
        time: times::stamp(sale.create_time),
    }
}

/// The lines between two moments, the newest first.
pub(super) fn transactions(world: &World, subscription: &Subscription, from: Timestamp, until: Timestamp) -> Vec<Transaction> {
    let here = |sale: &&Sale| sale.subscription_id == subscription.id && (from..=until).contains(&sale.create_time);
    let mut sales: Vec<&Sale> = world.sales.values().filter(here).collect();
    sales.sort_by_key(|sale| std::cmp::Reverse(sale.serial));
    sales.into_iter().map(|sale| transaction(sale, subscription)).collect()
}
