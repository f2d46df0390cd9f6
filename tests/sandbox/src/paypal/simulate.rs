//! `POST /v1/notifications/simulate-event`: a mock event to a listener or to any address. It is signed with the literal listener id
//! `WEBHOOK_ID`, tells of nothing that happened, and is not kept.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};

use super::delivery::{MOCK_WEBHOOK_ID, Parcel};
use super::event::{self, About, Form};
use super::problem::{self, Fault, Issue, Problem};
use super::request::{self, Answer};
use super::{Service, event_routes, event_types, shapes};

const DIALECT: problem::Dialect = problem::OLDER;

#[derive(Deserialize)]
struct Input {
    webhook_id: Option<String>,
    url: Option<String>,
    event_type: String,
}

/// `POST /v1/notifications/simulate-event`
pub(super) async fn simulate(State(service): State<Service>, headers: HeaderMap, bytes: Bytes) -> Answer {
    let input: Input = request::typed(&headers, &bytes, &shapes::SIMULATION, DIALECT)?;
    let unknown = || Problem::invalid(DIALECT, &[Fault::body("event_type", Issue::Value)]);
    let event_type = event_types::listed(&input.event_type).ok_or_else(unknown)?;
    let url = target(&service, &input)?;
    let now = super::times::whole_second(service.now());
    let site = service.site();
    let resource_version = (!event_type.starts_with("PAYMENT.SALE")).then_some("2.0");
    let form = Form { event_type, resource_type: resource_type(event_type), resource_version, summary: "A mock event." };
    let event = event::write(&form, &sample(event_type), About::default(), now, site, service.ids()).map_err(|_| unknown())?;
    let answer = (StatusCode::ACCEPTED, Json(event_routes::view(&event, site)?)).into_response();
    let parcel = Parcel {
        event_id: event.id,
        event_type: event.event_type,
        webhook_id: MOCK_WEBHOOK_ID.to_owned(),
        url,
        body: Bytes::from(event.body),
    };
    service.send_all(vec![parcel]);
    Ok(answer)
}

fn target(service: &Service, input: &Input) -> Result<String, Problem> {
    let missing = || Problem::invalid(DIALECT, &[Fault::body("webhook_id", Issue::Missing)]);
    let product = service.product_url();
    match (&input.webhook_id, &input.url) {
        (Some(id), _) => service.look(|world, _| {
            let webhook = world.webhooks.get(id).ok_or_else(Problem::older_not_found)?;
            Ok(webhook.url.clone().unwrap_or(product))
        }),
        (None, url) => url.clone().ok_or_else(missing),
    }
}

fn resource_type(event_type: &str) -> &'static str {
    match event_type.split('.').nth(1) {
        Some("SUBSCRIPTION") => "subscription",
        Some("PLAN") => "plan",
        Some("PRODUCT") => "product",
        Some("CAPTURE") => "capture",
        Some("ORDER") => "checkout-order",
        _ => "sale",
    }
}

fn sample(event_type: &str) -> Value {
    match resource_type(event_type) {
        "subscription" => json!({
            "status": "ACTIVE", "id": "I-MOCK00000001", "plan_id": "P-MOCK00000000000000000001", "start_time": "2026-01-01T00:00:00Z", "quantity": "1",
            "subscriber": {"name": {"given_name": "Mock", "surname": "Payer"}, "email_address": "mock@example.com"},
            "create_time": "2026-01-01T00:00:00Z", "links": []
        }),
        "plan" => {
            json!({"id": "P-MOCK00000000000000000001", "product_id": "PROD-MOCK0000000000001", "name": "Mock plan", "status": "ACTIVE"})
        }
        "product" => {
            json!({"id": "PROD-MOCK0000000000001", "name": "Mock product", "type": "SERVICE"})
        }
        "capture" | "checkout-order" => {
            json!({"id": "MOCK0000000000001", "status": "COMPLETED", "amount": {"currency_code": "USD", "value": "0.48"}})
        }
        _ => json!({
            "id": "MOCK0000000000001", "state": "completed", "amount": {"total": "0.48", "currency": "USD"}, "payment_mode": "ECHECK",
            "create_time": "2026-01-01T00:00:00Z", "update_time": "2026-01-01T00:00:04Z"
        }),
    }
}
