//! Which path is whose. Every call but the token, the certificates and the payer's pages wants a bearer token.
//! A slash at the end of a path is as good as none.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{get, post};

use super::problem::Problem;
use super::request::{bearer, debug_id};
use super::{
    Service, amend, approval, event_routes, hooks, lifecycle, payments, plans, product, revise, simulate, subscriptions, tokens, verify,
};
use crate::faults::{Provider, layer};
use crate::{Frame, slash};

/// Everything, with faults round it.
pub(super) fn router(service: &Service, frame: &Frame) -> Router {
    let calls = catalogue().merge(billing()).merge(payment()).merge(notifications());
    let calls = calls.route_layer(from_fn_with_state(service.clone(), bearer));
    let all = open()
        .merge(calls)
        .method_not_allowed_fallback(|| async { Problem::method().into_response() })
        .fallback(|| async { Problem::absent().into_response() })
        .layer(from_fn_with_state(service.clone(), debug_id))
        .with_state(service.clone());
    let faults = layer(Provider::Paypal, frame.faults.clone(), frame.clock.clone());
    slash::ignored(all).layer(faults)
}

fn open() -> Router<Service> {
    Router::new()
        .route("/v1/oauth2/token", post(tokens::grant))
        .route("/v1/notifications/certs/{name}", get(verify::certificate))
        .route("/webapps/billing/subscriptions", get(approval::show).post(approval::choose))
}

fn catalogue() -> Router<Service> {
    Router::new()
        .route("/v1/catalogs/products", post(product::create).get(product::list))
        .route("/v1/catalogs/products/{id}", get(product::get).patch(product::change))
        .route("/v1/billing/plans", post(plans::create).get(plans::list))
        .route("/v1/billing/plans/{id}", get(plans::get).patch(plans::change))
        .route("/v1/billing/plans/{id}/activate", post(plans::activate))
        .route("/v1/billing/plans/{id}/deactivate", post(plans::deactivate))
        .route("/v1/billing/plans/{id}/update-pricing-schemes", post(plans::reprice))
}

fn billing() -> Router<Service> {
    Router::new()
        .route("/v1/billing/subscriptions", post(subscriptions::create).get(subscriptions::list))
        .route("/v1/billing/subscriptions/{id}", get(subscriptions::get).patch(amend::change))
        .route("/v1/billing/subscriptions/{id}/activate", post(lifecycle::activate))
        .route("/v1/billing/subscriptions/{id}/suspend", post(lifecycle::suspend))
        .route("/v1/billing/subscriptions/{id}/cancel", post(lifecycle::cancel))
        .route("/v1/billing/subscriptions/{id}/capture", post(lifecycle::capture))
        .route("/v1/billing/subscriptions/{id}/revise", post(revise::revise))
        .route("/v1/billing/subscriptions/{id}/transactions", get(subscriptions::transactions))
}

fn payment() -> Router<Service> {
    Router::new()
        .route("/v1/payments/sale/{id}", get(payments::sale))
        .route("/v1/payments/sale/{id}/refund", post(payments::refund_sale))
        .route("/v1/payments/refund/{id}", get(payments::refund))
        .route("/v2/payments/captures/{id}", get(payments::capture))
        .route("/v2/payments/captures/{id}/refund", post(payments::refund_capture))
        .route("/v2/payments/refunds/{id}", get(payments::newer_refund))
}

fn notifications() -> Router<Service> {
    Router::new()
        .route("/v1/notifications/webhooks", post(hooks::create).get(hooks::list))
        .route("/v1/notifications/webhooks/{id}", get(hooks::get).patch(hooks::change).delete(hooks::remove))
        .route("/v1/notifications/webhooks/{id}/event-types", get(hooks::subscribed))
        .route("/v1/notifications/webhooks-event-types", get(hooks::types))
        .route("/v1/notifications/webhooks-lookup", post(hooks::create_lookup).get(hooks::list_lookups))
        .route("/v1/notifications/webhooks-lookup/{id}", get(hooks::get_lookup).delete(hooks::remove_lookup))
        .route("/v1/notifications/webhooks-events", get(event_routes::list))
        .route("/v1/notifications/webhooks-events/{id}", get(event_routes::get))
        .route("/v1/notifications/webhooks-events/{id}/resend", post(event_routes::resend))
        .route("/v1/notifications/simulate-event", post(simulate::simulate))
        .route("/v1/notifications/verify-webhook-signature", post(verify::postback))
}
