//! Payments that were taken, read and given back:
//!
//! - `GET /v1/payments/sale/{id}`, `POST /v1/payments/sale/{id}/refund`, `GET /v1/payments/refund/{id}`
//! - `GET /v2/payments/captures/{id}`, `POST /v2/payments/captures/{id}/refund`, `GET /v2/payments/refunds/{id}`
//!
//! A sale's id is a capture's id too. One-off orders are absent.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};

use super::event::{self, About, Kind};
use super::money::{Money, Wire};
use super::problem::{self, Fault, Issue, Problem};
use super::refund_view::{self, RefundView};
use super::request::{self, Answer, Key, Link};
use super::sale::{self, Hold, Refund, Sale, SaleState};
use super::world::{Desk, ReplayKind};
use super::{Service, shapes, times};

#[derive(Deserialize)]
struct OldAmount {
    total: String,
    currency: String,
}

#[derive(Deserialize)]
struct OldInput {
    amount: Option<OldAmount>,
    invoice_number: Option<String>,
}

#[derive(Deserialize)]
struct NewInput {
    amount: Option<Money>,
    invoice_id: Option<String>,
}

/// `GET /v1/payments/sale/{id}`
pub(super) async fn sale(State(service): State<Service>, Key(id): Key) -> Answer {
    service.look(|world, site| {
        let sale = world.sales.get(&id).ok_or_else(Problem::older_not_found)?;
        Ok(Json(sale::view(sale, site)).into_response())
    })
}

/// `GET /v1/payments/refund/{id}`
pub(super) async fn refund(State(service): State<Service>, Key(id): Key) -> Answer {
    service.look(|world, site| {
        let refund = world.refunds.get(&id).ok_or_else(Problem::older_not_found)?;
        Ok(Json(refund_view::call(refund, site)).into_response())
    })
}

/// `POST /v1/payments/sale/{id}/refund`
pub(super) async fn refund_sale(State(service): State<Service>, Key(id): Key, headers: HeaderMap, bytes: Bytes) -> Answer {
    let body = request::optional_body(&headers, &bytes, &shapes::REFUND, problem::OLDER)?;
    let input: OldInput = request::convert(body, problem::OLDER)?;
    let wrong = |_| Problem::invalid(problem::OLDER, &[Fault::body("/amount/total", Issue::Value)]);
    let amount = input.amount.map(|amount| Money::parse(&amount.currency, &amount.total)).transpose().map_err(wrong)?;
    let request_id = request::request_id(&headers);
    service.desk(|desk| {
        let (refund, replayed) = refund_once(desk, &id, request_id, amount, input.invoice_number)?;
        Ok((request::made(replayed), Json(refund_view::call(&refund, desk.site))).into_response())
    })
}

/// `POST /v2/payments/captures/{id}/refund`
pub(super) async fn refund_capture(State(service): State<Service>, Key(id): Key, headers: HeaderMap, bytes: Bytes) -> Answer {
    let body = request::optional_body(&headers, &bytes, &shapes::CAPTURE_REFUND, problem::CAPTURE)?;
    let input: NewInput = request::convert(body, problem::CAPTURE)?;
    let request_id = request::request_id(&headers);
    service.desk(|desk| {
        let (refund, replayed) = refund_once(desk, &id, request_id, input.amount, input.invoice_id)?;
        Ok((request::made(replayed), Json(refund_view::newer(&refund, desk.site))).into_response())
    })
}

/// `GET /v2/payments/refunds/{id}`
pub(super) async fn newer_refund(State(service): State<Service>, Key(id): Key) -> Answer {
    service.look(|world, site| {
        let refund = world.refunds.get(&id).ok_or_else(Problem::not_found)?;
        Ok(Json(refund_view::newer(refund, site)).into_response())
    })
}

fn refund_once(
    desk: &mut Desk<'_>,
    sale_id: &str,
    request_id: Option<&str>,
    amount: Option<Money>,
    invoice: Option<String>,
) -> Result<(Refund, bool), Problem> {
    let earlier = desk.replayed(ReplayKind::Refund, request_id);
    let replayed = earlier.is_some();
    let id = match earlier {
        Some(id) => id,
        None => give_back(desk, sale_id, amount, invoice)?,
    };
    desk.remember(ReplayKind::Refund, request_id, &id);
    let refund = desk.world.refunds.get(&id).cloned().ok_or_else(Problem::older_not_found)?;
    Ok((refund, replayed))
}

/// The merchant gives money back, all that is left of a sale unless a sum is named. Answers the refund's id.
pub(super) fn give_back(desk: &mut Desk<'_>, sale_id: &str, amount: Option<Money>, invoice: Option<String>) -> Result<String, Problem> {
    let refused = |name, message| Err(Problem::named(StatusCode::BAD_REQUEST, name, message));
    let sale = desk.world.sales.get(sale_id).ok_or_else(Problem::older_not_found)?;
    let left = sale.amount.plus(-sale.refunded);
    let amount = amount.unwrap_or_else(|| left.clone());
    match sale.state {
        SaleState::Refunded => {
            return refused("TRANSACTION_ALREADY_REFUNDED", "This transaction has already been fully refunded");
        }
        SaleState::Denied => return refused("TRANSACTION_REFUSED", "The request was refused"),
        SaleState::Completed | SaleState::PartiallyRefunded => {}
    }
    if amount.currency != left.currency {
        return refused("TRANSACTION_REFUSED", "The request was refused. The refund's currency differs from the sale's");
    }
    if amount.minor <= 0 || amount.minor > left.minor {
        return refused("TRANSACTION_REFUSED", "The request was refused. The refund amount exceeds what is left of the transaction");
    }
    Ok(return_money(desk, sale_id, amount, invoice, false))
}

/// Money leaves a sale: writes the refund, changes the sale, tells of it.
pub(super) fn return_money(desk: &mut Desk<'_>, sale_id: &str, amount: Money, invoice: Option<String>, reversal: bool) -> String {
    let now = desk.now;
    let Some(sale) = desk.world.sales.get_mut(sale_id) else {
        return String::new();
    };
    sale.refunded = sale.refunded.saturating_add(amount.minor);
    sale.state = if sale.refunded >= sale.amount.minor { SaleState::Refunded } else { SaleState::PartiallyRefunded };
    sale.update_time = now;
    let refund = Refund {
        id: desk.ids.seventeen(),
        sale_id: sale_id.to_owned(),
        total_refunded: Money::of(&amount.currency, sale.refunded),
        whole: amount.minor == sale.amount.minor,
        amount,
        reversal,
        create_time: now,
        custom: sale.custom.clone(),
        invoice,
    };
    let subscription_id = sale.subscription_id.clone();
    let id = refund.id.clone();
    tell(desk, &refund, &subscription_id);
    desk.world.refunds.insert(id.clone(), refund);
    id
}

fn tell(desk: &mut Desk<'_>, refund: &Refund, subscription_id: &str) {
    let (kind, verb) = if refund.reversal { (Kind::SaleReversed, "reversed") } else { (Kind::SaleRefunded, "refunded") };
    let summary = format!("A {} {} sale payment was {verb}", refund.amount.short(), refund.amount.currency);
    let about = About { subscription: Some(subscription_id), transaction: Some(&refund.id), summary: Some(summary) };
    let view: RefundView<'_> = refund_view::webhook(refund, desk.site);
    event::publish(desk, kind, &view, about);
}

#[derive(Serialize)]
struct Protection {
    status: &'static str,
    dispute_categories: [&'static str; 2],
}

#[derive(Serialize)]
struct Breakdown {
    gross_amount: Wire,
    paypal_fee: Wire,
    net_amount: Wire,
}

#[derive(Serialize)]
struct Reason {
    reason: &'static str,
}

/// A sale as the newer services show it.
#[derive(Serialize)]
struct CaptureView<'a> {
    id: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_details: Option<Reason>,
    amount: Wire,
    final_capture: bool,
    seller_protection: Protection,
    seller_receivable_breakdown: Breakdown,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_id: Option<&'a str>,
    links: Vec<Link>,
    create_time: String,
    update_time: String,
}

/// `GET /v2/payments/captures/{id}`
pub(super) async fn capture(State(service): State<Service>, Key(id): Key) -> Answer {
    service.look(|world, site| {
        let sale = world.sales.get(&id).ok_or_else(Problem::not_found)?;
        Ok(Json(capture_view(sale, site)).into_response())
    })
}

fn capture_view<'a>(sale: &'a Sale, site: &str) -> CaptureView<'a> {
    let href = format!("{site}/v2/payments/captures/{}", sale.id);
    let fee = sale.amount.fee();
    CaptureView {
        id: &sale.id,
        status: sale::newer_status(sale),
        status_details: sale.hold.filter(|hold| *hold == Hold::Held).map(|_| Reason { reason: "PENDING_REVIEW" }),
        amount: sale.amount.wire(),
        final_capture: true,
        seller_protection: Protection { status: "ELIGIBLE", dispute_categories: ["ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"] },
        seller_receivable_breakdown: Breakdown {
            gross_amount: sale.amount.wire(),
            net_amount: sale.amount.plus(-fee.minor).wire(),
            paypal_fee: fee.wire(),
        },
        custom_id: sale.custom.as_deref(),
        links: vec![Link::new(href.clone(), "self", "GET"), Link::new(format!("{href}/refund"), "refund", "POST")],
        create_time: times::stamp(sale.create_time),
        update_time: times::stamp(sale.update_time),
    }
}
