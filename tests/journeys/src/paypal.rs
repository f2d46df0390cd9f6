//! The business's own program at PayPal: what staff could do there with their keys, beside our product.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Answer, World};

/// Calls PayPal's API with the business's keys.
pub struct Merchant {
    world: World,
    base: String,
    token: String,
    webhook_id: String,
}

impl Merchant {
    pub(crate) async fn new(world: &World) -> Self {
        let endpoints = world.endpoints().await;
        let text = |name: &str| endpoints[name].as_str().expect("an endpoint").to_owned();
        let base = text("paypal");
        let keys = STANDARD.encode(format!("{}:{}", text("paypal_client_id"), text("paypal_client_secret")));
        let request = world.outside(Method::POST, &format!("{base}/v1/oauth2/token"));
        let request = request.header("authorization", format!("Basic {keys}")).form(&[("grant_type", "client_credentials")]);
        let token = world.send(request).await.ok()["access_token"].as_str().expect("a token").to_owned();
        Self { world: world.clone(), base, token, webhook_id: text("paypal_webhook_id") }
    }

    /// Calls one route.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.world.outside(method, &format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        self.world.send(request).await
    }

    /// Sends our own webhooks somewhere else from now on.
    pub async fn redirect_webhooks(&self, url: &str) {
        let change = json!([{ "op": "replace", "path": "/url", "value": url }]);
        let path = format!("/v1/notifications/webhooks/{}", self.webhook_id);
        self.call(Method::PATCH, &path, Some(change)).await.ok();
    }

    /// Listens to everything under a webhook id of its own.
    pub async fn listen(&self, url: &str) -> String {
        let wish = json!({ "url": url, "event_types": [{ "name": "*" }] });
        let made = self.call(Method::POST, "/v1/notifications/webhooks", Some(wish)).await.ok();
        made["id"].as_str().expect("an id").to_owned()
    }

    /// Changes what a running subscription costs.
    pub async fn change_price(&self, subscription: &str, value: &str) {
        let price = json!({ "value": value, "currency_code": "USD" });
        let change = json!([{ "op": "replace", "path": "/plan/billing_cycles/@sequence==1/pricing_scheme/fixed_price", "value": price }]);
        self.call(Method::PATCH, &format!("/v1/billing/subscriptions/{subscription}"), Some(change)).await.ok();
    }

    /// Begins a subscription that our product knows nothing of; answers PayPal's id.
    pub async fn subscribe_stranger(&self, plan: &str) -> String {
        let begun = self.call(Method::POST, "/v1/billing/subscriptions", Some(json!({ "plan_id": plan }))).await.ok();
        begun["id"].as_str().expect("an id").to_owned()
    }

    /// PayPal's id of the plan behind a subscription.
    pub async fn plan_of(&self, subscription: &str) -> String {
        let found = self.call(Method::GET, &format!("/v1/billing/subscriptions/{subscription}"), None).await.ok();
        found["plan_id"].as_str().expect("a plan").to_owned()
    }
}
