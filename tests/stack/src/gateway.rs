//! An API Gateway HTTP API in small: routes from the template, an authorizer with a memory, events of
//! payload format 2.0, the limits and the words of the real one.
//!
//! It answers itself only where API Gateway does: no route (404), no `Authorization` header where one
//! is needed (401), a body over the limits (413), a function that failed (500) or took longer than the
//! integration may (503). Everything else is the function's answer, untouched. Throttling and stages
//! are absent.

mod answer;
mod authorize;
mod cors;
mod event;
mod routes;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};
use http_body_util::{BodyExt, Limited};
use sandbox::Clock;

use crate::invoke::Invoker;
use crate::template::{Cors, Facts, Function, Template, TemplateError};
use authorize::{Gatekeeper, Verdict};
use event::Incoming;
pub use routes::{Found, Routes};

/// The most bytes of a request's body.
pub const BODY_LIMIT_BYTES: usize = 10 * 1024 * 1024;
/// How long the gateway waits for a function, of real time.
pub const INTEGRATION_LIMIT: Duration = Duration::from_secs(30);

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The function's name in the template.
    pub function: String,
    /// Whether the authorizer is passed by.
    pub open: bool,
}

/// The gateway; all clones are one.
#[derive(Clone)]
pub struct Gateway {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Clock,
    invoker: Invoker,
    routes: Routes<Target>,
    gatekeeper: Option<Gatekeeper>,
    cors: Option<Cors>,
}

impl Gateway {
    /// A gateway with the template's routes to these functions.
    ///
    /// # Errors
    /// When the template's authorizer or CORS cannot be understood.
    pub fn new(template: &Template, facts: &Facts, functions: &[Function], invoker: Invoker, clock: Clock) -> Result<Self, TemplateError> {
        let mut routes = Routes::default();
        for function in functions {
            for route in &function.routes {
                let target = Target { function: function.id.clone(), open: route.open };
                routes.add(&route.method, &route.path, target);
            }
        }
        let gatekeeper = template.authorizer()?.map(|authorizer| Gatekeeper::new(authorizer, facts.region()));
        let cors = template.cors(facts)?;
        Ok(Self { shared: Arc::new(Shared { clock, invoker, routes, gatekeeper, cors }) })
    }

    /// Answers a request, and says so in the log.
    pub async fn answer(&self, request: Request) -> Response {
        let began = Instant::now();
        let (parts, body) = request.into_parts();
        let request_id = request_id();
        let mut response = self.shared.answer(&parts, body, &request_id).await;
        if let Some(cors) = &self.shared.cors {
            cors::dress(cors, &parts.headers, &mut response);
        }
        if let Ok(value) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert(HeaderName::from_static("apigw-requestid"), value);
        }
        let (status, ms) = (response.status().as_u16(), began.elapsed().as_millis());
        tracing::info!(target: "gateway", "{} {} {status} {ms} ms {request_id}", parts.method, parts.uri.path());
        response
    }
}

impl Shared {
    async fn answer(&self, parts: &Parts, body: Body, request_id: &str) -> Response {
        if let Some(preflight) = self.cors.as_ref().and_then(|cors| cors::preflight(cors, parts)) {
            return preflight;
        }
        let Some(found) = self.routes.find(parts.method.as_str(), parts.uri.path()) else {
            return answer::message(StatusCode::NOT_FOUND, "Not Found");
        };
        let body = match Limited::new(body, BODY_LIMIT_BYTES).collect().await {
            Ok(body) => body.to_bytes(),
            Err(_) => {
                return answer::message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
            }
        };
        let incoming = Incoming {
            parts,
            body: &body,
            request_id,
            at: self.clock.now(),
            route_key: &found.key,
            path_parameters: &found.parameters,
            authorized: None,
        };
        match self.pass(found.target, &incoming).await {
            Ok(said) => self.call(found.target, &Incoming { authorized: said.as_ref(), ..incoming }).await,
            Err(refusal) => *refusal,
        }
    }

    async fn pass(&self, target: &Target, incoming: &Incoming<'_>) -> Result<Option<serde_json::Value>, Box<Response>> {
        let Some(gatekeeper) = self.gatekeeper.as_ref().filter(|_| !target.open) else {
            return Ok(None);
        };
        let refusal = match gatekeeper.ask(&self.invoker, incoming).await {
            Verdict::Pass(said) => return Ok(Some(said)),
            Verdict::Unidentified => answer::message(StatusCode::UNAUTHORIZED, "Unauthorized"),
            Verdict::Refused => answer::message(StatusCode::FORBIDDEN, "Forbidden"),
            Verdict::Failed => answer::internal_error(),
        };
        Err(Box::new(refusal))
    }

    async fn call(&self, target: &Target, incoming: &Incoming<'_>) -> Response {
        let event = event::to_function(incoming);
        let (invoker, function) = (self.invoker.clone(), target.function.clone());
        // A function goes on when the gateway has given up on it.
        let invoked = tokio::spawn(async move { invoker.invoke(&function, &event).await });
        match tokio::time::timeout(INTEGRATION_LIMIT, invoked).await {
            Ok(Ok(Ok(said))) => answer::of_function(&said).unwrap_or_else(answer::internal_error),
            Ok(Ok(Err(cause))) => answer::of_error(&cause),
            Ok(Err(_)) => answer::internal_error(),
            Err(_) => answer::message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        }
    }
}

/// An id of the form that API Gateway gives its requests.
fn request_id() -> String {
    STANDARD.encode(Bytes::copy_from_slice(&rand::random::<[u8; 11]>()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::invoke::Deployed;

    const TEMPLATE: &str = r"
Resources:
  OneFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/one/
      Timeout: 60
      Events: {Get: {Type: HttpApi, Properties: {Method: GET, Path: /, Auth: {Authorizer: NONE}}}}
";

    #[tokio::test(start_paused = true)]
    async fn the_gateway_waits_for_a_function_for_thirty_seconds_and_no_longer() {
        let template = Template::parse(TEMPLATE, &BTreeMap::new()).unwrap();
        let facts = Facts::new("us-east-1");
        let functions = template.functions(&facts).unwrap();
        let forever = Deployed { code: Arc::new(|_, _| Box::pin(std::future::pending())), timeout: functions[0].timeout, memory_mb: 128 };
        let deployed = BTreeMap::from([("OneFunction".to_owned(), forever)]);
        let (clock, began) = (Clock::new(), tokio::time::Instant::now());
        let invoker = Invoker::new(clock.clone(), deployed);
        let gateway = Gateway::new(&template, &facts, &functions, invoker.clone(), clock).unwrap();
        let answer = gateway.answer(Request::get("/").body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(began.elapsed().as_secs(), 30);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body.as_ref(), br#"{"message":"Service Unavailable"}"#);
        assert_eq!(invoker.in_flight(), 1, "the function goes on until its own time is over");
    }
}
