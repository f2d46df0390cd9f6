//! What the controls do, and that the world outlives the process.

use sandbox::{ControlError, SandboxConfig};
use serde_json::json;

use crate::world::{LAUNCH_MS, World};

#[tokio::test]
async fn controls_know_a_channel_by_either_id_and_refuse_what_cannot_be() {
    let world = World::start().await;
    let channel = world.channel().await;
    for control in [world.whapi.unlink("chn_1"), world.whapi.message(&channel.id, "97339000001", "Hi")] {
        assert_eq!(control, Err(ControlError::impossible("no phone is linked")));
    }
    for control in [world.whapi.unlink("chn_2"), world.whapi.error("SHAZAM-00000"), world.whapi.message("", "97339000001", "Hi")] {
        assert_eq!(control, Err(ControlError::Unknown));
    }
}

#[tokio::test]
async fn a_broken_channel_recovers_when_it_is_woken() {
    let world = World::start().await;
    let channel = world.linked().await;
    let broken = world.whapi.error("chn_1").unwrap();
    assert_eq!(broken["status"], json!({"code": 5, "text": "ERROR"}));
    world.gate(&channel, "POST", "/messages/text", Some(json!({"to": "97339000001", "body": "x"}))).await.refused(401);
    assert_eq!(world.health(&channel).await["status"]["text"], "ERROR");
    world.gate(&channel, "GET", "/health?wakeup=true", None).await.ok();
    world.advance_ms(LAUNCH_MS);
    assert_eq!(world.health(&channel).await["status"]["text"], "AUTH");
}

#[tokio::test]
async fn the_account_tells_the_truth_about_every_channel() {
    let world = World::start().await;
    world.create("Made by hand").await.ok();
    world.linked().await;
    let truth = world.whapi.account().unwrap();
    let mut ours: Vec<bool> = truth["channels"].as_array().unwrap().iter().map(|row| row["created_by_us"].as_bool().unwrap()).collect();
    ours.sort_unstable();
    assert_eq!(ours, [false, true]);
    let linked = truth["channels"].as_array().unwrap().iter().find(|row| row["created_by_us"] == true).unwrap();
    assert_eq!(linked["mode"], "live");
    assert!(linked["phone"].as_str().unwrap().starts_with("9733"));
    assert!(linked["active_till"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn the_world_goes_on_where_a_killed_process_left_it() {
    let folder = tempfile::tempdir().unwrap();
    let config = || SandboxConfig { data_dir: Some(folder.path().to_owned()), ..SandboxConfig::default() };
    let world = World::with(config()).await;
    let channel = world.linked().await;
    let (token, offset_ms) = (world.whapi.partner_token(), world.frame.clock.offset_ms());
    drop(world);

    let again = World::with(SandboxConfig { clock: sandbox::Clock::ahead_by_ms(offset_ms), ..config() }).await;
    assert_eq!(again.whapi.partner_token(), token);
    assert_eq!(again.health(&channel).await["status"]["text"], "AUTH");
}

#[tokio::test]
async fn a_reset_forgets_channels_and_switches_and_keeps_the_token() {
    let world = World::start().await;
    let channel = world.linked().await;
    world.whapi.switch(|switches| switches.flat_errors = true);
    let (token, project) = (world.whapi.partner_token(), world.whapi.project_id());
    world.whapi.set_balance(5).unwrap();
    world.whapi.reset();
    assert_eq!(world.whapi.account().unwrap(), json!({"days_balance": 10_000, "channels": []}));
    assert_eq!((world.whapi.partner_token(), world.whapi.project_id()), (token, project));
    world.gate(&channel, "GET", "/health", None).await.refused(404);
}

#[tokio::test]
async fn contacts_groups_and_labels_are_kept() {
    let world = World::start().await;
    let channel = world.linked().await;
    let contact = json!({"phone": "97339000001", "name": "Huda"});
    world.gate(&channel, "PUT", "/contacts", Some(contact.clone())).await.ok();
    world.gate(&channel, "PUT", "/contacts", Some(contact)).await.refused(409);
    assert_eq!(world.gate(&channel, "GET", "/contacts/97339000001", None).await.ok()["name"], "Huda");
    let group = json!({"subject": "Family", "participants": ["97339000001"]});
    let group = world.gate(&channel, "POST", "/groups", Some(group)).await.ok();
    let to_group = json!({"to": group["id"], "body": "Hello all"});
    world.gate(&channel, "POST", "/messages/text", Some(to_group)).await.ok();
    assert_eq!(world.gate(&channel, "GET", "/groups", None).await.ok()["groups"][0]["participants_count"], 2);
    world.gate(&channel, "POST", "/labels", Some(json!({"id": "1", "name": "VIP", "color": "gold"}))).await.ok();
    assert_eq!(world.gate(&channel, "GET", "/labels", None).await.ok()[0]["name"], "VIP");
    for empty in ["newsletters", "communities", "stories", "business/products", "business/collections"] {
        assert_eq!(world.gate(&channel, "GET", &format!("/{empty}"), None).await.ok()["total"], 0);
    }
}
