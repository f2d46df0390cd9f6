//! Who may do what: every route of the document, by every kind of caller who may not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use journeys::{Answer, Person, World, minutes, seconds};
use reqwest::Method;
use serde_json::{Value, json};

/// What is for everybody: the shop window, and the doors of providers, who have signatures and secrets.
const OPEN: [&str; 4] = ["/v1/plans", "/v1/leads", "/v1/health", "/v1/webhooks/"];

/// One route that needs a caller.
#[derive(Debug, Clone)]
struct Route {
    method: Method,
    path: String,
}

impl Route {
    /// Its address with that id in the place of the template's.
    fn at(&self, id: &str) -> String {
        self.path.replace("{id}", id)
    }

    fn is_admins(&self) -> bool {
        self.path.starts_with("/v1/admin/")
    }

    /// A body that is right, so that only the caller is wrong. A new route needs one here.
    fn body(&self) -> Option<Value> {
        let body = match (self.method.as_str(), self.path.as_str()) {
            ("POST", "/v1/admin/findings/{id}/resolve") => json!({}),
            ("POST", "/v1/admin/users/{id}/grant-days") => json!({ "days": 1, "reason": "a gift" }),
            ("POST", "/v1/admin/users/{id}/release-days") => {
                json!({ "entry_id": "led_01kah6w1m0e8c9q2v7r4t5y6z8", "reason": "a mistake" })
            }
            ("POST", "/v1/api-keys") => json!({ "name": "Till", "scopes": ["read"] }),
            ("POST", "/v1/channels") => json!({ "name": "Shop" }),
            ("PATCH", "/v1/channels/{id}") => json!({ "name": "Mine now" }),
            ("POST", "/v1/channels/{id}/extend") => json!({ "days": 1 }),
            ("POST", "/v1/channels/{id}/pairing-code") => json!({ "phone": "+97336612345" }),
            ("PATCH", "/v1/me") => json!({ "name": "Somebody" }),
            ("POST", "/v1/notifications/read") => json!({ "ids": [] }),
            ("POST", "/v1/subscriptions") => json!({ "plan_id": "pln_01kah6w1m0e8c9q2v7r4t5y6z8", "payment_method": "paypal" }),
            _ => return None,
        };
        Some(body)
    }

    fn request(&self, world: &World, id: &str) -> reqwest::RequestBuilder {
        let request = world.request(self.method.clone(), &self.at(id));
        match self.body() {
            Some(body) => request.json(&body),
            None => request,
        }
    }
}

/// The routes of the document that need a caller. Each must have its right body above where it takes one.
async fn guarded(world: &World) -> Vec<Route> {
    let document = world.get("/openapi.json").await.ok();
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let route = Route { method: method.to_uppercase().parse().unwrap(), path: path.clone() };
            if operation["security"].as_array().is_some_and(|needs| !needs.is_empty()) {
                assert_eq!(operation["requestBody"].is_object(), route.body().is_some(), "{route:?} has no body in this table");
                routes.push(route);
            } else {
                let is_open = OPEN.iter().any(|open| path.starts_with(open));
                assert!(is_open, "{method} {path} is open, and should it be?");
            }
        }
    }
    assert!(routes.len() > 25, "{routes:?}");
    routes
}

/// Tokens that are none.
fn bad_tokens(good: &str) -> Vec<String> {
    let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let mut parts = good.split('.');
    let (head, claims, signature) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let mut said: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    said["groups"] = json!(["admin"]);
    said["cognito:groups"] = json!(["admin"]);
    let unsigned = format!("{}.{claims}.", encode(json!({ "alg": "none", "typ": "JWT" })));
    let turned = if signature.starts_with('A') { "B" } else { "A" };
    vec![
        "garbage".to_owned(),
        "a.b.c".to_owned(),
        unsigned,
        format!("{head}.{}.{signature}", encode(said)),
        format!("{head}.{claims}.{turned}{}", &signature[1..]),
        format!("{head}.{claims}"),
        "dpk_0000000000000000000000000000000000000000000".to_owned(),
        "x".repeat(6_000),
    ]
}

/// ACC-3: nobody without a good token gets anywhere: none, nonsense, forged, run out.
#[tokio::test]
async fn no_route_opens_without_a_good_token() {
    let world = World::start().await;
    let person = world.customer().await;
    let good = person.token().await;
    let bad = bad_tokens(&good);
    let routes = guarded(&world).await;
    for route in &routes {
        let without = world.send(route.request(&world, "chn_01kah6w1m0e8c9q2v7r4t5y6z8")).await;
        assert_eq!(without.with(401), json!({ "message": "Unauthorized" }), "the gateway's own words: {route:?}");
        for token in &bad {
            let request = route.request(&world, "chn_01kah6w1m0e8c9q2v7r4t5y6z8").bearer_auth(token);
            world.send(request).await.refused(401, "token_invalid");
        }
        let request = route.request(&world, "x").header("authorization", format!("Basic {good}"));
        world.send(request).await.refused(401, "token_invalid");
    }
    world.advance(minutes(63)).await;
    for route in &routes {
        let request = route.request(&world, "chn_01kah6w1m0e8c9q2v7r4t5y6z8").bearer_auth(&good);
        let problem = world.send(request).await.refused(401, "token_invalid");
        assert!(problem["detail"].as_str().unwrap().contains("Sign in again"), "{problem}");
    }
}

/// Somebody with one of everything, each by the beginning of the routes that take its id.
async fn victim(world: &World) -> (Person, Vec<(&'static str, String, &'static str)>) {
    let person = world.customer().await;
    let subscription = person.buy("Growth").await;
    let channel = person.add_working_channel("Shop").await;
    let payment = person.all("/v1/payments").await[0]["id"].as_str().unwrap().to_owned();
    let key = person.post("/v1/api-keys", json!({ "name": "Till", "scopes": ["*"] })).await.with(201)["id"].as_str().unwrap().to_owned();
    let absent = |prefix: &str| format!("{prefix}_01kah6w1m0e8c9q2v7r4t5y6z8");
    let things = [("/v1/channels/", channel), ("/v1/subscriptions/", subscription), ("/v1/payments/", payment), ("/v1/api-keys/", key)];
    let with_prefix = things.map(|(path, id)| {
        let prefix: &'static str = match path {
            "/v1/channels/" => "chn",
            "/v1/subscriptions/" => "sub",
            "/v1/payments/" => "led",
            _ => "key",
        };
        assert_ne!(id, absent(prefix));
        (path, id, prefix)
    });
    (person, with_prefix.to_vec())
}

/// What of an answer may not tell one id from another.
fn faceless(answer: Answer) -> Value {
    let mut problem = answer.problem();
    problem["instance"] = Value::Null;
    problem
}

/// ACC-6: another customer's ids, in every route that takes one, look exactly like ids that do not exist.
#[tokio::test]
async fn other_peoples_things_are_not_there() {
    let world = World::start().await;
    let (owner, things) = victim(&world).await;
    let stranger = world.customer().await;
    stranger.buy("Growth").await;
    let (before, ledger) = (owner.channel(&things[0].1).await, owner.prove().await);
    let mut tried = 0;
    for route in guarded(&world).await.into_iter().filter(|route| route.path.contains("{id}") && !route.is_admins()) {
        let thing = things.iter().find(|(path, ..)| route.path.starts_with(path));
        let (_, foreign, prefix) = thing.unwrap_or_else(|| panic!("nobody owns anything for {route:?}"));
        let absent = format!("{prefix}_01kah6w1m0e8c9q2v7r4t5y6z8");
        let mut answers = Vec::new();
        for id in [foreign.as_str(), absent.as_str(), "nothing", "%00", "..%2f..%2fme", &foreign.to_uppercase()] {
            let request = route.request(&world, id).bearer_auth(stranger.token().await);
            answers.push(faceless(world.send(request).await));
        }
        assert_eq!(answers[0]["code"], "not_found", "{route:?}");
        assert!(answers.iter().all(|answer| answer == &answers[0]), "{route:?}: {answers:#?}");
        tried += 1;
    }
    assert!(tried > 12, "{tried}");
    for list in ["/v1/channels", "/v1/api-keys"] {
        assert!(stranger.all(list).await.is_empty(), "{list}");
    }
    let notes: Vec<Value> = owner.all("/v1/notifications").await;
    let ids: Vec<&str> = notes.iter().filter_map(|note| note["id"].as_str()).collect();
    stranger.post("/v1/notifications/read", json!({ "ids": ids })).await.with(204);
    assert_eq!(owner.all("/v1/notifications").await, notes, "nobody reads another's notifications");
    assert_eq!(owner.channel(&things[0].1).await, before);
    assert_eq!(owner.prove().await, ledger);
}

/// ACC-2, ACC-3: a customer is told that staff's routes are not for them, by token and by key.
#[tokio::test]
async fn staffs_routes_are_for_staff() {
    let world = World::start().await;
    let (person, admin) = (world.customer().await, world.admin().await);
    let key = person.post("/v1/api-keys", json!({ "name": "All", "scopes": ["*"] })).await.with(201)["key"].as_str().unwrap().to_owned();
    let mut tried = 0;
    for route in guarded(&world).await.into_iter().filter(Route::is_admins) {
        for token in [person.token().await, key.clone()] {
            world.send(route.request(&world, "x").bearer_auth(token)).await.refused(403, "forbidden");
        }
        if route.method == Method::GET {
            world.send(route.request(&world, &person.id).bearer_auth(admin.token().await)).await.with(200);
        }
        tried += 1;
    }
    assert!(tried >= 3);
}

/// ACC-4: a key does what its scopes say, handles no keys and buys nothing, and stops within a minute after
/// it was revoked. Its secret is shown once.
#[tokio::test]
async fn a_key_may_do_what_its_scopes_say_until_it_is_revoked() {
    let world = World::start().await;
    let person = world.customer().await;
    person.buy("Growth").await;
    let made = |name: &'static str, scope: &'static str| person.post("/v1/api-keys", json!({ "name": name, "scopes": [scope] }));
    let (reads, works) = (made("Reads", "read").await.with(201), made("Works", "channels").await.with(201));
    let call = async |key: &Value, method: Method, path: &str, body: Option<Value>| {
        let request = world.request(method, path).bearer_auth(key["key"].as_str().unwrap());
        world.send(body.into_iter().fold(request, |request, body| request.json(&body))).await
    };
    let shop = Some(json!({ "name": "Shop" }));
    for key in [&reads, &works] {
        assert_eq!(call(key, Method::GET, "/v1/balance", None).await.ok()["days_remaining"], 90);
        call(key, Method::GET, "/v1/api-keys", None).await.refused(403, "forbidden");
        call(key, Method::POST, "/v1/api-keys", Some(json!({ "name": "More", "scopes": ["*"] }))).await.refused(403, "forbidden");
        let wish = json!({ "plan_id": world.plan("Starter").await, "payment_method": "paypal" });
        call(key, Method::POST, "/v1/subscriptions", Some(wish)).await.refused(403, "forbidden");
    }
    call(&reads, Method::POST, "/v1/channels", shop.clone()).await.refused(403, "forbidden");
    call(&works, Method::POST, "/v1/channels", shop.clone()).await.with(201);
    world.settle().await;
    let listed = person.all("/v1/api-keys").await;
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|key| key["key"].is_null()), "shown once");

    person.delete(&format!("/v1/api-keys/{}", works["id"].as_str().unwrap())).await.with(204);
    world.advance(seconds(61)).await;
    call(&works, Method::POST, "/v1/channels", shop).await.refused(401, "token_invalid");
    assert_eq!(call(&reads, Method::GET, "/v1/balance", None).await.ok()["days_remaining"], 60);
    assert_eq!(person.all("/v1/api-keys").await.len(), 1);
}

/// ACC-4: a key that may do everything changes the profile and buys, but handles no keys: those are a person's.
#[tokio::test]
async fn a_key_handles_no_keys_whatever_it_may_do() {
    let world = World::start().await;
    let person = world.customer().await;
    let made = person.post("/v1/api-keys", json!({ "name": "All", "scopes": ["*"] })).await.with(201);
    let call = async |method: Method, path: &str, body: Option<Value>| {
        let request = world.request(method, path).bearer_auth(made["key"].as_str().unwrap());
        world.send(body.into_iter().fold(request, |request, body| request.json(&body))).await
    };
    call(Method::PATCH, "/v1/me", Some(json!({ "name": "Till" }))).await.ok();
    let wish = json!({ "plan_id": world.plan("Starter").await, "payment_method": "paypal" });
    call(Method::POST, "/v1/subscriptions", Some(wish)).await.with(201);
    call(Method::GET, "/v1/api-keys", None).await.refused(403, "forbidden");
    call(Method::POST, "/v1/api-keys", Some(json!({ "name": "More", "scopes": ["read"] }))).await.refused(403, "forbidden");
    let own = format!("/v1/api-keys/{}", made["id"].as_str().unwrap());
    call(Method::DELETE, &own, None).await.refused(403, "forbidden");
    assert_eq!(person.all("/v1/api-keys").await.len(), 1);
}

/// How often a key is used until its use was noted.
const MOST_USES: usize = 5;

/// ACC-4: when a key was last used is shown, to the minute.
#[tokio::test]
async fn the_last_use_of_a_key_is_shown() {
    let world = World::start().await;
    let person = world.customer().await;
    let made = person.post("/v1/api-keys", json!({ "name": "Till", "scopes": ["read"] })).await.with(201);
    let noted = async || person.all("/v1/api-keys").await[0]["last_used_at"].as_str().map(|at| at.parse::<jiff::Timestamp>().unwrap());
    assert_eq!(noted().await, None);
    let mut before = None;
    for _ in 0..2 {
        let began = world.now().await;
        for _ in 0..MOST_USES {
            let request = world.request(Method::GET, "/v1/balance").bearer_auth(made["key"].as_str().unwrap());
            world.send(request).await.ok();
            if noted().await > before {
                break;
            }
            world.move_clock(seconds(61)).await;
        }
        let used = noted().await.expect("a use was noted");
        assert!(used >= began && used <= world.now().await, "{used}");
        for _ in 0..3 {
            world.send(world.request(Method::GET, "/v1/balance").bearer_auth(made["key"].as_str().unwrap())).await.ok();
        }
        assert_eq!(noted().await, Some(used), "once a minute is enough");
        before = Some(used);
        world.move_clock(seconds(61)).await;
    }
    let own = format!("/v1/api-keys/{}", made["id"].as_str().unwrap());
    person.delete(&own).await.with(204);
    world.move_clock(seconds(61)).await;
    let request = world.request(Method::GET, "/v1/balance").bearer_auth(made["key"].as_str().unwrap());
    world.send(request).await.refused(401, "token_invalid");
}
