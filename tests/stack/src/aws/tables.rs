//! Embedded tables and their change streams, called in process: the operations of the hot path, with AWS's own
//! JSON in and out. Whoever answers requests over HTTP puts a server behind it for the rest.
//!
//! Client tokens are good for ten minutes of our clock, whatever the time really is. Absent: any socket.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use dynoxide::actions::transact_write_items::TransactWriteItemsRequest;
use dynoxide::{Database, DynoxideError};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use sandbox::Clock;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::cells::lock;
use super::{AwsError, streams};

/// How long a repeat with the same client token is the same transaction.
const TOKEN_WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// How long the second connection waits for the first.
const UPKEEP_WAIT: Duration = Duration::from_secs(10);
/// DynamoDB's limit of a client token; a longer one is left for the store to refuse.
const TOKEN_LIMIT_CHARACTERS: usize = 36;
/// How many tokens are remembered before the old ones are looked for.
const TOKENS_REMEMBERED: usize = 10_000;

/// Tables and their streams.
pub struct Tables {
    database: Database,
    clock: Clock,
    /// A second connection to the same data, for what the store leaves undone.
    upkeep: Mutex<Connection>,
    tokens: Mutex<Tokens>,
}

/// The client tokens of the last minutes: when each was first seen, and what the store knows it by.
#[derive(Default)]
struct Tokens {
    known: HashMap<String, (Timestamp, String)>,
    given: u64,
}

/// What became of a request in process.
pub enum Attempt {
    /// It was done: the answer in JSON.
    Done(Vec<u8>),
    /// It was refused, and nothing was changed.
    Refused(DynoxideError),
    /// Not for us: an operation that is not of the hot path, or a request whose refusal depends on how it was written.
    Elsewhere,
}

impl Tables {
    /// Opens the tables kept in a file, or in memory where `path` is an SQLite address that says so.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &str, clock: Clock) -> Result<Self, AwsError> {
        Self::beside(Database::new(path)?, path, clock)
    }

    /// Opens tables in a fresh file that nobody needs after a crash: they are written faster.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(crate) fn open_fresh(path: &str, clock: Clock) -> Result<Self, AwsError> {
        let database = Database::new(path)?;
        // Before the second connection: it changes how the file is journalled.
        database.enable_bulk_loading()?;
        Self::beside(database, path, clock)
    }

    fn beside(database: Database, path: &str, clock: Clock) -> Result<Self, AwsError> {
        let upkeep = Connection::open(path)?;
        upkeep.busy_timeout(UPKEEP_WAIT)?;
        streams::index(&upkeep)?;
        Ok(Self { database, clock, upkeep: Mutex::new(upkeep), tokens: Mutex::default() })
    }

    /// Tables in the memory of this process, of which only this handle knows; `name` must be new in the process.
    ///
    /// # Errors
    /// When they cannot be opened.
    pub fn in_memory(name: &str, clock: Clock) -> Result<Self, AwsError> {
        Self::open(&format!("file:{name}?mode=memory&cache=shared"), clock)
    }

    /// The store itself.
    pub(crate) const fn database(&self) -> &Database {
        &self.database
    }

    /// The second connection.
    pub(crate) fn upkeep(&self) -> MutexGuard<'_, Connection> {
        lock(&self.upkeep)
    }

    /// Forgets every client token. What the store knew them by is never given again: it remembers longer.
    pub(crate) fn forget_tokens(&self) {
        lock(&self.tokens).known.clear();
    }

    /// Calls an operation by its name in `X-Amz-Target`.
    pub fn call(&self, operation: &str, body: &[u8]) -> Attempt {
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
            "CreateTable" => run(body, |request| database.create_table(request)),
            "DescribeTable" => run(body, |request| database.describe_table(request)),
            "UpdateTimeToLive" => run(body, |request| database.update_time_to_live(request)),
            "DescribeStream" => run(body, |request| database.describe_stream(request)),
            "GetShardIterator" => run(body, |request| database.get_shard_iterator(request)),
            "GetRecords" => match run(body, |request| database.get_records(request)) {
                Attempt::Done(json) => Attempt::Done(streams::with_identities(json)),
                other => other,
            },
            _ => Attempt::Elsewhere,
        }
    }

    /// The token that the store shall know a caller's token by: a new one when its ten minutes are over.
    fn token(&self, token: String) -> String {
        if token.len() > TOKEN_LIMIT_CHARACTERS {
            return token;
        }
        let now = self.clock.now();
        let is_current = |first: Timestamp| now.duration_since(first) < TOKEN_WINDOW;
        let mut tokens = lock(&self.tokens);
        if tokens.known.len() >= TOKENS_REMEMBERED {
            tokens.known.retain(|_token, (first, _known_as)| is_current(*first));
        }
        match tokens.known.get(&token) {
            Some((first, known_as)) if is_current(*first) => known_as.clone(),
            _ => {
                tokens.given += 1;
                let known_as = format!("{:026x}", tokens.given);
                tokens.known.insert(token, (now, known_as.clone()));
                known_as
            }
        }
    }
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
