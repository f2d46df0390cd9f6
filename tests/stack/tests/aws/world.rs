//! A fresh local AWS with a clock of its own, and clients that go through the socket.

use std::path::Path;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sandbox::mail::Outbox;
use sandbox::{Clock, Saved};
use stack::aws::{Aws, AwsConfig, Clients};

/// The running stand-ins with what a test needs of them.
pub(crate) struct World {
    pub(crate) aws: Aws,
    pub(crate) clock: Clock,
    pub(crate) mail: Outbox,
    pub(crate) clients: Clients,
}

/// A world that is gone at the end of the test.
pub(crate) async fn fresh() -> World {
    start(None).await
}

/// A world that keeps its data in `directory`.
pub(crate) async fn kept(directory: &Path) -> World {
    start(Some(directory)).await
}

async fn start(directory: Option<&Path>) -> World {
    let clock = Clock::new();
    let mail = Outbox::new(Saved::memory());
    let aws = Aws::start(AwsConfig { data_dir: directory.map(Path::to_path_buf), clock: clock.clone(), mail: mail.clone(), port: 0 })
        .await
        .expect("the local AWS starts");
    let clients = Clients::over_http(aws.url());
    World { aws, clock, mail, clients }
}

impl World {
    /// Moves the clock and waits until everything has followed it.
    pub(crate) async fn advance(&self, by: jiff::SignedDuration) {
        self.clock.advance(by);
        self.aws.clock_moved().await.expect("the stores follow");
    }
}

/// One request as a browser would send it, without the SDK.
pub(crate) async fn call(request: Request<impl Into<Bytes>>) -> Response<Bytes> {
    let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    let request = request.map(|body| Full::new(body.into()));
    let response = client.request(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a whole answer").to_bytes();
    Response::from_parts(parts, body)
}
