//! What a number sells: products, collections, orders.

use serde_json::{Value, json};

use crate::world::{Channel, World};

const HUDA: &str = "97339000001";
const PICTURE: &str = "https://files.example/soup.jpg";

fn soup() -> Value {
    json!({"name": "Soup", "description": "Hot", "price": 2.5, "currency": "BHD", "images": [PICTURE]})
}

async fn product(world: &World, channel: &Channel) -> String {
    world.gate(channel, "POST", "/business/products", Some(soup())).await.ok()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_product_is_made_changed_sent_and_deleted() {
    let world = World::start().await;
    let channel = world.linked().await;
    let id = product(&world, &channel).await;
    let path = format!("/business/products/{id}");
    for wrong in [json!({"name": "Soup"}), json!({"currency": "XXX"}), json!({"price": -1})] {
        let mut body = soup();
        let members = body.as_object_mut().unwrap();
        members.extend(wrong.as_object().unwrap().clone());
        if wrong.get("name").is_some() {
            members.remove("images");
        }
        world.gate(&channel, "POST", "/business/products", Some(body)).await.refused(400);
    }
    let dearer = json!({"images": [PICTURE], "price": 3, "availability": "out of stock"});
    world.gate(&channel, "PATCH", &path, Some(dearer)).await.ok();
    let read = world.gate(&channel, "GET", &path, None).await.ok();
    assert_eq!((&read["price"], &read["name"], &read["availability"]), (&json!(3), &json!("Soup"), &json!("out of stock")));
    let sent = world.gate(&channel, "POST", &path, Some(json!({ "to": HUDA }))).await.ok();
    assert_eq!(sent["message"]["product"]["product_id"], id);
    world.gate(&channel, "DELETE", &path, None).await.ok();
    world.gate(&channel, "GET", &path, None).await.refused(404);
    assert_eq!(world.gate(&channel, "GET", "/business/products", None).await.ok()["total"], 0);
}

#[tokio::test]
async fn others_see_the_catalog_but_what_is_hidden() {
    let world = World::start().await;
    let (channel, colleague) = (world.linked().await, world.colleague("97336654321").await);
    product(&world, &colleague).await;
    let mut hidden = soup();
    hidden["is_hidden"] = json!(true);
    world.gate(&colleague, "POST", "/business/products", Some(hidden)).await.ok();
    assert_eq!(world.gate(&channel, "GET", "/business/97336654321/products", None).await.ok()["total"], 1);
    assert_eq!(world.gate(&channel, "GET", &format!("/business/{HUDA}/products"), None).await.ok()["total"], 0);
    world.gate(&channel, "GET", "/business/0009000/products", None).await.refused(404);
    let sent = world.gate(&channel, "POST", "/business/catalogs/97336654321", Some(json!({ "to": HUDA }))).await.ok();
    assert_eq!(sent["message"]["catalog"]["catalog_id"], "97336654321");
}

#[tokio::test]
async fn a_collection_names_products_that_are_there() {
    let world = World::start().await;
    let channel = world.linked().await;
    let (kept, other) = (product(&world, &channel).await, product(&world, &channel).await);
    let body = json!({"name": "Today", "products": [kept]});
    let made = world.gate(&channel, "POST", "/business/collections", Some(body)).await.ok();
    let path = format!("/business/collections/{}", made["id"].as_str().unwrap());
    let edit = json!({"name": "Now", "add_products": [other, kept], "remove_products": []});
    world.gate(&channel, "PATCH", &path, Some(edit)).await.ok();
    let read = world.gate(&channel, "GET", &path, None).await.ok();
    assert_eq!((&read["name"], read["products"].as_array().unwrap().len()), (&json!("Now"), 2));
    world.gate(&channel, "DELETE", &format!("/business/products/{other}"), None).await.ok();
    assert_eq!(world.gate(&channel, "GET", &format!("{path}/products"), None).await.ok()["total"], 1);
    world.gate(&channel, "PATCH", &path, Some(json!({ "add_products": [other] }))).await.refused(400);
    world.gate(&channel, "DELETE", &path, None).await.ok();
    world.gate(&channel, "GET", &path, None).await.refused(404);
}

#[tokio::test]
async fn an_order_is_read_with_its_token() {
    let world = World::start().await;
    let channel = world.linked().await;
    let id = product(&world, &channel).await;
    world.whapi.order("chn_1", HUDA, &["7000000000000000".to_owned()]).unwrap_err();
    let came = world.whapi.order("chn_1", HUDA, std::slice::from_ref(&id)).unwrap();
    let order = &came["message"]["order"];
    assert_eq!((&order["item_count"], &order["total_price"]), (&json!(1), &json!(2.5)));
    let path = format!("/business/orders/{}", order["order_id"].as_str().unwrap());
    world.gate(&channel, "GET", &path, None).await.refused(403);
    let path = format!("{path}?order_token={}", order["token"].as_str().unwrap());
    assert_eq!(world.gate(&channel, "GET", &path, None).await.ok()["items"][0]["id"], id);
    world.gate(&channel, "GET", "/business/orders/7000000000000000", None).await.refused(404);
}

#[tokio::test]
async fn the_business_says_of_itself_what_it_was_told() {
    let world = World::start().await;
    let channel = world.linked().await;
    assert_eq!(world.gate(&channel, "GET", "/business", None).await.ok(), json!({}));
    world.gate(&channel, "POST", "/business", Some(json!({"address": "Manama", "colour": "red"}))).await.ok();
    world.gate(&channel, "POST", "/business", Some(json!({"email": "desk@example.test"}))).await.ok();
    assert_eq!(world.gate(&channel, "GET", "/business", None).await.ok(), json!({"address": "Manama", "email": "desk@example.test"}));
    world.gate(&channel, "POST", "/business", Some(json!({"hours": {"config": [{"day": "someday"}]}}))).await.refused(400);
}
