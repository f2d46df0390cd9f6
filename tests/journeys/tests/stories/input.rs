//! What people and programs send that is wrong: each is told what, where, and how to mend it, and nothing
//! ever is our failure.

use journeys::{Answer, Person, World};
use reqwest::Method;
use serde_json::{Value, json};

/// A route with a body, and one that is right.
type Form = (Method, String, Value);

/// The forms of the front door. The channel is the caller's own.
fn forms(channel: &str, plan: &str) -> Vec<Form> {
    vec![
        (Method::PATCH, "/v1/me".to_owned(), json!({ "name": "Sara" })),
        (Method::POST, "/v1/api-keys".to_owned(), json!({ "name": "Till", "scopes": ["read"] })),
        (Method::POST, "/v1/channels".to_owned(), json!({ "name": "Shop" })),
        (Method::PATCH, format!("/v1/channels/{channel}"), json!({ "name": "Shop" })),
        (Method::POST, format!("/v1/channels/{channel}/extend"), json!({ "days": 1 })),
        (Method::POST, format!("/v1/channels/{channel}/pairing-code"), json!({ "phone": "+97336612345" })),
        (Method::POST, "/v1/notifications/read".to_owned(), json!({ "ids": [] })),
        (Method::POST, "/v1/subscriptions".to_owned(), json!({ "plan_id": plan, "payment_method": "paypal" })),
    ]
}

async fn send(person: &Person, form: &Form, kind: Option<&str>, body: Vec<u8>) -> Answer {
    let request = person.request(form.0.clone(), &form.1).await.body(body);
    let request = match kind {
        Some(kind) => request.header("content-type", kind),
        None => request,
    };
    person.world().send(request).await
}

async fn owner(world: &World) -> (Person, Vec<Form>) {
    let person = world.customer().await;
    person.buy("Business").await;
    let shop = person.add_working_channel("Shop").await;
    let forms = forms(&shop, &world.plan("Starter").await);
    (person, forms)
}

/// OPS-4: bodies that are no JSON, of another type, too large, or of another shape.
#[tokio::test]
async fn bodies_that_cannot_be_read_are_problems() {
    let world = World::start().await;
    let (person, forms) = owner(&world).await;
    let json = Some("application/json");
    for form in &forms {
        for broken in ["", "{", "{\"name\":", "nonsense", "{\"a\":1}}", "\u{feff}{}", "{'name':'x'}", &"[".repeat(5_000)] {
            let answer = send(&person, form, json, broken.into()).await;
            assert!(matches!(answer.status, 400 | 422), "{form:?} {broken:.20}: {} {}", answer.status, answer.text);
            answer.problem();
        }
        send(&person, form, json, b"{".to_vec()).await.refused(400, "invalid_json");
        send(&person, form, json, vec![b'{', 0xff, 0xfe, b'}']).await.refused(400, "invalid_json");
        for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("multipart/form-data; boundary=x"), Some("")]
        {
            send(&person, form, kind, form.2.to_string().into()).await.refused(415, "unsupported_media_type");
        }
        let named = format!("{{\"{}\":1}}", "x".repeat(60_000));
        let answer = send(&person, form, json, named.into()).await;
        assert!(answer.text.len() < 4_096, "{form:?} gives back {} bytes of what was sent", answer.text.len());
        answer.refused(422, "validation_failed");
        let large = format!("{{\"name\":\"{}\"}}", "x".repeat(100_000));
        send(&person, form, json, large.into()).await.refused(413, "body_too_large");
        for shape in ["null", "[]", "7", "\"text\"", "true"] {
            send(&person, form, json, shape.into()).await.refused(422, "validation_failed");
        }
    }
    let before = person.prove().await;
    let spaced = format!("  {}\n", forms[4].2);
    send(&person, &forms[4], Some("application/json; charset=utf-8"), spaced.into()).await.with(202);
    assert_eq!(person.prove().await, before - 1, "only the last was right");
}

/// OPS-4: an unknown member, and every member with every wrong type, is named in `errors[]`.
#[tokio::test]
async fn wrong_members_are_named() {
    let world = World::start().await;
    let (person, forms) = owner(&world).await;
    let wrong = [
        json!(null),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!({ "a": 1 }),
        json!([[1]]),
        json!(true),
        json!("x\u{0}y"),
        json!("x".repeat(5_000)),
    ];
    for form in &forms {
        let mut more = form.2.clone();
        more["surprise"] = json!(1);
        let problem = send(&person, form, Some("application/json"), more.to_string().into()).await.refused(422, "validation_failed");
        assert_eq!(problem["errors"][0]["field"], "surprise", "{form:?} {problem}");
        for member in form.2.as_object().unwrap().keys() {
            for value in &wrong {
                let mut body = form.2.clone();
                body[member] = value.clone();
                let answer = send(&person, form, Some("application/json"), body.to_string().into()).await;
                assert!(answer.status < 500, "{form:?} {member}: {} {}", answer.status, answer.text);
                if answer.status == 422 {
                    let field = answer.problem()["errors"][0]["field"].as_str().unwrap_or_default().to_owned();
                    assert!(field.starts_with(member.as_str()), "{form:?} {member} {field}");
                } else {
                    assert!(
                        answer.status < 300 || answer.status == 404,
                        "{form:?} {member} {value:.30}: {} {}",
                        answer.status,
                        answer.text
                    );
                }
            }
        }
    }
    person.prove().await;
}

/// CH-2, CH-4, CH-7, OPS-4: values that have the right type and make no sense.
#[tokio::test]
async fn values_that_make_no_sense_are_refused_with_the_field() {
    let world = World::start().await;
    let (person, forms) = owner(&world).await;
    let field = async |form: &Form, body: Value| {
        let problem = send(&person, form, Some("application/json"), body.to_string().into()).await.refused(422, "validation_failed");
        assert!(!problem["errors"][0]["detail"].as_str().unwrap().is_empty(), "{problem}");
        problem["errors"][0]["field"].as_str().unwrap().to_owned()
    };
    for days in [json!(0), json!(3_661), json!(4_294_967_296_u64), json!("30"), json!(-5), json!(2.5)] {
        assert_eq!(field(&forms[4], json!({ "days": days })).await, "days", "{days}");
    }
    for phone in
        ["12345", "+000000000", "call me", "+9733661234567890", "97336612345;drop", "97+336612345", "+97336612345+", "++97336612345"]
    {
        assert_eq!(field(&forms[2], json!({ "name": "Shop", "phone": phone })).await, "phone", "{phone}");
    }
    for name in ["", "  ", "a · b", "tab\there", "\u{0}", &"é".repeat(61)] {
        assert_eq!(field(&forms[2], json!({ "name": name })).await, "name", "{name:?}");
    }
    assert_eq!(field(&forms[2], json!({})).await, "name");
    assert_eq!(field(&forms[1], json!({ "name": "Till", "scopes": ["everything"] })).await, "scopes");
    assert_eq!(field(&forms[1], json!({ "name": "Till", "scopes": [] })).await, "scopes");
    assert_eq!(field(&forms[0], json!({ "time_zone": "Nowhere At All" })).await, "time_zone");
    assert_eq!(field(&forms[0], json!({ "locale": "xx" })).await, "locale");
    assert_eq!(field(&forms[7], json!({ "plan_id": "x", "payment_method": "paypal" })).await, "plan_id");
    assert_eq!(field(&forms[7], json!({ "plan_id": forms[7].2["plan_id"], "payment_method": "cash" })).await, "payment_method");
    assert_eq!(field(&forms[6], json!({ "ids": vec!["x"; 101] })).await, "ids");
    for query in ["limit=0", "limit=101", "limit=-1", "limit=many", "cursor=nonsense", "cursor=%00", "limit=10&cursor=7.x"] {
        for list in ["/v1/channels", "/v1/balance/entries", "/v1/notifications", "/v1/payments"] {
            person.get(&format!("{list}?{query}")).await.refused(422, "validation_failed");
        }
    }
    let named = async |path: &str| {
        let problem = person.get(path).await.refused(422, "validation_failed");
        problem["errors"][0]["field"].as_str().unwrap().to_owned()
    };
    assert_eq!(named("/v1/channels?limit=1&limit=2").await, "limit");
    assert_eq!(named("/v1/channels?cursor=a&cursor=b").await, "cursor");
    let lead = json!({ "plan_id": world.plan("Guided").await, "name": "Sara", "email": "sara@example.com", "message": "one\ntwo\u{0}" });
    let lead = (Method::POST, "/v1/leads".to_owned(), lead);
    assert_eq!(field(&lead, lead.2.clone()).await, "message");
    let phones = [("00973 36612345", "+97336612345"), ("+973-3661-2345", "+97336612345")];
    for (given, kept) in phones {
        let added = person.post("/v1/channels", json!({ "name": "Shop", "phone": given })).await.with(201);
        assert_eq!(added["channel"]["phone"], kept);
    }
    world.settle().await;
    person.prove().await;
}

/// OPS-4, BAL-2: a cursor with another balance in front of it is refused, or shows the wrong one to whoever wrote it;
/// it breaks nothing.
#[tokio::test]
async fn a_cursor_of_the_ledger_that_was_changed_breaks_nothing() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Growth").await;
    person.add_channel("Shop").await;
    let page = person.get("/v1/balance/entries?limit=1").await.ok();
    let cursor = page["next_cursor"].as_str().unwrap();
    let (_, position) = cursor.split_once('.').unwrap();
    for balance in ["9223372036854775807", "-9223372036854775808", "4294967296", "99999999999999999999", "+1", "x", ""] {
        let answer = person.get(&format!("/v1/balance/entries?cursor={balance}.{position}")).await;
        let problem = answer.refused(422, "validation_failed");
        assert_eq!(problem["errors"][0]["field"], "cursor", "{balance}");
    }
    person.get(&format!("/v1/balance/entries?cursor={cursor}")).await.ok();
}

/// OPS-4: what is no id is none, whatever stands after it.
#[tokio::test]
async fn an_id_with_something_after_it_is_no_id() {
    let world = World::start().await;
    let (person, forms) = owner(&world).await;
    let payment = person.all("/v1/payments").await[0]["id"].as_str().unwrap().to_owned();
    for path in [forms[3].1.clone(), format!("/v1/payments/{payment}/receipt")] {
        let id = path.split('/').nth(3).unwrap();
        person.get(&path).await.ok();
        for wrong in [
            format!("{id}%00"),
            format!("{id}%20"),
            format!("{id}%23x"),
            format!("{id}%3Fx"),
            format!("%09{id}"),
            id.replacen('0', "%0a0", 1),
        ] {
            person.get(&path.replace(id, &wrong)).await.refused(404, "not_found");
        }
    }
}

/// OPS-4: addresses and methods that do not exist are problems too.
#[tokio::test]
async fn addresses_that_do_not_exist_are_problems() {
    let world = World::start().await;
    let person = world.customer().await;
    for (method, path) in [(Method::GET, "/v1/plans/nothing"), (Method::GET, "/v1/plans/pln_01kah6w1m0e8c9q2v7r4t5y6z8")] {
        world.send(world.request(method, path)).await.refused(404, "not_found");
    }
    for path in ["/v1/channels/x", "/v1/channels/chn_01kah6w1m0e8c9q2v7r4t5y6z8/qr", "/v1/payments/%F0%9F%8C%B8/receipt"] {
        person.get(path).await.refused(404, "not_found");
    }
    for (method, path) in
        [(Method::PUT, "/v1/channels"), (Method::DELETE, "/v1/balance"), (Method::POST, "/v1/nothing"), (Method::GET, "/v1/nothing")]
    {
        let answer = world.send(person.request(method.clone(), path).await).await;
        assert!(matches!(answer.status, 404 | 405), "{method} {path}: {} {}", answer.status, answer.text);
    }
}
