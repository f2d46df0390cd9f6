//! One running product with everything around it, and the controls over it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use sandbox::PortPlan;
use serde_json::{Value, json};
use stack::{Stack, StackConfig};
use tokio::sync::RwLock;

use crate::{Answer, Merchant, Person};

/// How long one request may take, in real time: a settling may need a minute.
const LONGEST_REQUEST: Duration = Duration::from_secs(90);
/// How often ports are looked for before giving up.
const PORT_TRIES: u16 = 40;
/// How many ports a kept world needs: the gateway's and the sandboxes'.
const PORTS_NEEDED: u16 = 6;
/// The password of everybody who signs up here.
const PASSWORD: &str = "journey-password-1";

/// That many days.
#[must_use]
pub fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

/// That many minutes.
#[must_use]
pub fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

/// That many seconds.
#[must_use]
pub fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

/// A running product; all clones are one.
#[derive(Clone)]
pub struct World(Arc<Inner>);

struct Inner {
    stack: RwLock<Option<Stack>>,
    url: String,
    config: StackConfig,
    client: reqwest::Client,
    moved_seconds: AtomicI64,
    people: AtomicU64,
}

impl World {
    /// Starts the product in a fresh world on free ports.
    pub async fn start() -> Self {
        Self::with(StackConfig::default()).await.expect("the stack starts")
    }

    /// Starts a world that is kept in a folder, so that it can be started again.
    pub async fn kept(folder: &std::path::Path) -> Self {
        for attempt in 0..PORT_TRIES {
            let first = free_ports(attempt);
            let config =
                StackConfig { port: first, ports: PortPlan::From(first + 1), data_dir: Some(folder.to_owned()), ..StackConfig::default() };
            if let Some(world) = Self::with(config).await {
                return world;
            }
        }
        panic!("no free ports were found");
    }

    /// Starts the product as it is configured.
    pub async fn of(config: StackConfig) -> Self {
        Self::with(config).await.expect("the stack starts")
    }

    /// Starts the product with those parameters of the template in place of the sandboxes'.
    pub async fn with_parameters(parameters: &[(&str, String)]) -> Self {
        let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Self::of(StackConfig { parameters, ..StackConfig::default() }).await
    }

    /// Goes back to the seeded world, and to the machine's time.
    pub async fn reset(&self) {
        self.control("reset", json!({})).await;
        self.0.moved_seconds.store(0, Ordering::SeqCst);
    }

    async fn with(config: StackConfig) -> Option<Self> {
        let stack = Stack::start(config.clone()).await.ok()?;
        Some(Self(Arc::new(Inner {
            url: stack.url().to_owned(),
            stack: RwLock::new(Some(stack)),
            config,
            client: sandbox::deliver::http_client().expect("a client"),
            moved_seconds: AtomicI64::new(0),
            people: AtomicU64::new(0),
        })))
    }

    /// The process dies and is started again on what it kept.
    pub async fn crash_and_restart(&self) {
        let mut running = self.0.stack.write().await;
        drop(running.take());
        *running = Some(Stack::start(self.0.config.clone()).await.expect("the stack starts again"));
    }

    /// Something of the sandboxes that has no control of its own.
    pub async fn sandbox<T>(&self, act: impl FnOnce(&sandbox::Sandbox) -> T) -> T {
        let running = self.0.stack.read().await;
        act(running.as_ref().expect("a running stack").sandbox())
    }

    /// The running product's tables, for a hand that is not ours.
    pub(crate) async fn tables(&self) -> aws_sdk_dynamodb::Client {
        let running = self.0.stack.read().await;
        running.as_ref().expect("a running stack").clients().dynamodb.clone()
    }

    /// The front door's address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// How far the clock has been moved, in seconds.
    pub(crate) fn moved_seconds(&self) -> i64 {
        self.0.moved_seconds.load(Ordering::SeqCst)
    }

    /// A request to the front door that is not sent yet.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.0.client.request(method, format!("{}{path}", self.0.url)).timeout(LONGEST_REQUEST)
    }

    /// A request to anywhere that is not sent yet.
    pub fn outside(&self, method: Method, url: &str) -> reqwest::RequestBuilder {
        self.0.client.request(method, url).timeout(LONGEST_REQUEST)
    }

    /// Sends a request and reads its answer.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let (client, request) = request.build_split();
        let request = request.expect("a request that can be built");
        let asked = format!("{} {}", request.method(), request.url().path());
        let response = client.execute(request).await.unwrap_or_else(|cause| panic!("{asked}: {cause:?}"));
        Answer::read(asked, response).await
    }

    /// Asks without a token.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// Uses a control, which must do what it is told.
    pub async fn control(&self, name: &str, body: Value) -> Value {
        self.try_control(name, body).await.ok()
    }

    /// Uses a control, which may refuse.
    pub async fn try_control(&self, name: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, &format!("/local/{name}")).json(&body)).await
    }

    /// Waits until nothing more happens by itself.
    pub async fn settle(&self) {
        self.control("settle", json!({})).await;
    }

    /// Moves the clock, then waits for what that set in motion.
    pub async fn advance(&self, by: SignedDuration) {
        self.move_clock(by).await;
        self.settle().await;
    }

    /// Moves the clock and waits for nothing.
    pub async fn move_clock(&self, by: SignedDuration) {
        self.control("clock", json!({ "advance": format!("PT{}S", by.as_secs()) })).await;
        self.0.moved_seconds.fetch_add(by.as_secs(), Ordering::SeqCst);
    }

    /// The time by the world's clock.
    pub async fn now(&self) -> Timestamp {
        let clock = self.get("/local/clock").await.ok();
        clock["now"].as_str().and_then(|now| now.parse().ok()).expect("a time")
    }

    /// Runs a scheduled job to its end, then what it set in motion.
    pub async fn job(&self, name: &str) {
        self.control(&format!("jobs/{name}"), json!({})).await;
        self.settle().await;
    }

    /// Moves the clock past a wait and has the sweep look, several times: for work that backs off.
    pub async fn sweep_for(&self, times: usize, by: SignedDuration) {
        for _ in 0..times {
            self.advance(by).await;
            self.job("sweep").await;
        }
    }

    /// Puts faults in force.
    pub async fn faults(&self, rules: Value) {
        let plan = json!({ "seed": 1, "rules": rules });
        self.send(self.request(Method::PUT, "/local/faults").json(&plan)).await.ok();
    }

    /// Turns faults off; answers how often each kind has hit.
    pub async fn calm(&self) -> Value {
        let hits = self.get("/local/faults").await.ok()["hits"].clone();
        self.faults(json!([])).await;
        hits
    }

    /// Where everything listens.
    pub async fn endpoints(&self) -> Value {
        self.get("/local/endpoints").await.ok()
    }

    /// WHAPI's own truth: the partner's days and all channels.
    pub async fn whapi(&self) -> Value {
        self.get("/local/whapi/account").await.ok()
    }

    /// What PayPal has of a subscription, by our id or its own.
    pub async fn paypal(&self, subscription: &str) -> Value {
        self.control("paypal/inspect", json!({ "subscription_id": subscription })).await
    }

    /// Writes another partner token into the platform's secrets, as an operator would; answers the one before.
    pub async fn replace_partner_token(&self, token: &str) -> String {
        self.replace_platform_secret("whapi_partner_token", token).await
    }

    /// Writes another value into the platform's secrets, as an operator would; answers the one before.
    pub async fn replace_platform_secret(&self, name: &str, given: &str) -> String {
        let running = self.0.stack.read().await;
        let stack = running.as_ref().expect("a running stack");
        let made = stack.made().await;
        let id = made.secrets.get("PlatformSecret").expect("the platform's secret");
        let secrets = &stack.clients().secrets;
        let kept = secrets.get_secret_value().secret_id(id).send().await.expect("the secret");
        let mut value: Value = serde_json::from_str(kept.secret_string().expect("a text")).expect("JSON");
        let before = std::mem::replace(&mut value[name], json!(given));
        secrets.put_secret_value().secret_id(id).secret_string(value.to_string()).send().await.expect("written");
        before.as_str().expect("a token").to_owned()
    }

    /// Who calls PayPal's API with the business's own keys.
    pub async fn merchant(&self) -> Merchant {
        Merchant::new(self).await
    }

    /// The id of a plan on sale.
    pub async fn plan(&self, name: &str) -> String {
        let plans = self.get("/v1/plans").await.ok();
        let items = plans["items"].as_array().expect("plans").iter();
        let found = items.filter(|plan| plan["name"] == name).find_map(|plan| plan["id"].as_str());
        found.unwrap_or_else(|| panic!("no plan {name}")).to_owned()
    }

    /// Somebody new, signed up and signed in.
    pub async fn customer(&self) -> Person {
        let number = self.0.people.fetch_add(1, Ordering::SeqCst);
        let email = format!("person{number}-{}@journey.test", self.moved_seconds());
        self.control("users", json!({ "email": email, "password": PASSWORD })).await;
        Person::sign_in(self, &email, PASSWORD).await
    }

    /// The seeded admin, signed in.
    pub async fn admin(&self) -> Person {
        Person::sign_in(self, "admin@daypass.test", "admin-daypass").await
    }
}

/// The first of several free ports in a row, at another place for each process and try.
fn free_ports(attempt: u16) -> u16 {
    let place = std::process::id().wrapping_mul(31).wrapping_add(u32::from(attempt) * 211) % 3_000;
    let first = 20_000 + u16::try_from(place).unwrap_or(0) * PORTS_NEEDED;
    let is_free = |port| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
    if (first..first + PORTS_NEEDED).all(is_free) { first } else { free_ports(attempt.wrapping_add(1)) }
}
