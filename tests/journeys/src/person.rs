//! Somebody with a browser: signs in again when the session runs out, buys, and counts days.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{Answer, World};

/// How old a token gets before somebody signs in again, in seconds; it lives an hour.
const TOKEN_USED_SECONDS: i64 = 45 * 60;
/// Pages of a list that are read at most.
const MOST_PAGES: usize = 200;

/// A person who is signed in.
pub struct Person {
    world: World,
    email: String,
    password: String,
    /// The account's id.
    pub id: String,
    token: Mutex<(String, i64)>,
}

impl Person {
    /// Signs somebody in.
    pub async fn sign_in(world: &World, email: &str, password: &str) -> Self {
        let token = token(world, email, password).await;
        let person = Self {
            world: world.clone(),
            email: email.to_owned(),
            password: password.to_owned(),
            id: String::new(),
            token: Mutex::new((token, world.moved_seconds())),
        };
        let me = person.get("/v1/me").await.ok();
        Self { id: me["id"].as_str().expect("an id").to_owned(), ..person }
    }

    /// The world they live in.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The e-mail they sign in with.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }

    /// A token that is good now.
    pub async fn token(&self) -> String {
        let mut kept = self.token.lock().await;
        let moved = self.world.moved_seconds();
        if moved - kept.1 > TOKEN_USED_SECONDS {
            *kept = (token(&self.world, &self.email, &self.password).await, moved);
        }
        kept.0.clone()
    }

    /// A request of theirs that is not sent yet.
    pub async fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.world.request(method, path).bearer_auth(self.token().await)
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Answer {
        self.world.send(self.request(Method::GET, path).await).await
    }

    /// Does something.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.world.send(self.request(Method::POST, path).await.json(&body)).await
    }

    /// Changes something.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.world.send(self.request(Method::PATCH, path).await.json(&body)).await
    }

    /// Removes something.
    pub async fn delete(&self, path: &str) -> Answer {
        self.world.send(self.request(Method::DELETE, path).await).await
    }

    /// A whole list, page by page, newest first.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut address = format!("{path}?limit=100");
        for _ in 0..MOST_PAGES {
            let page = self.get(&address).await.ok();
            items.extend(page["items"].as_array().expect("items").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(cursor) => address = format!("{path}?limit=100&cursor={cursor}"),
                None => return items,
            }
        }
        panic!("{path} does not end");
    }

    /// Begins a checkout; answers its id.
    pub async fn checkout(&self, plan: &str) -> String {
        let plan_id = self.world.plan(plan).await;
        let begun = self.post("/v1/subscriptions", json!({ "plan_id": plan_id, "payment_method": "paypal" })).await.with(201);
        assert_eq!(begun["subscription"]["status"], "pending");
        assert!(begun["approval_url"].as_str().is_some_and(|url| url.starts_with("http")), "{begun}");
        begun["subscription"]["id"].as_str().expect("an id").to_owned()
    }

    /// Approves a checkout at PayPal and waits for what follows.
    pub async fn approve(&self, subscription: &str) {
        self.world.control("paypal/approve", json!({ "subscription_id": subscription })).await;
        self.world.settle().await;
    }

    /// Buys a plan through PayPal; answers the subscription's id.
    pub async fn buy(&self, plan: &str) -> String {
        let subscription = self.checkout(plan).await;
        self.approve(&subscription).await;
        subscription
    }

    /// What can be spent.
    pub async fn remaining(&self) -> i64 {
        self.get("/v1/balance").await.ok()["days_remaining"].as_i64().expect("a number")
    }

    /// The whole ledger, oldest first.
    pub async fn ledger(&self) -> Vec<Value> {
        let mut entries = self.all("/v1/balance/entries").await;
        entries.reverse();
        entries
    }

    /// How often a kind of movement happened, and the days of all of them.
    pub async fn moved(&self, kind: &str) -> (usize, i64) {
        let entries = self.ledger().await;
        let of_kind: Vec<i64> = entries.iter().filter(|entry| entry["kind"] == kind).filter_map(|entry| entry["days"].as_i64()).collect();
        (of_kind.len(), of_kind.iter().sum())
    }

    /// Proves that the balance is the sum of the ledger, entry by entry, and never was below zero; answers
    /// what remains.
    pub async fn prove(&self) -> i64 {
        let entries = self.ledger().await;
        let mut sum = 0;
        for entry in &entries {
            sum += entry["days"].as_i64().expect("days");
            assert_eq!(entry["balance_after"].as_i64(), Some(sum), "{entry} in {entries:#?}");
            assert!(sum >= 0, "below zero: {entries:#?}");
        }
        let balance = self.get("/v1/balance").await.ok();
        let number = |name: &str| balance[name].as_i64().expect("a number");
        assert_eq!(number("days_remaining"), sum, "{balance} {entries:#?}");
        assert_eq!(number("days_total") - number("days_consumed"), sum, "{balance}");
        assert_eq!(balance["last_update"].is_string(), !entries.is_empty(), "{balance}");
        let bought: i64 = entries
            .iter()
            .filter(|entry| matches!(entry["kind"].as_str(), Some("credit" | "grant")))
            .filter_map(|entry| entry["days"].as_i64())
            .sum();
        assert_eq!(number("days_total"), bought, "{balance} {entries:#?}");
        let causes: std::collections::HashSet<&str> = entries.iter().filter_map(|entry| entry["cause"].as_str()).collect();
        assert_eq!(causes.len(), entries.len(), "a cause came twice: {entries:#?}");
        sum
    }

    /// The subscription as the console shows it.
    pub async fn subscription(&self) -> Value {
        self.get("/v1/subscription").await.ok()["subscription"].clone()
    }

    /// The plan whose limits hold, as the profile says it.
    pub async fn plan(&self) -> Value {
        self.get("/v1/me").await.ok()["plan"].clone()
    }

    /// The texts of all notifications, oldest first.
    pub async fn told(&self) -> Vec<String> {
        let mut notes = self.all("/v1/notifications").await;
        notes.reverse();
        notes.iter().map(|note| note["text"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Whether a notification holds this text.
    pub async fn was_told(&self, text: &str) -> bool {
        self.told().await.iter().any(|told| told.contains(text))
    }

    /// For staff: the findings of a kind.
    pub async fn findings(&self, kind: &str) -> Vec<Value> {
        let mut findings = self.all("/v1/admin/findings").await;
        findings.retain(|finding| finding["kind"] == kind);
        findings
    }
}

async fn token(world: &World, email: &str, password: &str) -> String {
    let signed_in = world.control("token", json!({ "email": email, "password": password })).await;
    signed_in["access_token"].as_str().expect("a token").to_owned()
}
