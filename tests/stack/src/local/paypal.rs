//! What the payer and PayPal do: `POST /local/paypal/{act}` `{subscription_id}`, by our id or PayPal's,
//! where `act` is one of `approve`, `cancel`, `suspend`, `renew`, `fail-payment`, `refund`, `reverse`
//! (both with an `amount` where it is not all of it), `hold-next-sale`, `release`, `inspect`, and
//! `resend` `{times, shuffle}`. `GET /local/paypal/subscriptions` lists all, as PayPal has them.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde::Deserialize;

use super::reply::{Reply, Trouble, body, of};
use crate::stack::Shared;

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/local/paypal/subscriptions", get(subscriptions)).route("/local/paypal/{act}", post(act))
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    subscription_id: String,
    amount: Option<String>,
    #[serde(default = "once")]
    times: u32,
    #[serde(default)]
    shuffle: bool,
}

fn once() -> u32 {
    1
}

async fn act(State(shared): State<Arc<Shared>>, Path(act): Path<String>, bytes: Bytes) -> Reply {
    let said: Said = body(&bytes)?;
    let (paypal, id, amount) = (&shared.sandbox.paypal, said.subscription_id.as_str(), said.amount.as_deref());
    match act.as_str() {
        "approve" => of(paypal.approve(id)),
        "cancel" => of(paypal.cancel(id)),
        "suspend" => of(paypal.suspend(id)),
        "renew" => of(paypal.renew(id)),
        "fail-payment" => of(paypal.fail_payment(id)),
        "refund" => of(paypal.refund(id, amount)),
        "reverse" => of(paypal.reverse(id, amount)),
        "hold-next-sale" => of(paypal.hold_next_sale(id)),
        "release" => of(paypal.release(id)),
        "inspect" => of(paypal.inspect(id)),
        "resend" => of(paypal.resend(id, said.times, said.shuffle)),
        _ => Err(Trouble::new(StatusCode::NOT_FOUND, "PayPal does no such thing")),
    }
}

async fn subscriptions(State(shared): State<Arc<Shared>>) -> Reply {
    of(shared.sandbox.paypal.subscriptions())
}
