//! How AWS is reached: region, address, keys and the limits of a call, said explicitly.
//!
//! Invariant: nothing is looked up (no profile files, no metadata service, no environment); what is
//! used was given. Absent on purpose: any service's client, which belongs to `store` and `clients`.

use std::fmt;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use domain::Secret;

use crate::aws_http::AwsHttp;

/// How often the SDK tries one call, the first time included.
const MOST_ATTEMPTS: u32 = 4;
/// The wait before the second attempt; it doubles from there.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);
/// The longest wait between two attempts.
const LONGEST_BACKOFF: Duration = Duration::from_secs(2);
/// The longest that one attempt may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(6);
/// The longest that a call may take with all its attempts.
const CALL_TIMEOUT: Duration = Duration::from_secs(18);
/// The longest wait for the head of an answer.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// Where AWS is and as whom it is called. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Aws {
    /// The region, such as `me-south-1`.
    pub region: String,
    /// Another address for every service (a local run); `None` is AWS itself.
    pub endpoint_url: Option<String>,
    /// The keys, with the session token where there is one.
    pub credentials: Credentials,
    /// What carries the requests.
    pub http: SharedHttpClient,
}

impl Aws {
    /// AWS at that region and address, over connections of its own.
    pub fn new(region: impl Into<String>, endpoint_url: Option<String>, credentials: Credentials) -> Self {
        let http = SharedHttpClient::new(AwsHttp::new());
        let endpoint_url = endpoint_url.filter(|url| !url.is_empty());
        Self { region: region.into(), endpoint_url, credentials, http }
    }

    /// The same over another carrier, such as an emulator in this process.
    #[must_use]
    pub fn over(mut self, http: SharedHttpClient) -> Self {
        self.http = http;
        self
    }

    /// What a service's client is made from: `aws_sdk_sqs::Client::new(&aws.sdk_config())`.
    pub fn sdk_config(&self) -> SdkConfig {
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(self.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(self.credentials.clone()))
            .http_client(self.http.clone())
            .retry_config(retries())
            .timeout_config(timeouts())
            .sleep_impl(TokioSleep::new());
        config.set_endpoint_url(self.endpoint_url.clone());
        config.build()
    }
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aws").field("region", &self.region).field("endpoint_url", &self.endpoint_url).finish()
    }
}

/// The keys as Lambda gives them, or as a local run makes them up.
pub fn credentials(access_key_id: &str, secret_access_key: &Secret, session_token: Option<&Secret>) -> Credentials {
    let token = session_token.filter(|token| !token.is_empty()).map(|token| token.expose().to_owned());
    Credentials::new(access_key_id, secret_access_key.expose(), token, None, "daypass")
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(MOST_ATTEMPTS).with_initial_backoff(FIRST_BACKOFF).with_max_backoff(LONGEST_BACKOFF)
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().read_timeout(READ_TIMEOUT).operation_attempt_timeout(ATTEMPT_TIMEOUT).operation_timeout(CALL_TIMEOUT).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_says_what_was_given() {
        let keys = credentials("AKIDEXAMPLE", &Secret::new("s3cret"), Some(&Secret::new("token")));
        let aws = Aws::new("me-south-1", Some("http://127.0.0.1:4566".to_owned()), keys);
        let config = aws.sdk_config();
        assert_eq!(config.region().map(ToString::to_string).as_deref(), Some("me-south-1"));
        assert_eq!(config.endpoint_url(), Some("http://127.0.0.1:4566"));
        assert_eq!(aws.credentials.session_token(), Some("token"));
        assert!(!format!("{aws:?}").contains("s3cret"));
    }

    #[test]
    fn an_empty_address_is_none() {
        let aws = Aws::new("eu-west-1", Some(String::new()), credentials("a", &Secret::new("b"), None));
        assert_eq!(aws.sdk_config().endpoint_url(), None);
    }
}
