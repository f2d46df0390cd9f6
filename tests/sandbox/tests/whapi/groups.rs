//! Groups and communities, ruled by one channel and joined by another.

use serde_json::{Value, json};

use crate::world::{Channel, Ear, World, hook};

const HUDA: &str = "97339000001";
const COLLEAGUE: &str = "97336654321";

async fn group(world: &World, channel: &Channel) -> Value {
    let body = json!({"subject": "Family", "participants": [HUDA]});
    world.gate(channel, "POST", "/groups", Some(body)).await.ok()
}

fn at(thing: &Value, below: &str) -> String {
    format!("/groups/{}{below}", thing["id"].as_str().unwrap())
}

/// What a number is in a group, as its maker sees it.
async fn rank(world: &World, channel: &Channel, group: &Value, number: &str) -> Value {
    let seen = world.gate(channel, "GET", &at(group, ""), None).await.ok();
    let member = seen["participants"].as_array().unwrap().iter().find(|member| member["id"] == number);
    member.map_or(Value::Null, |member| member["rank"].clone())
}

#[tokio::test]
async fn members_become_administrators_and_members_again() {
    let world = World::start().await;
    let channel = world.linked().await;
    let made = group(&world, &channel).await;
    let (admins, huda) = (at(&made, "/admins"), json!({"participants": [HUDA]}));
    world.gate(&channel, "PATCH", &admins, Some(huda.clone())).await.ok();
    assert_eq!(rank(&world, &channel, &made, HUDA).await, "admin");
    world.gate(&channel, "DELETE", &admins, Some(huda)).await.ok();
    assert_eq!(rank(&world, &channel, &made, HUDA).await, "member");
    world.gate(&channel, "PATCH", &admins, Some(json!({"participants": ["97339000009"]}))).await.refused(404);
    world.gate(&channel, "PATCH", &admins, Some(json!({"participants": []}))).await.refused(400);
    world.gate(&channel, "PATCH", "/groups/120300000000000000@g.us/admins", Some(json!({"participants": [HUDA]}))).await.refused(404);
}

#[tokio::test]
async fn another_channel_joins_by_the_code_has_a_members_rights_and_leaves() {
    let world = World::start().await;
    let (channel, colleague) = (world.linked().await, world.colleague(COLLEAGUE).await);
    let made = group(&world, &channel).await;
    let code = json!({"invite_code": made["invite_code"]});
    let joined = world.gate(&colleague, "PUT", "/groups", Some(code.clone())).await.ok();
    assert_eq!(joined["group_id"], made["id"]);
    assert_eq!(rank(&world, &channel, &made, COLLEAGUE).await, "member");
    let text = json!({"to": made["id"], "body": "Hello all"});
    world.gate(&colleague, "POST", "/messages/text", Some(text.clone())).await.ok();

    world.gate(&colleague, "PATCH", &at(&made, "/admins"), Some(json!({"participants": [HUDA]}))).await.refused(403);
    let quiet = json!({"setting": "send_messages", "policy": "admins"});
    world.gate(&colleague, "PATCH", &at(&made, ""), Some(quiet.clone())).await.refused(403);
    world.gate(&channel, "PATCH", &at(&made, ""), Some(quiet)).await.ok();
    world.gate(&colleague, "POST", "/messages/text", Some(text)).await.refused(403);
    assert_eq!(world.gate(&colleague, "GET", &at(&made, ""), None).await.ok()["announcements"], true);

    world.gate(&colleague, "DELETE", &at(&made, ""), None).await.ok();
    world.gate(&colleague, "GET", &at(&made, ""), None).await.refused(404);
    assert_eq!(rank(&world, &channel, &made, COLLEAGUE).await, Value::Null);
    world.gate(&channel, "DELETE", &at(&made, "/invite"), None).await.ok();
    world.gate(&colleague, "PUT", "/groups", Some(code)).await.refused(404);
}

#[tokio::test]
async fn who_comes_to_a_group_that_approves_has_applied() {
    let (world, ear) = (World::start().await, Ear::open().await);
    let (channel, colleague) = (world.linked().await, world.colleague(COLLEAGUE).await);
    let made = group(&world, &channel).await;
    world.gate(&channel, "PATCH", "/settings", Some(hook(&ear.url(), &[("groups", "put")]))).await.ok();
    let approve = json!({"setting": "approve_participants", "policy": "admins"});
    world.gate(&channel, "PATCH", &at(&made, ""), Some(approve)).await.ok();
    let (code, applications) = (json!({"invite_code": made["invite_code"]}), at(&made, "/applications"));
    let application = json!({"application": format!("{COLLEAGUE}@s.whatsapp.net")});

    for (method, rank_then) in [("DELETE", Value::Null), ("POST", json!("member"))] {
        world.gate(&colleague, "PUT", "/groups", Some(code.clone())).await.ok();
        let asked = world.gate(&channel, "GET", &applications, None).await.ok();
        assert_eq!((&asked["total"], &asked["applications"][0]["chatId"]), (&json!(1), &application["application"]));
        let settled = world.gate(&channel, method, &applications, Some(application.clone())).await.ok();
        assert_eq!(settled[0]["success"], true);
        assert_eq!(rank(&world, &channel, &made, COLLEAGUE).await, rank_then);
    }
    assert_eq!(world.gate(&channel, "POST", &applications, Some(application)).await.ok()[0]["success"], false);
    let told = ear.wait_for(4).await;
    let mut actions: Vec<&str> = told.iter().map(|heard| heard.body["groups_participants"][0]["action"].as_str().unwrap()).collect();
    actions.sort_unstable();
    assert_eq!(actions, ["add", "rejected_request", "request", "request"]);
}

#[tokio::test]
async fn a_group_has_a_picture_until_it_is_taken_away() {
    let world = World::start().await;
    let channel = world.linked().await;
    let made = group(&world, &channel).await;
    let icon = format!("{}{}", world.whapi.gate_url(), at(&made, "/icon"));
    let read = || world.client().get(&icon).bearer_auth(&channel.token).send();
    assert_eq!(read().await.unwrap().status(), 204);
    let set = world.client().put(&icon).bearer_auth(&channel.token).header("content-type", "image/png").body("PNG");
    assert_eq!(set.send().await.unwrap().status(), 200);
    let shown = read().await.unwrap();
    assert_eq!((shown.status().as_u16(), shown.bytes().await.unwrap().as_ref()), (200, b"PNG".as_slice()));
    world.gate(&channel, "PUT", &at(&made, "/icon"), Some(json!({"media": "nothing"}))).await.refused(400);
    world.gate(&channel, "DELETE", &at(&made, "/icon"), None).await.ok();
    assert_eq!(read().await.unwrap().status(), 204);
}

#[tokio::test]
async fn an_invitation_is_looked_at_and_sent() {
    let world = World::start().await;
    let channel = world.linked().await;
    let made = group(&world, &channel).await;
    let link = format!("/groups/link/{}", made["invite_code"].as_str().unwrap());
    let seen = world.gate(&channel, "GET", &link, None).await.ok();
    assert_eq!((&seen["id"], &seen["participantsCount"]), (&made["id"], &json!(2)));
    let sent = world.gate(&channel, "POST", &link, Some(json!({"to": HUDA}))).await.ok();
    assert_eq!(sent["message"]["type"], "group_invite");
    assert_eq!(sent["message"]["group_invite"]["title"], "Family");
    world.gate(&channel, "GET", "/groups/link/0000000000000000", None).await.refused(404);
}

#[tokio::test]
async fn a_community_has_groups_and_ends() {
    let world = World::start().await;
    let (channel, colleague) = (world.linked().await, world.colleague(COLLEAGUE).await);
    let body = json!({"subject": "Street", "description": "All of us"});
    let made = world.gate(&channel, "POST", "/communities", Some(body)).await.ok();
    let at = |below: &str| format!("/communities/{}{below}", made["id"].as_str().unwrap());
    let garden = json!({"subject": "Garden", "participants": [HUDA]});
    let garden = world.gate(&channel, "POST", &at(""), Some(garden)).await.ok();
    let kitchen = group(&world, &channel).await;
    let kitchen_path = at(&format!("/{}", kitchen["id"].as_str().unwrap()));
    world.gate(&channel, "PUT", &kitchen_path, None).await.ok();
    let groups = world.gate(&channel, "GET", &at("/subgroups"), None).await.ok();
    assert_eq!(groups["otherGroups"].as_array().unwrap().len(), 2);
    assert_eq!(world.gate(&channel, "GET", "/communities", None).await.ok()["total"], 1);
    assert_eq!(world.gate(&channel, "GET", "/groups", None).await.ok()["total"], 3, "with the group for announcements");

    world.gate(&colleague, "GET", &at(""), None).await.refused(404);
    let person = json!({"participants": [COLLEAGUE]});
    world.gate(&channel, "POST", &at("/participants"), Some(person.clone())).await.ok();
    assert_eq!(world.gate(&colleague, "GET", &at(""), None).await.ok()["name"], "Street");
    let join = at(&format!("/{}/join", garden["id"].as_str().unwrap()));
    world.gate(&colleague, "POST", &join, None).await.ok();
    assert_eq!(rank(&world, &channel, &garden, COLLEAGUE).await, "member");
    world.gate(&colleague, "DELETE", &at(""), None).await.refused(403);
    assert_eq!(world.gate(&channel, "PATCH", &at("/admins"), Some(person)).await.ok()["processed"], json!([COLLEAGUE]));

    world.gate(&channel, "DELETE", &kitchen_path, None).await.ok();
    world.gate(&channel, "DELETE", &kitchen_path, None).await.refused(404);
    world.gate(&colleague, "DELETE", &at(""), None).await.ok();
    world.gate(&channel, "GET", &at(""), None).await.refused(404);
    assert_eq!(
        world.gate(&channel, "GET", &format!("/groups/{}", garden["id"].as_str().unwrap()), None).await.ok().get("linkedParent"),
        None
    );
}

#[tokio::test]
async fn nobody_rules_groups_without_a_linked_phone() {
    let world = World::start().await;
    let channel = world.channel().await;
    let calls = [
        ("GET", "/communities", Value::Null),
        ("POST", "/communities", json!({"subject": "Street", "description": "All"})),
        ("PUT", "/groups", json!({"invite_code": "x"})),
        ("POST", "/newsletters", json!({"name": "Menu"})),
        ("POST", "/stories/send/text", json!({"caption": "Soup"})),
        ("POST", "/calls", json!({"start_time": "1810202551"})),
        ("GET", "/business/products", Value::Null),
        ("GET", "/business/collections", Value::Null),
        ("GET", "/contacts/lids/97339000001", Value::Null),
    ];
    for (method, path, body) in calls {
        let said = world.gate(&channel, method, path, Some(body).filter(|body| !body.is_null())).await;
        assert!(said.refused(401).to_lowercase().contains("need channel authorization"), "{method} {path}");
    }
}
