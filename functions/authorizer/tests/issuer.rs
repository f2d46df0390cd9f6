//! An issuer that does not answer as it should is no reason to refuse anybody's token, nor to take it.

#![allow(clippy::unwrap_used)]

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use authorizer::{Handler, handler};
use aws_lambda_events::event::apigw::ApiGatewayV2CustomAuthorizerV2Request;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use boot::{Boot, Env};
use bytes::Bytes;
use domain::Timestamp;
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use net::Http;
use serde_json::json;

const ISSUER: &str = "https://issuer.example/pool";
const KEYS: &str = "https://issuer.example/keys";

type Reply = (u16, String);

/// The function over an issuer in this process, and what that was asked.
fn world(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> (Handler, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
    let http = Http::over(move |_| {
        let (near, far) = tokio::io::duplex(1 << 20);
        let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
        let service = service_fn(move |request: Request<Incoming>| {
            log.lock().unwrap().push(request.uri().path().to_owned());
            let (status, body) = answer(request.uri().path());
            async move { Ok::<_, Infallible>(Response::builder().status(status).body(Full::<Bytes>::from(body)).unwrap()) }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(far), service));
        async move { Ok(near) }
    });
    let variables = [("DAYPASS_OIDC_ISSUER", ISSUER), ("DAYPASS_OIDC_CLIENT_ID", "console")];
    let env = Env::from_map(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let clock = app::Clock::from_fn(Arc::new(|| Timestamp::UNIX_EPOCH));
    (handler(&Boot::new(env, clock).with_http(http)).unwrap(), asked)
}

/// What is found of a token that names a key.
async fn outcome(handler: &Handler) -> String {
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let token = format!("{}.{}.c2ln", part(json!({"alg": "RS256", "kid": "k"})), part(json!({"sub": "s"})));
    let mut request = ApiGatewayV2CustomAuthorizerV2Request::default();
    request.headers.insert("authorization", HeaderValue::try_from(format!("Bearer {token}")).unwrap());
    handler.call(request).await.unwrap().context.outcome
}

fn discovery(issuer: &str) -> Reply {
    (200, json!({"issuer": issuer, "jwks_uri": KEYS}).to_string())
}

#[tokio::test(start_paused = true)]
async fn keys_are_fetched_once_and_a_token_of_none_of_them_is_refused() {
    let (handler, asked) = world(|path| if path == "/keys" { (200, r#"{"keys":[]}"#.to_owned()) } else { discovery(ISSUER) });
    for _ in 0..2 {
        assert_eq!(outcome(&handler).await, "token_invalid");
    }
    assert_eq!(*asked.lock().unwrap(), ["/pool/.well-known/openid-configuration", "/keys"]);
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_cannot_be_read_leaves_the_token_unchecked() {
    let long = format!(r#"{{"keys":[{}]}}"#, " ".repeat(300_000));
    for keys in [(500, r#"{"keys":[]}"#.to_owned()), (302, r#"{"keys":[]}"#.to_owned()), (200, "<html>".to_owned()), (200, long)] {
        let (handler, asked) = world(move |path| if path == "/keys" { keys.clone() } else { discovery(ISSUER) });
        assert_eq!(outcome(&handler).await, "unavailable");
        assert_eq!(asked.lock().unwrap().len(), 2);
    }
    let (handler, asked) = world(|_| discovery("https://another.example"));
    assert_eq!(outcome(&handler).await, "unavailable");
    assert_eq!(asked.lock().unwrap().len(), 1);
}
