//! Collections of products at the gate, and orders that come in, for a channel's token:
//!
//! - `GET · POST /business/collections`, `GET /business/collections/products`
//! - `GET · PATCH · DELETE /business/collections/{CollectionID}`, `GET …/products`
//!
//! A collection names products; one that is deleted is in no collection any more.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::GateCall;
use super::ids;
use super::refusal::{Answer, Refusal, ok, success};
use super::shape::{Field, Kind, may, needs};
use super::state::Channel;
use super::store::text;
use super::{Core, Whapi};
use crate::control::{ControlError, ControlResult};

const PRODUCTS: Kind = Kind::List(&Kind::Like(ids::is_product), 0, usize::MAX);
const NEW: &[Field] = &[needs("name", Kind::Text), needs("products", PRODUCTS)];
const EDIT: &[Field] = &[may("name", Kind::Text), may("add_products", PRODUCTS), may("remove_products", PRODUCTS)];
const HOW_MANY: &[Field] = &[may("products_count", Kind::Number(1.0, 30.0))];
/// How many products of each are shown, unless another number is asked for.
const SHOWN_OF_EACH: usize = 10;
/// What the vendor's review of a collection came to; here it is always over.
const REVIEWED: &str = "approved";

/// A named choice of products.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Collection {
    pub(crate) name: String,
    /// Their ids.
    pub(crate) products: Vec<String>,
}

/// What somebody ordered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    /// Who knows it may read the items.
    pub(crate) token: String,
    /// As the gate shows them.
    pub(crate) items: Vec<Value>,
}

/// The routes.
pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/business/collections", get(list).post(create))
        .route("/business/collections/products", get(list_with_products))
        .route("/business/collections/{collection}", get(read).patch(edit).delete(delete))
        .route("/business/collections/{collection}/products", get(products))
}

async fn list(call: GateCall) -> Answer {
    listed(&call, SHOWN_OF_EACH)
}

async fn list_with_products(call: GateCall) -> Answer {
    let most = how_many(&call)?;
    listed(&call, most)
}

fn how_many(call: &GateCall) -> Result<usize, Refusal> {
    let asked = call.said.query(HOW_MANY)?;
    Ok(asked.get("products_count").and_then(Value::as_f64).map_or(SHOWN_OF_EACH, |many| many as usize))
}

fn listed(call: &GateCall, most: usize) -> Answer {
    let page = call.said.page()?;
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.need_reads(now_ms)?;
        let rows = channel.store.collections.iter().map(|(id, collection)| channel.collection_json(id, collection, most));
        Ok(page.listed("collections", rows.collect()))
    })?)
}

async fn create(call: GateCall) -> Answer {
    let body = call.said.body(NEW)?;
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        let products = channel.products_named(&body, "products")?;
        let id = channel.ids.product_id();
        channel.store.collections.insert(id.clone(), Collection { name: text(&body, "name").to_owned(), products });
        Ok(json!({"id": id, "status": REVIEWED}))
    })?)
}

async fn read(Path(id): Path<String>, call: GateCall) -> Answer {
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.need_reads(now_ms)?;
        Ok(channel.collection_json(&id, channel.known_collection(&id)?, SHOWN_OF_EACH))
    })?)
}

async fn edit(Path(id): Path<String>, call: GateCall) -> Answer {
    let body = call.said.body(EDIT)?;
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        let mut collection = channel.known_collection(&id)?.clone();
        let (added, removed) = (channel.products_named(&body, "add_products")?, channel.products_named(&body, "remove_products")?);
        collection.products.retain(|product| !removed.contains(product));
        let kept = collection.products.clone();
        collection.products.extend(added.into_iter().filter(|product| !kept.contains(product)));
        collection.name = body.get("name").and_then(Value::as_str).map_or(collection.name, str::to_owned);
        channel.store.collections.insert(id.clone(), collection);
        Ok(json!({"id": id, "status": REVIEWED}))
    })?)
}

async fn delete(Path(id): Path<String>, call: GateCall) -> Answer {
    call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.known_collection(&id)?;
        channel.store.collections.remove(&id);
        Ok(())
    })?;
    success()
}

async fn products(Path(id): Path<String>, call: GateCall) -> Answer {
    let most = how_many(&call)?;
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.need_reads(now_ms)?;
        let collection = channel.known_collection(&id)?;
        let rows = channel.products_in(collection, most);
        Ok(json!({"products": rows, "count": rows.len(), "total": collection.products.len(), "offset": 0}))
    })?)
}

impl Channel {
    fn known_collection(&self, id: &str) -> Result<&Collection, Refusal> {
        self.store.collections.get(id).ok_or_else(|| Refusal::absent("collection"))
    }

    fn products_in(&self, collection: &Collection, most: usize) -> Vec<&Value> {
        collection.products.iter().filter_map(|id| self.store.products.get(id)).take(most).collect()
    }

    fn collection_json(&self, id: &str, collection: &Collection, most: usize) -> Value {
        json!({"id": id, "name": collection.name, "products": self.products_in(collection, most), "status": REVIEWED})
    }

    // Ids of products that are there; a wrong one is what the description's 400 is for.
    fn products_named(&self, body: &Value, name: &str) -> Result<Vec<String>, Refusal> {
        let named = body.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let known = named.map(|id| self.known_product(id).map(|_| id.to_owned()).map_err(|_| Refusal::wrong(format!("{name} is wrong"))));
        known.collect()
    }

    fn receive_order(&mut self, from: &str, products: &[String], now_ms: i64) -> Result<Value, ControlError> {
        let known: Vec<Value> = products.iter().filter_map(|id| self.store.products.get(id).cloned()).collect();
        if known.is_empty() || known.len() < products.len() {
            return Err(ControlError::impossible("an order is of products in the catalog"));
        }
        let (id, token) = (self.ids.product_id(), self.ids.channel_token());
        let price = |product: &Value| product.get("price").and_then(Value::as_f64).unwrap_or_default();
        let content = json!({
            "order_id": id,
            "seller": self.own_number(),
            "token": token,
            "item_count": known.len(),
            "currency": known.first().and_then(|product| product.get("currency")),
            "total_price": known.iter().map(price).sum::<f64>(),
            "status": "new",
        });
        self.store.orders.insert(id, Order { token, items: known.iter().map(ordered).collect() });
        Ok(self.receive(from, "order", content, now_ms))
    }
}

fn ordered(product: &Value) -> Value {
    let image = product.get("images").and_then(|images| images.get(0));
    let mut item = json!({"quantity": 1, "image": image});
    for name in ["id", "product_retailer_id", "name", "price", "currency"] {
        if let (Some(value), Some(members)) = (product.get(name), item.as_object_mut()) {
            members.insert(name.to_owned(), value.clone());
        }
    }
    item
}

impl Whapi {
    /// Somebody orders one of each of these products of the linked number's catalog.
    ///
    /// # Errors
    /// Unknown channel; impossible when no phone is linked or a product is not there.
    pub fn order(&self, channel: &str, from: &str, products: &[String]) -> ControlResult {
        let from: String = from.chars().filter(char::is_ascii_digit).collect();
        self.core.on_channel(channel, |channel, now_ms| {
            let linked = channel.need_link(now_ms).is_ok();
            linked.then_some(()).ok_or_else(|| ControlError::impossible("no phone is linked"))?;
            let message = channel.receive_order(&from, products, now_ms)?;
            Ok(json!({"channel_id": channel.id, "message": message}))
        })
    }
}
