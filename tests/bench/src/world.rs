//! A running stack to measure, and a small client that says what was answered when it is not what it
//! should be.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::App;
use boot::{Boot, Env};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use stack::functions::event;
use stack::{Registry, Stack, StackConfig};
use store::Meter;

use crate::Result;
use crate::gate::Gate;
use crate::probe::Probe;

/// The password of everybody here.
const PASSWORD: &str = "bench-password-1";
/// How long one request may take: a settling may need a minute.
const LONGEST_REQUEST: Duration = Duration::from_secs(120);
/// How long to wait until what was set in motion has come to rest.
const LONGEST_SETTLING: Duration = Duration::from_secs(900);

/// A running stack.
pub struct World {
    stack: Stack,
    /// The eye on the functions.
    pub probe: Probe,
    client: Client,
    _gate: Option<Gate>,
}

/// Somebody signed in.
#[derive(Debug, Clone)]
pub struct Person {
    /// The account's id.
    pub id: String,
    /// A token for an hour.
    pub token: String,
}

impl World {
    /// The product with everything around it, its invocations one after the other, so that each one's units
    /// and calls are its own.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn exact() -> Result<Self> {
        let probe = Probe::exact();
        Self::with(None, probe.registry(), probe).await
    }

    /// The product with a channels' API that answers at once, so that what is measured is ours.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn with_quick_gate() -> Result<Self> {
        let probe = Probe::default();
        Self::with(Some(Gate::start().await?), probe.registry(), probe).await
    }

    /// The product without its relay, so that what is written into the table sets nothing in motion.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn without_relay() -> Result<Self> {
        let probe = Probe::default();
        let idle = |_: Value, _| async { Ok(json!({ "batchItemFailures": [] })) };
        let registry = probe.registry().with("relay", move |_| Ok(event(idle)));
        Self::with(None, registry, probe).await
    }

    async fn with(gate: Option<Gate>, registry: Registry, probe: Probe) -> Result<Self> {
        let parameters = gate.iter().map(|gate| ("WhapiGateUrl".to_owned(), gate.url()));
        let config = StackConfig { registry, parameters: parameters.collect::<BTreeMap<_, _>>(), ..StackConfig::default() };
        let stack = Stack::start(config).await?;
        Ok(Self { stack, probe, client: sandbox::deliver::http_client()?, _gate: gate })
    }

    /// The stack itself.
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    /// The use cases with the means of a function.
    ///
    /// # Errors
    /// When a variable is wrong.
    pub fn app(&self, function: &str) -> Result<App> {
        self.app_with(function, None)
    }

    /// The same, with a meter on the table.
    ///
    /// # Errors
    /// When a variable is wrong.
    pub fn app_with(&self, function: &str, meter: Option<Meter>) -> Result<App> {
        let clock = self.stack.clock().clone();
        let clock = app::Clock::from_fn(Arc::new(move || clock.now()));
        let mut boot = Boot::new(Env::from_map(self.probe.variables(function)), clock);
        boot.meter = meter;
        Ok(boot.app()?)
    }

    /// A request to the front door that is not sent yet.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.outside(method, &format!("{}{path}", self.stack.url()))
    }

    /// A request to anywhere that is not sent yet.
    pub fn outside(&self, method: Method, url: &str) -> RequestBuilder {
        self.client.request(method, url).timeout(LONGEST_REQUEST)
    }

    /// Sends a request that must succeed.
    ///
    /// # Errors
    /// What was answered instead.
    pub async fn send(&self, request: RequestBuilder) -> Result<Value> {
        let response = request.send().await?;
        let (status, url) = (response.status(), response.url().path().to_owned());
        let text = response.text().await?;
        if !status.is_success() {
            return Err(format!("{url} answered {status}: {text}").into());
        }
        Ok(serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// Uses a control.
    ///
    /// # Errors
    /// What was answered instead.
    pub async fn control(&self, name: &str, body: Value) -> Result<Value> {
        self.send(self.request(Method::POST, &format!("/local/{name}")).json(&body)).await
    }

    /// Where everything listens.
    ///
    /// # Errors
    /// What was answered instead.
    pub async fn endpoints(&self) -> Result<Value> {
        self.send(self.request(Method::GET, "/local/endpoints")).await
    }

    /// Waits until nothing more happens by itself.
    ///
    /// # Errors
    /// When that takes too long.
    pub async fn settle(&self) -> Result<()> {
        let began = Instant::now();
        loop {
            match self.stack.settle().await {
                Ok(()) => return Ok(()),
                Err(restless) if began.elapsed() > LONGEST_SETTLING => return Err(restless.into()),
                Err(_) => {}
            }
        }
    }

    /// Moves the clock and waits for what that sets in motion.
    ///
    /// # Errors
    /// What was answered instead.
    pub async fn advance_seconds(&self, seconds: u32) -> Result<()> {
        self.control("clock", json!({ "advance": format!("PT{seconds}S") })).await?;
        self.settle().await
    }

    /// Somebody new, signed up and signed in.
    ///
    /// # Errors
    /// What was answered instead.
    pub async fn sign_up(&self, name: &str) -> Result<Person> {
        let email = format!("{name}@bench.test");
        self.control("users", json!({ "email": email, "password": PASSWORD })).await?;
        self.sign_in(&email, PASSWORD).await
    }

    /// The seeded admin.
    ///
    /// # Errors
    /// What was answered instead.
    pub async fn admin(&self) -> Result<Person> {
        self.sign_in("admin@daypass.test", "admin-daypass").await
    }

    /// Somebody who has signed up before.
    ///
    /// # Errors
    /// What was answered instead.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<Person> {
        let signed_in = self.control("token", json!({ "email": email, "password": password })).await?;
        let text = |name: &str| signed_in[name].as_str().map(str::to_owned).ok_or_else(|| format!("no {name}: {signed_in}"));
        Ok(Person { id: text("user_id")?, token: text("access_token")? })
    }

    /// Reads as somebody.
    ///
    /// # Errors
    /// What was answered instead.
    pub async fn get(&self, person: &Person, path: &str) -> Result<Value> {
        self.send(self.request(Method::GET, path).bearer_auth(&person.token)).await
    }

    /// Does something as somebody.
    ///
    /// # Errors
    /// What was answered instead.
    pub async fn post(&self, person: &Person, path: &str, body: Value) -> Result<Value> {
        self.send(self.request(Method::POST, path).bearer_auth(&person.token).json(&body)).await
    }
}
