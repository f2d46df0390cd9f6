//! Sign-in of the application, products and plans.

use reqwest::Method;
use serde_json::{Value, json};

use super::shop::{Shop, issue, link, merge, plan_body, read, rels};

#[tokio::test]
async fn a_token_is_given_for_the_credentials_and_ends_by_the_clock() {
    let mut shop = Shop::open().await;
    let answer = shop.ask_token(&shop.paypal.client_id(), &shop.paypal.client_secret()).await;
    assert_eq!(answer.status(), 200);
    let granted: Value = answer.json().await.unwrap();
    assert_eq!((&granted["token_type"], &granted["expires_in"]), (&json!("Bearer"), &json!(32_400)));
    assert!(granted["scope"].as_str().unwrap().contains("/services/subscriptions"));
    assert!(granted["app_id"].as_str().unwrap().starts_with("APP-"));

    let refused = shop.ask_token(&shop.paypal.client_id(), "wrong").await;
    assert_eq!(refused.status(), 401);
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body, json!({"error": "invalid_client", "error_description": "Client Authentication failed"}));

    shop.clock.advance(jiff::SignedDuration::from_secs(32_399));
    assert_eq!(shop.get("/v1/billing/plans").await.0, 200);
    shop.clock.advance(jiff::SignedDuration::from_secs(2));
    let answer = shop.request(Method::GET, "/v1/billing/plans").send().await.unwrap();
    let debug_id = answer.headers()["paypal-debug-id"].to_str().unwrap().to_owned();
    let (status, body) = read(answer).await;
    assert_eq!((status, &body["name"], &body["debug_id"]), (401, &json!("AUTHENTICATION_FAILURE"), &json!(debug_id)));

    shop.paypal.set_token_seconds(60);
    shop.sign_in().await;
    assert_eq!(shop.get("/v1/billing/plans/").await.0, 200, "a slash at the end does no harm");
    shop.clock.advance(jiff::SignedDuration::from_secs(61));
    assert_eq!(shop.get("/v1/billing/plans").await.0, 401);
}

#[tokio::test]
async fn a_token_without_a_grant_type_is_refused_in_the_identity_services_words() {
    let shop = Shop::open().await;
    let request = shop.client.post(shop.at("/v1/oauth2/token")).basic_auth(shop.paypal.client_id(), Some(shop.paypal.client_secret()));
    let (status, body) = read(request.send().await.unwrap()).await;
    assert_eq!((status, &body["error"]), (400, &json!("unsupported_grant_type")));
}

#[tokio::test]
async fn a_product_is_made_once_per_request_id_and_changed_by_patch() {
    let mut shop = Shop::open().await;
    let body = json!({"name": "Line", "type": "SERVICE", "category": "SOFTWARE", "description": "One line"});
    let (first_status, first) = shop.post_as("p-1", "/v1/catalogs/products", body.clone()).await;
    let (again_status, again) = shop.post_as("p-1", "/v1/catalogs/products", body.clone()).await;
    assert_eq!((first_status, again_status), (201, 200));
    assert_eq!(first["id"], again["id"]);
    let path = format!("/v1/catalogs/products/{}", first["id"].as_str().unwrap());

    let patch = json!([{"op": "replace", "path": "/description", "value": "Two lines"}, {"op": "remove", "path": "/category"}]);
    assert_eq!(shop.patch(&path, patch).await.0, 204);
    let (_, product) = shop.get(&path).await;
    assert_eq!((&product["description"], product.get("category")), (&json!("Two lines"), None));
    let (status, refused) = shop.patch(&path, json!([{"op": "replace", "path": "/name", "value": "Other"}])).await;
    assert_eq!((status, issue(&refused)), (400, "INVALID_PATCH_PATH"));

    shop.pass(4).await;
    assert_eq!(shop.post_as("p-1", "/v1/catalogs/products", body).await.0, 201, "after 72 hours the key is forgotten");
    let (_, list) = shop.get("/v1/catalogs/products?page_size=1&total_required=true").await;
    assert_eq!((&list["total_items"], &list["total_pages"], list["products"].as_array().unwrap().len()), (&json!(2), &json!(2), 1));
    assert!(link(&list, "next").ends_with("page=2"));
    shop.quiet().await;
    let types = shop.listener.types();
    assert!(types.contains(&"CATALOG.PRODUCT.CREATED".to_owned()) && types.contains(&"CATALOG.PRODUCT.UPDATED".to_owned()));
}

#[tokio::test]
async fn a_faulty_product_is_told_each_fault() {
    let shop = Shop::open().await;
    for (body, field, wanted) in [
        (json!({"type": "SERVICE"}), "/name", "MISSING_REQUIRED_PARAMETER"),
        (json!({"name": "", "type": "SERVICE"}), "/name", "INVALID_STRING_MIN_LENGTH"),
        (json!({"name": "x".repeat(128), "type": "SERVICE"}), "/name", "INVALID_STRING_MAX_LENGTH"),
        (json!({"name": "Line", "type": "THING"}), "/type", "INVALID_PARAMETER_VALUE"),
        (json!({"name": "Line", "type": "SERVICE", "category": "NO_SUCH"}), "/category", "INVALID_PARAMETER_SYNTAX"),
        (json!({"name": "Line", "type": "SERVICE", "id": "PROD-MINE"}), "/id", "INVALID_PARAMETER_SYNTAX"),
    ] {
        let (status, answer) = shop.post("/v1/catalogs/products", body).await;
        assert_eq!((status, answer["details"][0]["field"].as_str(), issue(&answer)), (400, Some(field), wanted));
        assert_eq!(answer["name"], "INVALID_REQUEST");
    }
    let plain = shop.request(Method::POST, "/v1/catalogs/products").body("name=Line").send().await.unwrap();
    assert_eq!(read(plain).await.0, 415);
    assert_eq!(shop.get("/v1/catalogs/products/PROD-NOBODY").await.0, 404);
    let (status, taken) = {
        shop.post("/v1/catalogs/products", json!({"id": "our-own-id", "name": "Line", "type": "SERVICE"})).await;
        shop.post("/v1/catalogs/products", json!({"id": "our-own-id", "name": "Line", "type": "SERVICE"})).await
    };
    assert_eq!((status, issue(&taken)), (422, "DUPLICATE_RESOURCE_IDENTIFIER"));
}

#[tokio::test]
async fn a_plan_shows_its_price_with_few_decimals_and_members_nobody_documented() {
    let shop = Shop::open().await;
    let id = shop.plan(json!({"description": "For one", "taxes": {"percentage": "10", "inclusive": false}})).await;
    let (status, plan) = shop.get(&format!("/v1/billing/plans/{id}")).await;
    assert_eq!(status, 200);
    assert_eq!(plan["billing_cycles"][0]["pricing_scheme"]["fixed_price"], json!({"currency_code": "USD", "value": "10.0"}));
    assert_eq!((&plan["status"], &plan["usage_type"], &plan["quantity_supported"]), (&json!("ACTIVE"), &json!("LICENSED"), &json!(false)));
    assert_eq!(plan["payment_preferences"]["setup_fee_failure_action"], "CANCEL");
    assert_eq!(rels(&plan), ["deactivate", "edit", "edit", "self"]);

    let (_, list) = shop.get(&format!("/v1/billing/plans?plan_ids={id}&total_required=true")).await;
    assert_eq!(list["total_items"], 1);
    assert!(list["plans"][0].get("billing_cycles").is_none(), "lists show the short form");
    assert_eq!(shop.get("/v1/billing/plans?page_size=21").await.0, 400);
}

#[tokio::test]
async fn rules_of_a_plan_are_refused_by_their_issue() {
    let shop = Shop::open().await;
    let (_, product) = shop.post("/v1/catalogs/products", json!({"name": "Line", "type": "SERVICE"})).await;
    let product_id = product["id"].as_str().unwrap();
    let regular = |sequence: u32, currency: &str| {
        json!({"frequency": {"interval_unit": "MONTH"}, "tenure_type": "REGULAR", "sequence": sequence, "total_cycles": 0,
            "pricing_scheme": {"fixed_price": {"value": "5", "currency_code": currency}}})
    };
    let trial = |sequence: u32, cycles: u32, price: Option<&str>| {
        let mut cycle = json!({"frequency": {"interval_unit": "DAY", "interval_count": 7}, "tenure_type": "TRIAL", "sequence": sequence, "total_cycles": cycles});
        if let Some(price) = price {
            merge(&mut cycle, json!({"pricing_scheme": {"fixed_price": {"value": price, "currency_code": "USD"}}}));
        }
        cycle
    };
    let tiered = json!({"frequency": {"interval_unit": "MONTH"}, "tenure_type": "REGULAR", "sequence": 1, "total_cycles": 0, "pricing_scheme": {
        "pricing_model": "VOLUME", "tiers": [{"starting_quantity": "1", "amount": {"value": "5", "currency_code": "USD"}}]}});
    for (cycles, wanted) in [
        (vec![trial(1, 1, None)], "MISSING_REGULAR_BILLING_CYCLE"),
        (vec![regular(1, "USD"), regular(2, "USD")], "MULTIPLE_REGULAR_BILLING_CYCLES_NOT_SUPPORTED"),
        (
            vec![trial(1, 1, Some("1")), trial(2, 1, Some("2")), trial(3, 1, Some("3")), regular(4, "USD")],
            "MORE_THAN_TWO_TRIAL_BILLING_CYCLE_NOT_SUPPORTED",
        ),
        (vec![trial(1, 1, None), trial(2, 1, None), regular(3, "USD")], "MULTIPLE_FREE_TRIAL_BILLING_CYCLES_NOT_SUPPORTED"),
        (vec![regular(1, "USD"), trial(2, 1, None)], "INVALID_BILLING_CYCLE_SEQUENCE"),
        (vec![regular(2, "USD")], "INVALID_BILLING_CYCLE_SEQUENCE"),
        (vec![trial(1, 0, None), regular(2, "USD")], "INVALID_TRIAL_BILLING_TOTAL_CYCLES"),
        (vec![trial(1, 1, Some("1")), regular(2, "EUR")], "CURRENCY_MISMATCH"),
        (vec![regular(1, "BHD")], "CURRENCY_NOT_SUPPORTED_FOR_RECEIVER"),
        (vec![tiered], "INVALID_QUANTITY_SUPPORTED"),
    ] {
        let mut body = plan_body(product_id);
        merge(&mut body, json!({"billing_cycles": cycles}));
        let (status, answer) = shop.post("/v1/billing/plans", body).await;
        assert_eq!((status, issue(&answer)), (422, wanted), "{answer}");
    }
    let mut decimals = plan_body(product_id);
    decimals["billing_cycles"][0]["pricing_scheme"]["fixed_price"] = json!({"value": "100.5", "currency_code": "JPY"});
    assert_eq!(shop.post("/v1/billing/plans", decimals).await.0, 400);
    assert_eq!(shop.post("/v1/billing/plans", plan_body("PROD-NOBODY")).await.0, 404);
}

#[tokio::test]
async fn a_plan_is_turned_off_and_on_and_repriced_by_its_rules() {
    let shop = Shop::open().await;
    let id = shop.plan(json!({})).await;
    let path = format!("/v1/billing/plans/{id}");
    let (status, refused) = shop.post(&format!("{path}/activate"), json!({})).await;
    assert_eq!((status, issue(&refused)), (422, "PLAN_STATUS_INVALID"));
    assert_eq!(shop.post(&format!("{path}/deactivate"), json!({})).await.0, 204);
    let (status, refused) = shop.patch(&path, json!([{"op": "replace", "path": "/name", "value": "New"}])).await;
    assert_eq!((status, issue(&refused)), (422, "PLAN_STATUS_INACTIVE"));
    let (status, refused) = shop.post("/v1/billing/subscriptions", json!({"plan_id": id})).await;
    assert_eq!((status, issue(&refused)), (422, "PLAN_STATUS_INVALID"));
    assert_eq!(shop.post(&format!("{path}/activate"), json!({})).await.0, 204);

    let reprice = |sequence: u32, value: &str, currency: &str| json!({"pricing_schemes": [{"billing_cycle_sequence": sequence, "pricing_scheme": {"fixed_price": {"value": value, "currency_code": currency}}}]});
    let prices = format!("{path}/update-pricing-schemes");
    assert_eq!(issue(&shop.post(&prices, reprice(2, "12", "USD")).await.1), "INVALID_BILLING_CYCLE_SEQUENCE");
    assert_eq!(issue(&shop.post(&prices, reprice(1, "12", "EUR")).await.1), "CURRENCY_MISMATCH");
    assert_eq!(shop.post(&prices, reprice(1, "12", "USD")).await.0, 204);
    let (_, plan) = shop.get(&path).await;
    let scheme = &plan["billing_cycles"][0]["pricing_scheme"];
    assert_eq!((&scheme["version"], &scheme["fixed_price"]["value"]), (&json!(2), &json!("12.0")));
    shop.quiet().await;
    let types = shop.listener.types();
    for wanted in ["CREATED", "DEACTIVATED", "ACTIVATED", "PRICING-CHANGE.ACTIVATED"] {
        assert!(types.contains(&format!("BILLING.PLAN.{wanted}")), "{wanted} in {types:?}");
    }
}

#[tokio::test]
async fn a_cycle_has_had_ninety_nine_prices_at_most() {
    let shop = Shop::open().await;
    let plan = shop.plan(json!({})).await;
    let path = format!("/v1/billing/plans/{plan}");
    let price = json!({"billing_cycle_sequence": 1, "pricing_scheme": {"fixed_price": {"currency_code": "USD", "value": "3.00"}}});
    let change = |count: usize| json!({"pricing_schemes": vec![price.clone(); count]});
    assert_eq!(shop.post(&format!("{path}/update-pricing-schemes"), change(98)).await.0, 204);
    let (status, refused) = shop.post(&format!("{path}/update-pricing-schemes"), change(1)).await;
    assert_eq!((status, issue(&refused)), (422, "PRICING_SCHEME_UPDATE_NOT_ALLOWED"));
    assert_eq!(shop.get(&path).await.1["billing_cycles"][0]["pricing_scheme"]["version"], 99);
}
