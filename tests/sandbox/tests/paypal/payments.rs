//! Sales, refunds, reversals, money held back.

use serde_json::json;

use super::shop::{Shop, issue, link};

#[tokio::test]
async fn a_sale_reads_the_same_as_sale_capture_and_transaction() {
    let shop = Shop::open().await;
    let id = shop.active(json!({})).await;
    let line = shop.transactions(&id).await.remove(0);
    let sale_id = line["id"].as_str().unwrap();
    let (status, sale) = shop.get(&format!("/v1/payments/sale/{sale_id}")).await;
    assert_eq!((status, &sale["state"], &sale["billing_agreement_id"]), (200, &json!("completed"), &json!(id)));
    assert_eq!(sale["custom"], "sub_test");
    let (status, capture) = shop.get(&format!("/v2/payments/captures/{sale_id}")).await;
    assert_eq!((status, &capture["status"], &capture["custom_id"]), (200, &json!("COMPLETED"), &json!("sub_test")));
    assert_eq!((&capture["amount"]["value"], &line["status"]), (&json!("10.00"), &json!("COMPLETED")));
    let (status, unknown) = shop.get("/v1/payments/sale/NOBODY").await;
    assert_eq!((status, &unknown["name"]), (404, &json!("INVALID_RESOURCE_ID")));
    assert_eq!(shop.get("/v2/payments/captures/NOBODY").await.1["name"], "RESOURCE_NOT_FOUND");
}

#[tokio::test]
async fn a_refund_in_parts_is_made_once_per_request_id_and_never_beyond_the_sale() {
    let shop = Shop::open().await;
    let id = shop.active(json!({})).await;
    let sale_id = shop.transactions(&id).await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/payments/sale/{sale_id}/refund");
    let part = |total: &str| json!({"amount": {"total": total, "currency": "USD"}});
    let (status, first) = shop.post_as("r-1", &path, part("4")).await;
    assert_eq!((status, &first["amount"]["total"], &first["sale_id"]), (201, &json!("4.00"), &json!(sale_id)));
    let (status, again) = shop.post_as("r-1", &path, part("4")).await;
    assert_eq!((status, &again["id"]), (200, &first["id"]));
    assert_eq!(shop.get(&format!("/v1/payments/sale/{sale_id}")).await.1["state"], "partially_refunded");
    assert_eq!(shop.post(&path, part("7")).await.1["name"], "TRANSACTION_REFUSED");
    assert_eq!(shop.post(&path, json!({})).await.0, 201, "the rest");
    assert_eq!(shop.post(&path, json!({})).await.1["name"], "TRANSACTION_ALREADY_REFUNDED");
    assert_eq!(shop.transactions(&id).await[0]["status"], "REFUNDED");
    let (_, read) = shop.get(&format!("/v1/payments/refund/{}", first["id"].as_str().unwrap())).await;
    assert_eq!(read["id"], first["id"]);
    let newer = format!("/v2/payments/refunds/{}", first["id"].as_str().unwrap());
    assert!(link(&shop.get(&newer).await.1, "up").ends_with(&sale_id));

    shop.quiet().await;
    let told = shop.listener.of("PAYMENT.SALE.REFUNDED");
    assert_eq!(told.len(), 2);
    let totals: Vec<_> = told.iter().map(|arrival| arrival.event()["resource"]["amount"]["total"].clone()).collect();
    assert!(totals.contains(&json!("4.00")), "{totals:?}");
    assert!(told.iter().all(|arrival| arrival.event()["resource"]["sale_id"] == json!(sale_id)));
}

#[tokio::test]
async fn a_reversal_does_not_say_of_which_sale_but_can_be_looked_up() {
    let shop = Shop::open().await;
    let id = shop.active(json!({})).await;
    let answer = shop.paypal.reverse(&id, None).unwrap();
    shop.quiet().await;
    let event = shop.listener.of("PAYMENT.SALE.REVERSED").remove(0).event();
    let resource = &event["resource"];
    assert_eq!((&resource["amount"]["total"], resource.get("sale_id")), (&json!("-10.00"), None));
    let (_, refund) = shop.get(&format!("/v1/payments/refund/{}", resource["id"].as_str().unwrap())).await;
    assert_eq!(refund["sale_id"], answer["sale_id"]);
    assert_eq!(shop.paypal.refund(&id, None).unwrap_err().status(), 409, "nothing is left");
}

#[tokio::test]
async fn the_controls_refund_the_newest_sale_or_the_one_named() {
    let shop = Shop::open().await;
    let id = shop.active(json!({})).await;
    shop.paypal.renew(&id).unwrap();
    let lines = shop.transactions(&id).await;
    let (newest, oldest) = (lines[0]["id"].as_str().unwrap(), lines[1]["id"].as_str().unwrap());
    assert_eq!(shop.paypal.refund("sub_test", Some("2.50")).unwrap()["sale_id"], newest);
    assert_eq!(shop.paypal.refund(oldest, None).unwrap()["sale_id"], oldest);
    assert_eq!(shop.paypal.refund(&id, Some("8")).unwrap_err().status(), 409);
    let states: Vec<_> = shop.transactions(&id).await.iter().map(|line| line["status"].clone()).collect();
    assert_eq!(states, [json!("PARTIALLY_REFUNDED"), json!("REFUNDED")]);
}

#[tokio::test]
async fn money_held_back_is_told_twice_under_one_sale_id() {
    let shop = Shop::open().await;
    let plan = shop.plan(json!({})).await;
    let (id, _) = shop.subscribe(&plan, json!({})).await;
    shop.paypal.hold_next_sale(&id).unwrap();
    shop.paypal.approve(&id).unwrap();
    shop.quiet().await;
    let pending = shop.listener.of("PAYMENT.SALE.PENDING").remove(0).event();
    let held = &pending["resource"];
    assert_eq!((&held["state"], &held["payment_hold_status"]), (&json!("completed"), &json!("HELD")));
    assert_eq!(held["payment_hold_reasons"], json!(["PAYMENT_HOLD"]));
    let sale_id = held["id"].as_str().unwrap();
    assert_eq!(shop.get(&format!("/v2/payments/captures/{sale_id}")).await.1["status"], "PENDING");
    assert_eq!(shop.transactions(&id).await[0]["status"], "PENDING");

    shop.paypal.release(&id).unwrap();
    shop.quiet().await;
    let completed = shop.listener.of("PAYMENT.SALE.COMPLETED").remove(0).event();
    assert_eq!((&completed["resource"]["id"], &completed["resource"]["payment_hold_status"]), (&json!(sale_id), &json!("RELEASED")));
    assert_ne!(completed["id"], pending["id"]);
    assert_eq!(shop.transactions(&id).await[0]["status"], "COMPLETED");
    assert_eq!(shop.paypal.release(&id).unwrap_err().status(), 409);
}

#[tokio::test]
async fn transactions_want_both_ends_of_their_range() {
    let shop = Shop::open().await;
    let id = shop.active(json!({})).await;
    let path = format!("/v1/billing/subscriptions/{id}/transactions");
    let (status, missing) = shop.get(&format!("{path}?start_time=2020-01-01T00:00:00Z")).await;
    assert_eq!((status, issue(&missing), &missing["details"][0]["field"]), (400, "MISSING_REQUIRED_PARAMETER", &json!("end_time")));
    let (_, short) = shop.get(&format!("{path}?start_time=2020-01-01&end_time=2021-01-01T00:00:00Z")).await;
    assert_eq!(issue(&short), "INVALID_PARAMETER_SYNTAX");
    let (_, turned) = shop.get(&format!("{path}?start_time=2022-01-01T00:00:00Z&end_time=2021-01-01T00:00:00Z")).await;
    assert_eq!(issue(&turned), "INVALID_PARAMETER_VALUE");
    let (_, past) = shop.get(&format!("{path}?start_time=2020-01-01T00:00:00Z&end_time=2021-01-01T00:00:00%2B00:00")).await;
    assert_eq!(past["transactions"], json!([]));
}
