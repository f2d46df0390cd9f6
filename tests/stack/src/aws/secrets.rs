//! Secrets Manager, kept over a restart: each request that changed something is written to a journal,
//! and the journal is played again at the start. So that identities stay, every version gets its id
//! before the store sees the request, and a secret's ARN follows from its name alone.
//!
//! Mended in front of the store: a repeated creation with its token is the same creation, a label is
//! only taken from a version that the request names, an ARN means one secret exactly.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::BodyExt;
use ring::digest::{SHA256, digest};
use rustack_secretsmanager_core::config::SecretsManagerConfig;
use rustack_secretsmanager_core::handler::RustackSecretsManagerHandler;
use rustack_secretsmanager_core::provider::RustackSecretsManager;
use rustack_secretsmanager_http::dispatch::SecretsManagerHandler;
use rustack_secretsmanager_http::response::error_to_response;
use rustack_secretsmanager_http::router::resolve_operation;
use s3s::Body;
use serde_json::{Value, json};

use super::cells::lock;
use super::reply::{self, JSON_1_1};
use super::{ACCOUNT_ID, AwsError, REGION};

/// What the store answered: the status and the body.
type Answer = (StatusCode, Value);

/// The operations that change something and are therefore written down.
const CHANGES: &[&str] = &[
    "CreateSecret",
    "PutSecretValue",
    "UpdateSecret",
    "DeleteSecret",
    "RestoreSecret",
    "RotateSecret",
    "CancelRotateSecret",
    "UpdateSecretVersionStage",
    "TagResource",
    "UntagResource",
    "PutResourcePolicy",
    "DeleteResourcePolicy",
];
/// The operations that make a version, whose id is the request's token.
const VERSION_MAKERS: &[&str] = &["CreateSecret", "PutSecretValue", "UpdateSecret", "RotateSecret"];
/// How long the part of an ARN after the secret's name is.
const ARN_SUFFIX_CHARACTERS: usize = 6;

/// The secrets.
pub(crate) struct Secrets {
    store: Mutex<Arc<RustackSecretsManagerHandler>>,
    /// Held from the change to its line in the journal, so that both have one order.
    journal: tokio::sync::Mutex<()>,
    path: PathBuf,
}

impl Secrets {
    /// Opens the store and plays its journal.
    pub(crate) async fn open(directory: &Path) -> Result<Self, AwsError> {
        let secrets =
            Self { store: Mutex::new(empty_store()), journal: tokio::sync::Mutex::new(()), path: directory.join("secrets.jsonl") };
        secrets.replay().await?;
        Ok(secrets)
    }

    async fn replay(&self) -> Result<(), AwsError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        for line in BufReader::new(file).lines() {
            // A line that a killed process left half written was never acknowledged.
            let Ok(entry) = serde_json::from_str::<Value>(&line?) else {
                continue;
            };
            let operation = entry["operation"].as_str().unwrap_or("");
            self.call(operation, &entry["request"]).await?;
        }
        Ok(())
    }

    /// Forgets every secret.
    pub(crate) fn reset(&self) -> Result<(), AwsError> {
        *lock(&self.store) = empty_store();
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, headers: &HeaderMap, body: Bytes) -> Response<Body> {
        let target = headers.get("x-amz-target");
        let target = target.and_then(|value| value.to_str().ok()).unwrap_or("");
        let operation = target.rsplit('.').next().unwrap_or("");
        let Ok(mut request) = serde_json::from_slice::<Value>(&body) else {
            let kind = "SerializationException";
            return reply::refuse(StatusCode::BAD_REQUEST, JSON_1_1, kind, "not JSON");
        };
        name_secrets(&mut request);
        match self.perform(operation, request).await {
            Ok((status, mut response)) => {
                write_arns(&mut response);
                reply::answer(status, JSON_1_1, response.to_string())
            }
            Err(error) => reply::broken(JSON_1_1, &error.to_string()),
        }
    }

    async fn perform(&self, operation: &str, mut request: Value) -> Result<Answer, AwsError> {
        if !CHANGES.contains(&operation) {
            return self.call(operation, &request).await;
        }
        let _one_at_a_time = self.journal.lock().await;
        if operation == "UpdateSecretVersionStage"
            && let Some(refusal) = self.refuse_silent_move(&request).await?
        {
            return Ok(refusal);
        }
        let named_version = request["ClientRequestToken"].is_string();
        if VERSION_MAKERS.contains(&operation) && !named_version {
            request["ClientRequestToken"] = json!(new_version_id());
        }
        let (status, response) = self.call(operation, &request).await?;
        if status.is_success() {
            self.write_down(operation, &request)?;
        } else if operation == "CreateSecret" && named_version {
            return Ok(self.same_creation(&request).await?.unwrap_or((status, response)));
        }
        Ok((status, response))
    }

    /// The answer to a creation that was made before, with the same token and the same value.
    async fn same_creation(&self, request: &Value) -> Result<Option<Answer>, AwsError> {
        let version = &request["ClientRequestToken"];
        let question = json!({"SecretId": request["Name"], "VersionId": version});
        let (status, found) = self.call("GetSecretValue", &question).await?;
        let is_same =
            status.is_success() && found["SecretString"] == request["SecretString"] && found["SecretBinary"] == request["SecretBinary"];
        let answer = json!({"ARN": found["ARN"], "Name": request["Name"], "VersionId": version});
        Ok(is_same.then_some((StatusCode::OK, answer)))
    }

    /// A label that stands at another version may only be moved by naming that version.
    async fn refuse_silent_move(&self, request: &Value) -> Result<Option<Answer>, AwsError> {
        if !request["MoveToVersionId"].is_string() || request["RemoveFromVersionId"].is_string() {
            return Ok(None);
        }
        let question = json!({"SecretId": request["SecretId"]});
        let (_status, described) = self.call("DescribeSecret", &question).await?;
        let versions = described["VersionIdsToStages"].as_object();
        let holder = versions.into_iter().flatten().find(|(version, stages)| {
            let has_label = stages.as_array().is_some_and(|stages| stages.contains(&request["VersionStage"]));
            has_label && request["MoveToVersionId"] != version.as_str()
        });
        Ok(holder.map(|(version, _stages)| {
            let message = format!(
                "The parameter RemoveFromVersionId can't be empty. Staging label {} is currently \
                 attached to version {version}, so you must explicitly reference that version in \
                 RemoveFromVersionId.",
                request["VersionStage"].as_str().unwrap_or("")
            );
            let refusal = json!({"__type": "InvalidParameterException", "Message": message});
            (StatusCode::BAD_REQUEST, refusal)
        }))
    }

    async fn call(&self, operation: &str, request: &Value) -> Result<Answer, AwsError> {
        let store = Arc::clone(&lock(&self.store));
        let mut headers = HeaderMap::new();
        if let Ok(target) = HeaderValue::from_str(&format!("secretsmanager.{operation}")) {
            headers.insert("x-amz-target", target);
        }
        let body = Bytes::from(request.to_string());
        let answered = match resolve_operation(&headers) {
            Ok(operation) => store.handle_operation(operation, body).await,
            Err(error) => Err(error),
        };
        let response = answered.unwrap_or_else(|error| error_to_response(&error, "local"));
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map(|body| body.to_bytes());
        let body = serde_json::from_slice(&body.unwrap_or_default())?;
        Ok((parts.status, body))
    }

    fn write_down(&self, operation: &str, request: &Value) -> Result<(), AwsError> {
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path)?;
        let line = json!({"operation": operation, "request": request});
        Ok(file.write_all(format!("{line}\n").as_bytes())?)
    }
}

fn empty_store() -> Arc<RustackSecretsManagerHandler> {
    let store = RustackSecretsManager::new(SecretsManagerConfig {
        skip_signature_validation: true,
        default_region: REGION.to_owned(),
        default_account_id: ACCOUNT_ID.to_owned(),
    });
    Arc::new(RustackSecretsManagerHandler::new(Arc::new(store)))
}

/// A version id of the 32 to 64 characters that are asked for.
fn new_version_id() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}

/// What every secret's ARN starts with.
fn arn_prefix() -> String {
    format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:")
}

/// The one ARN of a secret: its suffix is random at AWS, and a digest of the name here.
fn arn_of(name: &str) -> String {
    let suffix = hex::encode(digest(&SHA256, name.as_bytes()));
    let suffix: String = suffix.chars().take(ARN_SUFFIX_CHARACTERS).collect();
    format!("{}{name}-{suffix}", arn_prefix())
}

/// The name that an ARN (whole, or without its suffix) stands for.
fn name_of(arn: &str) -> Option<&str> {
    let named = arn.strip_prefix(&arn_prefix())?;
    match named.rsplit_once('-') {
        Some((name, _suffix)) if arn_of(name) == arn => Some(name),
        _ => Some(named),
    }
}

/// Puts names in place of ARNs in a request: the store knows other ARNs than we give out.
fn name_secrets(request: &mut Value) {
    let rename = |id: &mut Value| {
        if let Some(name) = id.as_str().and_then(name_of) {
            *id = json!(name);
        }
    };
    if let Some(id) = request.get_mut("SecretId") {
        rename(id);
    }
    let list = request.get_mut("SecretIdList").and_then(Value::as_array_mut);
    list.into_iter().flatten().for_each(rename);
}

/// Puts our ARNs in place of the store's, wherever a secret's name stands beside one.
fn write_arns(response: &mut Value) {
    match response {
        Value::Object(members) => {
            let name = members.get("Name").and_then(Value::as_str).map(arn_of);
            if let (Some(arn), Some(slot)) = (name, members.get_mut("ARN")) {
                *slot = json!(arn);
            }
            members.values_mut().for_each(write_arns);
        }
        Value::Array(values) => values.iter_mut().for_each(write_arns),
        _ => {}
    }
}
