//! A merchant with a sandbox: a client with a token, a listener that writes down what arrives, and short words for long calls.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Method, RequestBuilder, Response};
use sandbox::paypal::Paypal;
use sandbox::{Clock, Frame, Listening, SandboxConfig};
use serde_json::{Value, json};
use tokio::sync::Notify;

/// How long is waited for webhooks at most.
const PATIENCE: Duration = Duration::from_secs(10);
/// When every journey begins: after the billing hour, so that a period ends within its days.
const BEGIN: &str = "2031-03-03T12:00:00Z";

/// A clock that shows the beginning.
fn clock_at_the_beginning() -> Clock {
    let begin: Timestamp = BEGIN.parse().unwrap();
    let ahead = begin.duration_since(Clock::new().now());
    Clock::ahead_by_ms(i64::try_from(ahead.as_millis()).unwrap())
}

/// A webhook as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Arrival {
    pub(crate) fn header(&self, name: &str) -> String {
        self.headers.get(name).expect(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn event(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn event_type(&self) -> String {
        self.event()["event_type"].as_str().unwrap().to_owned()
    }
}

#[derive(Clone, Default)]
pub(crate) struct Listener {
    arrivals: Arc<Mutex<Vec<Arrival>>>,
    answers: Arc<Mutex<Option<u16>>>,
    came: Arc<Notify>,
}

impl Listener {
    pub(crate) fn all(&self) -> Vec<Arrival> {
        self.arrivals.lock().unwrap().clone()
    }

    pub(crate) fn forget(&self) {
        self.arrivals.lock().unwrap().clear();
    }

    pub(crate) fn types(&self) -> Vec<String> {
        self.all().iter().map(Arrival::event_type).collect()
    }

    pub(crate) fn of(&self, event_type: &str) -> Vec<Arrival> {
        self.all().into_iter().filter(|arrival| arrival.event_type() == event_type).collect()
    }

    /// Waits until an event of this type has come.
    pub(crate) async fn hears(&self, event_type: &str) {
        let heard = async {
            while self.of(event_type).is_empty() {
                self.came.notified().await;
            }
        };
        tokio::time::timeout(PATIENCE, heard).await.expect(event_type);
    }

    /// Answers this status from now on; 200 without one.
    pub(crate) fn answer(&self, status: Option<u16>) {
        *self.answers.lock().unwrap() = status;
    }
}

async fn receive(State(listener): State<Listener>, headers: HeaderMap, body: Bytes) -> StatusCode {
    listener.arrivals.lock().unwrap().push(Arrival { headers, body });
    listener.came.notify_one();
    let status = *listener.answers.lock().unwrap();
    StatusCode::from_u16(status.unwrap_or(200)).unwrap()
}

pub(crate) struct Shop {
    pub(crate) clock: Clock,
    pub(crate) frame: Frame,
    pub(crate) paypal: Paypal,
    pub(crate) listener: Listener,
    pub(crate) client: Client,
    pub(crate) token: String,
    pub(crate) listening: Listening,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let clock = clock_at_the_beginning();
        Self::open_with(SandboxConfig { clock, ..SandboxConfig::default() }).await
    }

    pub(crate) async fn open_with(config: SandboxConfig) -> Self {
        let listener = Listener::default();
        let receiver =
            Router::new().route("/v1/webhooks/paypal", post(receive)).route("/second", post(receive)).with_state(listener.clone());
        let listening = sandbox::serve::serve(receiver, 0).await.unwrap();
        let frame = Frame::new(&SandboxConfig { public_url: listening.url(), ..config }).unwrap();
        let paypal = Paypal::start(&frame, 0).await.unwrap();
        let client = sandbox::deliver::http_client().unwrap();
        let mut shop = Self { clock: frame.clock.clone(), frame, paypal, listener, client, token: String::new(), listening };
        shop.sign_in().await;
        shop
    }

    pub(crate) async fn sign_in(&mut self) {
        let answer = self.ask_token(&self.paypal.client_id(), &self.paypal.client_secret()).await;
        let body: Value = answer.json().await.unwrap();
        self.token = body["access_token"].as_str().unwrap().to_owned();
    }

    pub(crate) async fn ask_token(&self, id: &str, secret: &str) -> Response {
        let request = self.client.post(self.at("/v1/oauth2/token")).basic_auth(id, Some(secret));
        request.form(&[("grant_type", "client_credentials")]).send().await.unwrap()
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.paypal.url())
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.at(path)).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        read(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        read(self.request(Method::POST, path).json(&body).send().await.unwrap()).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> (u16, Value) {
        read(self.request(Method::PATCH, path).json(&body).send().await.unwrap()).await
    }

    /// A POST under a request id.
    pub(crate) async fn post_as(&self, request_id: &str, path: &str, body: Value) -> (u16, Value) {
        let request = self.request(Method::POST, path).header("PayPal-Request-Id", request_id);
        read(request.json(&body).send().await.unwrap()).await
    }

    /// A plan of so many days at ten dollars, with its product.
    pub(crate) async fn plan(&self, changes: Value) -> String {
        let (status, product) = self.post("/v1/catalogs/products", json!({"name": "Line", "type": "SERVICE"})).await;
        assert_eq!(status, 201, "{product}");
        let mut body = plan_body(product["id"].as_str().unwrap());
        merge(&mut body, changes);
        let (status, plan) = self.post("/v1/billing/plans", body).await;
        assert_eq!(status, 201, "{plan}");
        plan["id"].as_str().unwrap().to_owned()
    }

    /// A subscription of that plan that waits for approval: its id and its approval link.
    pub(crate) async fn subscribe(&self, plan_id: &str, changes: Value) -> (String, String) {
        let mut body = json!({"plan_id": plan_id, "application_context": {
            "return_url": "https://shop.test/back?from=paypal", "cancel_url": "https://shop.test/no"}});
        merge(&mut body, changes);
        let (status, made) = self.post("/v1/billing/subscriptions", body).await;
        assert_eq!(status, 201, "{made}");
        (made["id"].as_str().unwrap().to_owned(), link(&made, "approve"))
    }

    /// An active subscription of a thirty-day plan.
    pub(crate) async fn active(&self, plan_changes: Value) -> String {
        let plan = self.plan(plan_changes).await;
        let (id, _) = self.subscribe(&plan, json!({"custom_id": "sub_test"})).await;
        self.paypal.approve(&id).unwrap();
        self.quiet().await;
        id
    }

    pub(crate) async fn subscription(&self, id: &str) -> Value {
        let (status, body) = self.get(&format!("/v1/billing/subscriptions/{id}")).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    pub(crate) async fn transactions(&self, id: &str) -> Vec<Value> {
        let path = format!("/v1/billing/subscriptions/{id}/transactions?start_time=2020-01-01T00:00:00Z&end_time=2099-01-01T00:00:00Z");
        let (status, body) = self.get(&path).await;
        assert_eq!(status, 200, "{body}");
        body["transactions"].as_array().unwrap().clone()
    }

    /// Moves the clock, signs in again where the token ran out, and waits until all that came of it has arrived.
    pub(crate) async fn pass(&mut self, days: i64) {
        self.clock.advance(SignedDuration::from_hours(24 * days));
        self.paypal.catch_up();
        self.quiet().await;
        self.sign_in().await;
    }

    /// Waits until nothing is on its way.
    pub(crate) async fn quiet(&self) {
        tokio::time::timeout(PATIENCE, self.frame.deliverer.quiet()).await.expect("no webhook is still on its way");
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

pub(crate) fn plan_body(product_id: &str) -> Value {
    json!({
        "product_id": product_id,
        "name": "Starter",
        "billing_cycles": [{
            "frequency": {"interval_unit": "DAY", "interval_count": 30},
            "tenure_type": "REGULAR", "sequence": 1, "total_cycles": 0,
            "pricing_scheme": {"fixed_price": {"value": "10", "currency_code": "USD"}}
        }],
        "payment_preferences": {"auto_bill_outstanding": false, "payment_failure_threshold": 1}
    })
}

/// Members of `changes` replace those of `body`, level by level; lists as a whole.
pub(crate) fn merge(body: &mut Value, changes: Value) {
    match (body, changes) {
        (Value::Object(body), Value::Object(changes)) => {
            for (name, change) in changes {
                merge(body.entry(name).or_insert(Value::Null), change);
            }
        }
        (body, change) => *body = change,
    }
}

pub(crate) async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let bytes = response.bytes().await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

pub(crate) fn link(body: &Value, rel: &str) -> String {
    let links = body["links"].as_array().expect("links");
    let found = links.iter().find(|link| link["rel"] == rel).expect(rel);
    found["href"].as_str().unwrap().to_owned()
}

pub(crate) fn rels(body: &Value) -> Vec<String> {
    let mut rels: Vec<String> = body["links"].as_array().unwrap().iter().map(|link| link["rel"].as_str().unwrap().to_owned()).collect();
    rels.sort();
    rels
}

/// The issue of the first detail.
pub(crate) fn issue(body: &Value) -> &str {
    body["details"][0]["issue"].as_str().unwrap_or("")
}
