//! The store: its configuration, and clients that are made on first use.
//!
//! Invariant: the SDK repeats nothing by itself on the table; all repeats are in `call`, bounded and with
//! jitter.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use domain::account::Actor;
use domain::id::UserId;

use crate::entropy::Entropy;
use crate::meter::Meter;
use crate::scope::Tenant;

/// The longest that one attempt at the table may take; an attempt is repeated, see `call`.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(4);

/// Which table and bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// The table's name.
    pub table: String,
    /// The bucket's name.
    pub bucket: String,
}

/// The table and the bucket. Cheap to clone; connects on first use.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
    meter: Option<Meter>,
}

struct Inner {
    config: StoreConfig,
    aws: net::Aws,
    dynamo: OnceLock<aws_sdk_dynamodb::Client>,
    bucket: OnceLock<aws_sdk_s3::Client>,
    entropy: Entropy,
}

impl Store {
    /// A store that has not connected yet.
    pub fn new(config: StoreConfig, aws: net::Aws) -> Self {
        Self::with_entropy(config, aws, Entropy::system())
    }

    /// The same with tokens and jitter from a seed, so that a simulation replays. Two stores on one table
    /// must never have the same seed.
    pub fn seeded(config: StoreConfig, aws: net::Aws, seed: u64) -> Self {
        Self::with_entropy(config, aws, Entropy::seeded(seed))
    }

    fn with_entropy(config: StoreConfig, aws: net::Aws, entropy: Entropy) -> Self {
        let inner = Inner { config, aws, dynamo: OnceLock::new(), bucket: OnceLock::new(), entropy };
        Self { inner: Arc::new(inner), meter: None }
    }

    /// The same store with its costs counted; clones of the original are not.
    #[must_use]
    pub fn metered(mut self, meter: Meter) -> Self {
        self.meter = Some(meter);
        self
    }

    /// What an actor may reach: the data of the account that they act on. The only way for a request.
    pub fn tenant(&self, actor: &Actor) -> Tenant {
        self.custody(&actor.account_id)
    }

    /// A customer's data without an actor, for jobs, webhooks and the schedule.
    pub fn custody(&self, user: &UserId) -> Tenant {
        Tenant::new(self.clone(), user.clone())
    }

    pub(crate) fn table(&self) -> &str {
        &self.inner.config.table
    }

    pub(crate) fn bucket_name(&self) -> &str {
        &self.inner.config.bucket
    }

    pub(crate) fn entropy(&self) -> &Entropy {
        &self.inner.entropy
    }

    pub(crate) fn meter(&self) -> Option<&Meter> {
        self.meter.as_ref()
    }

    pub(crate) fn dynamo(&self) -> &aws_sdk_dynamodb::Client {
        self.inner.dynamo.get_or_init(|| {
            let config = aws_sdk_dynamodb::config::Builder::from(&self.inner.aws.sdk_config())
                .retry_config(RetryConfig::disabled())
                .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).build())
                .build();
            aws_sdk_dynamodb::Client::from_conf(config)
        })
    }

    pub(crate) fn bucket(&self) -> &aws_sdk_s3::Client {
        self.inner.bucket.get_or_init(|| {
            let config = aws_sdk_s3::config::Builder::from(&self.inner.aws.sdk_config())
                .force_path_style(self.inner.aws.endpoint_url.is_some())
                .build();
            aws_sdk_s3::Client::from_conf(config)
        })
    }
}
