//! A listener that catches PayPal's signed webhooks on their way, so that a journey decides what reaches
//! our door, in which order, how often, and what was done to it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use reqwest::Method;
use serde_json::Value;

use crate::{Answer, World};

/// Our door for PayPal.
const DOOR: &str = "/v1/webhooks/paypal";

/// A webhook as PayPal sent it.
#[derive(Debug, Clone)]
pub struct Caught {
    /// PayPal's headers.
    pub headers: HeaderMap,
    /// The body, byte by byte.
    pub body: Bytes,
}

impl Caught {
    /// What it tells of.
    #[must_use]
    pub fn event(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The kind of event.
    #[must_use]
    pub fn kind(&self) -> String {
        self.event()["event_type"].as_str().unwrap_or_default().to_owned()
    }

    /// Whether it is about that subscription, by our id or by PayPal's.
    #[must_use]
    pub fn is_about(&self, id: &str) -> bool {
        String::from_utf8_lossy(&self.body).contains(id)
    }

    /// With another header in place of PayPal's.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.parse().expect("a header"));
        self
    }

    /// Knocks at our door with it.
    pub async fn deliver(&self, world: &World) -> Answer {
        let mut request = world.request(Method::POST, DOOR).body(self.body.clone());
        for (name, value) in &self.headers {
            if name.as_str().starts_with("paypal-") || name == "content-type" {
                request = request.header(name, value);
            }
        }
        world.send(request).await
    }
}

type Kept = Arc<Mutex<Vec<Caught>>>;

/// A listener in place of our door.
pub struct Tap {
    kept: Kept,
    url: String,
    visits: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Tap {
    /// Catches from now on what PayPal sends to our product.
    pub async fn on(world: &World) -> Self {
        let tap = Self::listen().await;
        world.merchant().await.redirect_webhooks(&tap.url).await;
        tap
    }

    /// Listens without anybody being redirected.
    pub async fn listen() -> Self {
        let (kept, visits) = (Kept::default(), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&visits);
        let counted = axum::middleware::map_request(move |request: axum::extract::Request| {
            count.fetch_add(1, Ordering::SeqCst);
            async move { request }
        });
        let router = Router::new().route("/", post(keep)).with_state(Arc::clone(&kept)).layer(counted);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { kept, url, visits, task }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many requests of any kind came, to any address.
    #[must_use]
    pub fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }

    /// What was caught so far, in the order in which it came.
    #[must_use]
    pub fn all(&self) -> Vec<Caught> {
        self.kept.lock().expect("no panic while held").clone()
    }

    /// What was caught about one subscription.
    #[must_use]
    pub fn about(&self, ids: &[&str]) -> Vec<Caught> {
        self.all().into_iter().filter(|caught| ids.iter().any(|id| caught.is_about(id))).collect()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn keep(State(kept): State<Kept>, headers: HeaderMap, body: Bytes) -> StatusCode {
    kept.lock().expect("no panic while held").push(Caught { headers, body });
    StatusCode::OK
}
