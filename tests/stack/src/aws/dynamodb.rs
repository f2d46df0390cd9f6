//! DynamoDB and its streams: the operations of the hot path are called in process (`tables`); everything
//! else, and every request that the store finds invalid, goes to the store's own HTTP server, whose wording
//! of refusals is AWS's. A refused request has changed nothing, so asking twice is safe.
//!
//! Items expire by our clock, when the clock is moved and every few minutes.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::RwLock;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use s3s::Body;
use sandbox::Clock;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::reply::{self, JSON_1_0};
use super::tables::{Attempt, Tables};
use super::{AwsError, expiry, streams};

/// How many pages of tables a reset goes through.
const RESET_PAGES: usize = 100;

/// The tables and their streams.
pub(crate) struct Dynamo {
    tables: Tables,
    clock: Clock,
    /// Held by who reads a stream, and by expiry while a deletion is not signed yet.
    stream_readers: RwLock<()>,
    server: SocketAddr,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Dynamo {
    /// Opens the tables kept in `directory`. A fresh world does not wait for the disk.
    pub(crate) async fn open(directory: &Path, fresh: bool, clock: Clock, tasks: &mut JoinSet<()>) -> Result<Self, AwsError> {
        let path = directory.join("dynamodb.sqlite");
        let (path, own_clock) = (path.to_string_lossy(), clock.clone());
        let tables = if fresh { Tables::open_fresh(&path, own_clock)? } else { Tables::open(&path, own_clock)? };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let server = listener.local_addr()?;
        tasks.spawn(dynoxide::server::serve_on(listener, tables.database().clone()));
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Ok(Self { tables, clock, stream_readers: RwLock::new(()), server, client: Client::builder(TokioExecutor::new()).build(connector) })
    }

    /// Answers one request of either API.
    pub(crate) async fn answer(&self, parts: &Parts, body: Bytes) -> Response<Body> {
        let target = parts.headers.get("x-amz-target");
        let target = target.and_then(|value| value.to_str().ok()).unwrap_or("");
        let operation = target.rsplit('.').next().unwrap_or("");
        match self.attempt(operation, &body) {
            Attempt::Done(json) => reply::answer(StatusCode::OK, JSON_1_0, json),
            Attempt::Refused(error) => {
                let status = StatusCode::from_u16(error.status_code());
                let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                reply::answer(status, JSON_1_0, error.to_json())
            }
            Attempt::Elsewhere => self.forward(parts, body).await,
        }
    }

    fn attempt(&self, operation: &str, body: &[u8]) -> Attempt {
        let _reader = (operation == "GetRecords").then(|| self.stream_readers.read());
        self.tables.call(operation, body)
    }

    async fn forward(&self, parts: &Parts, body: Bytes) -> Response<Body> {
        let uri = format!("http://{}/", self.server);
        let mut request = Request::post(uri);
        for (name, value) in &parts.headers {
            if name != http::header::HOST && name != http::header::CONTENT_LENGTH {
                request = request.header(name, value);
            }
        }
        let Ok(request) = request.body(Full::new(body)) else {
            return reply::broken(JSON_1_0, "the request could not be passed on");
        };
        match self.client.request(request).await {
            Ok(response) => response.map(Body::from),
            Err(error) => reply::broken(JSON_1_0, &error.to_string()),
        }
    }

    /// Deletes the items whose time is over by our clock; answers how many.
    pub(crate) fn sweep_expired(&self) -> Result<usize, AwsError> {
        let now_seconds = self.clock.now().as_second();
        expiry::sweep(self.tables.database(), &self.tables.upkeep(), &self.stream_readers, now_seconds)
    }

    /// Deletes stream records older than a day.
    pub(crate) fn trim_streams(&self) -> Result<usize, AwsError> {
        Ok(streams::trim(&self.tables.upkeep())?)
    }

    /// Deletes every table, stream record and client token.
    pub(crate) fn reset(&self) -> Result<(), AwsError> {
        let database = self.tables.database();
        for _page in 0..RESET_PAGES {
            let listed = database.list_tables(request(json!({}))?)?;
            if listed.table_names.is_empty() {
                break;
            }
            for name in listed.table_names {
                let unprotected = json!({"TableName": name, "DeletionProtectionEnabled": false});
                // Refused when the table was not protected, which is as good.
                let _ = database.update_table(request(unprotected)?);
                database.delete_table(request(json!({"TableName": name}))?)?;
            }
        }
        streams::clear(&self.tables.upkeep())?;
        self.tables.forget_tokens();
        Ok(())
    }
}

fn request<Q: DeserializeOwned>(value: serde_json::Value) -> Result<Q, AwsError> {
    Ok(serde_json::from_value(value)?)
}
