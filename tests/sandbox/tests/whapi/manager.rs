//! The manager's channels: made, listed, renamed, stopped, deleted.

use serde_json::{Value, json};

use crate::world::{DAY_MS, LAUNCH_MS, PROVISIONING_MS, World};

#[tokio::test]
async fn a_new_channel_is_in_trial_and_counts_in_milliseconds() {
    let world = World::start().await;
    let before_ms = world.now_ms();
    let made = world.create("Shop · chn_1").await.ok();

    let created_ms = made["creationTS"].as_i64().unwrap();
    assert!((before_ms..=world.now_ms()).contains(&created_ms));
    assert_eq!(made["activeTill"], created_ms + 6 * DAY_MS);
    assert_eq!(made["mode"], "trial");
    assert_eq!(made["stopped"], false);
    assert_eq!(made["name"], "Shop · chn_1");
    assert_eq!(made["projectId"], world.whapi.project_id());
    assert_eq!(made["apiUrl"], format!("{}/", world.whapi.gate_url()));
    let token = made["token"].as_str().unwrap();
    assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let (letters, signs) = made["id"].as_str().unwrap().split_once('-').unwrap();
    assert_eq!((letters.len(), signs.len()), (6, 5));

    let read = world.manager("GET", &format!("/channels/{}", made["id"].as_str().unwrap()), None).await.ok();
    assert_eq!((&read["id"], &read["activeTill"]), (&made["id"], &made["activeTill"]));
}

#[tokio::test]
async fn optional_members_are_sometimes_missing() {
    let world = World::start().await;
    let channel = world.channel().await;
    let path = format!("/channels/{}", channel.id);
    let mut trials = Vec::new();
    for _ in 0..6 {
        trials.push(world.manager("GET", &path, None).await.ok().get("trial").is_some());
    }
    assert!(trials.contains(&true) && trials.contains(&false));
}

#[tokio::test]
async fn a_channel_needs_a_name_and_a_known_project() {
    let world = World::start().await;
    let project = world.whapi.project_id();
    let wrong = [
        json!({"name": "Shop"}),
        json!({"projectId": project}),
        json!({"name": 7, "projectId": project}),
        json!({"name": "Shop", "projectId": project, "phone": "+973 3312"}),
    ];
    for body in wrong {
        assert_eq!(world.manager("PUT", "/channels", Some(body)).await.refused(400), "Wrong request parameters");
    }
    let unknown = json!({"name": "Shop", "projectId": "nowhere"});
    assert_eq!(world.manager("PUT", "/channels", Some(unknown)).await.refused(404), "Specified project not found");
    let by_word = json!({"name": "Shop", "projectId": "default", "phone": ""});
    assert_eq!(world.manager("PUT", "/channels", Some(by_word)).await.ok()["projectId"], project);
}

#[tokio::test]
async fn the_partner_token_is_checked_in_header_and_query() {
    let world = World::start().await;
    let url = format!("{}/channels/list", world.whapi.manager_url());
    assert!(!world.call("GET", &url, None, None).await.refused(401).is_empty());
    world.call("GET", &url, Some("wrong"), None).await.refused(401);
    world.whapi.switch(|switches| switches.bad_token_status = 403);
    world.call("GET", &url, Some("wrong"), None).await.refused(403);

    let old = world.whapi.partner_token();
    world.call("GET", &format!("{url}?token={old}"), None, None).await.ok();
    let fresh = world.whapi.rotate_partner_token();
    world.call("GET", &url, Some(&old), None).await.refused(403);
    world.call("GET", &url, Some(&fresh), None).await.ok();
    assert_eq!(fresh.split('.').count(), 3);
}

#[tokio::test]
async fn more_than_twenty_creations_in_half_an_hour_are_too_many() {
    let world = World::start().await;
    for _ in 0..20 {
        world.create("Shop").await.ok();
    }
    world.create("Shop").await.refused(429);
    world.advance_ms(29 * 60_000);
    world.create("Shop").await.refused(429);
    world.advance_ms(60_000);
    world.create("Shop").await.ok();
}

#[tokio::test]
async fn no_half_an_hour_has_more_than_twenty_creations() {
    let world = World::start().await;
    for _ in 0..10 {
        world.create("Early").await.ok();
    }
    world.advance_ms(29 * 60_000);
    for _ in 0..10 {
        world.create("Late").await.ok();
    }
    world.create("One more").await.refused(429);
    world.advance_ms(60_000);
    for _ in 0..10 {
        world.create("In place of an early one").await.ok();
    }
    world.create("In place of a late one").await.refused(429);
}

#[tokio::test]
async fn the_list_is_wrapped_paged_and_in_no_useful_order() {
    let world = World::start().await;
    let mut made = Vec::new();
    for _ in 0..12 {
        made.push(world.create("Shop").await.ok()["id"].as_str().unwrap().to_owned());
    }
    let whole = world.manager("GET", "/channels/list", None).await.ok();
    assert_eq!((&whole["count"], &whole["total"], &whole["offset"]), (&json!(12), &json!(12), &json!(0)));
    let listed = ids(&whole);
    assert_ne!(listed, made, "the order of the ids is the order of their making");

    let mut paged = Vec::new();
    for offset in [0, 5, 10] {
        let page = world.manager("GET", &format!("/channels/list?count=5&offset={offset}"), None).await.ok();
        paged.extend(ids(&page));
    }
    assert_eq!(paged, listed);
    for wrong in ["count=0", "count=501", "count=many", "offset=-1", "uid=somebody"] {
        world.manager("GET", &format!("/channels/list?{wrong}"), None).await.refused(400);
    }
    let default = world.manager("GET", "/channels/list/default?count=500", None).await.ok();
    assert_eq!(default["total"], 12);
    world.manager("GET", "/channels/list/nowhere", None).await.refused(404);
}

fn ids(list: &Value) -> Vec<String> {
    list["channels"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_channel_is_renamed_and_moved_to_another_project() {
    let world = World::start().await;
    let channel = world.channel().await;
    let project = world.manager("PUT", "/projects", Some(json!({"name": "Second"}))).await.ok();
    let path = format!("/channels/{}", channel.id);
    let change = json!({"name": "New name · chn_1", "projectId": project["id"]});
    assert_eq!(world.manager("PATCH", &path, Some(change)).await.ok(), json!({"success": true}));
    world.manager("PATCH", &path, Some(json!({"name": "Only a name"}))).await.refused(400);

    let read = world.manager("GET", &path, None).await.ok();
    assert_eq!((&read["name"], &read["projectId"]), (&json!("New name · chn_1"), &project["id"]));
    let of_project = format!("/channels/list/{}", project["id"].as_str().unwrap());
    assert_eq!(world.manager("GET", &of_project, None).await.ok()["total"], 1);
}

#[tokio::test]
async fn projects_are_made_renamed_and_deleted_when_empty() {
    let world = World::start().await;
    let made = world.manager("PUT", "/projects", Some(json!({"name": "Second"}))).await.ok();
    let path = format!("/projects/{}", made["id"].as_str().unwrap());
    world.manager("PATCH", &path, Some(json!({"name": "Third"}))).await.ok();
    assert_eq!(world.manager("GET", &path, None).await.ok()["name"], "Third");
    let list = world.manager("GET", "/projects", None).await.ok();
    assert_eq!(list["total"], 2);
    let defaults = list["projects"].as_array().unwrap().iter().filter(|project| project["isDefault"] == true);
    assert_eq!(defaults.count(), 1);
    world.manager("DELETE", &path, None).await.ok();
    world.manager("GET", &path, None).await.refused(404);
    world.manager("DELETE", "/projects/default", None).await.refused(400);
    world.manager("PUT", "/projects", Some(json!({}))).await.refused(400);
}

#[tokio::test]
async fn a_stopped_channel_is_said_so_on_both_doors_and_starts_again() {
    let world = World::start().await;
    let channel = world.linked().await;
    let path = |verb: &str| format!("/channels/{}{verb}", channel.id);
    world.manager("POST", &path("/stop"), None).await.ok();
    assert_eq!(world.manager("GET", &path(""), None).await.ok()["stopped"], true);
    assert_eq!(world.health(&channel).await["status"]["text"], "STOP");
    assert_eq!(world.gate(&channel, "GET", "/users/login", None).await.ok()["status"], "ERROR");
    world.manager("POST", &path("/restart"), None).await.refused(503);

    world.manager("POST", &path("/start"), None).await.ok();
    assert_eq!(world.health(&channel).await["status"]["text"], "INIT");
    world.advance_ms(LAUNCH_MS);
    assert_eq!(world.health(&channel).await["status"]["text"], "AUTH");

    world.manager("POST", &path("/restart"), None).await.ok();
    assert_eq!(world.health(&channel).await["status"]["text"], "INIT");
}

#[tokio::test]
async fn a_new_channel_is_not_ready_at_once_on_either_door() {
    let world = World::start().await;
    let made = world.create("Shop").await.ok();
    let url = format!("{}/health?wakeup=false", world.whapi.gate_url());
    let token = made["token"].as_str();
    assert_eq!(world.call("GET", &url, token, None).await.refused(404), "Channel not found");
    let start = format!("/channels/{}/start", made["id"].as_str().unwrap());
    assert_eq!(world.manager("POST", &start, None).await.refused(503), "The channel is not ready to be started");
    world.advance_ms(PROVISIONING_MS);
    assert_eq!(world.call("GET", &url, token, None).await.ok()["status"], json!({"code": 0, "text": "NOT_INIT"}));
    world.manager("POST", &start, None).await.ok();
}

#[tokio::test]
async fn a_deleted_channel_is_gone_from_both_doors() {
    let world = World::start().await;
    let channel = world.channel().await;
    let path = format!("/channels/{}", channel.id);
    assert_eq!(world.manager("DELETE", &path, None).await.ok(), json!({"success": true}));
    assert_eq!(world.manager("DELETE", &path, None).await.refused(404), "Specified channel not found");
    world.manager("GET", &path, None).await.refused(404);
    world.gate(&channel, "GET", "/health", None).await.refused(404);
}

#[tokio::test]
async fn a_slash_at_the_end_an_unknown_route_and_a_wrong_method_are_answered_as_whapi_does() {
    let world = World::start().await;
    world.manager("GET", "/channels/list/?count=5", None).await.ok();
    world.manager("GET", "/nothing/here", None).await.refused(404);
    world.manager("POST", "/channels", Some(json!({}))).await.refused(405);
    world.whapi.switch(|switches| switches.flat_errors = true);
    let flat = world.manager("GET", "/channels/NOBODY-12345", None).await;
    assert_eq!((flat.status, flat.body), (404, json!({"code": 404, "error": "specified channel not found"})));
}
