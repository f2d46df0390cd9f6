//! Newsletters: founded by one channel, found, followed and helped by another.

use serde_json::{Value, json};

use crate::world::{Channel, World};

const COLLEAGUE: &str = "97336654321";

async fn founded(world: &World, channel: &Channel, name: &str) -> Value {
    world.gate(channel, "POST", "/newsletters", Some(json!({ "name": name }))).await.ok()
}

fn at(newsletter: &Value, below: &str) -> String {
    format!("/newsletters/{}{below}", newsletter["id"].as_str().unwrap())
}

async fn listed(world: &World, channel: &Channel) -> Value {
    world.gate(channel, "GET", "/newsletters", None).await.ok()["newsletters"].clone()
}

#[tokio::test]
async fn a_newsletter_is_found_followed_read_and_left() {
    let world = World::start().await;
    let (channel, colleague) = (world.linked().await, world.colleague(COLLEAGUE).await);
    let menu = founded(&world, &channel, "Menu").await;
    assert_eq!((&menu["role"], &listed(&world, &channel).await[0]["id"]), (&json!("owner"), &menu["id"]));
    assert_eq!(listed(&world, &colleague).await, json!([]));

    let found = world.gate(&colleague, "GET", "/newsletters/find?search=men&country_code=bh", None).await.ok();
    assert_eq!((&found["newsletters"][0]["id"], &found["newsletters"][0]["role"]), (&menu["id"], &json!("guest")));
    let code = menu["invite_code"].as_str().unwrap();
    world.gate(&colleague, "POST", &format!("/newsletters/invite/{code}/subscription"), None).await.ok();
    assert_eq!(listed(&world, &colleague).await[0]["role"], "subscriber");
    assert_eq!(world.gate(&channel, "GET", &at(&menu, ""), None).await.ok()["subscribers_count"], 1);
    assert_eq!(world.gate(&colleague, "GET", "/newsletters/recommended", None).await.ok()["newsletters"], json!([]));

    let text = json!({"to": menu["id"], "body": "Soup"});
    world.gate(&colleague, "POST", "/messages/text", Some(text.clone())).await.refused(403);
    world.gate(&channel, "POST", "/messages/text", Some(text)).await.ok();
    let posts = world.gate(&colleague, "GET", &at(&menu, "/messages"), None).await.ok();
    assert_eq!((&posts["messages"][0]["text"]["body"], &posts["messages"][0]["from_me"]), (&json!("Soup"), &json!(false)));

    world.gate(&colleague, "DELETE", &at(&menu, "/subscription"), None).await.ok();
    world.gate(&colleague, "DELETE", &at(&menu, "/subscription"), None).await.refused(404);
}

#[tokio::test]
async fn who_is_asked_may_help_and_only_the_owner_ends_it() {
    let world = World::start().await;
    let (channel, colleague) = (world.linked().await, world.colleague(COLLEAGUE).await);
    let menu = founded(&world, &channel, "Menu").await;
    let named = Some(json!({"name": "Lunch"}));
    world.gate(&colleague, "PATCH", &at(&menu, ""), named.clone()).await.refused(401);
    let admin = at(&menu, &format!("/admins/{COLLEAGUE}"));
    world.gate(&colleague, "PUT", &admin, None).await.refused(404);
    let asked = world.gate(&channel, "POST", &at(&menu, &format!("/invite/{COLLEAGUE}")), None).await.ok();
    assert_eq!(asked["message"]["admin_invite"]["newsletter_name"], "Menu");
    world.gate(&colleague, "PUT", &admin, None).await.ok();
    assert_eq!(world.gate(&colleague, "PATCH", &at(&menu, ""), named.clone()).await.ok()["name"], "Lunch");
    world.gate(&colleague, "DELETE", &at(&menu, ""), None).await.refused(401);
    world.gate(&channel, "DELETE", &admin, None).await.ok();
    world.gate(&colleague, "PATCH", &at(&menu, ""), named).await.refused(401);
    world.gate(&channel, "DELETE", &at(&menu, ""), None).await.ok();
    world.gate(&channel, "GET", &at(&menu, ""), None).await.refused(404);
}

#[tokio::test]
async fn what_is_found_comes_in_pages_by_a_cursor() {
    let world = World::start().await;
    let channel = world.linked().await;
    for name in ["First", "Second", "Third"] {
        founded(&world, &channel, name).await;
        world.advance_ms(1_000);
    }
    let mut names = Vec::new();
    let mut cursor = "0".to_owned();
    for _ in 0..2 {
        let path = format!("/newsletters/find?count=2&newsletter_field=creation_time&sort=desc&cursor={cursor}");
        let page = world.gate(&channel, "GET", &path, None).await.ok();
        names.extend(page["newsletters"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()));
        cursor = page["page_info"]["end_cursor"].as_str().unwrap().to_owned();
    }
    assert_eq!(names, ["Third", "Second", "First"]);
    world.gate(&channel, "GET", "/newsletters/find?cursor=soon", None).await.refused(400);
}
