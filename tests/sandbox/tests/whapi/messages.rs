//! Messages: sent in every kind, found again, edited, forwarded, deleted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::world::{STATUS_MS, World};

const TO: &str = "97339000001";

#[tokio::test]
async fn a_text_is_pending_then_sent_delivered_and_read() {
    let world = World::start().await;
    let channel = world.linked().await;
    let body = json!({"to": TO, "body": "Hello"});
    let sent = world.gate(&channel, "POST", "/messages/text", Some(body)).await.ok();
    let message = &sent["message"];
    assert_eq!(sent["sent"], true);
    assert_eq!(message["status"], "pending");
    assert_eq!(message["chat_id"], "97339000001@s.whatsapp.net");
    assert_eq!(message["text"], json!({"body": "Hello"}));
    assert_eq!((&message["from_me"], &message["source"]), (&json!(true), &json!("api")));

    let path = format!("/messages/{}", message["id"].as_str().unwrap());
    for status in ["sent", "delivered", "read"] {
        world.advance_ms(STATUS_MS);
        assert_eq!(world.gate(&channel, "GET", &path, None).await.ok()["status"], status);
    }
    let statuses = format!("/statuses/{}", message["id"].as_str().unwrap());
    let statuses = world.gate(&channel, "GET", &statuses, None).await.ok();
    let words: Vec<&Value> = statuses["statuses"].as_array().unwrap().iter().map(|status| &status["status"]).collect();
    assert_eq!(words, ["pending", "sent", "delivered", "read"]);
    assert!(statuses["statuses"][0]["timestamp"].is_string());
}

#[tokio::test]
async fn nothing_is_sent_without_a_linked_phone_or_to_nobody() {
    let world = World::start().await;
    let channel = world.channel().await;
    let body = json!({"to": TO, "body": "Hello"});
    let refused = world.gate(&channel, "POST", "/messages/text", Some(body)).await.refused(401);
    assert!(refused.to_lowercase().contains("need channel authorization"));
    let channel = world.linked().await;
    let wrong = [json!({"to": "huda", "body": "x"}), json!({"to": TO}), json!({"to": [TO], "body": "x"}), json!("x")];
    for body in wrong {
        world.gate(&channel, "POST", "/messages/text", Some(body)).await.refused(400);
    }
    let group = json!({"to": "120363271212442249@g.us", "body": "x"});
    world.gate(&channel, "POST", "/messages/text", Some(group)).await.refused(403);
}

#[tokio::test]
async fn a_message_holds_what_is_described_and_nothing_else_of_the_request() {
    let world = World::start().await;
    let channel = world.linked().await;
    let button = json!({"type": "url", "title": "See", "id": "b-1", "url": "https://example.test/", "colour": "red"});
    let body = json!({"to": TO, "action": {"buttons": [button], "list": {"sections": [], "label": "All"}}, "id": 5, "link": 7});
    let sent = world.gate(&channel, "POST", "/messages/interactive", Some(body)).await.ok();
    let shown = json!({"type": "url", "title": "See", "id": "b-1", "url": "https://example.test/"});
    let action = json!({"buttons": [shown], "list": {"sections": [], "label": "All"}});
    assert_eq!(sent["message"]["interactive"], json!({ "action": action }));
    for action in [json!({"buttons": 5}), json!({"list": {"label": "All"}}), json!({"buttons": [{"title": "See", "id": "1"}]})] {
        let body = json!({"to": TO, "action": action});
        world.gate(&channel, "POST", "/messages/interactive", Some(body)).await.refused(400);
    }
}

#[tokio::test]
async fn a_size_is_a_whole_number_of_32_bits() {
    let world = World::start().await;
    let channel = world.linked().await;
    let picture = |width: Value| Some(json!({"to": TO, "media": "https://example.test/a.png", "width": width}));
    for width in [json!(1.5), json!(1.3e20), json!(4_294_967_296_i64)] {
        world.gate(&channel, "POST", "/messages/image", picture(width)).await.refused(400);
    }
    let sent = world.gate(&channel, "POST", "/messages/image", picture(json!(640))).await.ok();
    assert_eq!(sent["message"]["image"]["width"], 640);
}

#[tokio::test]
async fn a_file_is_sent_as_a_body_or_named_in_one() {
    let world = World::start().await;
    let channel = world.linked().await;
    let gate = world.whapi.gate_url();
    let path = format!("{gate}/messages/media/audio?to={TO}&seconds=7");
    let request = world.client().post(&path).bearer_auth(&channel.token).header("content-type", "audio/ogg").body("OGG");
    let sent: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!((&sent["message"]["audio"]["seconds"], &sent["message"]["audio"]["mime_type"]), (&json!(7), &json!("audio/ogg")));
    let wrong = path.replace("seconds=7", "seconds=soon");
    let request = world.client().post(wrong).bearer_auth(&channel.token).header("content-type", "audio/ogg").body("OGG");
    assert_eq!(request.send().await.unwrap().status(), 400);

    let png = format!("data:image/png;base64,{}", STANDARD.encode("PNG"));
    let named = Some(json!({"media": png, "no_encode": true}));
    let kept = world.gate(&channel, "POST", "/media", named.clone()).await.ok();
    let id = kept["media"][0]["id"].as_str().unwrap();
    assert!(id.starts_with("png-"), "{id}");
    assert_eq!(world.gate(&channel, "GET", "/media", None).await.ok()["total"], 2);
    world.gate(&channel, "POST", "/media", Some(json!({"media": "nothing"}))).await.refused(400);
    let sent = world.gate(&channel, "POST", &format!("/messages/media/image?to={TO}"), named).await.ok();
    assert_eq!(sent["message"]["image"]["mime_type"], "image/png");
}

#[tokio::test]
async fn every_kind_of_message_is_sent_with_its_content_under_its_name() {
    let world = World::start().await;
    let channel = world.linked().await;
    let png = format!("data:image/png;base64,{}", STANDARD.encode("PNG"));
    let kinds = [
        ("image", json!({"media": png, "caption": "See"})),
        ("video", json!({"media": "https://example.test/a.mp4"})),
        ("short", json!({"media": "https://example.test/a.mp4"})),
        ("gif", json!({"media": "https://example.test/a.mp4"})),
        ("audio", json!({"media": "https://example.test/a.mp3"})),
        ("voice", json!({"media": "https://example.test/a.ogg", "seconds": 3})),
        ("document", json!({"media": "https://example.test/a.pdf", "filename": "a.pdf"})),
        ("sticker", json!({"media": "https://example.test/a.webp"})),
        ("link_preview", json!({"body": "https://example.test", "title": "A shop"})),
        ("location", json!({"latitude": 26.2, "longitude": 50.6})),
        ("live_location", json!({"latitude": 26.2, "longitude": 50.6})),
        ("contact", json!({"name": "Ali", "vcard": "BEGIN:VCARD"})),
        ("contact_list", json!({"list": [{"name": "Ali", "vcard": "BEGIN:VCARD"}]})),
        ("poll", json!({"title": "Tea?", "options": ["yes", "no"], "count": 1})),
        ("interactive", json!({"type": "button", "body": {"text": "x"}, "action": {"buttons": []}})),
        ("carousel", json!({"cards": [{"id": "1", "buttons": [], "media": {}}]})),
    ];
    for (kind, mut body) in kinds {
        body["to"] = json!(TO);
        let sent = world.gate(&channel, "POST", &format!("/messages/{kind}"), Some(body)).await.ok();
        assert_eq!(sent["message"]["type"], kind);
        assert!(sent["message"][kind].is_object(), "{kind}: {sent}");
    }
    let list = world.gate(&channel, "GET", "/messages/list?count=500", None).await.ok();
    assert_eq!((&list["total"], &list["messages"][0]["type"]), (&json!(16), &json!("carousel")));
}

#[tokio::test]
async fn media_is_refused_when_unknown_or_of_the_wrong_type() {
    let world = World::start().await;
    let channel = world.linked().await;
    let unknown = json!({"to": TO, "media": "jpeg-00000000-0000-0000-0000-000000000000"});
    let refused = world.gate(&channel, "POST", "/messages/image", Some(unknown)).await;
    assert_eq!(refused.refused(404), "Media with specified id not found");
    let page = json!({"to": TO, "media": "data:text/html;base64,PGI+"});
    world.gate(&channel, "POST", "/messages/image", Some(page)).await.refused(415);
}

#[tokio::test]
async fn a_file_is_uploaded_and_sent_by_its_id_as_a_raw_body_or_in_a_form() {
    let world = World::start().await;
    let channel = world.linked().await;
    let post = |path: &str| world.client().post(format!("{}{path}", world.whapi.gate_url())).bearer_auth(&channel.token);
    let uploaded: Value = post("/media").header("content-type", "image/png").body("PNG").send().await.unwrap().json().await.unwrap();
    let id = uploaded["media"][0]["id"].as_str().unwrap();
    let sent = world.gate(&channel, "POST", "/messages/image", Some(json!({"to": TO, "media": id}))).await.ok();
    assert_eq!((&sent["message"]["image"]["id"], &sent["message"]["image"]["file_size"]), (&json!(id), &json!(3)));
    let fetched = world.client().get(format!("{}/media/{id}", world.whapi.gate_url())).bearer_auth(&channel.token).send().await.unwrap();
    assert_eq!(fetched.headers()["content-type"], "image/png");
    assert_eq!(fetched.text().await.unwrap(), "PNG");

    let raw = post(&format!("/messages/media/document?to={TO}&caption=Here")).header("content-type", "application/pdf");
    let raw: Value = raw.body("%PDF").send().await.unwrap().json().await.unwrap();
    assert_eq!(raw["message"]["document"]["caption"], "Here");

    let form = "--b\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\n97339000001\r\n\
                --b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nPNG\r\n--b--\r\n";
    let form = post("/messages/image").header("content-type", "multipart/form-data; boundary=b").body(form);
    let form: Value = form.send().await.unwrap().json().await.unwrap();
    assert_eq!(form["message"]["image"]["mime_type"], "image/png");
}

#[tokio::test]
async fn messages_are_listed_by_chat_and_time_newest_first() {
    let world = World::start().await;
    let channel = world.linked().await;
    for (to, text) in [(TO, "one"), ("97339000002", "two"), (TO, "three")] {
        world.gate(&channel, "POST", "/messages/text", Some(json!({"to": to, "body": text}))).await.ok();
        world.advance_ms(10_000);
    }
    world.whapi.message("chn_1", "+973 3900 0001", "four").unwrap();
    let bodies = |list: Value| -> Vec<String> {
        list["messages"].as_array().unwrap().iter().map(|message| message["text"]["body"].as_str().unwrap().to_owned()).collect()
    };
    let chat = "/messages/list/97339000001@s.whatsapp.net";
    assert_eq!(bodies(world.gate(&channel, "GET", chat, None).await.ok()), ["four", "three", "one"]);
    let mine = world.gate(&channel, "GET", &format!("{chat}?from_me=true&sort=asc"), None).await.ok();
    assert_eq!(bodies(mine), ["one", "three"]);
    let page = world.gate(&channel, "GET", "/messages/list?count=2&offset=1", None).await.ok();
    assert_eq!((&page["total"], bodies(page.clone())), (&json!(4), vec!["three".to_owned(), "two".to_owned()]));
    let since = world.now_ms() / 1_000 - 15;
    let late = world.gate(&channel, "GET", &format!("/messages/list?time_from={since}"), None).await.ok();
    assert_eq!(bodies(late), ["four", "three"]);
    world.gate(&channel, "GET", "/messages/list/97339999999@s.whatsapp.net", None).await.refused(404);
    let chats = world.gate(&channel, "GET", "/chats", None).await.ok();
    assert_eq!((&chats["total"], &chats["chats"][0]["id"]), (&json!(2), &json!("97339000001@s.whatsapp.net")));
}

#[tokio::test]
async fn a_message_is_edited_forwarded_reacted_to_and_deleted() {
    let world = World::start().await;
    let channel = world.linked().await;
    let sent = world.gate(&channel, "POST", "/messages/text", Some(json!({"to": TO, "body": "Helo"}))).await.ok();
    let id = sent["message"]["id"].as_str().unwrap();
    let path = format!("/messages/{id}");
    let edit = json!({"to": TO, "body": "Hello", "edit": id});
    world.gate(&channel, "POST", "/messages/text", Some(edit)).await.ok();
    assert_eq!(world.gate(&channel, "GET", &path, None).await.ok()["text"]["body"], "Hello");
    let forwarded = world.gate(&channel, "POST", &path, Some(json!({"to": "97339000002"}))).await.ok();
    assert_eq!(forwarded["message"]["text"]["body"], "Hello");
    world.gate(&channel, "PUT", &format!("{path}/reaction"), Some(json!({"emoji": "👍"}))).await.ok();
    world.gate(&channel, "PUT", &path, None).await.ok();
    world.gate(&channel, "DELETE", &path, None).await.ok();
    assert_eq!(world.gate(&channel, "GET", &path, None).await.refused(404), "Specified message not found");
}

#[tokio::test]
async fn typing_holds_the_call_by_the_clock() {
    let world = World::start().await;
    let channel = world.linked().await;
    let body = json!({"to": TO, "body": "Hello", "typing_time": 60});
    let begun_ms = world.now_ms();
    // A second passes with each other call, so that an answer that is not held comes long before the minute is over.
    let moving = async {
        loop {
            world.advance_ms(1_000);
            world.gate(&channel, "GET", "/limits", None).await;
        }
    };
    tokio::select! {
        sent = world.gate(&channel, "POST", "/messages/text", Some(body)) => { sent.ok(); }
        () = moving => {}
    }
    assert!(world.now_ms() - begun_ms >= 60_000, "{}", world.now_ms() - begun_ms);
}

#[tokio::test]
async fn out_of_sync_a_channel_sends_but_does_not_read() {
    let world = World::start().await;
    let channel = world.linked().await;
    world.whapi.sync_error("chn_1").unwrap();
    assert_eq!(world.health(&channel).await["status"]["text"], "SYNC_ERROR");
    world.gate(&channel, "POST", "/messages/text", Some(json!({"to": TO, "body": "x"}))).await.ok();
    world.gate(&channel, "GET", "/messages/list", None).await.refused(500);
}
