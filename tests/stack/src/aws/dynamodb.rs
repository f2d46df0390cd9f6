//! DynamoDB and its streams: the operations of the hot path are called in process; everything else,
//! and every request that the store finds invalid, goes to the store's own HTTP server, whose wording
//! of refusals is AWS's. A refused request has changed nothing, so asking twice is safe.
//!
//! Client tokens are good for ten minutes of our clock. Items expire by our clock too, when the clock
//! is moved and every few minutes.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Mutex, RwLock};
use std::time::Duration;

use bytes::Bytes;
use dynoxide::actions::transact_write_items::TransactWriteItemsRequest;
use dynoxide::{Database, DynoxideError};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use s3s::Body;
use sandbox::Clock;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::cells::lock;
use super::reply::{self, JSON_1_0};
use super::{AwsError, expiry, streams};

/// How long a repeat with the same client token is the same transaction.
const TOKEN_WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// How long the second connection waits for the first.
const UPKEEP_WAIT: Duration = Duration::from_secs(10);
/// DynamoDB's limit of a client token; a longer one is left for the store to refuse.
const TOKEN_LIMIT_CHARACTERS: usize = 36;
/// How many tokens are remembered before the old ones are looked for.
const TOKENS_REMEMBERED: usize = 10_000;
/// How many pages of tables a reset goes through.
const RESET_PAGES: usize = 100;

/// The tables and their streams.
pub(crate) struct Dynamo {
    database: Database,
    clock: Clock,
    /// A second connection to the same file, for what the store leaves undone.
    upkeep: Mutex<Connection>,
    /// Held by who reads a stream, and by expiry while a deletion is not signed yet.
    stream_readers: RwLock<()>,
    tokens: Mutex<HashMap<String, (Timestamp, String)>>,
    server: SocketAddr,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// What became of a request in process.
enum Attempt {
    Done(Vec<u8>),
    Refused(DynoxideError),
    /// Not for us: the store's own server shall answer.
    Elsewhere,
}

impl Dynamo {
    /// Opens the tables kept in `directory`. A fresh world does not wait for the disk.
    pub(crate) async fn open(directory: &Path, fresh: bool, clock: Clock, tasks: &mut JoinSet<()>) -> Result<Self, AwsError> {
        let path = directory.join("dynamodb.sqlite");
        let database = Database::new(&path.to_string_lossy())?;
        if fresh {
            database.enable_bulk_loading()?;
        }
        let upkeep = Connection::open(&path)?;
        upkeep.busy_timeout(UPKEEP_WAIT)?;
        streams::index(&upkeep)?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let server = listener.local_addr()?;
        tasks.spawn(dynoxide::server::serve_on(listener, database.clone()));
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Ok(Self {
            database,
            clock,
            upkeep: Mutex::new(upkeep),
            stream_readers: RwLock::new(()),
            tokens: Mutex::default(),
            server,
            client: Client::builder(TokioExecutor::new()).build(connector),
        })
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
        let database = &self.database;
        match operation {
            "GetItem" => run(body, |request| database.get_item(request)),
            "PutItem" => run(body, |request| database.put_item(request)),
            "UpdateItem" => run(body, |request| database.update_item(request)),
            "DeleteItem" => run(body, |request| database.delete_item(request)),
            "Query" => run(body, |request| database.query(request)),
            "Scan" => run(body, |request| database.scan(request)),
            "BatchGetItem" => run(body, |request| database.batch_get_item(request)),
            "BatchWriteItem" => run(body, |request| database.batch_write_item(request)),
            "TransactGetItems" => run(body, |request| database.transact_get_items(request)),
            "TransactWriteItems" => run(body, |mut request: TransactWriteItemsRequest| {
                request.client_request_token = request.client_request_token.map(|token| self.token(token));
                database.transact_write_items(request)
            }),
            "DescribeStream" => run(body, |request| database.describe_stream(request)),
            "GetShardIterator" => run(body, |request| database.get_shard_iterator(request)),
            "GetRecords" => self.records(body),
            _ => Attempt::Elsewhere,
        }
    }

    fn records(&self, body: &[u8]) -> Attempt {
        let _reader = self.stream_readers.read();
        match run(body, |request| self.database.get_records(request)) {
            Attempt::Done(json) => Attempt::Done(streams::with_identities(json)),
            other => other,
        }
    }

    /// The token the store shall know a caller's token by: a new one when its ten minutes are over
    /// by our clock, whatever the time really is.
    fn token(&self, token: String) -> String {
        if token.len() > TOKEN_LIMIT_CHARACTERS {
            return token;
        }
        let now = self.clock.now();
        let is_current = |first: Timestamp| now.duration_since(first) < TOKEN_WINDOW;
        let mut tokens = lock(&self.tokens);
        if tokens.len() >= TOKENS_REMEMBERED {
            tokens.retain(|_token, (first, _known_as)| is_current(*first));
        }
        match tokens.get(&token) {
            Some((first, known_as)) if is_current(*first) => known_as.clone(),
            _ => {
                let known_as = ulid::Ulid::new().to_string();
                tokens.insert(token, (now, known_as.clone()));
                known_as
            }
        }
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
        expiry::sweep(&self.database, &lock(&self.upkeep), &self.stream_readers, now_seconds)
    }

    /// Deletes stream records older than a day.
    pub(crate) fn trim_streams(&self) -> Result<usize, AwsError> {
        Ok(streams::trim(&lock(&self.upkeep))?)
    }

    /// Deletes every table, stream record and client token.
    pub(crate) fn reset(&self) -> Result<(), AwsError> {
        for _page in 0..RESET_PAGES {
            let listed = self.database.list_tables(request(json!({}))?)?;
            if listed.table_names.is_empty() {
                break;
            }
            for name in listed.table_names {
                let unprotected = json!({"TableName": name, "DeletionProtectionEnabled": false});
                // Refused when the table was not protected, which is as good.
                let _ = self.database.update_table(request(unprotected)?);
                self.database.delete_table(request(json!({"TableName": name}))?)?;
            }
        }
        streams::clear(&lock(&self.upkeep))?;
        lock(&self.tokens).clear();
        Ok(())
    }
}

fn request<Q: DeserializeOwned>(value: serde_json::Value) -> Result<Q, AwsError> {
    Ok(serde_json::from_value(value)?)
}

fn run<Q, R>(body: &[u8], call: impl FnOnce(Q) -> Result<R, DynoxideError>) -> Attempt
where
    Q: DeserializeOwned,
    R: Serialize,
{
    let Ok(request) = serde_json::from_slice(body) else {
        return Attempt::Elsewhere;
    };
    match call(request) {
        Ok(response) => match serde_json::to_vec(&response) {
            Ok(json) => Attempt::Done(json),
            Err(error) => Attempt::Refused(DynoxideError::InternalServerError(error.to_string())),
        },
        Err(error) if is_about_the_request(&error) => Attempt::Elsewhere,
        Err(error) => Attempt::Refused(error),
    }
}

/// Refusals whose wording depends on how the request was written.
fn is_about_the_request(error: &DynoxideError) -> bool {
    matches!(
        error,
        DynoxideError::ValidationException(_)
            | DynoxideError::KeyEmptyValueValidation(_)
            | DynoxideError::EnvelopedValidation(_)
            | DynoxideError::SerializationException(_)
            | DynoxideError::ConversionError(_)
    )
}
