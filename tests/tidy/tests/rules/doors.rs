//! The gateway's routes against the API's document, and which of them ask nobody who they are.

use std::collections::BTreeSet;

use serde_json::Value;
use tidy::holds;
use tidy::template::Template;
use tidy::tree::text;

/// Routes of the console: files, no API.
const CONSOLE: [&str; 5] = ["GET /", "GET /{proxy+}", "GET /config.json", "GET /openapi.json", "GET /docs"];
/// Routes of the API that anybody may call.
const OPEN: [&str; 7] = [
    "GET /v1/health",
    "GET /v1/plans",
    "GET /v1/plans/{id}",
    "POST /v1/leads",
    "POST /v1/webhooks/paypal",
    "POST /v1/webhooks/whapi/partner",
    "POST /v1/webhooks/whapi/channels/{channel_id}",
];
const DOCUMENT: &str = "infra/openapi.json";

/// Every operation of the document, by method and path.
fn operations() -> Vec<(String, Value)> {
    let document: Value = serde_json::from_str(&text(DOCUMENT).unwrap()).unwrap();
    let paths = document["paths"].as_object().cloned().unwrap_or_default();
    let of_path = |(path, item): (String, Value)| {
        let methods = item.as_object().cloned().unwrap_or_default();
        methods.into_iter().map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
    };
    paths.into_iter().flat_map(of_path).collect()
}

#[test]
fn what_the_gateway_answers_is_what_the_document_says() {
    let routes = Template::read().unwrap().routes();
    let answered: BTreeSet<String> = routes.into_iter().map(|route| route.key).filter(|key| !CONSOLE.contains(&key.as_str())).collect();
    let written: BTreeSet<String> = operations().into_iter().map(|(key, _)| key).collect();
    let broken = answered.difference(&written).map(|key| format!("{key} stands in template.yaml alone"));
    let broken = broken.chain(written.difference(&answered).map(|key| format!("{key} stands in {DOCUMENT} alone")));
    holds("Every route is documented, and every documented one is routed", &broken.collect::<Vec<_>>());
}

#[test]
fn no_route_is_answered_twice_or_by_any_method() {
    let mut seen = BTreeSet::new();
    let routes = Template::read().unwrap().routes();
    let wrong =
        routes.into_iter().filter(|route| !seen.insert(route.key.clone()) || route.key.starts_with("ANY ") || route.key.contains('?'));
    let broken: Vec<String> = wrong.map(|route| format!("{} {}", route.function, route.key)).collect();
    holds("A route names one method and one function", &broken);
}

#[test]
fn only_these_routes_are_open_to_anybody() {
    let routes = Template::read().unwrap().routes();
    let open: BTreeSet<String> = routes.into_iter().filter(|route| route.is_open).map(|route| route.key).collect();
    let named = OPEN.into_iter().chain(CONSOLE).map(str::to_owned).collect();
    assert_eq!(open, named, "open routes are exactly the named ones");
}

#[test]
fn the_document_says_who_must_sign_in() {
    let is_open = |operation: &Value| operation["security"].as_array().is_none_or(Vec::is_empty);
    let wrong = operations().into_iter().filter(|(key, operation)| is_open(operation) != OPEN.contains(&key.as_str()));
    let broken: Vec<String> = wrong.map(|(key, _)| key).collect();
    holds("An operation asks for a token, unless it is one of the open ones", &broken);
}
