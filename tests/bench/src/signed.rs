//! Events that PayPal's sandbox has signed for us, caught on their way and kept to be sent when they are to
//! be timed: each is new, so each is verified, stored and answered for the first time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use futures::{StreamExt, TryStreamExt};
use reqwest::Method;
use sandbox::serve::serve;
use serde_json::{Value, json};

use crate::world::World;
use crate::{Error, Result};

/// How many checkouts are begun at PayPal at the same time.
const AT_ONCE: usize = 8;
/// How long to wait for an event that was caused.
const CATCH_WITHIN: Duration = Duration::from_secs(60);
/// How often to look.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A signed event.
#[derive(Debug, Clone)]
pub struct Signed {
    headers: HeaderMap,
    body: Bytes,
}

impl Signed {
    /// The request that brings it to our door.
    pub fn request(&self, world: &World) -> reqwest::RequestBuilder {
        world.request(Method::POST, "/v1/webhooks/paypal").headers(self.headers.clone()).body(self.body.clone())
    }
}

type Caught = Arc<Mutex<Vec<Signed>>>;

/// Has PayPal's sandbox sign that many events, none of which reaches us before it is sent. From then on no
/// webhook of PayPal reaches this world by itself.
///
/// # Errors
/// What was answered instead.
pub async fn signed_events(world: &World, count: usize) -> Result<Vec<Signed>> {
    let caught = Caught::default();
    let listening = serve(Router::new().fallback(take).with_state(Arc::clone(&caught)), 0).await?;
    let paypal = PayPal::new(world).await?;
    paypal.redirect(&format!("{}/hook", listening.url())).await?;
    let plan = paypal_plan(world).await?;
    futures::stream::iter(0..count).map(|_| paypal.subscribe(&plan)).buffer_unordered(AT_ONCE).try_collect::<Vec<_>>().await?;
    let began = Instant::now();
    while began.elapsed() < CATCH_WITHIN && caught.lock().unwrap_or_else(PoisonError::into_inner).len() < count {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let caught = std::mem::take(&mut *caught.lock().unwrap_or_else(PoisonError::into_inner));
    if caught.len() < count { Err(format!("PayPal sent {} of {count} events", caught.len()).into()) } else { Ok(caught) }
}

async fn take(State(caught): State<Caught>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let ours = headers.into_iter().filter_map(|(name, value)| Some((name?, value)));
    let ours = ours.filter(|(name, _)| name.as_str().starts_with("paypal-") || name.as_str() == "content-type").collect();
    caught.lock().unwrap_or_else(PoisonError::into_inner).push(Signed { headers: ours, body });
    StatusCode::OK
}

async fn paypal_plan(world: &World) -> Result<String> {
    let plans = world.app("worker")?.store.plans().await?;
    plans.into_iter().find_map(|plan| plan.paypal_plan_id).ok_or_else(|| Error::from("no plan is known at PayPal"))
}

/// PayPal's API with the business's own keys.
struct PayPal<'a> {
    world: &'a World,
    base: String,
    token: String,
    webhook_id: String,
}

impl<'a> PayPal<'a> {
    async fn new(world: &'a World) -> Result<Self> {
        let endpoints = world.endpoints().await?;
        let text = |name: &str| endpoints[name].as_str().unwrap_or_default().to_owned();
        let base = text("paypal");
        let request = world.outside(Method::POST, &format!("{base}/v1/oauth2/token"));
        let request = request.basic_auth(text("paypal_client_id"), Some(text("paypal_client_secret")));
        let answer = world.send(request.form(&[("grant_type", "client_credentials")])).await?;
        let token = answer["access_token"].as_str().unwrap_or_default().to_owned();
        Ok(Self { world, base, token, webhook_id: text("paypal_webhook_id") })
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Result<Value> {
        let request = self.world.outside(method, &format!("{}{path}", self.base)).bearer_auth(&self.token);
        self.world.send(request.json(body)).await
    }

    async fn redirect(&self, url: &str) -> Result<()> {
        let change = json!([{ "op": "replace", "path": "/url", "value": url }]);
        self.call(Method::PATCH, &format!("/v1/notifications/webhooks/{}", self.webhook_id), &change).await.map(drop)
    }

    async fn subscribe(&self, plan: &str) -> Result<()> {
        self.call(Method::POST, "/v1/billing/subscriptions", &json!({ "plan_id": plan })).await.map(drop)
    }
}
