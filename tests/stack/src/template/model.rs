//! What the local stack knows of a template, as plain types. The names follow the template's own.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

/// A function and all that leads to it.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name in the template.
    pub id: String,
    /// The crate that it is built from: the last part of `CodeUri`.
    pub crate_name: String,
    /// Memory, in MB.
    pub memory_mb: i32,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// Its variables, with nothing left to look up.
    pub variables: BTreeMap<String, String>,
    /// The gateway's routes to it.
    pub routes: Vec<Route>,
    /// The queues that it works off.
    pub queues: Vec<QueueSource>,
    /// The streams that it follows.
    pub streams: Vec<StreamSource>,
    /// The schedules that call it.
    pub schedules: Vec<Schedule>,
}

/// A route of the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET`, …, or `ANY`.
    pub method: String,
    /// With `{name}` and `{name+}`.
    pub path: String,
    /// Whether it goes round the authorizer.
    pub open: bool,
}

/// A queue that a function works off.
#[derive(Clone, Debug)]
pub struct QueueSource {
    /// The queue's ARN.
    pub arn: String,
    /// The most messages in one event.
    pub batch_size: u32,
    /// How long a batch may be gathered.
    pub window: Duration,
    /// Whether the function says which messages failed.
    pub partial: bool,
    /// The most invocations at once.
    pub concurrency: usize,
}

/// A table's stream that a function follows.
#[derive(Clone, Debug)]
pub struct StreamSource {
    /// The stream's ARN.
    pub arn: String,
    /// The most records in one event.
    pub batch_size: usize,
    /// Whether a batch that failed is halved.
    pub bisect: bool,
    /// How often a batch is tried again.
    pub retries: u32,
    /// Whether the function says from which record on it failed.
    pub partial: bool,
    /// Event patterns, of which one must match; empty lets all through.
    pub filters: Vec<Value>,
    /// The ARN of where a batch goes that failed for good.
    pub on_failure: Option<String>,
}

/// A schedule that calls a function.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Its name in the template.
    pub name: String,
    /// `rate(…)` or `cron(…)`, in UTC.
    pub expression: String,
    /// What the function is called with.
    pub input: Value,
    /// How often a call is tried again.
    pub retries: u32,
    /// The queue for calls that failed for good.
    pub dead_letters: Option<String>,
}

impl Schedule {
    /// The name of the job that it stands for: the input's `job`, else the schedule's own name.
    #[must_use]
    pub fn job(&self) -> &str {
        self.input["job"].as_str().unwrap_or(&self.name)
    }
}

/// All that keeps something.
#[derive(Clone, Debug)]
pub struct Stores {
    /// Tables.
    pub tables: Vec<Table>,
    /// Queues; those that others redrive to come first.
    pub queues: Vec<Queue>,
    /// Buckets.
    pub buckets: Vec<Bucket>,
    /// Secrets.
    pub secrets: Vec<Secret>,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name in the template.
    pub id: String,
    /// Its real name.
    pub name: String,
    /// Attributes of keys and their types (`S`, `N`, `B`).
    pub attributes: Vec<(String, String)>,
    /// Its key.
    pub key: Vec<KeyPart>,
    /// Its global indexes.
    pub indexes: Vec<IndexKeys>,
    /// What the stream shows, where there is one.
    pub stream: Option<String>,
    /// The attribute that says when an item ages out.
    pub expires_by: Option<String>,
}

/// A part of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPart {
    /// The attribute.
    pub name: String,
    /// `HASH` or `RANGE`.
    pub kind: String,
}

/// An index.
#[derive(Clone, Debug)]
pub struct IndexKeys {
    /// Its name.
    pub name: String,
    /// Its key.
    pub key: Vec<KeyPart>,
    /// `ALL`, `KEYS_ONLY` or `INCLUDE`.
    pub projection: String,
    /// What `INCLUDE` includes.
    pub included: Vec<String>,
}

/// A queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Its name in the template.
    pub id: String,
    /// Its real name.
    pub name: String,
    /// Its attributes, as SQS names them.
    pub attributes: BTreeMap<String, String>,
    /// Where messages go that failed too often.
    pub redrive: Option<Redrive>,
}

/// Where messages of a queue go that failed too often.
#[derive(Clone, Debug)]
pub struct Redrive {
    /// The ARN of that queue.
    pub arn: String,
    /// How often a message may be received before.
    pub receives: u32,
}

/// A bucket; its rules are as CloudFormation writes them.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Its name in the template.
    pub id: String,
    /// Its real name.
    pub name: String,
    /// Whether it keeps versions.
    pub versioned: bool,
    /// CORS rules.
    pub cors: Vec<Value>,
    /// Lifecycle rules.
    pub lifecycle: Vec<Value>,
}

/// A secret.
#[derive(Clone, Debug)]
pub struct Secret {
    /// Its name in the template.
    pub id: String,
    /// Its real name.
    pub name: String,
    /// What it holds at first.
    pub value: SecretValue,
}

/// What a secret holds at first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretValue {
    /// What the template says, to be overwritten with real keys.
    Said(String),
    /// A keyring, made anew.
    Keyring,
}

/// The gateway's authorizer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorizer {
    /// The function that is asked.
    pub function: String,
    /// The headers that say who is calling, in lower case; without all of them nobody is asked.
    pub headers: Vec<String>,
    /// How long an answer is kept.
    pub keep_for: Duration,
}

/// What other origins may do.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Cors {
    /// Origins, or `*`.
    pub origins: Vec<String>,
    /// Methods, or `*`.
    pub methods: Vec<String>,
    /// Request headers, or `*`.
    pub headers: Vec<String>,
    /// Answer headers that scripts may read.
    pub exposed: Vec<String>,
    /// How long a browser may remember this, in seconds.
    pub max_age_seconds: Option<u64>,
}
