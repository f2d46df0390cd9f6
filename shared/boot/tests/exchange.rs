//! Whatever a function reaches outside itself can be exchanged, as a simulation needs it: the carriers of
//! bytes and the source of chance.

#![allow(clippy::unwrap_used)]

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use app::{App, Clock};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use boot::{Boot, Env};
use domain::Secret;
use net::{Http, SharedHttpClient};
use tokio::io::DuplexStream;

type Seen = Arc<Mutex<Vec<String>>>;

/// Refuses every call of AWS and keeps where it went.
#[derive(Debug, Clone)]
struct NoAws(Seen);

impl HttpConnector for NoAws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.0.lock().unwrap().push(request.uri().to_owned());
        HttpConnectorFuture::ready(Err(ConnectorError::user("no AWS here".into())))
    }
}

fn no_aws(seen: &Seen) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(NoAws(Arc::clone(seen)));
    http_client_fn(move |_: &HttpConnectorSettings, _: &_| connector.clone())
}

fn no_net(seen: &Seen) -> Http {
    let seen = Arc::clone(seen);
    Http::over(move |address| {
        seen.lock().unwrap().push(address.to_string());
        async { Err::<DuplexStream, _>(io::ErrorKind::ConnectionRefused.into()) }
    })
}

fn app(seen: &Seen) -> App {
    let drawn = AtomicU64::new(40);
    let random = Arc::new(move || u128::from(drawn.fetch_add(1, Ordering::SeqCst)));
    let table = ("DAYPASS_TABLE".to_owned(), "daypass".to_owned());
    let boot = Boot::new(Env::from_map([table]), Clock::system());
    boot.with_http(no_net(seen)).with_aws_http(no_aws(seen)).with_random(random).app().unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_call_goes_over_what_was_put_in() {
    let seen = Seen::default();
    let app = app(&seen);
    assert!(app.whapi.partner(&Secret::new("token")).await.is_err());
    assert!(app.gate.health(&Secret::new("token"), false).await.is_err());
    assert!(app.secrets.platform(app.now()).await.is_err());
    assert!(app.queue.send("job").await.is_err());
    assert!(app.store.plans().await.is_err());
    let seen = seen.lock().unwrap();
    let begins = |start: &str| seen.iter().any(|address| address.starts_with(start));
    for service in
        ["https://manager.whapi.cloud/", "https://gate.whapi.cloud/", "https://secretsmanager.", "https://sqs.", "https://dynamodb."]
    {
        assert!(begins(service), "{service}: {seen:?}");
    }
}

#[test]
fn chance_is_what_was_put_in_or_the_machines() {
    let app = app(&Seen::default());
    let first = (app.random)();
    assert_eq!((app.random)(), first + 1);
    let machine = Boot::new(Env::default(), Clock::system()).app().unwrap();
    assert_ne!((machine.random)(), (machine.random)());
}
