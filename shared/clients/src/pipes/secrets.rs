//! The secrets in Secrets Manager, kept for less than a minute by the caller's clock, so that a changed
//! one is in use within that minute. The client is made on first use: some functions read no secret.

use std::sync::{Arc, OnceLock};

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::{DisplayErrorContext, ProvideErrorMetadata};
use domain::Secret;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::PipeError;
use super::stored::PlatformSecrets;

/// For how long a reading is believed.
const KEPT_FOR: SignedDuration = SignedDuration::from_secs(50);

/// One reading and when it was made. The lock is held while reading: one flight at a time.
type Kept<T> = Mutex<Option<(Timestamp, T)>>;

/// The platform's secrets and the keyring. Cheap to clone; clones share what was read.
#[derive(Clone)]
pub struct Secrets(Arc<Inner>);

struct Inner {
    aws: net::Aws,
    client: OnceLock<Client>,
    platform_id: String,
    keyring_id: String,
    platform: Kept<PlatformSecrets>,
    keyring: Kept<Secret>,
}

impl Secrets {
    /// The secrets of those two names (or ARNs).
    pub fn new(aws: &net::Aws, platform_id: impl Into<String>, keyring_id: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            aws: aws.clone(),
            client: OnceLock::new(),
            platform_id: platform_id.into(),
            keyring_id: keyring_id.into(),
            platform: Mutex::new(None),
            keyring: Mutex::new(None),
        }))
    }

    /// The platform's secrets, at most fifty seconds old.
    ///
    /// # Errors
    /// [`PipeError`].
    pub async fn platform(&self, now: Timestamp) -> Result<PlatformSecrets, PipeError> {
        self.0.read(&self.0.platform, &self.0.platform_id, now, PlatformSecrets::read).await
    }

    /// The keyring as it is stored, at most fifty seconds old.
    ///
    /// # Errors
    /// [`PipeError`].
    pub async fn keyring(&self, now: Timestamp) -> Result<Secret, PipeError> {
        self.0.read(&self.0.keyring, &self.0.keyring_id, now, |text| Ok(Secret::new(text))).await
    }

    /// The platform's secrets as they stand now, for somebody who is about to change them.
    ///
    /// # Errors
    /// [`PipeError`].
    pub async fn platform_afresh(&self, now: Timestamp) -> Result<PlatformSecrets, PipeError> {
        *self.0.platform.lock().await = None;
        self.platform(now).await
    }

    /// Writes the platform's secrets, all of them. Other processes see it within a minute.
    ///
    /// # Errors
    /// [`PipeError`].
    pub async fn save_platform(&self, secrets: &PlatformSecrets, now: Timestamp) -> Result<(), PipeError> {
        let json = secrets.write()?;
        let mut kept = self.0.platform.lock().await;
        let call = self.0.client().put_secret_value().secret_id(&self.0.platform_id).secret_string(json.as_str());
        call.send().await.map_err(|error| failure(&error))?;
        *kept = Some((now, secrets.clone()));
        Ok(())
    }
}

impl Inner {
    fn client(&self) -> &Client {
        self.client.get_or_init(|| Client::new(&self.aws.sdk_config()))
    }

    async fn read<T: Clone>(
        &self,
        kept: &Kept<T>,
        id: &str,
        now: Timestamp,
        parse: fn(&str) -> Result<T, PipeError>,
    ) -> Result<T, PipeError> {
        let mut kept = kept.lock().await;
        if let Some((read_at, value)) = kept.as_ref()
            && is_fresh(*read_at, now)
        {
            return Ok(value.clone());
        }
        let value = parse(&self.fetch(id).await?)?;
        *kept = Some((now, value.clone()));
        Ok(value)
    }

    async fn fetch(&self, id: &str) -> Result<Zeroizing<String>, PipeError> {
        let answer = self.client().get_secret_value().secret_id(id).send().await.map_err(|error| failure(&error))?;
        answer.secret_string.map(Zeroizing::new).ok_or(PipeError::Corrupt("a secret without a text"))
    }
}

fn is_fresh(read_at: Timestamp, now: Timestamp) -> bool {
    read_at <= now && now.duration_since(read_at) < KEPT_FOR
}

fn failure<E: ProvideErrorMetadata + std::error::Error + 'static>(error: &E) -> PipeError {
    let text = net::redact::text(&DisplayErrorContext(error).to_string());
    match error.code() {
        Some("ResourceNotFoundException" | "AccessDeniedException") => PipeError::Missing(text),
        _ => PipeError::Unavailable(text),
    }
}
