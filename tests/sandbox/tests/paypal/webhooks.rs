//! Webhooks: proof, repetition, listeners, mock events.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Arrival, Shop, issue, read};
use super::signing::{tampered, verifies};

#[tokio::test]
async fn a_webhook_verifies_by_certificate_and_fails_with_one_byte_changed() {
    let shop = Shop::open().await;
    shop.active(json!({})).await;
    let (own, now) = (shop.paypal.webhook_id(), shop.now());
    for arrival in shop.listener.all() {
        assert!(verifies(&shop, &arrival, &own, now).await);
        assert!(!verifies(&shop, &tampered(&arrival), &own, now).await);
        assert!(!verifies(&shop, &arrival, "SOMEBODYELSE", now).await);
    }
    let arrival = shop.listener.all().remove(0);
    let late = now + jiff::SignedDuration::from_hours(24 * 400);
    assert!(!verifies(&shop, &arrival, &own, late).await, "the certificate has ended");
    let sorted = serde_json::to_string(&sorted(&arrival.event())).unwrap();
    assert_ne!(sorted.as_bytes(), arrival.body, "whoever sorts the members loses the bytes");
}

fn sorted(value: &Value) -> std::collections::BTreeMap<String, Value> {
    value.as_object().unwrap().clone().into_iter().collect()
}

#[tokio::test]
async fn a_year_later_another_certificate_signs_and_the_old_one_is_still_served() {
    let mut shop = Shop::open().await;
    let id = shop.active(json!({})).await;
    let first = shop.listener.all().remove(0);
    shop.pass(392).await;
    let last = shop.listener.all().pop().unwrap();
    assert_ne!(first.header("paypal-cert-url"), last.header("paypal-cert-url"));
    assert!(verifies(&shop, &last, &shop.paypal.webhook_id(), shop.now()).await);
    assert_eq!(shop.client.get(first.header("paypal-cert-url")).send().await.unwrap().status(), 200);
    assert_eq!(shop.transactions(&id).await.len(), 14, "thirteen renewals in 392 days");
}

#[tokio::test]
async fn a_transmission_id_is_a_uuid_of_its_own_time() {
    let mut shop = Shop::open().await;
    shop.pass(100).await;
    shop.active(json!({})).await;
    for arrival in shop.listener.all() {
        let id = Uuid::parse_str(&arrival.header("paypal-transmission-id")).unwrap();
        let (seconds, _) = id.get_timestamp().expect("version 1").to_unix();
        let time: jiff::Timestamp = arrival.header("paypal-transmission-time").parse().unwrap();
        assert_eq!(i64::try_from(seconds).unwrap(), time.as_second());
        assert!(shop.now().duration_since(time) < jiff::SignedDuration::from_mins(1), "by the shared clock");
        assert_eq!(arrival.header("paypal-auth-version"), "v2");
    }
}

#[tokio::test]
async fn postback_judges_the_bytes_as_they_came() {
    let shop = Shop::open().await;
    shop.active(json!({})).await;
    let arrival = shop.listener.of("PAYMENT.SALE.COMPLETED").remove(0);
    let own = shop.paypal.webhook_id();
    let text = std::str::from_utf8(&arrival.body).unwrap().to_owned();
    assert_eq!(postback(&shop, &arrival, &own, &text).await, "SUCCESS");
    assert_eq!(postback(&shop, &arrival, &own, &text.replace("10.00", "99.00")).await, "FAILURE");
    assert_eq!(postback(&shop, &arrival, &own, &serde_json::to_string_pretty(&arrival.event()).unwrap()).await, "FAILURE");
    assert_eq!(postback(&shop, &arrival, "0AB00000000000000", &text).await, "FAILURE");
    let (status, refused) = shop.post("/v1/notifications/verify-webhook-signature", json!({"auth_algo": "SHA256withRSA"})).await;
    assert_eq!((status, &refused["name"]), (400, &json!("VALIDATION_ERROR")));
}

async fn postback(shop: &Shop, arrival: &Arrival, webhook_id: &str, event: &str) -> String {
    let quoted = |name: &str| serde_json::to_string(&arrival.header(name)).unwrap();
    let body = format!(
        "{{\"auth_algo\":{},\"cert_url\":{},\"transmission_id\":{},\"transmission_sig\":{},\"transmission_time\":{},\"webhook_id\":\"{webhook_id}\",\"webhook_event\":{event}}}",
        quoted("paypal-auth-algo"),
        quoted("paypal-cert-url"),
        quoted("paypal-transmission-id"),
        quoted("paypal-transmission-sig"),
        quoted("paypal-transmission-time"),
    );
    let request = shop.request(Method::POST, "/v1/notifications/verify-webhook-signature").header("content-type", "application/json");
    let (status, answer) = read(request.body(body).send().await.unwrap()).await;
    assert_eq!(status, 200, "{answer}");
    answer["verification_status"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_refused_webhook_comes_again_for_three_days_each_time_signed_anew() {
    let mut shop = Shop::open().await;
    let id = shop.active(json!({})).await;
    shop.listener.forget();
    shop.listener.answer(Some(500));
    shop.paypal.renew(&id).unwrap();
    shop.quiet().await;
    for _ in 0..40 {
        shop.pass(1).await;
    }
    let arrivals = shop.listener.of("PAYMENT.SALE.COMPLETED");
    let body = &arrivals[0].body;
    let of_this: Vec<&Arrival> = arrivals.iter().filter(|arrival| arrival.body == body).collect();
    assert_eq!(of_this.len(), 26, "one attempt and 25 retries");
    let ids: std::collections::BTreeSet<String> = of_this.iter().map(|arrival| arrival.header("paypal-transmission-id")).collect();
    assert_eq!(ids.len(), 26);
    let event_id = arrivals[0].event()["id"].as_str().unwrap().to_owned();
    let (_, shown) = shop.get(&format!("/v1/notifications/webhooks-events/{event_id}")).await;
    assert_eq!((&shown["status"], &shown["transmissions"][0]["http_status"]), (&json!("FAILURE"), &json!(500)));
}

#[tokio::test]
async fn any_2xx_is_delivered_and_a_late_one_ends_the_retries() {
    let shop = Shop::open().await;
    let id = shop.active(json!({})).await;
    shop.listener.forget();
    shop.listener.answer(Some(503));
    shop.paypal.renew(&id).unwrap();
    shop.quiet().await;
    shop.listener.answer(Some(204));
    shop.clock.advance(jiff::SignedDuration::from_mins(10));
    shop.quiet().await;
    let arrivals = shop.listener.of("PAYMENT.SALE.COMPLETED");
    assert_eq!(arrivals.len(), 2);
    assert!(verifies(&shop, &arrivals[1], &shop.paypal.webhook_id(), shop.now()).await);
    assert_eq!(shop.frame.deliverer.waiting_later(), 0);
}

#[tokio::test]
async fn listeners_are_registered_changed_and_removed() {
    let shop = Shop::open().await;
    let path = "/v1/notifications/webhooks";
    let second = format!("{}/second", shop.listening.url());
    let types = json!([{"name": "PAYMENT.SALE.COMPLETED"}]);
    let (status, made) = shop.post(path, json!({"url": second, "event_types": types})).await;
    assert_eq!(status, 201, "{made}");
    let own = format!("{path}/{}", made["id"].as_str().unwrap());
    let (status, taken) = shop.post(path, json!({"url": second, "event_types": types})).await;
    assert_eq!((status, &taken["name"]), (400, &json!("WEBHOOK_URL_ALREADY_EXISTS")));
    for url in ["http://shop.test/hook", "not an address", "ftp://127.0.0.1/hook"] {
        assert_eq!(shop.post(path, json!({"url": url, "event_types": types})).await.1["name"], "VALIDATION_ERROR", "{url}");
    }
    assert_eq!(shop.post(path, json!({"url": "https://shop.test/hook", "event_types": [{"name": "NO.SUCH"}]})).await.0, 400);

    shop.active(json!({})).await;
    let sales = shop.listener.of("PAYMENT.SALE.COMPLETED");
    assert_eq!(sales.len(), 2, "both listeners hear of the sale");
    assert_eq!(sales[0].body, sales[1].body);
    assert_eq!(shop.listener.of("BILLING.SUBSCRIPTION.ACTIVATED").len(), 1, "one of them asked for no more");
    let mut verified = 0;
    for sale in &sales {
        for id in [made["id"].as_str().unwrap().to_owned(), shop.paypal.webhook_id()] {
            verified += u32::from(verifies(&shop, sale, &id, shop.now()).await);
        }
    }
    assert_eq!(verified, 2, "each is signed for its own listener");

    let all = json!([{"op": "replace", "path": "/event_types", "value": [{"name": "*"}]}]);
    assert_eq!(shop.patch(&own, all).await.1["event_types"][0]["name"], "*");
    assert_eq!(shop.get(&format!("{own}/event-types")).await.1["event_types"][0]["name"], "*");
    assert_eq!(shop.get(path).await.1["webhooks"].as_array().unwrap().len(), 2);
    assert_eq!(read(shop.request(Method::DELETE, &own).send().await.unwrap()).await.0, 204);
    let (status, gone) = shop.get(&own).await;
    assert_eq!((status, &gone["name"]), (404, &json!("INVALID_RESOURCE_ID")));
    let (_, known) = shop.get("/v1/notifications/webhooks-event-types").await;
    assert!(known["event_types"].as_array().unwrap().iter().any(|entry| entry["name"] == "BILLING.SUBSCRIPTION.PAYMENT.FAILED"));
    for number in 0..9 {
        let url = format!("https://shop.test/hook/{number}");
        assert_eq!(shop.post(path, json!({"url": url, "event_types": types})).await.0, 201);
    }
    let (_, full) = shop.post(path, json!({"url": "https://shop.test/one-more", "event_types": types})).await;
    assert_eq!(full["name"], "WEBHOOK_NUMBER_LIMIT_EXCEEDED");
}

#[tokio::test]
async fn events_are_listed_and_sent_again_with_the_same_bytes() {
    let shop = Shop::open().await;
    let id = shop.active(json!({})).await;
    let (_, list) = shop.get("/v1/notifications/webhooks-events?event_type=PAYMENT.SALE.COMPLETED").await;
    assert_eq!(list["count"], 1);
    let event = &list["events"][0];
    assert_eq!((&event["status"], &event["links"][0]["encType"]), (&json!("SUCCESS"), &json!("application/json")));
    let before = shop.listener.of("PAYMENT.SALE.COMPLETED").remove(0);
    let path = format!("/v1/notifications/webhooks-events/{}/resend", event["id"].as_str().unwrap());
    assert_eq!(shop.post(&path, json!({"webhook_ids": [shop.paypal.webhook_id()]})).await.0, 202);
    shop.quiet().await;
    let after = shop.listener.of("PAYMENT.SALE.COMPLETED").remove(1);
    assert_eq!(before.body, after.body);
    assert_ne!(before.header("paypal-transmission-id"), after.header("paypal-transmission-id"));
    assert_eq!(shop.post("/v1/notifications/webhooks-events/WH-NOBODY/resend", json!({})).await.0, 404);

    shop.listener.forget();
    let answer = shop.paypal.resend(&id, 5, true).unwrap();
    shop.quiet().await;
    assert_eq!((&answer["events"], shop.listener.all().len()), (&json!(3), 15));
    let bodies: std::collections::BTreeSet<_> = shop.listener.all().iter().map(|arrival| arrival.body.clone()).collect();
    assert_eq!(bodies.len(), 3);
}

#[tokio::test]
async fn a_mock_event_is_signed_for_nobody() {
    let shop = Shop::open().await;
    let path = "/v1/notifications/simulate-event";
    let (status, _) = shop.post(path, json!({"webhook_id": shop.paypal.webhook_id(), "event_type": "PAYMENT.SALE.COMPLETED"})).await;
    assert_eq!(status, 202);
    shop.quiet().await;
    let arrival = shop.listener.all().remove(0);
    assert!(!verifies(&shop, &arrival, &shop.paypal.webhook_id(), shop.now()).await);
    assert!(verifies(&shop, &arrival, "WEBHOOK_ID", shop.now()).await);
    let text = std::str::from_utf8(&arrival.body).unwrap();
    assert_eq!(postback(&shop, &arrival, "WEBHOOK_ID", text).await, "FAILURE");
    let (status, refused) = shop.post(path, json!({"event_type": "NO.SUCH"})).await;
    assert_eq!((status, issue(&refused)), (400, "INVALID_PARAMETER_VALUE"));
    assert_eq!(shop.post(path, json!({"event_type": "BILLING.PLAN.CREATED"})).await.0, 400, "to whom?");
}
