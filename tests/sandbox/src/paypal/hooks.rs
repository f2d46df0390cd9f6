//! Who listens:
//!
//! - `POST·GET /v1/notifications/webhooks`, `GET·PATCH·DELETE /v1/notifications/webhooks/{id}`
//! - `GET /v1/notifications/webhooks/{id}/event-types`, `GET /v1/notifications/webhooks-event-types`
//! - `POST·GET /v1/notifications/webhooks-lookup`, `GET·DELETE /v1/notifications/webhooks-lookup/{id}`
//!
//! At most ten listeners, each address once, `https` or a loopback address.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::event_types::{self, EventType};
use super::patch::{self, Operation, Verb};
use super::problem::{self, Fault, Issue, Problem};
use super::request::{self, Answer, Key, Link, Query};
use super::world::{Desk, Webhook, World};
use super::{Service, shapes};

const MOST_WEBHOOKS: usize = 10;
const DIALECT: problem::Dialect = problem::OLDER;

#[derive(Deserialize)]
struct TypeName {
    name: String,
}

#[derive(Deserialize)]
struct Input {
    url: String,
    event_types: Vec<TypeName>,
}

#[derive(Serialize)]
struct View {
    id: String,
    url: String,
    event_types: Vec<EventType>,
    links: Vec<Link>,
}

fn view(webhook: &Webhook, site: &str, product: &str) -> View {
    let href = format!("{site}/v1/notifications/webhooks/{}", webhook.id);
    View {
        id: webhook.id.clone(),
        url: webhook.url.clone().unwrap_or_else(|| product.to_owned()),
        event_types: webhook.event_types.iter().filter_map(|name| event_types::one(name)).collect(),
        links: vec![
            Link::new(href.clone(), "self", "GET"),
            Link::new(href.clone(), "update", "PATCH"),
            Link::new(href, "delete", "DELETE"),
        ],
    }
}

fn bad(name: &'static str, message: &'static str) -> Problem {
    Problem::named(StatusCode::BAD_REQUEST, name, message)
}

/// `POST /v1/notifications/webhooks`
pub(super) async fn create(State(service): State<Service>, headers: HeaderMap, bytes: Bytes) -> Answer {
    let input: Input = request::typed(&headers, &bytes, &shapes::HOOK, DIALECT)?;
    let product = service.product_url();
    service.desk(|desk| {
        if desk.world.webhooks.len() >= MOST_WEBHOOKS {
            return Err(bad("WEBHOOK_NUMBER_LIMIT_EXCEEDED", "Number of webhooks has exceeded the limit"));
        }
        check_address(desk.world, &input.url, &product)?;
        let webhook = add(desk, input.url, names(input.event_types)?);
        Ok((StatusCode::CREATED, Json(view(&webhook, desk.site, &product))).into_response())
    })
}

/// A new listener.
pub(super) fn add(desk: &mut Desk<'_>, url: String, event_types: Vec<String>) -> Webhook {
    let webhook = Webhook { id: desk.ids.seventeen(), url: Some(url), event_types, serial: desk.world.next_serial() };
    desk.world.webhooks.insert(webhook.id.clone(), webhook.clone());
    webhook
}

fn names(types: Vec<TypeName>) -> Result<Vec<String>, Problem> {
    let names: Vec<String> = types.into_iter().map(|entry| entry.name).collect();
    if names.iter().any(|name| event_types::one(name).is_none()) {
        return Err(Problem::invalid(DIALECT, &[Fault::body("event_types", Issue::Value)]));
    }
    Ok(names)
}

fn check_address(world: &World, url: &str, product: &str) -> Result<(), Problem> {
    if !reachable(url) {
        return Err(Problem::invalid(DIALECT, &[Fault::body("url", Issue::Value)]));
    }
    if world.webhooks.values().any(|webhook| webhook.url.as_deref().unwrap_or(product) == url) {
        return Err(bad("WEBHOOK_URL_ALREADY_EXISTS", "Webhook URL already exists"));
    }
    Ok(())
}

/// The vendor calls nothing but `https`; a sandbox may call its own machine.
fn reachable(text: &str) -> bool {
    let Ok(url) = url::Url::parse(text) else {
        return false;
    };
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && loopback)
}

fn sorted(world: &World) -> Vec<&Webhook> {
    let mut webhooks: Vec<&Webhook> = world.webhooks.values().collect();
    webhooks.sort_by_key(|webhook| webhook.serial);
    webhooks
}

/// `GET /v1/notifications/webhooks`
pub(super) async fn list(State(service): State<Service>, query: Query) -> Answer {
    if query.text("anchor_type").is_some_and(|anchor| !["APPLICATION", "ACCOUNT"].contains(&anchor)) {
        return Err(Problem::invalid(DIALECT, &[Fault::query("anchor_type", query.text("anchor_type"), Issue::Value)]));
    }
    let product = service.product_url();
    Ok(service.look(|world, site| {
        let webhooks: Vec<View> = sorted(world).into_iter().map(|webhook| view(webhook, site, &product)).collect();
        Json(json!({ "webhooks": webhooks })).into_response()
    }))
}

/// `GET /v1/notifications/webhooks/{id}`
pub(super) async fn get(State(service): State<Service>, Key(id): Key) -> Answer {
    let product = service.product_url();
    service.look(|world, site| {
        let webhook = world.webhooks.get(&id).ok_or_else(Problem::older_not_found)?;
        Ok(Json(view(webhook, site, &product)).into_response())
    })
}

/// `PATCH /v1/notifications/webhooks/{id}`
pub(super) async fn change(State(service): State<Service>, Key(id): Key, headers: HeaderMap, bytes: Bytes) -> Answer {
    let operations = patch::read(&headers, &bytes, DIALECT)?;
    let product = service.product_url();
    service.desk(|desk| {
        let mut webhook = desk.world.webhooks.get(&id).ok_or_else(Problem::older_not_found)?.clone();
        for operation in &operations {
            apply(desk.world, &mut webhook, operation, &product)?;
        }
        let answer = Json(view(&webhook, desk.site, &product)).into_response();
        desk.world.webhooks.insert(id, webhook);
        Ok(answer)
    })
}

fn apply(world: &World, webhook: &mut Webhook, operation: &Operation, product: &str) -> Result<(), Problem> {
    operation.only(&[Verb::Replace], DIALECT)?;
    match operation.path.as_str() {
        "/url" => {
            let url: String = operation.value(shapes::HOOK_URL_VALUE, DIALECT)?;
            if webhook.url.as_deref() == Some(url.as_str()) {
                return Err(bad("WEBHOOK_PATCH_REQUEST_NO_CHANGE", "Webhook patch request has no change"));
            }
            check_address(world, &url, product)?;
            webhook.url = Some(url);
        }
        "/event_types" => webhook.event_types = names(operation.value(shapes::HOOK_TYPES_VALUE, DIALECT)?)?,
        _ => return Err(operation.refuse(Issue::PatchPath, DIALECT)),
    }
    Ok(())
}

/// `DELETE /v1/notifications/webhooks/{id}`
pub(super) async fn remove(State(service): State<Service>, Key(id): Key) -> Answer {
    service.desk(|desk| {
        desk.world.webhooks.remove(&id).ok_or_else(Problem::older_not_found)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

/// `GET /v1/notifications/webhooks/{id}/event-types`
pub(super) async fn subscribed(State(service): State<Service>, Key(id): Key) -> Answer {
    service.look(|world, _| {
        let webhook = world.webhooks.get(&id).ok_or_else(Problem::older_not_found)?;
        let types: Vec<EventType> = webhook.event_types.iter().filter_map(|name| event_types::one(name)).collect();
        Ok(Json(json!({ "event_types": types })).into_response())
    })
}

/// `GET /v1/notifications/webhooks-event-types`
pub(super) async fn types() -> Answer {
    Ok(Json(json!({ "event_types": event_types::all() })).into_response())
}

#[derive(Serialize)]
struct Lookup {
    id: String,
    client_id: String,
    links: Vec<Link>,
}

fn lookup(world: &World, id: &str, site: &str) -> Lookup {
    let href = format!("{site}/v1/notifications/webhooks-lookup/{id}");
    let client_id = world.identity.as_ref().map(|identity| identity.client_id.clone()).unwrap_or_default();
    Lookup { id: id.to_owned(), client_id, links: vec![Link::new(href.clone(), "self", "GET"), Link::new(href, "delete", "DELETE")] }
}

/// `POST /v1/notifications/webhooks-lookup`
pub(super) async fn create_lookup(State(service): State<Service>) -> Answer {
    service.desk(|desk| {
        let id = desk.ids.seventeen();
        let serial = desk.world.next_serial();
        desk.world.lookups.insert(id.clone(), serial);
        Ok((StatusCode::CREATED, Json(lookup(desk.world, &id, desk.site))).into_response())
    })
}

/// `GET /v1/notifications/webhooks-lookup`
pub(super) async fn list_lookups(State(service): State<Service>) -> Answer {
    Ok(service.look(|world, site| {
        let lookups: Vec<Lookup> = world.lookups.keys().map(|id| lookup(world, id, site)).collect();
        Json(json!({ "webhooks_lookups": lookups })).into_response()
    }))
}

/// `GET /v1/notifications/webhooks-lookup/{id}`
pub(super) async fn get_lookup(State(service): State<Service>, Key(id): Key) -> Answer {
    service.look(|world, site| {
        world.lookups.get(&id).ok_or_else(Problem::older_not_found)?;
        Ok(Json(lookup(world, &id, site)).into_response())
    })
}

/// `DELETE /v1/notifications/webhooks-lookup/{id}`
pub(super) async fn remove_lookup(State(service): State<Service>, Key(id): Key) -> Answer {
    service.desk(|desk| {
        desk.world.lookups.remove(&id).ok_or_else(Problem::older_not_found)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}
