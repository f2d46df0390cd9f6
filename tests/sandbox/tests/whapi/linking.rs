//! From asleep to linked and back: QR codes, pairing codes, health.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sandbox::ControlError;
use serde_json::{Value, json};

use crate::world::{LAUNCH_MS, World};

fn picture(login: &Value) -> Vec<u8> {
    let text = login["base64"].as_str().unwrap();
    STANDARD.decode(text.trim_start_matches("data:image/png;base64,")).unwrap()
}

#[tokio::test]
async fn a_channel_waits_shows_a_code_and_is_linked_by_a_scan() {
    let world = World::start().await;
    let channel = world.channel().await;
    let login = world.show_code(&channel).await;
    assert_eq!((&login["status"], &login["expire"]), (&json!("OK"), &json!(20)));
    assert!(login["base64"].as_str().unwrap().starts_with("data:image/png;base64,"));
    let image = image::load_from_memory(&picture(&login)).unwrap();
    assert_eq!((image.width(), image.height()), (256, 256));
    assert_eq!(world.health(&channel).await["status"], json!({"code": 3, "text": "QR"}));

    let scanned = world.whapi.scan("chn_1", None).unwrap();
    let phone = scanned["phone"].as_str().unwrap();
    assert!(phone.starts_with("9733") && phone.len() == 11);
    let health = world.health(&channel).await;
    assert_eq!(health["status"], json!({"code": 4, "text": "AUTH"}));
    assert_eq!(health["user"]["id"], phone);
    let shown = world.manager("GET", &format!("/channels/{}", channel.id), None).await.ok();
    assert_eq!(shown["phone"], phone);
    let again = world.gate(&channel, "GET", "/users/login", None).await;
    assert_eq!(again.refused(409), "Channel already authenticated");
    world.gate(&channel, "GET", "/users/login/image", None).await.refused(409);
    world.gate(&channel, "GET", "/users/login/rowdata", None).await.refused(409);
    world.gate(&channel, "GET", "/users/login/97333123456", None).await.refused(409);
}

#[tokio::test]
async fn a_code_lives_twenty_seconds_and_the_next_is_another() {
    let world = World::start().await;
    let channel = world.channel().await;
    let first = world.show_code(&channel).await;
    let rowdata = || world.gate(&channel, "GET", "/users/login/rowdata", None);
    let early = rowdata().await.ok();
    world.advance_ms(5_000);
    let same = rowdata().await.ok();
    assert_eq!(same["rowdata"], early["rowdata"]);
    assert!(same["expire"].as_i64().unwrap() <= 15);

    world.advance_ms(16_000);
    let late = world.whapi.scan(&channel.id, None).unwrap_err();
    assert_eq!(late, ControlError::impossible("no code is shown that has not expired"));
    let next = world.gate(&channel, "GET", "/users/login", None).await.ok();
    assert_ne!(picture(&next), picture(&first));
    assert_ne!(rowdata().await.ok()["rowdata"], early["rowdata"]);
    world.whapi.scan(&channel.id, Some("+97339000001".to_owned())).unwrap();
}

#[tokio::test]
async fn when_nobody_scans_the_codes_end_and_the_channel_sleeps() {
    let world = World::start().await;
    let channel = world.channel().await;
    world.show_code(&channel).await;
    world.advance_ms(180_000);
    assert_eq!(world.health(&channel).await["status"]["text"], "NOT_INIT");
    let asleep = world.gate(&channel, "GET", "/users/login?wakeup=false", None).await.ok();
    assert_eq!(asleep, json!({"status": "TIMEOUT"}));
    let woken = world.gate(&channel, "GET", "/users/login", None).await.ok();
    assert_eq!(woken, json!({"status": "TIMEOUT"}));
    let waiting = world.gate(&channel, "GET", "/users/login", None).await.ok();
    assert_eq!(waiting, json!({"status": "WAITING"}));
    world.advance_ms(LAUNCH_MS);
    assert_eq!(world.gate(&channel, "GET", "/users/login", None).await.ok()["status"], "OK");
}

#[tokio::test]
async fn a_passive_look_wakes_nothing_and_a_plain_one_launches() {
    let world = World::start().await;
    let channel = world.channel().await;
    let asleep = world.gate(&channel, "GET", "/users/login?wakeup=false", None).await.ok();
    assert_eq!(asleep, json!({"status": "WAITING"}));
    assert_eq!(world.health(&channel).await["status"]["text"], "NOT_INIT");
    let launched = world.gate(&channel, "GET", "/health", None).await.ok();
    assert_eq!(launched["status"], json!({"code": 1, "text": "INIT"}));
    world.advance_ms(LAUNCH_MS * 3 / 10);
    assert_eq!(world.health(&channel).await["status"], json!({"code": 2, "text": "LAUNCH"}));
    world.advance_ms(LAUNCH_MS * 7 / 10);
    assert_eq!(world.health(&channel).await["status"]["text"], "QR");
    world.gate(&channel, "GET", "/health?wakeup=1", None).await.refused(400);
}

#[tokio::test]
async fn a_pairing_code_links_the_phone_it_was_asked_for_and_no_other() {
    let world = World::start().await;
    let channel = world.channel().await;
    let wrong = world.gate(&channel, "GET", "/users/login/+97333", None).await;
    assert_eq!(wrong.refused(400), "Invalid phone number");
    let code = world.gate(&channel, "GET", "/users/login/97339123456", None).await.ok();
    assert_eq!(code["code"].as_str().unwrap().len(), 9);
    assert!(matches!(world.whapi.scan("chn_1", Some("97330000000".to_owned())), Err(ControlError::Impossible(_))));
    let scanned = world.whapi.scan("chn_1", None).unwrap();
    assert_eq!(scanned["phone"], "97339123456");
}

#[tokio::test]
async fn a_scan_needs_a_code_on_the_screen() {
    let world = World::start().await;
    assert_eq!(world.whapi.scan("chn_1", None), Err(ControlError::Unknown));
    let channel = world.channel().await;
    assert!(matches!(world.whapi.scan("chn_1", None), Err(ControlError::Impossible(_))));
    world.gate(&channel, "GET", "/health", None).await.ok();
    world.advance_ms(LAUNCH_MS);
    // Codes could be had, but nobody has asked for one.
    assert!(matches!(world.whapi.scan("chn_1", None), Err(ControlError::Impossible(_))));
}

#[tokio::test]
async fn logging_out_ends_the_link_once() {
    let world = World::start().await;
    let channel = world.linked().await;
    world.gate(&channel, "POST", "/users/logout", None).await.ok();
    assert_eq!(world.gate(&channel, "POST", "/users/logout", None).await.refused(409), "Channel already logged out");
    let login = world.gate(&channel, "GET", "/users/login", None).await.ok();
    assert_eq!(login, json!({"status": "WAITING"}));
    assert!(world.health(&channel).await.get("user").is_none());
    let profile = world.gate(&channel, "GET", "/users/profile", None).await;
    assert!(profile.refused(401).to_lowercase().contains("need channel authorization"));
}

#[tokio::test]
async fn the_image_is_a_png_of_the_size_and_colours_asked_for() {
    let world = World::start().await;
    let channel = world.channel().await;
    world.show_code(&channel).await;
    let url = format!("{}/users/login/image?size=300&color_light=%2300ff00&color_dark=%23000080", world.whapi.gate_url());
    let answer = world.client().get(url).bearer_auth(&channel.token).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "image/png");
    let image = image::load_from_memory(&answer.bytes().await.unwrap()).unwrap().to_rgb8();
    assert_eq!((image.width(), image.height()), (300, 300));
    assert_eq!(image.get_pixel(0, 0).0, [0, 255, 0]);
    assert!(image.pixels().any(|pixel| pixel.0 == [0, 0, 128]));

    world.whapi.switch(|switches| switches.bare_base64 = true);
    let bare = world.gate(&channel, "GET", "/users/login", None).await.ok();
    assert!(bare["base64"].as_str().unwrap().starts_with("iVBOR"));
}

#[tokio::test]
async fn a_channel_launched_as_a_phone_shows_no_codes() {
    let world = World::start().await;
    let channel = world.channel().await;
    world.gate(&channel, "GET", "/health?channel_type=mobile", None).await.ok();
    world.gate(&channel, "GET", "/users/login", None).await.refused(406);
    world.gate(&channel, "GET", "/users/login/97339123456", None).await.refused(406);
}

#[tokio::test]
async fn the_profile_is_the_linked_phones() {
    let world = World::start().await;
    let channel = world.linked().await;
    world.gate(&channel, "PATCH", "/users/profile", Some(json!({"name": "Huda", "about": "Open till six"}))).await.ok();
    let profile = world.gate(&channel, "GET", "/users/profile", None).await.ok();
    assert_eq!((&profile["name"], &profile["about"]), (&json!("Huda"), &json!("Open till six")));
    world.gate(&channel, "PATCH", "/users/profile", Some(json!({"name": "Hu"}))).await.refused(400);
}

#[tokio::test]
async fn a_wrong_token_at_the_gate_is_a_channel_that_is_not_there() {
    let world = World::start().await;
    let channel = world.channel().await;
    let url = format!("{}/health", world.whapi.gate_url());
    assert_eq!(world.call("GET", &url, Some("wrong"), None).await.refused(404), "Channel not found");
    let partner = world.whapi.partner_token();
    world.call("GET", &url, Some(&partner), None).await.refused(404);
    world.call("GET", &format!("{url}?token={}", channel.token), None, None).await.ok();
}
