//! Somebody who calls both providers over pipes and writes down every byte that comes back, webhooks included.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use jiff::{SignedDuration, Timestamp};
use sandbox::deliver::Carrier;
use sandbox::{Clock, GATE_HOST, InProcess, MANAGER_HOST, PAYPAL_HOST, Random, Sandbox, SandboxConfig};
use serde_json::{Value, json};

/// When every session begins.
pub(crate) const BEGIN: &str = "2031-03-03T12:00:00Z";
/// How much a pipe holds, in bytes: less than most answers, so that both ends must take turns.
const PIPE_BYTES: usize = 512;
/// The longest time that anything may take, in seconds of the paused clock.
const PATIENCE_SECONDS: u64 = 3 * 365 * 86_400;

/// What was said, in the order of time.
type Notes = Arc<Mutex<Vec<String>>>;

pub(crate) struct Session {
    pub(crate) sandbox: InProcess,
    pub(crate) notes: Notes,
}

/// Runs a session on a runtime of its own that has no I/O driver, and answers what was written down.
pub(crate) fn play<F: Future<Output = ()>>(seed: u64, script: impl FnOnce(Session) -> F) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let session = Session::begin(seed);
        let notes = Arc::clone(&session.notes);
        tokio::time::timeout(Duration::from_secs(PATIENCE_SECONDS), script(session)).await.expect("the session ends");
        notes.lock().unwrap().clone()
    })
}

impl Session {
    fn begin(seed: u64) -> Self {
        let notes = Notes::default();
        let taken = Arc::clone(&notes);
        let carry = move |request: Request<Bytes>| {
            taken.lock().unwrap().push(format!("webhook {request:?}"));
            Box::pin(async { Ok(Response::new(Bytes::from_static(b"thanks"))) }) as futures::future::BoxFuture<'static, _>
        };
        let sandbox = Sandbox::in_process(SandboxConfig {
            clock: Clock::simulated(BEGIN.parse::<Timestamp>().unwrap()),
            public_url: "https://daypass.test".to_owned(),
            random: Random::seeded(seed),
            webhooks: Carrier::Given(Arc::new(carry)),
            ..SandboxConfig::default()
        });
        Self { sandbox: sandbox.unwrap(), notes }
    }

    pub(crate) async fn manager(&self, method: &str, path: &str, body: Value) -> Value {
        let token = format!("Bearer {}", self.sandbox.whapi.partner_token());
        self.call(method, MANAGER_HOST, path, &token, body.to_string()).await
    }

    pub(crate) async fn gate(&self, token: &str, path: &str) -> Value {
        self.call("GET", GATE_HOST, path, &format!("Bearer {token}"), String::new()).await
    }

    pub(crate) async fn paypal(&self, token: &str, path: &str, body: Value) -> Value {
        let method = if body.is_null() { "GET" } else { "POST" };
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.call(method, PAYPAL_HOST, path, &format!("Bearer {token}"), text).await
    }

    /// Signs in at PayPal; answers the token.
    pub(crate) async fn sign_in(&self) -> String {
        let credentials = STANDARD.encode(format!("{}:{}", self.sandbox.paypal.client_id(), self.sandbox.paypal.client_secret()));
        let form = "grant_type=client_credentials".to_owned();
        let answer = self.call("POST", PAYPAL_HOST, "/v1/oauth2/token", &format!("Basic {credentials}"), form).await;
        text(&answer, "access_token")
    }

    /// A new channel, as the manager answers it.
    pub(crate) async fn create(&self, name: &str) -> Value {
        self.manager("PUT", "/channels", json!({"name": name, "projectId": self.sandbox.whapi.project_id()})).await
    }

    /// A subscription that waits for approval, of a plan of its own: thirty days for ten dollars.
    pub(crate) async fn subscribe(&self, custom_id: &str) -> Value {
        let token = self.sign_in().await;
        let product = self.paypal(&token, "/v1/catalogs/products", json!({"name": "Line", "type": "SERVICE"})).await;
        let plan = self.paypal(&token, "/v1/billing/plans", plan(&text(&product, "id"))).await;
        let body = json!({"plan_id": text(&plan, "id"), "custom_id": custom_id, "application_context": {
            "return_url": "https://shop.test/back", "cancel_url": "https://shop.test/no"}});
        self.paypal(&token, "/v1/billing/subscriptions", body).await
    }

    /// One call over a pipe of its own.
    async fn call(&self, method: &str, host: &str, path: &str, authorization: &str, body: String) -> Value {
        let request = Request::builder().method(method).uri(path).header("host", host).header("authorization", authorization);
        let request = request.header("content-type", "application/json").body(Full::new(Bytes::from(body))).unwrap();
        let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
        tokio::spawn(sandbox::serve::converse(theirs, self.sandbox.routers.at(host).unwrap().clone()));
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(ours)).await.unwrap();
        tokio::spawn(connection);
        let (head, body) = sender.send_request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        self.note(&format!("{method} {host}{path} {head:?} {}", String::from_utf8_lossy(&body)));
        serde_json::from_slice(&body).unwrap_or(Value::Null)
    }

    pub(crate) fn note(&self, note: &str) {
        let now = self.sandbox.clock.now();
        self.notes.lock().unwrap().push(format!("{now} {note}"));
    }

    /// Lets time go on.
    pub(crate) async fn hours_pass(&self, hours: i64) {
        self.passes(SignedDuration::from_hours(hours)).await;
    }

    /// The same for any time.
    pub(crate) async fn passes(&self, time: SignedDuration) {
        self.sandbox.clock.sleep_until(sandbox::clock::later(self.sandbox.clock.now(), time)).await;
    }
}

fn plan(product_id: &str) -> Value {
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

/// A text in an answer.
pub(crate) fn text(answer: &Value, name: &str) -> String {
    answer[name].as_str().expect(name).to_owned()
}
