//! Embedded stand-ins for the AWS services that Daypass uses, all behind one address: DynamoDB with
//! its streams, S3, SQS, Secrets Manager and SES. The unchanged AWS SDK (or `aws --endpoint-url`)
//! talks to them. One movable clock drives queue visibility, expiry of items, of policies and of
//! presigned links. With a data directory, tables, objects and secrets outlive the process; queued
//! messages never do, because our own outbox and inbox must be enough to start again.
//!
//! Absent: IAM (any known key may do anything), KMS, multipart uploads, access points.

mod cells;
pub mod client;
mod dynamodb;
mod expiry;
mod front;
mod reply;
mod s3;
mod secrets;
mod ses;
mod sqs;
mod streams;
pub mod tables;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sandbox::Clock;
use sandbox::mail::Outbox;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub use client::Clients;

/// The one region the stand-ins live in.
pub const REGION: &str = "us-east-1";
/// The one account everything belongs to.
pub const ACCOUNT_ID: &str = "000000000000";
/// The one access key that is let in.
pub const ACCESS_KEY_ID: &str = "AKIADAYPASSLOCAL0001";
/// The secret half of the key: published, because it opens nothing but this process.
pub const SECRET_ACCESS_KEY: &str = "daypass-local-secret-access-key-0000001";

/// How often expired items and old stream records are looked for when nobody moves the clock.
const UPKEEP_EVERY: Duration = Duration::from_secs(300);

/// How long stopping waits for a request that is still running, pause by pause.
const STOP_ATTEMPTS: usize = 200;
const STOP_PAUSE: Duration = Duration::from_millis(5);

/// What the stand-ins need to start.
pub struct AwsConfig {
    /// Where data is kept between runs; `None` is a fresh world, gone at the end.
    pub data_dir: Option<PathBuf>,
    /// The clock everything follows.
    pub clock: Clock,
    /// Where e-mails sent through SES go.
    pub mail: Outbox,
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
}

/// Why the stand-ins could not start, or could not do what was asked of them as a whole.
#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    /// A file, a directory or a socket was not to be had.
    #[error("the local AWS could not use its files or its port: {0}")]
    Io(#[from] std::io::Error),
    /// An index of objects or streams was not to be read or written.
    #[error("the local AWS could not use its database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The table store refused.
    #[error("the local DynamoDB refused: {0}")]
    Dynamo(#[from] dynoxide::DynoxideError),
    /// What was kept on disk is not what was written there.
    #[error("the kept data could not be read: {0}")]
    Kept(#[from] serde_json::Error),
    /// A part of the stand-ins has ended.
    #[error("the local AWS has stopped: {0}")]
    Stopped(&'static str),
}

/// The running stand-ins. Everything stops when this is dropped.
pub struct Aws {
    services: Arc<Services>,
    address: SocketAddr,
    url: String,
    tasks: JoinSet<()>,
}

impl Aws {
    /// Opens the stores and starts to listen on loopback. Call it inside a tokio runtime.
    ///
    /// # Errors
    /// When the port, the directory or what is kept in it cannot be used.
    pub async fn start(config: AwsConfig) -> Result<Self, AwsError> {
        let listener = TcpListener::bind(("127.0.0.1", config.port)).await?;
        let address = listener.local_addr()?;
        let mut tasks = JoinSet::new();
        let services = Arc::new(Services::open(config, address.port(), &mut tasks).await?);
        tasks.spawn(front::serve(listener, Arc::clone(&services)));
        tasks.spawn(follow_clock(Arc::clone(&services)));
        Ok(Self { services, address, url: format!("http://{address}"), tasks })
    }

    /// The address every service answers at, for `--endpoint-url`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The region to name in requests.
    #[must_use]
    pub fn region(&self) -> &'static str {
        REGION
    }

    /// The access key that is let in.
    #[must_use]
    pub fn access_key_id(&self) -> &'static str {
        ACCESS_KEY_ID
    }

    /// The secret of [`Aws::access_key_id`].
    #[must_use]
    pub fn secret_access_key(&self) -> &'static str {
        SECRET_ACCESS_KEY
    }

    /// SDK clients that reach the stand-ins in process, without a socket.
    #[must_use]
    pub fn clients(&self) -> Clients {
        Clients::new(&self.url, client::in_process(&self.services))
    }

    /// Empties everything: no table, bucket, queue or secret is left.
    ///
    /// # Errors
    /// When a store cannot be written.
    pub async fn reset(&self) -> Result<(), AwsError> {
        self.services.reset().await
    }

    /// Stops, and waits until nothing uses the files any more.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
        for _attempt in 0..STOP_ATTEMPTS {
            if Arc::strong_count(&self.services) == 1 {
                break;
            }
            tokio::time::sleep(STOP_PAUSE).await;
        }
    }

    /// Waits until what follows the clock has caught up with it: queues, expiry of items and objects.
    /// Answers how many items and objects ran out.
    ///
    /// # Errors
    /// When a store cannot be read or written.
    pub async fn clock_moved(&self) -> Result<usize, AwsError> {
        self.services.catch_up().await
    }
}

/// Every store, shared by the front and by the in-process clients.
pub(crate) struct Services {
    clock: Clock,
    mail: Outbox,
    dynamodb: Arc<dynamodb::Dynamo>,
    s3: Arc<s3::S3Store>,
    sqs: sqs::Sqs,
    secrets: secrets::Secrets,
    _directory: DataDirectory,
}

impl Services {
    async fn open(config: AwsConfig, port: u16, tasks: &mut JoinSet<()>) -> Result<Self, AwsError> {
        let directory = DataDirectory::open(config.data_dir)?;
        let path = directory.path();
        let clock = config.clock;
        let dynamodb = dynamodb::Dynamo::open(path, directory.is_fresh(), clock.clone(), tasks).await?;
        Ok(Self {
            dynamodb: Arc::new(dynamodb),
            s3: Arc::new(s3::S3Store::open(path, clock.clone())?),
            sqs: sqs::Sqs::start(clock.clone(), port)?,
            secrets: secrets::Secrets::open(path).await?,
            mail: config.mail,
            clock,
            _directory: directory,
        })
    }

    async fn reset(&self) -> Result<(), AwsError> {
        self.sqs.reset().await?;
        self.secrets.reset()?;
        self.s3.reset()?;
        self.dynamodb.reset()
    }

    async fn catch_up(&self) -> Result<usize, AwsError> {
        self.sqs.follow_clock().await?;
        let dynamodb = Arc::clone(&self.dynamodb);
        let s3 = Arc::clone(&self.s3);
        let swept = tokio::task::spawn_blocking(move || Ok::<_, AwsError>(dynamodb.sweep_expired()? + s3.sweep_expired()?));
        swept.await.map_err(|_| AwsError::Stopped("the sweep of what expired"))?
    }
}

/// Sweeps when the clock is moved, and now and then when it is not.
async fn follow_clock(services: Arc<Services>) {
    let mut moved = services.clock.subscribe();
    let mut open = true;
    while open {
        open = match tokio::time::timeout(UPKEEP_EVERY, moved.changed()).await {
            Ok(changed) => changed.is_ok(),
            Err(_elapsed) => true,
        };
        if let Err(error) = services.catch_up().await {
            tracing::warn!(%error, "the local AWS could not follow the clock");
        }
        let dynamodb = Arc::clone(&services.dynamodb);
        let trimmed = tokio::task::spawn_blocking(move || dynamodb.trim_streams()).await;
        if let Ok(Err(error)) = trimmed {
            tracing::warn!(%error, "old stream records could not be trimmed");
        }
    }
}

/// Where the stores keep their files.
enum DataDirectory {
    Kept(PathBuf),
    Fresh(tempfile::TempDir),
}

impl DataDirectory {
    fn open(path: Option<PathBuf>) -> Result<Self, AwsError> {
        match path {
            None => Ok(Self::Fresh(tempfile::tempdir()?)),
            Some(path) => {
                let path = path.join("aws");
                std::fs::create_dir_all(&path)?;
                Ok(Self::Kept(path))
            }
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Fresh(directory) => directory.path(),
        }
    }

    fn is_fresh(&self) -> bool {
        matches!(self, Self::Fresh(_))
    }
}
