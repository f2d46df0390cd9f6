//! The layer that lets requests meet the plan.
//!
//! What is lost is lost by ending the connection, so the layer works only under this crate's
//! [`serve`](crate::serve). A request whose answer is lost or late is done in full first. A refusal says
//! nowhere when to try again, because none of the providers does.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tower::{Layer, Service, ServiceExt};

use super::{Ending, Faults, Provider};
use crate::clock::Clock;
use crate::serve::hang_up;

/// Where PayPal hands out tokens: its errors there have a form of their own.
const PAYPAL_TOKEN_PATH: &str = "/v1/oauth2/token";
const PAYPAL_LIMITED: &str = "Too many requests. Blocked due to rate limiting.";

/// The layer to put round a provider's router, outermost.
#[must_use]
pub fn layer(provider: Provider, faults: Faults, clock: Clock) -> FaultLayer {
    FaultLayer { provider, faults, clock }
}

/// See [`layer`].
#[derive(Clone, Debug)]
pub struct FaultLayer {
    provider: Provider,
    faults: Faults,
    clock: Clock,
}

impl<S> Layer<S> for FaultLayer {
    type Service = FaultService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        FaultService { inner, layer: self.clone() }
    }
}

/// A provider's router with faults round it.
#[derive(Clone, Debug)]
pub struct FaultService<S> {
    inner: S,
    layer: FaultLayer,
}

impl<S> Service<Request> for FaultService<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let inner = self.inner.clone();
        let layer = self.layer.clone();
        Box::pin(async move { Ok(layer.meet(inner, request).await) })
    }
}

impl FaultLayer {
    async fn meet<S>(self, inner: S, request: Request) -> Response
    where
        S: Service<Request, Response = Response, Error = Infallible> + Send,
        S::Future: Send,
    {
        let (method, path) = (request.method().as_str(), request.uri().path());
        let fate = self.faults.request(self.provider, method, path);
        let is_token = self.provider == Provider::Paypal && path.trim_end_matches('/') == PAYPAL_TOKEN_PATH;
        let response = match fate.ending {
            None => done(inner, request).await,
            Some(Ending::LostRequest) => hang_up(),
            Some(Ending::LostAnswer) => {
                done(inner, request).await;
                hang_up()
            }
            Some(Ending::Status(status)) => {
                let now = self.clock.now();
                tracing::debug!(provider = ?self.provider, status, %now, "refused by a fault rule");
                if is_token { token_refusal(status) } else { refusal(self.provider, status) }
            }
            Some(Ending::Garbage) => garbage(),
        };
        tokio::time::sleep(Duration::from_millis(fate.delay_ms)).await;
        response
    }
}

/// A refusal in the words of the provider; a 502 is the page of a gateway before it.
#[must_use]
pub fn refusal(provider: Provider, status: u16) -> Response {
    let code = code_of(status);
    if code == StatusCode::BAD_GATEWAY { gateway_page(code) } else { (code, axum::Json(own_error(provider, code))).into_response() }
}

fn code_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
}

/// A refusal in the form that PayPal's tokens have: that of OAuth.
fn token_refusal(status: u16) -> Response {
    let code = code_of(status);
    (code, axum::Json(own_error(Provider::Oidc, code))).into_response()
}

async fn done<S>(inner: S, request: Request) -> Response
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    match inner.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

fn gateway_page(code: StatusCode) -> Response {
    let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
                <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";
    (code, [(header::CONTENT_TYPE, "text/html")], page).into_response()
}

fn garbage() -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json")];
    (headers, Body::from("{\"id\": \"cut o")).into_response()
}

fn own_error(provider: Provider, code: StatusCode) -> Value {
    let words = code.canonical_reason().unwrap_or("Refused");
    match provider {
        Provider::Whapi => json!({"error": {"code": code.as_u16(), "message": words}}),
        Provider::Paypal => json!({
            "name": paypal_name(code),
            "message": if code == StatusCode::TOO_MANY_REQUESTS { PAYPAL_LIMITED } else { words },
            "debug_id": "f0a17b3c5d9e2",
            "details": [],
            "links": [],
        }),
        Provider::Meta => json!({"error": {
            "message": words, "type": "OAuthException", "code": 2, "fbtrace_id": "AfaultTrace",
        }}),
        Provider::Oidc => json!({"error": oauth_name(code), "error_description": words}),
    }
}

fn paypal_name(code: StatusCode) -> &'static str {
    match code.as_u16() {
        400 => "INVALID_REQUEST",
        401 => "AUTHENTICATION_FAILURE",
        403 => "NOT_AUTHORIZED",
        404 => "RESOURCE_NOT_FOUND",
        409 => "RESOURCE_CONFLICT",
        415 => "UNSUPPORTED_MEDIA_TYPE",
        422 => "UNPROCESSABLE_ENTITY",
        429 => "RATE_LIMIT_REACHED",
        503 => "SERVICE_UNAVAILABLE",
        _ => "INTERNAL_SERVER_ERROR",
    }
}

fn oauth_name(code: StatusCode) -> &'static str {
    match code.as_u16() {
        401 => "invalid_client",
        429 | 503 => "temporarily_unavailable",
        400..=499 => "invalid_request",
        _ => "server_error",
    }
}
