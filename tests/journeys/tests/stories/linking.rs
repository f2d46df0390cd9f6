//! A phone is linked by a QR code or a pairing code; WHAPI tells of it, or we look.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use journeys::{Person, World, days, minutes, seconds};
use serde_json::{Value, json};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Somebody with one channel that has days.
async fn owner(world: &World) -> (Person, String) {
    let person = world.customer().await;
    person.buy("Growth").await;
    let shop = person.add_working_channel("Shop").await;
    (person, shop)
}

/// Asks for a code and checks that it is a picture with a life.
async fn code(person: &Person, id: &str) -> Value {
    let answer = person.get(&format!("/v1/channels/{id}/qr")).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let code = answer.ok();
    let picture = code["qr"].as_str().and_then(|qr| qr.strip_prefix("data:image/png;base64,")).expect("a data URI");
    assert!(STANDARD.decode(picture).unwrap().starts_with(PNG));
    let life = code["expires_in"].as_i64().unwrap();
    assert!((1..=60).contains(&life), "{life}");
    assert!(code["expires_at"].is_string());
    code
}

/// CH-6, CH-8, CH-9: the code comes though WHAPI first says to wait; the scan is told by its webhook; a
/// linked channel gives no more codes; unlinked on the phone, it is announced and can be linked again.
#[tokio::test]
async fn a_code_is_scanned_and_the_phone_leaves_again() {
    let world = World::start().await;
    let (person, shop) = owner(&world).await;
    assert_eq!(person.link_state(&shop).await, "not_started");
    let _ = code(&person, &shop).await;
    assert_eq!(person.channel(&shop).await["status"], "qr_generated");
    assert_eq!(person.link_state(&shop).await, "waiting");
    world.control("whapi/scan", json!({ "channel_id": shop, "phone": "97336612345" })).await;
    world.settle().await;
    let linked = person.channel(&shop).await;
    assert_eq!(
        (&linked["badge"], &linked["connection"], &linked["whatsapp_number"]),
        (&json!("authorized"), &json!("active"), &json!("+97336612345"))
    );
    assert_eq!(person.link_state(&shop).await, "linked");
    person.get(&format!("/v1/channels/{shop}/qr")).await.refused(409, "already_linked");
    person.post(&format!("/v1/channels/{shop}/pairing-code"), json!({ "phone": "+97336612345" })).await.refused(409, "already_linked");

    world.control("whapi/unlink", json!({ "channel_id": shop })).await;
    world.advance(seconds(5)).await;
    let unlinked = person.channel(&shop).await;
    assert_eq!(
        (&unlinked["badge"], &unlinked["auth_status"], &unlinked["connection"]),
        (&json!("active"), &json!("pending"), &json!("disconnected"))
    );
    assert!(person.was_told("The number was unlinked. Link it again.").await);
    person.link(&shop).await;
    let kinds: Vec<Value> =
        person.all(&format!("/v1/channels/{shop}/history")).await.into_iter().map(|line| line["kind"].clone()).collect();
    for kind in ["channel.created", "channel.extended", "channel.code_given", "channel.linked", "channel.unlinked"] {
        assert!(kinds.contains(&json!(kind)), "{kind} in {kinds:?}");
    }
}

/// CH-6: WHAPI sends the picture without its prefix, or its session slept in: the customer gets a code.
#[tokio::test]
async fn every_shape_of_qr_answer_becomes_a_code() {
    let world = World::start().await;
    let (person, shop) = owner(&world).await;
    world.sandbox(|sandbox| sandbox.whapi.switch(|switches| switches.bare_base64 = true)).await;
    let first = code(&person, &shop).await;
    world.advance(minutes(4)).await;
    let after_timeout = code(&person, &shop).await;
    assert_ne!(first["qr"], after_timeout["qr"], "a code is never shown past its life");
    world.control("whapi/error", json!({ "channel_id": shop })).await;
    let _ = code(&person, &shop).await;
    world.faults(json!([{ "provider": "whapi", "route": "GET /users/login", "kind": "garbage", "rate": 1.0 }])).await;
    let unread = person.get(&format!("/v1/channels/{shop}/qr")).await;
    assert!(unread.header("retry-after").is_some());
    unread.refused(503, "provider_unavailable");
    world.faults(json!([{ "provider": "whapi", "route": "GET /users/login", "kind": "status", "status": 429, "rate": 1.0 }])).await;
    let busy = person.get(&format!("/v1/channels/{shop}/qr")).await;
    assert!(busy.header("retry-after").is_some());
    busy.refused(429, "too_many_requests");
    world.calm().await;
    let _ = code(&person, &shop).await;
}

/// CH-6, CH-7: for a minute and a half WHAPI's gate does not know a new channel. That is no error and no code:
/// the customer is told to wait, and then it goes on by itself.
#[tokio::test]
async fn a_new_channel_is_being_set_up_for_a_while() {
    let world = World::start().await;
    world.sandbox(|sandbox| sandbox.whapi.switch(|switches| switches.provisioning_ms = 90_000)).await;
    let person = world.customer().await;
    person.buy("Growth").await;
    let shop = person.add_channel("Shop").await;
    assert_eq!(person.channel(&shop).await["status"], "active", "it has its days");
    let path = format!("/v1/channels/{shop}");
    for _ in 0..2 {
        person.get(&format!("{path}/qr")).await.refused(409, "channel_provisioning");
        person.post(&format!("{path}/pairing-code"), json!({ "phone": "+97336612345" })).await.refused(409, "channel_provisioning");
        person.post(&format!("{path}/refresh"), json!({})).await.refused(409, "channel_provisioning");
        world.sweep_for(1, seconds(35)).await;
    }
    assert_eq!(person.channel(&shop).await["status"], "active", "nothing came of it");
    world.sweep_for(2, seconds(30)).await;
    person.link(&shop).await;
    assert_eq!(person.prove_channel(&shop).await, 30);
}

/// CH-8: WHAPI's webhooks are lost. The sweep notices the scan, and so does whoever looks at the link.
#[tokio::test]
async fn a_scan_is_noticed_without_webhooks() {
    let world = World::start().await;
    let (person, shop) = owner(&world).await;
    let office = person.add_working_channel("Office").await;
    world.faults(json!([{ "provider": "whapi", "kind": "drop_webhook", "rate": 1.0 }])).await;
    for channel in [&shop, &office] {
        let _ = code(&person, channel).await;
        world.control("whapi/scan", json!({ "channel_id": channel })).await;
    }
    world.settle().await;
    assert_eq!(person.channel(&shop).await["auth_status"], "pending", "nobody has told us");
    assert_eq!(person.link_state(&shop).await, "linked", "looking at the link looks at WHAPI");
    assert_eq!(person.channel(&office).await["auth_status"], "pending");
    world.sweep_for(2, seconds(40)).await;
    assert_eq!(person.channel(&office).await["badge"], "authorized");
    world.control("whapi/unlink", json!({ "channel_id": office })).await;
    let refreshed = person.post(&format!("/v1/channels/{office}/refresh"), json!({})).await.ok();
    assert_eq!(refreshed["auth_status"], "authorized", "it launches again before it shows codes");
    world.advance(seconds(5)).await;
    let refreshed = person.post(&format!("/v1/channels/{office}/refresh"), json!({})).await.ok();
    assert_eq!(refreshed["auth_status"], "pending");
}

/// CH-7: a pairing code in place of the QR; only a number that exists gets one.
#[tokio::test]
async fn a_pairing_code_links_its_phone() {
    let world = World::start().await;
    let (person, shop) = owner(&world).await;
    let path = format!("/v1/channels/{shop}/pairing-code");
    for wrong in ["", "12345", "+999123456789", "not a number", "+1 555 555 555 555 555 555 55"] {
        let problem = person.post(&path, json!({ "phone": wrong })).await.refused(422, "validation_failed");
        assert_eq!(problem["errors"][0]["field"], "phone", "{wrong}");
    }
    let answer = person.post(&path, json!({ "phone": "+973 3661 2345" })).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let given = answer.ok();
    assert!(given["code"].as_str().is_some_and(|code| code.len() >= 8), "{given}");
    assert_eq!(person.link_state(&shop).await, "waiting");
    world.control("whapi/scan", json!({ "channel_id": shop })).await;
    world.settle().await;
    assert_eq!(person.link_state(&shop).await, "linked");
    assert_eq!(person.channel(&shop).await["whatsapp_number"], "+97336612345");
}

/// CH-9, CH-15: nobody scans in time: the link is given up and says so; a new code begins anew.
#[tokio::test]
async fn a_code_that_nobody_scans_times_out() {
    let world = World::start().await;
    let (person, shop) = owner(&world).await;
    let _ = code(&person, &shop).await;
    world.sweep_for(3, minutes(3)).await;
    let channel = person.channel(&shop).await;
    assert_eq!((&channel["status"], &channel["badge"]), (&json!("active"), &json!("active")));
    assert_eq!(person.link_state(&shop).await, "timed_out");
    let _ = code(&person, &shop).await;
    assert_eq!(person.link_state(&shop).await, "waiting");
    person.link(&shop).await;
}

/// CH-6, BAL-4: a channel whose days ran out gives no code, and says why; with days it does again.
#[tokio::test]
async fn a_channel_without_days_gives_no_code() {
    let world = World::start().await;
    let (person, shop) = owner(&world).await;
    person.patch(&format!("/v1/channels/{shop}"), json!({ "auto_renew": false })).await.ok();
    world.advance(days(40)).await;
    assert_eq!(person.channel(&shop).await["status"], "expired");
    person.get(&format!("/v1/channels/{shop}/qr")).await.refused(409, "channel_not_active");
    person.extend(&shop, 7).await.with(202);
    world.settle().await;
    let _ = code(&person, &shop).await;
    person.prove_channel(&shop).await;
}
