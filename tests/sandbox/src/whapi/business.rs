//! The business side of a number at the gate, for a channel's token; collections stand in `collections`:
//!
//! - `GET · POST /business`
//! - `GET · POST /business/products`, `GET · POST · PATCH · DELETE /business/products/{ProductID}`
//! - `GET /business/{ContactID}/products`, `POST /business/catalogs/{ContactID}`
//! - `GET /business/orders/{OrderID}`
//!
//! Products of another number are those of the channel here that it is linked to; every other one has none.
//! Only a control makes somebody order.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::Core;
use super::call::GateCall;
use super::contacts::is_on_whatsapp;
use super::content::{PREVIEWED, TO, take_media};
use super::ids;
use super::refusal::{Answer, Refusal, ok, success};
use super::shape::{self, ANY_NUMBER, Field, Kind, may, needs};
use super::state::Channel;

const HOURS: &[Field] = &[
    may("day", Kind::OneOf(&["sun", "mon", "tue", "wed", "thu", "fri", "sat"])),
    may("mode", Kind::OneOf(&["open_24h", "specific_hours"])),
    may("openTime", ANY_NUMBER),
    may("closeTime", ANY_NUMBER),
];
const OPENING: &[Field] = &[may("timeZone", Kind::Text), may("config", Kind::List(&Kind::Object(HOURS), 0, usize::MAX))];
const PROFILE: &[Field] = &[
    may("address", Kind::Text),
    may("description", Kind::Text),
    may("email", Kind::Text),
    may("hours", Kind::Object(OPENING)),
    may("websites", Kind::List(&Kind::Text, 0, usize::MAX)),
];
const PRICE: Kind = Kind::Number(0.0, f64::MAX);
const CURRENCY: Kind = Kind::Like(ids::is_currency);
/// The most pictures of a product.
const IMAGES: Field = needs("images", Kind::List(&Kind::Text, 1, 10));
const MORE: &[Field] = &[
    IMAGES,
    may("product_retailer_id", Kind::Text),
    may("availability", Kind::OneOf(&["in stock", "out of stock"])),
    may("url", Kind::Text),
    may("is_hidden", Kind::Flag),
];
const NEEDED: &[Field] = &[needs("name", Kind::Text), needs("description", Kind::Text), needs("price", PRICE), needs("currency", CURRENCY)];
const CHANGED: &[Field] = &[may("name", Kind::Text), may("description", Kind::Text), may("price", PRICE), may("currency", CURRENCY)];
const FROM_CATALOG: Field = may("catalog_id", Kind::Text);
const PREVIEWS: &[&str] = &["product", "business_profile", "thumbnail", "media", "style1", "style2", "style3", "none"];
const PREVIEW_TYPE: Field = may("preview_type", Kind::OneOf(PREVIEWS));
/// Where WhatsApp opens a number's catalog.
const CATALOG_URL: &str = "https://wa.me/c";

/// The routes.
pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/business", get(profile).post(describe))
        .route("/business/products", get(products).post(create))
        .route("/business/products/{product}", get(product).post(send).patch(change).delete(delete))
        .route("/business/{contact}/products", get(products_of))
        .route("/business/catalogs/{contact}", post(send_catalog))
        .route("/business/orders/{order}", get(order))
}

async fn profile(call: GateCall) -> Answer {
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        Ok(Value::Object(channel.store.business.clone()))
    })?)
}

async fn describe(call: GateCall) -> Answer {
    let said = shape::described(PROFILE, &call.said.body(PROFILE)?);
    call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.store.business.extend(said);
        Ok(())
    })?;
    success()
}

async fn products(call: GateCall) -> Answer {
    let page = call.said.page()?;
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.need_reads(now_ms)?;
        Ok(page.listed("products", channel.store.products.values().cloned().collect()))
    })?)
}

async fn create(call: GateCall) -> Answer {
    let fields = [MORE, NEEDED].concat();
    let body = call.said.body(&fields)?;
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        let mut product = shape::described(&fields, &body);
        product.insert("images".to_owned(), channel.pictures(&body, now_ms)?);
        product.entry("availability").or_insert_with(|| json!("in stock"));
        let id = channel.ids.product_id();
        product.insert("id".to_owned(), json!(id));
        channel.store.products.insert(id, Value::Object(product.clone()));
        Ok(Value::Object(product))
    })?)
}

async fn product(Path(id): Path<String>, call: GateCall) -> Answer {
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.need_reads(now_ms)?;
        channel.known_product(&id).cloned()
    })?)
}

async fn change(Path(id): Path<String>, call: GateCall) -> Answer {
    let fields = [MORE, CHANGED].concat();
    let body = call.said.body(&fields)?;
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        let mut product = channel.known_product(&id)?.as_object().cloned().unwrap_or_default();
        product.extend(shape::described(&fields, &body));
        product.insert("images".to_owned(), channel.pictures(&body, now_ms)?);
        channel.store.products.insert(id, Value::Object(product.clone()));
        Ok(Value::Object(product))
    })?)
}

async fn delete(Path(id): Path<String>, call: GateCall) -> Answer {
    call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.known_product(&id)?;
        channel.store.products.remove(&id);
        for collection in channel.store.collections.values_mut() {
            collection.products.retain(|product| *product != id);
        }
        Ok(())
    })?;
    success()
}

async fn send(Path(id): Path<String>, call: GateCall) -> Answer {
    let body = call.said.body(&[TO, &[FROM_CATALOG]].concat())?;
    ok(call.act(|channel, switches, now_ms| {
        channel.need_link(now_ms)?;
        channel.known_product(&id)?;
        let catalog = body.get("catalog_id").cloned().unwrap_or_else(|| json!(channel.own_number()));
        let content = json!({"catalog_id": catalog, "product_id": id});
        channel.say("product", &body, content, now_ms, switches)
    })?)
}

async fn products_of(Path(contact): Path<String>, call: GateCall) -> Answer {
    let page = call.said.page()?;
    ok(call.among(|world, own, now_ms| {
        world.linked(own, now_ms)?;
        world.reader(own, now_ms)?;
        if !is_on_whatsapp(&contact) {
            return Err(Refusal::absent("user"));
        }
        let theirs = world.channels.values().filter(|channel| channel.own_number() == contact);
        let shown =
            theirs.flat_map(|channel| channel.store.products.values()).filter(|product| product.get("is_hidden") != Some(&json!(true)));
        Ok(page.listed("products", shown.cloned().collect()))
    })?)
}

async fn send_catalog(Path(contact): Path<String>, call: GateCall) -> Answer {
    let body = call.said.body(&[PREVIEWED, &[PREVIEW_TYPE]].concat())?;
    ok(call.act(|channel, switches, now_ms| {
        channel.need_link(now_ms)?;
        if !is_on_whatsapp(&contact) {
            return Err(Refusal::absent("contact"));
        }
        let title = channel.store.name_of(&contact);
        let mut content = channel.previewed(&body, &title, &format!("{CATALOG_URL}/{contact}"), now_ms)?;
        content.insert("catalog_id".to_owned(), json!(contact));
        channel.say("catalog", &body, Value::Object(content), now_ms, switches)
    })?)
}

async fn order(Path(id): Path<String>, call: GateCall) -> Answer {
    let token = call.said.word("order_token").filter(|token| !token.is_empty());
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        let no_token = || Refusal::forbidden("Need order token for get order items");
        let order = channel.store.orders.get(&id).ok_or_else(|| Refusal::absent("order"))?;
        if token.ok_or_else(no_token)? != order.token {
            return Err(no_token());
        }
        Ok(json!({"items": order.items}))
    })?)
}

impl Channel {
    /// A product of this number.
    pub(crate) fn known_product(&self, id: &str) -> Result<&Value, Refusal> {
        self.store.products.get(id).ok_or_else(|| Refusal::absent("product"))
    }

    // An address stays one; a file that was sent is named by its id.
    fn pictures(&mut self, body: &Value, now_ms: i64) -> Result<Value, Refusal> {
        let own_ids = self.ids.clone();
        let named = body.get("images").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let taken = named.map(|named| {
            let media = take_media("image", named, None, &mut self.store, &own_ids, now_ms.div_euclid(1_000));
            media.map(|media| Value::String(media.link.unwrap_or(media.id))).map_err(|_| Refusal::wrong("images is wrong"))
        });
        taken.collect()
    }
}
