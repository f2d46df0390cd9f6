//! S3: the protocol (signatures, XML, forms) by `s3s`, everything behind it our own: an index of
//! versions, a file for each content, conditions decided under one lock, checksums verified before
//! anything is stored, CORS and lifecycle rules of the bucket, and expiry by our clock.
//!
//! Absent: multipart uploads, access control lists, encryption, notifications, virtual hosts.

mod backend;
mod conditions;
mod content;
mod cors;
mod expiry;
mod index;
mod listing;
mod objects;
mod record;
mod rows;

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use s3s::auth::SimpleAuth;
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, S3Error, S3ErrorCode};
use sandbox::Clock;

use super::front::collect;
use super::{ACCESS_KEY_ID, AwsError, SECRET_ACCESS_KEY, reply};
use content::Files;
use index::Index;

/// The longest form that is taken.
const FORM_LIMIT_BYTES: usize = 64 * 1024 * 1024;
/// The longest error document that is looked into.
const ERROR_LIMIT_BYTES: usize = 64 * 1024;
/// How many objects one rule may expire in one sweep.
const SWEEP_LIMIT: usize = 10_000;

/// What the parts of the backend share.
struct Store {
    index: Index,
    files: Files,
    clock: Clock,
}

/// The buckets.
pub(crate) struct S3Store {
    store: Arc<Store>,
    protocol: S3Service,
}

impl S3Store {
    /// Opens the buckets kept in `directory`.
    pub(crate) fn open(directory: &Path, clock: Clock) -> Result<Self, AwsError> {
        let store = Arc::new(Store { index: Index::open(&directory.join("s3.sqlite"))?, files: Files::open(directory)?, clock });
        let mut builder = S3ServiceBuilder::new(backend::Backend(Arc::clone(&store)));
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY_ID, SECRET_ACCESS_KEY));
        let mut config = S3Config::default();
        // Our clock may be months ahead of the machine's, by which the protocol layer judges.
        config.presigned_url_max_skew_time_secs = u32::MAX;
        builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
        Ok(Self { store, protocol: builder.build() })
    }

    /// Forgets every bucket and object.
    pub(crate) fn reset(&self) -> Result<(), AwsError> {
        self.store.index.clear()?;
        Ok(self.store.files.clear()?)
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let rules = self.cors_rules(request.uri().path());
        if request.method() == Method::OPTIONS {
            return preflight(&rules, request.headers());
        }
        let origin = request.headers().get("origin");
        let origin = origin.and_then(|origin| origin.to_str().ok());
        let allowed = origin.and_then(|origin| cors::allow(&rules, origin, request.method()));
        let mut response = self.call(request).await;
        response.headers_mut().extend(allowed.unwrap_or_default());
        response
    }

    async fn call(&self, request: Request<Body>) -> Response<Body> {
        let now = self.store.clock.now();
        if expiry::link_is_over(request.uri(), now) {
            return refused(S3ErrorCode::AccessDenied, "Request has expired");
        }
        if is_form(&request) {
            return self.post_form(request).await;
        }
        self.pass_on(request).await
    }

    async fn pass_on(&self, request: Request<Body>) -> Response<Body> {
        match self.protocol.call(request).await {
            Ok(response) => response,
            Err(error) => {
                let error: s3s::StdError = error.into();
                refused(S3ErrorCode::InternalError, &error.to_string())
            }
        }
    }

    async fn post_form(&self, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let Some(form) = collect(body, FORM_LIMIT_BYTES).await else {
            let message = "Your proposed upload exceeds the maximum allowed size";
            return refused(S3ErrorCode::EntityTooLarge, message);
        };
        if expiry::policy_is_over(&form, self.store.clock.now()) {
            let message = "Invalid according to Policy: Policy expired.";
            return refused(S3ErrorCode::AccessDenied, message);
        }
        let request = Request::from_parts(parts, Body::from(form));
        as_aws_refuses(self.pass_on(request).await).await
    }

    /// The CORS rules of the bucket that a path names; none when there is no such bucket.
    fn cors_rules(&self, path: &str) -> Vec<cors::Rule> {
        let bucket = path.trim_start_matches('/').split('/').next().unwrap_or("");
        let bucket = self.store.index.bucket(bucket).ok();
        let rules = bucket.and_then(|bucket| bucket.cors);
        rules.map_or_else(Vec::new, |rules| serde_json::from_str(&rules).unwrap_or_default())
    }

    /// Expires objects by their buckets' lifecycle rules; answers how many.
    pub(crate) fn sweep_expired(&self) -> Result<usize, AwsError> {
        let swept = self.store.sweep();
        swept.map_err(|error| AwsError::Io(std::io::Error::other(error.to_string())))
    }
}

impl Store {
    fn sweep(&self) -> s3s::S3Result<usize> {
        let mut expired = 0;
        for bucket in self.index.buckets()? {
            let rules: Vec<expiry::Rule> = bucket.lifecycle.map_or_else(Vec::new, |rules| serde_json::from_str(&rules).unwrap_or_default());
            for rule in rules.iter().filter(|rule| rule.enabled) {
                expired += self.apply(&bucket.name, rule)?;
            }
        }
        Ok(expired)
    }

    fn apply(&self, bucket: &str, rule: &expiry::Rule) -> s3s::S3Result<usize> {
        let now = self.clock.now();
        let mut expired = 0;
        if let Some(days) = rule.days {
            let before = expiry::days_before(now, days);
            for old in self.index.outlived(bucket, &rule.prefix, before, SWEEP_LIMIT)? {
                let deleted = self.index.delete(bucket, &old.key, None, now, |_| Ok(()))?;
                self.files.discard(&deleted.orphans);
                expired += 1;
            }
        }
        if let Some(days) = rule.noncurrent_days {
            let before = expiry::days_before(now, days);
            let index = &self.index;
            for old in index.outlived_noncurrent(bucket, &rule.prefix, before, SWEEP_LIMIT)? {
                let version_id = Some(old.version_id.as_str());
                let deleted = index.delete(bucket, &old.key, version_id, now, |_| Ok(()))?;
                self.files.discard(&deleted.orphans);
                expired += 1;
            }
        }
        Ok(expired)
    }
}

fn is_form(request: &Request<Body>) -> bool {
    let content_type = request.headers().get("content-type");
    let content_type = content_type.and_then(|value| value.to_str().ok());
    request.method() == Method::POST && content_type.is_some_and(|value| value.starts_with("multipart/form-data"))
}

fn preflight(rules: &[cors::Rule], asked: &HeaderMap) -> Response<Body> {
    match cors::preflight(rules, asked) {
        Some(headers) => {
            let mut response = reply::answer(StatusCode::OK, "text/plain", Bytes::new());
            response.headers_mut().extend(headers);
            response
        }
        None => {
            let message = "CORSResponse: This CORS request is not allowed.";
            let code = S3ErrorCode::Custom("AccessForbidden".into());
            let mut error = S3Error::with_message(code, message);
            error.set_status_code(StatusCode::FORBIDDEN);
            in_xml(error)
        }
    }
}

/// The protocol layer calls a failed condition a bad policy (400); S3 denies access (403).
async fn as_aws_refuses(response: Response<Body>) -> Response<Body> {
    if response.status() != StatusCode::BAD_REQUEST {
        return response;
    }
    let (parts, body) = response.into_parts();
    let document = collect(body, ERROR_LIMIT_BYTES).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&document);
    let condition = text.split_once("<Message>Policy condition ");
    match condition.and_then(|(_before, rest)| rest.split_once("</Message>")) {
        Some((condition, _after)) => {
            let message = format!("Invalid according to Policy: Policy Condition failed: {condition}");
            refused(S3ErrorCode::AccessDenied, &message)
        }
        None => Response::from_parts(parts, Body::from(document)),
    }
}

fn refused(code: S3ErrorCode, message: &str) -> Response<Body> {
    in_xml(S3Error::with_message(code, message.to_owned()))
}

fn in_xml(error: S3Error) -> Response<Body> {
    match error.to_http_response() {
        Ok(response) => response,
        Err(error) => reply::answer(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", error.to_string()),
    }
}
