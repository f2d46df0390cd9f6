//! Catalogue products, as kept and as shown, and their calls:
//!
//! - `POST·GET /v1/catalogs/products`
//! - `GET·PATCH /v1/catalogs/products/{product_id}`
//!
//! A name and a type cannot be changed; nothing can be deleted.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{self, About, Kind};
use super::patch::{self, Operation, Verb};
use super::problem::{self, Fault, Issue, Problem};
use super::request::{self, Answer, Key, Link, Paging, Query};
use super::world::{Desk, ReplayKind, World};
use super::{Service, shapes, times};

/// What the system's own ids begin with; nobody else's may.
const SYSTEM_PREFIX: &str = "PROD-";

/// A product.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Product {
    pub(super) id: String,
    pub(super) name: String,
    kind: String,
    pub(super) description: Option<String>,
    category: Option<String>,
    image_url: Option<String>,
    home_url: Option<String>,
    create_time: Timestamp,
    update_time: Timestamp,
    serial: u64,
}

#[derive(Deserialize)]
struct Input {
    id: Option<String>,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    description: Option<String>,
    category: Option<String>,
    image_url: Option<String>,
    home_url: Option<String>,
}

/// A product as shown; the short form leaves half of it out.
#[derive(Serialize)]
struct View<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    home_url: Option<&'a str>,
    create_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_time: Option<String>,
    links: [Link; 2],
}

impl Product {
    fn view(&self, site: &str, whole: bool) -> View<'_> {
        let href = format!("{site}/v1/catalogs/products/{}", self.id);
        View {
            id: &self.id,
            name: &self.name,
            description: self.description.as_deref(),
            kind: whole.then_some(self.kind.as_str()),
            category: self.category.as_deref().filter(|_| whole),
            image_url: self.image_url.as_deref().filter(|_| whole),
            home_url: self.home_url.as_deref().filter(|_| whole),
            create_time: times::stamp(self.create_time),
            update_time: whole.then(|| times::stamp(self.update_time)),
            links: [Link::new(href.clone(), "self", "GET"), Link::new(href, "edit", "PATCH")],
        }
    }
}

/// `POST /v1/catalogs/products`
pub(super) async fn create(State(service): State<Service>, headers: HeaderMap, bytes: Bytes) -> Answer {
    let input: Input = request::typed(&headers, &bytes, &shapes::PRODUCT, problem::PRODUCT_CREATE)?;
    if input.id.as_ref().is_some_and(|id| id.starts_with(SYSTEM_PREFIX)) {
        return Err(Problem::invalid(problem::PRODUCT_CREATE, &[Fault::body("/id", Issue::SystemPrefix)]));
    }
    let request_id = request::request_id(&headers);
    service.desk(|desk| {
        let earlier = desk.replayed(ReplayKind::Product, request_id);
        let replayed = earlier.is_some();
        let id = match earlier {
            Some(id) => id,
            None => add(desk, input)?,
        };
        desk.remember(ReplayKind::Product, request_id, &id);
        let product = desk.world.products.get(&id).ok_or_else(Problem::not_found)?;
        let view = product.view(desk.site, request::wants_representation(&headers));
        Ok((request::made(replayed), Json(view)).into_response())
    })
}

fn add(desk: &mut Desk<'_>, input: Input) -> Result<String, Problem> {
    let id = input.id.unwrap_or_else(|| desk.ids.product());
    if desk.world.products.contains_key(&id) {
        return Err(Problem::unprocessable("DUPLICATE_RESOURCE_IDENTIFIER", "Identifier must be unique."));
    }
    let product = Product {
        id: id.clone(),
        name: input.name,
        kind: input.kind,
        description: input.description,
        category: input.category,
        image_url: input.image_url,
        home_url: input.home_url,
        create_time: desk.now,
        update_time: desk.now,
        serial: desk.world.next_serial(),
    };
    event::publish(desk, Kind::ProductCreated, &product.view(desk.site, true), About::default());
    desk.world.products.insert(id.clone(), product);
    Ok(id)
}

#[derive(Serialize)]
struct List<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_items: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_pages: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    products: Vec<View<'a>>,
    links: Vec<Link>,
}

/// `GET /v1/catalogs/products`
pub(super) async fn list(State(service): State<Service>, query: Query) -> Answer {
    let paging = request::paging(&query, problem::LIST)?;
    Ok(service.look(|world, site| Json(listed(world, site, paging)).into_response()))
}

fn listed<'a>(world: &'a World, site: &str, paging: Paging) -> List<'a> {
    let mut all: Vec<&Product> = world.products.values().collect();
    all.sort_by_key(|product| std::cmp::Reverse(product.serial));
    let total = all.len();
    List {
        total_items: paging.totals.then_some(total),
        total_pages: paging.totals.then(|| paging.pages(total)),
        products: paging.cut(all).into_iter().map(|product| product.view(site, false)).collect(),
        links: paging.links(site, "/v1/catalogs/products", total),
    }
}

/// `GET /v1/catalogs/products/{product_id}`
pub(super) async fn get(State(service): State<Service>, Key(id): Key) -> Answer {
    service.look(|world, site| {
        let product = world.products.get(&id).ok_or_else(Problem::not_found)?;
        Ok(Json(product.view(site, true)).into_response())
    })
}

/// `PATCH /v1/catalogs/products/{product_id}`
pub(super) async fn change(State(service): State<Service>, Key(id): Key, headers: HeaderMap, bytes: Bytes) -> Answer {
    let operations = patch::read(&headers, &bytes, problem::PRODUCT_PATCH)?;
    service.desk(|desk| {
        let mut product = desk.world.products.get(&id).ok_or_else(Problem::not_found)?.clone();
        for operation in &operations {
            apply(&mut product, operation)?;
        }
        product.update_time = desk.now;
        event::publish(desk, Kind::ProductUpdated, &product.view(desk.site, true), About::default());
        desk.world.products.insert(id, product);
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

fn apply(product: &mut Product, operation: &Operation) -> Result<(), Problem> {
    let dialect = problem::PRODUCT_PATCH;
    let (slot, shape) = match operation.path.as_str() {
        "/description" => (&mut product.description, shapes::PATCHED_DESCRIPTION),
        "/category" => (&mut product.category, shapes::PATCHED_CATEGORY),
        "/image_url" => (&mut product.image_url, shapes::PATCHED_PRODUCT_URL),
        "/home_url" => (&mut product.home_url, shapes::PATCHED_PRODUCT_URL),
        _ => return Err(operation.refuse(Issue::PatchPath, dialect)),
    };
    *slot = match operation.verb {
        Verb::Remove => None,
        Verb::Add | Verb::Replace => Some(operation.value(shape, dialect)?),
        Verb::Other => return Err(operation.refuse(Issue::PatchUnsupported, dialect)),
    };
    Ok(())
}
