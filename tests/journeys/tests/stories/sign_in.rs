//! Another sign-in provider than the sandbox: what of its tokens counts, and what its word makes of people.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use journeys::{Answer, World, seconds};
use reqwest::Method;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

const CLIENT: &str = "another-client";

/// What the provider says of its people: by subject, or nothing while it is down.
type Book = Arc<Mutex<Option<BTreeMap<String, Value>>>>;

/// An OpenID Connect provider of somebody else.
struct Issuer {
    url: String,
    key: EcdsaKeyPair,
    book: Book,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Issuer {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let key = new_key();
        let point = key.public_key().as_ref();
        let part = |from: usize, to: usize| URL_SAFE_NO_PAD.encode(&point[from..to]);
        let keys = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "k1", "alg": "ES256", "x": part(1, 33), "y": part(33, 65) }] });
        let discovery = json!({ "issuer": url, "jwks_uri": format!("{url}/keys"), "userinfo_endpoint": format!("{url}/person") });
        let book: Book = Arc::new(Mutex::new(Some(BTreeMap::new())));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(move || async move { axum::Json(discovery) }))
            .route("/keys", get(move || async move { axum::Json(keys) }))
            .route("/person", get(person))
            .with_state(Arc::clone(&book));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { url, key, book, task }
    }

    /// The product with this provider in the sandbox's place.
    async fn world(&self) -> World {
        World::with_parameters(&[("OidcIssuer", self.url.clone()), ("OidcClientId", CLIENT.to_owned())]).await
    }

    fn says(&self, subject: &str, person: Value) {
        self.book.lock().unwrap().get_or_insert_default().insert(subject.to_owned(), person);
    }

    /// The claims of a good token, from now on for an hour by the world's clock.
    async fn claims(&self, world: &World, subject: &str) -> Value {
        let now = world.now().await.as_second();
        json!({ "iss": self.url, "sub": subject, "aud": CLIENT, "iat": now, "exp": now + 3_600 })
    }

    fn token(&self, claims: &Value) -> String {
        sign(&self.key, &json!({ "alg": "ES256", "kid": "k1" }), claims)
    }
}

async fn person(State(book): State<Book>, headers: HeaderMap) -> Result<axum::Json<Value>, StatusCode> {
    let token = headers["authorization"].to_str().unwrap().to_owned();
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    let book = book.lock().unwrap();
    let people = book.as_ref().ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    people.get(claims["sub"].as_str().unwrap()).cloned().map(axum::Json).ok_or(StatusCode::FORBIDDEN)
}

fn new_key() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, made.as_ref(), &random).unwrap()
}

fn sign(key: &EcdsaKeyPair, head: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(head), part(claims));
    let signature = key.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

async fn me(world: &World, token: &str) -> Answer {
    world.send(world.request(Method::GET, "/v1/me").bearer_auth(token)).await
}

fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut changed = claims.clone();
    match value {
        Value::Null => drop(changed.as_object_mut().unwrap().remove(name)),
        value => changed[name] = value,
    }
    changed
}

/// ACC-1, ACC-3: any provider may stand in for the sandbox, with an audience or with a client, with whole seconds or
/// parts of them.
#[tokio::test]
async fn another_issuers_tokens_for_us_count() {
    let issuer = Issuer::start().await;
    let world = issuer.world().await;
    let config = world.get("/config.json").await.ok();
    assert_eq!((&config["issuer"], &config["client_id"]), (&json!(issuer.url), &json!(CLIENT)));
    issuer.says("sara", json!({ "sub": "sara", "email": "sara@example.com", "email_verified": true, "name": "Sara" }));
    let good = issuer.claims(&world, "sara").await;
    let now = good["iat"].as_i64().unwrap();
    let client = with(&with(&good, "aud", Value::Null), "client_id", json!(CLIENT));
    let mut ids = Vec::new();
    for claims in [
        good.clone(),
        with(&good, "aud", json!(["others", CLIENT])),
        client.clone(),
        with(&client, "token_use", json!("access")),
        with(&good, "iat", Value::Null),
        with(&good, "exp", json!(now as f64 + 1_800.5)),
        with(&good, "exp", json!(i64::MAX)),
        with(&good, "nbf", json!(i64::MIN)),
    ] {
        let me = me(&world, &issuer.token(&claims)).await.ok();
        assert_eq!((&me["email"], &me["name"], &me["role"]), (&json!("sara@example.com"), &json!("Sara"), &json!("customer")), "{claims}");
        ids.push(me["id"].clone());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "one person, one account");
}

/// ACC-3: what is for another client, from another issuer, of another time, no access token, or not signed by a key of
/// the issuer's, is nobody.
#[tokio::test]
async fn another_issuers_other_tokens_do_not_count() {
    let issuer = Issuer::start().await;
    let world = issuer.world().await;
    let good = issuer.claims(&world, "sara").await;
    let now = good["iat"].as_i64().unwrap();
    let no_audience = with(&good, "aud", Value::Null);
    let bad = [
        with(&good, "aud", json!("others")),
        with(&good, "aud", json!(["others"])),
        with(&good, "aud", json!(7)),
        no_audience.clone(),
        with(&no_audience, "client_id", json!("others")),
        with(&with(&good, "aud", json!("others")), "client_id", json!(CLIENT)),
        with(&no_audience, "azp", json!(CLIENT)),
        with(&good, "iss", json!("https://issuer.example.com")),
        with(&good, "iss", Value::Null),
        with(&good, "sub", Value::Null),
        with(&good, "sub", json!("")),
        with(&good, "exp", Value::Null),
        with(&good, "exp", json!("tomorrow")),
        with(&good, "exp", json!(now - 61)),
        with(&good, "exp", json!(now as f64 - 61.5)),
        with(&good, "exp", json!(i64::MIN)),
        with(&good, "nbf", json!(now + 600)),
        with(&good, "nbf", json!(now as f64 + 600.5)),
        with(&good, "nbf", json!(i64::MAX)),
        with(&good, "nbf", json!("later")),
        with(&good, "iat", json!(now + 600)),
        with(&good, "token_use", json!("id")),
    ];
    for claims in &bad {
        let answer = me(&world, &issuer.token(claims)).await;
        assert_eq!(answer.status, 401, "{claims}: {}", answer.text);
        answer.refused(401, "token_invalid");
    }
    for head in [json!({ "alg": "none", "kid": "k1" }), json!({ "alg": "HS256", "kid": "k1" }), json!({ "alg": "ES256", "kid": "k2" })] {
        me(&world, &sign(&issuer.key, &head, &good)).await.refused(401, "token_invalid");
    }
    let stranger = sign(&new_key(), &json!({ "alg": "ES256", "kid": "k1" }), &good);
    me(&world, &stranger).await.refused(401, "token_invalid");
    me(&world, &issuer.token(&good)).await.ok();
}

/// ACC-2: the role follows the issuer's groups, both ways, and the profile says what may be done now.
#[tokio::test]
async fn the_role_follows_the_issuers_groups() {
    let issuer = Issuer::start().await;
    let world = issuer.world().await;
    let plain = issuer.claims(&world, "huda").await;
    let staff = with(&plain, "groups", json!(["sales", "admin"]));
    for (claims, role, status) in [(&plain, "customer", 403), (&staff, "admin", 200), (&plain, "customer", 403)] {
        world.advance(seconds(1)).await;
        let token = issuer.token(claims);
        assert_eq!(me(&world, &token).await.ok()["role"], role);
        let answer = world.send(world.request(Method::GET, "/v1/admin/status").bearer_auth(&token)).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    for none in [json!("admin"), json!(["Admin"]), json!([["admin"]]), json!({ "admin": true })] {
        let token = issuer.token(&with(&plain, "groups", none));
        assert_eq!(me(&world, &token).await.ok()["role"], "customer");
    }
}

/// ACC-1: an e-mail counts when it is verified and said of this person. A provider that does not answer at the first
/// sign-in makes no account without a name: it is made when the provider answers.
#[tokio::test]
async fn an_account_is_made_of_what_the_issuer_says() {
    let issuer = Issuer::start().await;
    let world = issuer.world().await;
    issuer.says("noor", json!({ "sub": "noor", "email": "noor@example.com", "email_verified": false, "name": "Noor" }));
    issuer.says("omar", json!({ "sub": "sara", "email": "sara@example.com", "email_verified": true, "name": "Sara" }));
    for (subject, name) in [("noor", "Noor"), ("omar", ""), ("nobody", "")] {
        let me = me(&world, &issuer.token(&issuer.claims(&world, subject).await)).await.ok();
        assert_eq!((&me["email"], &me["name"]), (&Value::Null, &json!(name)), "{subject}");
    }
    let people = issuer.book.lock().unwrap().take();
    let token = issuer.token(&issuer.claims(&world, "late").await);
    let answer = me(&world, &token).await;
    assert!(answer.header("retry-after").is_some(), "{answer:?}");
    answer.refused(503, "unavailable");
    *issuer.book.lock().unwrap() = people;
    issuer.says("late", json!({ "sub": "late", "email": "late@example.com", "email_verified": "true", "name": "Late" }));
    world.advance(seconds(61)).await;
    assert_eq!(me(&world, &token).await.ok()["email"], "late@example.com");
}
