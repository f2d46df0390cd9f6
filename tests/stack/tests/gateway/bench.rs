//! The functions of the small application, and what they have seen.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use stack::functions::{event, http};
use stack::{Registry, Stack, StackConfig, TemplateText};

/// What the functions have seen, and how they are to behave.
#[derive(Default)]
pub(crate) struct Seen {
    /// How often the authorizer was asked.
    pub(crate) asked: usize,
    /// Bodies of jobs, by invocation.
    pub(crate) batches: Vec<Vec<String>>,
    /// Jobs that fail whenever they come.
    pub(crate) bad_jobs: BTreeSet<String>,
    /// Keys of changes, by invocation.
    pub(crate) changes: Vec<Vec<String>>,
    /// Changes that make their whole invocation fail.
    pub(crate) bad_changes: BTreeSet<String>,
    /// Names of scheduled jobs.
    pub(crate) ticks: Vec<String>,
    /// Scheduled jobs fail.
    pub(crate) ticks_fail: bool,
}

/// A small application that runs.
pub(crate) struct Bench {
    pub(crate) stack: Stack,
    seen: Arc<Mutex<Seen>>,
    client: reqwest::Client,
}

impl Bench {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut StackConfig)) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let mut config = StackConfig {
            template: TemplateText::Text(include_str!("small.yaml").to_owned()),
            registry: registry(&seen),
            ..StackConfig::default()
        };
        change(&mut config);
        let stack = Stack::start(config).await.unwrap();
        let client = sandbox::deliver::http_client().unwrap();
        Self { stack, seen, client }
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse::<reqwest::Method>().unwrap();
        self.client.request(method, format!("{}{path}", self.stack.url()))
    }

    /// Sends, and gives the status and the answer's JSON.
    pub(crate) async fn json(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.json(self.request("GET", path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.json(self.request("POST", path).json(&body)).await
    }

    pub(crate) async fn queue_url(&self, id: &str) -> String {
        self.stack.made().await.queues[id].clone()
    }

    pub(crate) async fn send_job(&self, text: &str) {
        let url = self.queue_url("Jobs").await;
        self.stack.clients().sqs.send_message().queue_url(url).message_body(text).send().await.unwrap();
    }

    /// The texts that wait in a queue; takes them out.
    pub(crate) async fn take_all(&self, id: &str) -> Vec<String> {
        let url = self.queue_url(id).await;
        let request = self.stack.clients().sqs.receive_message().queue_url(url).max_number_of_messages(10);
        let messages = request.send().await.unwrap().messages.unwrap_or_default();
        messages.into_iter().filter_map(|message| message.body).collect()
    }

    /// Writes a thing; one that is due is waited for by the relay.
    pub(crate) async fn put_thing(&self, pk: &str, due: bool) {
        use aws_sdk_dynamodb::types::AttributeValue;
        let table = self.stack.made().await.tables["Things"].clone();
        let put = self.stack.clients().dynamodb.put_item().table_name(table).item("pk", AttributeValue::S(pk.to_owned()));
        let put = if due { put.item("due", AttributeValue::S("now".to_owned())) } else { put };
        put.send().await.unwrap();
    }
}

fn registry(seen: &Arc<Mutex<Seen>>) -> Registry {
    let with = |call: fn(&mut Seen, &Value) -> Result<Value, String>| {
        let seen = Arc::clone(seen);
        move |_: &stack::functions::Surroundings| {
            let seen = Arc::clone(&seen);
            Ok(event(move |event: Value, _| {
                let answer = call(&mut seen.lock().unwrap(), &event);
                async move { answer.map_err(Into::into) }
            }))
        }
    };
    Registry::default()
        .with("authorizer", with(authorize))
        .with("hands", with(work))
        .with("relay", with(relay))
        .with("tick", with(tick))
        .with("pages", |_| Ok(http(pages())))
        .with("echo", |surroundings| {
            let variables = surroundings.variables.clone();
            Ok(event(move |event: Value, _| {
                let body = json!({ "event": event, "variables": variables }).to_string();
                async move { Ok(json!({ "statusCode": 200, "headers": { "content-type": "application/json" }, "body": body })) }
            }))
        })
}

/// Lets everybody in who says "Bearer <name>", refuses "no", breaks at "break".
fn authorize(seen: &mut Seen, event: &Value) -> Result<Value, String> {
    seen.asked += 1;
    let said = event["identitySource"][0].as_str().unwrap_or_default();
    match said.strip_prefix("Bearer ") {
        Some(name) => Ok(json!({ "isAuthorized": true, "context": { "user_id": name, "route": event["routeArn"] } })),
        None if said == "no" => Ok(json!({ "isAuthorized": false })),
        None => Err("the authorizer broke".to_owned()),
    }
}

fn work(seen: &mut Seen, event: &Value) -> Result<Value, String> {
    let records = event["Records"].as_array().unwrap();
    let body = |record: &Value| record["body"].as_str().unwrap().to_owned();
    seen.batches.push(records.iter().map(body).collect());
    let bad = records.iter().filter(|record| seen.bad_jobs.contains(&body(record)));
    let failures: Vec<Value> = bad.map(|record| json!({ "itemIdentifier": record["messageId"] })).collect();
    Ok(json!({ "batchItemFailures": failures }))
}

fn relay(seen: &mut Seen, event: &Value) -> Result<Value, String> {
    let records = event["Records"].as_array().unwrap();
    let key = |record: &Value| record["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap().to_owned();
    let keys: Vec<String> = records.iter().map(key).collect();
    seen.changes.push(keys.clone());
    if keys.iter().any(|key| seen.bad_changes.contains(key)) {
        return Err("a change that nobody can relay".to_owned());
    }
    Ok(json!({ "batchItemFailures": [] }))
}

fn tick(seen: &mut Seen, event: &Value) -> Result<Value, String> {
    seen.ticks.push(event["job"].as_str().unwrap().to_owned());
    if seen.ticks_fail { Err("out of order".to_owned()) } else { Ok(json!({})) }
}

fn pages() -> Router {
    Router::new().route("/pages/{name}", get(page).post(keep)).layer(DefaultBodyLimit::disable())
}

async fn page(Path(name): Path<String>) -> Response {
    match name.as_str() {
        "picture" => ([(header::CONTENT_TYPE, "image/png")], vec![0_u8, 159, 146, 150]).into_response(),
        "cookies" => {
            let mut answer = "two".into_response();
            for cookie in ["a=1; Path=/", "b=2; Secure"] {
                answer.headers_mut().append(header::SET_COOKIE, cookie.parse().unwrap());
            }
            answer
        }
        "slow" => {
            tokio::time::sleep(Duration::from_secs(5)).await;
            "late".into_response()
        }
        "broken" => panic!("a page is missing"),
        "much" => "x".repeat(6_300_000).into_response(),
        _ => (StatusCode::NOT_FOUND, name).into_response(),
    }
}

/// Says how long the body was and of what kind.
async fn keep(headers: HeaderMap, body: Bytes) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    format!("{} bytes of {kind}", body.len()).into_response()
}
