//! The controls under `/local/`, as scripts use them.

use serde_json::json;

use crate::bench::Bench;

#[tokio::test]
async fn the_clock_is_moved_and_jobs_are_run_by_name() {
    let bench = Bench::start().await;
    let (_, before) = bench.get("/local/clock").await;
    let (status, after) = bench.post("/local/clock", json!({ "advance": "P30D" })).await;
    assert_eq!(status, 200);
    let at = |answer: &serde_json::Value| answer["now"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(at(&after).duration_since(at(&before)).as_hours() >= 720);
    assert_eq!(bench.post("/local/clock", json!({ "advance": "-P1D" })).await.0, 400);
    assert_eq!(bench.post("/local/settle", json!({})).await.0, 200);
    bench.seen().ticks.clear();
    let (status, ran) = bench.post("/local/jobs/nightly", json!({})).await;
    assert_eq!((status, &ran["job"]), (200, &json!("nightly")));
    assert_eq!(bench.seen().ticks, ["nightly"]);
    assert_eq!(bench.post("/local/jobs/never", json!({})).await.0, 404);
    let (_, jobs) = bench.get("/local/jobs").await;
    assert_eq!(jobs["jobs"], json!(["nightly", "sweep"]));
}

#[tokio::test]
async fn people_sign_up_and_in_without_a_browser() {
    let bench = Bench::start().await;
    for (email, password) in [("admin@daypass.test", "admin-daypass"), ("demo@daypass.test", "demo-daypass")] {
        let (status, answer) = bench.post("/local/token", json!({ "email": email, "password": password })).await;
        assert_eq!(status, 200, "{answer}");
        assert!(answer["access_token"].as_str().is_some_and(|token| token.split('.').count() == 3));
    }
    let person = json!({ "email": "huda@example.test", "password": "a long password" });
    assert_eq!(bench.post("/local/token", person.clone()).await.0, 404);
    assert_eq!(bench.post("/local/users", person.clone()).await.0, 200);
    assert_eq!(bench.post("/local/users", person.clone()).await.0, 409, "taken");
    assert_eq!(bench.post("/local/token", person).await.0, 200);
}

#[tokio::test]
async fn faults_mail_webhooks_and_endpoints_are_shown() {
    let bench = Bench::start().await;
    let plan = json!({ "seed": 7, "rules": [{ "provider": "whapi", "kind": "slow", "rate": 0.5, "delay_ms": 10 }] });
    assert_eq!(bench.json(bench.request("PUT", "/local/faults").json(&plan)).await.0, 200);
    let (_, shown) = bench.get("/local/faults").await;
    assert_eq!((&shown["seed"], &shown["rules"][0]["kind"]), (&json!(7), &json!("slow")));
    let wrong = json!({ "rules": [{ "provider": "whapi", "kind": "slow", "rate": 7.0 }] });
    assert_eq!(bench.json(bench.request("PUT", "/local/faults").json(&wrong)).await.0, 400);
    assert_eq!(bench.get("/local/outbox").await, (200, json!({ "items": [] })));
    assert_eq!(bench.get("/local/webhooks").await.0, 200);
    let (_, endpoints) = bench.get("/local/endpoints").await;
    for name in ["aws", "table", "whapi_manager", "whapi_gate", "oidc_issuer", "whapi_partner_token"] {
        assert!(endpoints[name].is_string(), "{name}: {endpoints}");
    }
}

#[tokio::test]
async fn whapi_speaks_either_way_until_a_reset() {
    let bench = Bench::start().await;
    let put = async |body| bench.json(bench.request("PUT", "/local/whapi/dialect").json(&body)).await;
    let first = json!({ "error_shape": "nested", "event_spelling": "event" });
    assert_eq!(bench.get("/local/whapi/dialect").await, (200, first.clone()));
    let flat = json!({ "error_shape": "flat", "event_spelling": "event" });
    assert_eq!(put(json!({ "error_shape": "flat" })).await, (200, flat.clone()), "what is not named stays");
    let gate = bench.get("/local/endpoints").await.1["whapi_gate"].as_str().unwrap().to_owned();
    let refused = sandbox::deliver::http_client().unwrap().get(format!("{gate}/health?token=x")).send().await.unwrap();
    assert!(refused.text().await.unwrap().starts_with(r#"{"code":404"#));

    let (status, wrong) = put(json!({ "event_spelling": "verb" })).await;
    assert_eq!((status, &wrong["message"]), (400, &json!("event_spelling is event or method, not verb")));
    assert_eq!(put(json!({ "errors": "flat" })).await.0, 400);
    assert_eq!(bench.get("/local/whapi/dialect").await, (200, flat));
    assert_eq!(bench.post("/local/reset", json!({})).await.0, 200);
    assert_eq!(bench.get("/local/whapi/dialect").await, (200, first));
}

#[tokio::test]
async fn what_nobody_knows_is_404_and_what_cannot_be_is_409() {
    let bench = Bench::start().await;
    assert_eq!(bench.post("/local/whapi/scan", json!({ "channel_id": "chn_nobody" })).await.0, 404);
    assert_eq!(bench.post("/local/whapi/dance", json!({})).await.0, 404);
    assert_eq!(bench.post("/local/meta/signup", json!({ "state": "x" })).await.0, 404);
    assert_eq!(bench.post("/local/whapi/low-balance", json!({ "days": -1 })).await.0, 409);
    assert_eq!(bench.post("/local/whapi/low-balance", json!({})).await.0, 400);
}

#[tokio::test]
async fn a_reset_brings_back_the_seeded_world_on_the_same_ports() {
    let bench = Bench::start().await;
    let (_, before) = bench.get("/local/endpoints").await;
    bench.put_thing("old", true).await;
    bench.send_job("old job").await;
    let person = json!({ "email": "huda@example.test", "password": "a long password" });
    bench.post("/local/users", person.clone()).await;
    bench.post("/local/clock", json!({ "advance": "P1D" })).await;
    bench.stack.settle().await.unwrap();
    assert_eq!(bench.post("/local/reset", json!({})).await.0, 200);
    let (_, after) = bench.get("/local/endpoints").await;
    assert_eq!(before, after);
    assert_eq!(bench.post("/local/token", person).await.0, 404);
    let demo = json!({ "email": "demo@daypass.test", "password": "demo-daypass" });
    assert_eq!(bench.post("/local/token", demo).await.0, 200);
    bench.seen().changes.clear();
    bench.put_thing("new", true).await;
    bench.send_job("new job").await;
    bench.stack.settle().await.unwrap();
    assert_eq!(bench.seen().changes.concat(), ["new"]);
    assert_eq!(bench.seen().batches.concat().last().unwrap(), "new job");
}

#[tokio::test]
async fn the_panel_is_a_page() {
    let bench = Bench::start().await;
    for (path, kind) in [("/local/", "text/html"), ("/local/panel.js", "text/javascript"), ("/local/panel.css", "text/css")] {
        let answer = bench.request("GET", path).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        assert!(answer.headers()["content-type"].to_str().unwrap().starts_with(kind));
    }
}

#[tokio::test]
async fn a_stack_that_was_stopped_leaves_nothing_behind() {
    let bench = Bench::start().await;
    let (_, endpoints) = bench.get("/local/endpoints").await;
    let urls = ["aws", "whapi_manager", "whapi_gate", "oidc_issuer"].map(|name| endpoints[name].as_str().unwrap().to_owned());
    let gateway = bench.stack.url().to_owned();
    bench.stack.stop().await;
    let client = sandbox::deliver::http_client().unwrap();
    for url in urls.into_iter().chain([gateway]) {
        // The sockets close when their tasks have been dropped.
        let mut closed = false;
        for _ in 0..100 {
            closed = client.get(&url).send().await.is_err();
            if closed {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert!(closed, "{url} still answers");
    }
}
