//! The front door: requests as the gateway hands them to a function, with who is calling as the authorizer
//! found it, and webhooks, which nobody vouches for.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use domain::account::Role;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};
use http_body_util::BodyExt;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayRequestAuthorizer, ApiGatewayV2httpRequestContext};
use lambda_http::request::RequestContext;
use serde_json::Value;
use store::Identity;
use tower::ServiceExt;

use crate::machine::{Code, Ended, Function, Machine};

/// What somebody sends.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Sent {
    /// A request of a customer's program.
    pub(crate) fn json(method: Method, path: impl Into<String>, body: Option<&Value>) -> Self {
        let mut headers = HeaderMap::new();
        if body.is_some() {
            headers.insert(CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
        }
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        Self { method, path: path.into(), headers, body }
    }

    /// The same with a key by which it is done once.
    pub(crate) fn keyed(mut self, key: &str) -> Self {
        self.headers.insert("idempotency-key", key.parse().unwrap());
        self
    }
}

/// What was answered.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

impl Answered {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// The gateway.
#[derive(Clone)]
pub(crate) struct Front {
    machine: Arc<Machine>,
}

impl Front {
    pub(crate) fn new(machine: Arc<Machine>) -> Self {
        Self { machine }
    }

    /// Calls a function for somebody, or for nobody.
    ///
    /// # Errors
    /// When the function gave no answer.
    pub(crate) async fn call(&self, function: Function, caller: Option<&Identity>, sent: &Sent) -> Result<Answered, Ended> {
        let request = request(caller, sent);
        self.machine
            .invoke(function, async |code| match code {
                Code::Routes(router) => {
                    let response = router.oneshot(request).await.unwrap_or_else(|never| match never {});
                    let status = response.status().as_u16();
                    let body = response.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
                    Answered { status, body }
                }
                _ => Answered { status: 404, body: Bytes::new() },
            })
            .await
    }
}

fn request(caller: Option<&Identity>, sent: &Sent) -> Request {
    let mut request = Request::builder().method(sent.method.clone()).uri(&sent.path).body(Body::from(sent.body.clone())).unwrap();
    *request.headers_mut() = sent.headers.clone();
    let mut context = ApiGatewayV2httpRequestContext::default();
    context.request_id = Some("simulated".to_owned());
    context.authorizer = caller.map(authorizer);
    request.extensions_mut().insert(RequestContext::ApiGatewayV2(context));
    request
}

/// What the authorizer says of a person.
fn authorizer(caller: &Identity) -> ApiGatewayRequestAuthorizer {
    let mut authorizer = ApiGatewayRequestAuthorizer::default();
    let role = if caller.role == Role::Admin { "admin" } else { "customer" };
    let said = [
        ("outcome", "known"),
        ("user_id", caller.user_id.as_str()),
        ("account_id", caller.user_id.as_str()),
        ("role", role),
        ("scopes", "*"),
        ("suspended", if caller.suspended { "true" } else { "false" }),
        ("email", caller.email.as_deref().unwrap_or_default()),
    ];
    authorizer.fields = said.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    authorizer
}
