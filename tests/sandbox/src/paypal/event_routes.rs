//! Events, read and sent again:
//!
//! - `GET /v1/notifications/webhooks-events`, `GET /v1/notifications/webhooks-events/{id}`
//! - `POST /v1/notifications/webhooks-events/{id}/resend`
//!
//! What these show has members that the delivered bytes had not; nobody can verify a signature over it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::event::{self, Event, TransmissionStatus};
use super::problem::{self, Problem};
use super::request::{self, Answer, Key, Link, Query};
use super::world::World;
use super::{Service, delivery, shapes, times};

const DIALECT: problem::Dialect = problem::OLDER;
const MOST_LISTED: i64 = 1000;

#[derive(Serialize)]
struct TransmissionView<'a> {
    webhook_id: &'a str,
    webhook_url: &'a str,
    transmission_id: &'a str,
    status: TransmissionStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    attempts: u32,
    timestamp: String,
}

/// The delivered members, taken apart again.
#[derive(Deserialize)]
struct Delivered {
    id: String,
    event_version: String,
    create_time: String,
    resource_type: String,
    resource_version: Option<String>,
    event_type: String,
    summary: String,
    resource: Box<RawValue>,
}

/// An event as an API call shows it.
#[derive(Serialize)]
pub(super) struct View<'a> {
    id: String,
    create_time: String,
    resource_type: String,
    event_type: String,
    summary: String,
    resource: Box<RawValue>,
    status: TransmissionStatus,
    transmissions: Vec<TransmissionView<'a>>,
    links: Vec<Link>,
    event_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_version: Option<String>,
}

/// Writes an event.
pub(super) fn view<'a>(event: &'a Event, site: &str) -> Result<View<'a>, Problem> {
    let delivered: Delivered = serde_json::from_str(&event.body).map_err(|_| Problem::older_not_found())?;
    Ok(View {
        links: event::links(site, &delivered.id).into_iter().map(Link::encoded).collect(),
        id: delivered.id,
        create_time: delivered.create_time,
        resource_type: delivered.resource_type,
        event_type: delivered.event_type,
        summary: delivered.summary,
        resource: delivered.resource,
        status: status(event),
        transmissions: event.transmissions.iter().map(transmission).collect(),
        event_version: delivered.event_version,
        resource_version: delivered.resource_version,
    })
}

fn transmission(transmission: &event::Transmission) -> TransmissionView<'_> {
    TransmissionView {
        webhook_id: &transmission.webhook_id,
        webhook_url: &transmission.webhook_url,
        transmission_id: &transmission.transmission_id,
        status: transmission.status,
        http_status: transmission.http_status,
        attempts: transmission.attempts,
        timestamp: times::stamp(transmission.timestamp),
    }
}

fn status(event: &Event) -> TransmissionStatus {
    let any = |status| event.transmissions.iter().any(|transmission| transmission.status == status);
    if any(TransmissionStatus::Pending) {
        TransmissionStatus::Pending
    } else if any(TransmissionStatus::Failure) {
        TransmissionStatus::Failure
    } else {
        TransmissionStatus::Success
    }
}

#[derive(Serialize)]
struct List<'a> {
    events: Vec<View<'a>>,
    count: usize,
    links: Vec<Link>,
}

struct Filter<'a> {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    event_type: Option<&'a str>,
    transaction: Option<&'a str>,
}

impl Filter<'_> {
    fn takes(&self, event: &Event) -> bool {
        let same = |wanted: Option<&str>, given: Option<&str>| wanted.is_none() || wanted == given;
        let transaction = event.transaction.as_deref().or(event.subscription.as_deref());
        self.from.is_none_or(|from| from <= event.create_time)
            && self.until.is_none_or(|until| event.create_time <= until)
            && same(self.event_type, Some(&event.event_type))
            && (same(self.transaction, transaction) || same(self.transaction, event.subscription.as_deref()))
    }
}

/// `GET /v1/notifications/webhooks-events`
pub(super) async fn list(State(service): State<Service>, query: Query) -> Answer {
    let size = query.integer("page_size", 1, MOST_LISTED, 10, DIALECT)?;
    let filter = Filter {
        from: query.moment("start_time", DIALECT)?,
        until: query.moment("end_time", DIALECT)?,
        event_type: query.text("event_type"),
        transaction: query.text("transaction_id"),
    };
    service.look(|world, site| Ok(Json(listed(world, site, &filter, usize::try_from(size).unwrap_or(10))?).into_response()))
}

fn listed<'a>(world: &'a World, site: &str, filter: &Filter<'_>, size: usize) -> Result<List<'a>, Problem> {
    let chosen = world.events.iter().rev().filter(|event| filter.takes(event)).take(size);
    let events = chosen.map(|event| view(event, site)).collect::<Result<Vec<_>, _>>()?;
    let this = format!("{site}/v1/notifications/webhooks-events?page_size={size}");
    Ok(List { count: events.len(), events, links: vec![Link::new(this, "self", "GET")] })
}

/// `GET /v1/notifications/webhooks-events/{id}`
pub(super) async fn get(State(service): State<Service>, Key(id): Key) -> Answer {
    service.look(|world, site| {
        let event = world.event(&id).ok_or_else(Problem::older_not_found)?;
        Ok(Json(view(event, site)?).into_response())
    })
}

#[derive(Deserialize)]
struct Resend {
    #[serde(default)]
    webhook_ids: Vec<String>,
}

/// `POST /v1/notifications/webhooks-events/{id}/resend`
pub(super) async fn resend(State(service): State<Service>, Key(id): Key, headers: HeaderMap, bytes: Bytes) -> Answer {
    let body = request::optional_body(&headers, &bytes, &shapes::RESEND, DIALECT)?;
    let resend: Resend = request::convert(body, DIALECT)?;
    let only = Some(resend.webhook_ids).filter(|ids| !ids.is_empty());
    let product = service.product_url();
    let (answer, parcels) = service.desk(|desk| {
        if let Some(unknown) = only.iter().flatten().find(|id| !desk.world.webhooks.contains_key(*id)) {
            tracing::debug!(%unknown, "resend to nobody");
            return Err(Problem::older_not_found());
        }
        let parcels = delivery::address(desk.world, &id, only.as_deref(), &product, desk.now);
        let event = desk.world.event(&id).ok_or_else(Problem::older_not_found)?;
        Ok(((StatusCode::ACCEPTED, Json(view(event, desk.site)?)).into_response(), parcels))
    })?;
    service.send_all(parcels);
    Ok(answer)
}
