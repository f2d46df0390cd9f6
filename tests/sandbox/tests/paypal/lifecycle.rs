//! What a merchant may do to a subscription, and in which status.

use serde_json::json;

use super::shop::{Shop, issue, link};

#[tokio::test]
async fn each_action_has_its_statuses() {
    let shop = Shop::open().await;
    let plan = shop.plan(json!({})).await;
    let (id, _) = shop.subscribe(&plan, json!({})).await;
    let path = format!("/v1/billing/subscriptions/{id}");
    let reason = json!({"reason": "Because"});
    let refused = async |action: &str, body| {
        let (status, answer) = shop.post(&format!("{path}/{action}"), body).await;
        assert_eq!((status, issue(&answer)), (422, "SUBSCRIPTION_STATUS_INVALID"), "{action}: {answer}");
    };
    let done = async |action: &str| {
        let (status, answer) = shop.post(&format!("{path}/{action}"), reason.clone()).await;
        assert_eq!(status, 204, "{action}: {answer}");
    };
    let capture = json!({"note": "Rest", "capture_type": "OUTSTANDING_BALANCE", "amount": {"currency_code": "USD", "value": "1"}});

    for action in ["cancel", "suspend", "activate"] {
        refused(action, reason.clone()).await;
    }
    refused("capture", capture.clone()).await;
    refused("revise", json!({"plan_id": plan})).await;
    let (status, _) = shop.patch(&path, json!([{"op": "replace", "path": "/custom_id", "value": "x"}])).await;
    assert_eq!(status, 422);
    assert_eq!(shop.paypal.cancel(&id).unwrap_err().status(), 409);

    shop.paypal.approve(&id).unwrap();
    refused("activate", reason.clone()).await;
    let (status, zero) = shop.post(&format!("{path}/capture"), capture).await;
    assert_eq!((status, issue(&zero)), (422, "ZERO_OUTSTANDING_BALANCE"));
    assert_eq!(shop.post(&format!("{path}/suspend"), json!({})).await.0, 400, "a reason must be given");
    done("suspend").await;
    refused("suspend", reason.clone()).await;
    assert_eq!(shop.post(&format!("{path}/activate"), json!({})).await.0, 400, "to run again needs a reason");
    done("activate").await;
    done("suspend").await;
    done("cancel").await;
    for action in ["cancel", "suspend", "activate"] {
        refused(action, reason.clone()).await;
    }
    let ended = shop.subscription(&id).await;
    assert_eq!((&ended["status"], &ended["status_change_note"]), (&json!("CANCELLED"), &json!("Because")));
    assert!(ended["billing_info"].get("next_billing_time").is_none());
    shop.quiet().await;
    let suspended = shop.listener.of("BILLING.SUBSCRIPTION.SUSPENDED").len();
    assert_eq!((suspended, shop.listener.of("BILLING.SUBSCRIPTION.CANCELLED").len()), (2, 1));
}

#[tokio::test]
async fn a_patch_changes_what_may_be_changed_and_makes_the_terms_its_own() {
    let mut shop = Shop::open().await;
    let id = shop.active(json!({})).await;
    let path = format!("/v1/billing/subscriptions/{id}");
    let price = json!([
        {"op": "replace", "path": "/plan/billing_cycles/@sequence==1/pricing_scheme/fixed_price", "value": {"currency_code": "USD", "value": "7.50"}},
        {"op": "replace", "path": "/custom_id", "value": "sub_other"},
    ]);
    assert_eq!(shop.patch(&path, price).await.0, 204);
    let changed = shop.subscription(&id).await;
    assert_eq!((&changed["custom_id"], &changed["plan_overridden"]), (&json!("sub_other"), &json!(true)));
    for (operation, wanted) in [
        (json!({"op": "replace", "path": "/plan_id", "value": "P-1"}), "INVALID_PATCH_PATH"),
        (json!({"op": "remove", "path": "/custom_id"}), "UNSUPPORTED_PATCH_OPERATION"),
        (json!({"op": "replace", "path": "/start_time", "value": "2099-01-01T00:00:00Z"}), "INVALID_START_TIME"),
        (json!({"op": "replace", "path": "/shipping_amount", "value": {"currency_code": "EUR", "value": "1"}}), "CURRENCY_MISMATCH"),
    ] {
        let (_, refused) = shop.patch(&path, json!([operation])).await;
        assert_eq!(issue(&refused), wanted, "{refused}");
    }
    shop.pass(30).await;
    let amounts: Vec<_> =
        shop.transactions(&id).await.iter().map(|line| line["amount_with_breakdown"]["gross_amount"]["value"].clone()).collect();
    assert_eq!(amounts, [json!("7.50"), json!("10.00")]);
    assert_eq!(shop.listener.of("BILLING.SUBSCRIPTION.UPDATED").len(), 1);
}

#[tokio::test]
async fn a_revision_waits_for_the_payer_and_bills_by_the_new_plan_from_then_on() {
    let mut shop = Shop::open().await;
    let id = shop.active(json!({})).await;
    let old = shop.subscription(&id).await["plan_id"].as_str().unwrap().to_owned();
    let product = shop.get(&format!("/v1/billing/plans/{old}")).await.1["product_id"].clone();
    let dearer = json!([{"frequency": {"interval_unit": "DAY", "interval_count": 30}, "tenure_type": "REGULAR", "sequence": 1, "total_cycles": 0,
        "pricing_scheme": {"fixed_price": {"value": "25", "currency_code": "USD"}}}]);
    let same_product = shop.plan(json!({"product_id": product, "billing_cycles": dearer})).await;
    let other_product = shop.plan(json!({})).await;
    let path = format!("/v1/billing/subscriptions/{id}/revise");
    let (status, refused) = shop.post(&path, json!({"plan_id": other_product})).await;
    assert_eq!((status, issue(&refused)), (422, "PLAN_PRODUCT_NOT_COMPATIBLE"));
    assert_eq!(shop.post(&path, json!({"plan_id": "P-NOBODY"})).await.0, 404);

    let (status, revised) = shop.post(&path, json!({"plan_id": same_product})).await;
    assert_eq!(status, 200);
    assert_eq!(shop.subscription(&id).await["plan_id"], json!(old), "nothing changes before consent");
    let ba_token = link(&revised, "approve").split_once("ba_token=").unwrap().1.to_owned();
    let page = shop.client.get(link(&revised, "approve")).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("25.00 USD"), "{page}");
    let choice = [("ba_token", ba_token.as_str()), ("action", "approve")];
    let answer = shop.client.post(shop.at("/webapps/billing/subscriptions")).form(&choice).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    assert_eq!(shop.subscription(&id).await["plan_id"], json!(same_product));
    shop.pass(30).await;
    assert_eq!(shop.transactions(&id).await[0]["amount_with_breakdown"]["gross_amount"]["value"], "25.00");
}
