//! The product itself on the local stack, as far as the stack is concerned: its template, its
//! functions, its seeds. What it does is told by the journeys.

use serde_json::{Value, json};
use stack::{Stack, StackConfig};

async fn get(stack: &Stack, path: &str, token: Option<&str>) -> (u16, Value) {
    let request = sandbox::deliver::http_client().unwrap().get(format!("{}{path}", stack.url()));
    let request = token.map_or(request.try_clone().unwrap(), |token| request.bearer_auth(token));
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

async fn post(stack: &Stack, path: &str, body: &Value) -> (u16, Value) {
    let request = sandbox::deliver::http_client().unwrap().post(format!("{}{path}", stack.url()));
    let answer = request.json(body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

#[tokio::test]
async fn every_function_of_the_template_is_there_and_the_seeds_are_in() {
    let stack = Stack::start(StackConfig::default()).await.unwrap();
    let (status, plans) = get(&stack, "/v1/plans", None).await;
    let names: Vec<&str> = plans["items"].as_array().unwrap().iter().filter_map(|plan| plan["name"].as_str()).collect();
    assert_eq!((status, names), (200, vec!["Starter", "Growth", "Business", "Scale", "Enterprise", "Guided"]));
    let demo = json!({ "email": "demo@daypass.test", "password": "demo-daypass" });
    let (_, signed_in) = post(&stack, "/local/token", &demo).await;
    let (status, me) = get(&stack, "/v1/me", signed_in["access_token"].as_str()).await;
    assert_eq!((status, &me["email"], &me["role"]), (200, &demo["email"], &json!("customer")));
    assert_eq!(me["id"], signed_in["user_id"], "the first sign-in made the account");
    let admin = json!({ "email": "admin@daypass.test", "password": "admin-daypass" });
    let (_, signed_in) = post(&stack, "/local/token", &admin).await;
    let (status, _) = get(&stack, "/v1/admin/status", signed_in["access_token"].as_str()).await;
    assert_eq!(status, 200);
    assert_eq!(get(&stack, "/config.json", None).await.1["client_id"], "daypass-console");
    for job in ["sweep", "reconcile-paypal", "reconcile-whapi", "audit-ledger"] {
        assert_eq!(post(&stack, &format!("/local/jobs/{job}"), &json!({})).await.0, 200, "{job}");
    }
    stack.settle().await.unwrap();
    assert!(stack.refusals().is_empty(), "{:?}", stack.refusals());
    assert_eq!(post(&stack, "/local/reset", &json!({})).await.0, 200);
    assert_eq!(get(&stack, "/v1/plans", None).await.1["items"].as_array().map(Vec::len), Some(6));
}
