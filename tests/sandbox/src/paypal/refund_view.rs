//! Refunds as shown: by the older call, by the newer one, and by webhooks, whose sign and members differ.
//! A webhook of a whole refund has a negative total, of a part a positive one; a reversal's does not say of which sale it is.

use serde::Serialize;

use super::money::{Money, Wire};
use super::request::Link;
use super::sale::{self, Refund, Total};
use super::times;

#[derive(Serialize)]
struct OldMoney {
    currency: String,
    value: String,
}

/// A refund as the older services and the webhooks show it.
#[derive(Serialize)]
pub(super) struct RefundView<'a> {
    id: &'a str,
    create_time: String,
    update_time: String,
    state: &'static str,
    amount: Total,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_refunded_amount: Option<OldMoney>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sale_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom: Option<&'a str>,
    invoice_number: &'a str,
    links: Vec<Link>,
}

/// As the older call shows it.
pub(super) fn call<'a>(refund: &'a Refund, site: &str) -> RefundView<'a> {
    let total = &refund.total_refunded;
    RefundView {
        id: &refund.id,
        create_time: times::stamp(refund.create_time),
        update_time: times::stamp(refund.create_time),
        state: "completed",
        amount: sale::total(&refund.amount),
        total_refunded_amount: Some(OldMoney { currency: total.currency.clone(), value: total.plain() }),
        sale_id: Some(&refund.sale_id),
        custom: refund.custom.as_deref(),
        invoice_number: refund.invoice.as_deref().unwrap_or(""),
        links: links(refund, site, true),
    }
}

/// As a webhook shows it.
pub(super) fn webhook<'a>(refund: &'a Refund, site: &str) -> RefundView<'a> {
    let signed =
        if refund.whole || refund.reversal { Money::of(&refund.amount.currency, -refund.amount.minor) } else { refund.amount.clone() };
    let amount = sale::total(&signed);
    if refund.reversal {
        return RefundView {
            amount,
            sale_id: None,
            custom: None,
            total_refunded_amount: None,
            links: links(refund, site, false),
            ..call(refund, site)
        };
    }
    RefundView { amount, ..call(refund, site) }
}

fn links(refund: &Refund, site: &str, with_sale: bool) -> Vec<Link> {
    let mut links = vec![Link::new(format!("{site}/v1/payments/refund/{}", refund.id), "self", "GET")];
    if with_sale {
        links.push(Link::new(format!("{site}/v1/payments/sale/{}", refund.sale_id), "sale", "GET"));
    }
    links
}

/// A refund as the newer services show it.
#[derive(Serialize)]
pub(super) struct NewerView<'a> {
    id: &'a str,
    status: &'static str,
    amount: Wire,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice_id: Option<&'a str>,
    create_time: String,
    update_time: String,
    links: [Link; 2],
}

/// As the newer call shows it.
pub(super) fn newer<'a>(refund: &'a Refund, site: &str) -> NewerView<'a> {
    NewerView {
        id: &refund.id,
        status: "COMPLETED",
        amount: refund.amount.wire(),
        custom_id: refund.custom.as_deref(),
        invoice_id: refund.invoice.as_deref(),
        create_time: times::stamp(refund.create_time),
        update_time: times::stamp(refund.create_time),
        links: [
            Link::new(format!("{site}/v2/payments/refunds/{}", refund.id), "self", "GET"),
            Link::new(format!("{site}/v2/payments/captures/{}", refund.sale_id), "up", "GET"),
        ],
    }
}
