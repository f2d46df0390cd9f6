//! A running WHAPI with everything a journey needs: calls with each token, and an ear for webhooks.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::IntoResponse;
use http::{HeaderMap, Method, StatusCode};
use jiff::SignedDuration;
use sandbox::whapi::Whapi;
use sandbox::{Frame, Listening, SandboxConfig};
use serde_json::{Value, json};
use tokio::sync::Notify;

/// The longest real wait for a webhook.
const HEARING_LIMIT: Duration = Duration::from_secs(10);
pub(crate) const DAY_MS: i64 = 86_400_000;
/// How long things take here: so long that no journey gets there without moving the clock.
pub(crate) const PROVISIONING_MS: i64 = 90_000;
pub(crate) const LAUNCH_MS: i64 = 100_000;
pub(crate) const STATUS_MS: i64 = 60_000;

pub(crate) struct World {
    pub(crate) frame: Frame,
    pub(crate) whapi: Whapi,
    client: reqwest::Client,
}

/// An answer, already read.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Said {
    /// The body of an answer that must be 200.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// The message of an error that must have this status, in the nested form.
    #[track_caller]
    pub(crate) fn refused(self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.body["error"]["code"], status);
        self.body["error"]["message"].as_str().unwrap().to_owned()
    }
}

/// A channel as its maker knows it.
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(SandboxConfig::default()).await
    }

    pub(crate) async fn with(config: SandboxConfig) -> Self {
        let frame = Frame::new(&config).unwrap();
        let whapi = Whapi::start(&frame, 0, 0).await.unwrap();
        whapi.switch(|switches| {
            switches.provisioning_ms = PROVISIONING_MS;
            switches.launch_ms = LAUNCH_MS;
            switches.status_ms = [1, 2, 3].map(|step| step * STATUS_MS);
        });
        let client = sandbox::deliver::http_client().unwrap();
        Self { frame, whapi, client }
    }

    pub(crate) fn advance_ms(&self, ms: i64) {
        self.frame.clock.advance(SignedDuration::from_millis(ms));
    }

    pub(crate) fn advance_days(&self, days: i64) {
        self.advance_ms(days * DAY_MS);
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.frame.clock.now().as_millisecond()
    }

    /// A call to the manager with the partner's token.
    pub(crate) async fn manager(&self, method: &str, path: &str, body: Option<Value>) -> Said {
        let token = self.whapi.partner_token();
        self.call(method, &format!("{}{path}", self.whapi.manager_url()), Some(&token), body).await
    }

    /// A call to the gate with a channel's token.
    pub(crate) async fn gate(&self, channel: &Channel, method: &str, path: &str, body: Option<Value>) -> Said {
        self.call(method, &format!("{}{path}", self.whapi.gate_url()), Some(&channel.token), body).await
    }

    pub(crate) async fn call(&self, method: &str, url: &str, token: Option<&str>, body: Option<Value>) -> Said {
        let mut request = self.client.request(Method::from_bytes(method.as_bytes()).unwrap(), url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let bytes = answer.bytes().await.unwrap();
        Said { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
    }

    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// A new channel, as the manager answers it.
    pub(crate) async fn create(&self, name: &str) -> Said {
        let body = json!({"name": name, "projectId": self.whapi.project_id()});
        self.manager("PUT", "/channels", Some(body)).await
    }

    /// A new channel that the gate knows already.
    pub(crate) async fn channel(&self) -> Channel {
        let made = self.create("Shop · chn_1").await.ok();
        self.advance_ms(PROVISIONING_MS);
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Channel { id: text("id"), token: text("token") }
    }

    /// A channel that shows a QR code; answers the login that has it.
    pub(crate) async fn show_code(&self, channel: &Channel) -> Value {
        let first = self.gate(channel, "GET", "/users/login?wakeup=true", None).await.ok();
        assert_eq!(first, json!({"status": "WAITING"}));
        self.advance_ms(LAUNCH_MS);
        self.gate(channel, "GET", "/users/login", None).await.ok()
    }

    /// A live channel with a linked phone.
    pub(crate) async fn linked(&self) -> Channel {
        let channel = self.channel().await;
        self.show_code(&channel).await;
        self.whapi.scan("chn_1", None).unwrap();
        let live = self.manager("PATCH", &format!("/channels/{}/mode", channel.id), Some(json!({"mode": "live"}))).await;
        live.ok();
        channel
    }

    /// Another live channel, with this phone.
    pub(crate) async fn colleague(&self, phone: &str) -> Channel {
        let channel = self.channel().await;
        self.show_code(&channel).await;
        self.whapi.scan(&channel.id, Some(phone.to_owned())).unwrap();
        self.manager("PATCH", &format!("/channels/{}/mode", channel.id), Some(json!({"mode": "live"}))).await.ok();
        channel
    }

    pub(crate) async fn health(&self, channel: &Channel) -> Value {
        self.gate(channel, "GET", "/health?wakeup=false", None).await.ok()
    }

    pub(crate) async fn balance(&self) -> Value {
        self.manager("GET", "/partners", None).await.ok()["balance"].clone()
    }
}

/// One webhook that came.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Heard {
    /// `messages.post` and the like.
    pub(crate) fn event(&self) -> String {
        let event = &self.body["event"];
        format!("{}.{}", event["type"].as_str().unwrap(), event["event"].as_str().unwrap())
    }
}

#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<Heard>>>, Arc<Mutex<Vec<u16>>>, Arc<Notify>);

/// A receiver of webhooks: notes each and answers 200, or what it was told to.
pub(crate) struct Ear {
    listening: Listening,
    notes: Notes,
}

impl Ear {
    pub(crate) async fn open() -> Self {
        let notes = Notes::default();
        let router = Router::new().fallback(hear).with_state(notes.clone());
        Self { listening: sandbox::serve::serve(router, 0).await.unwrap(), notes }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/hook", self.listening.url())
    }

    /// The next webhooks are answered so, one after the other.
    pub(crate) fn answer_next(&self, statuses: &[u16]) {
        *self.notes.1.lock().unwrap() = statuses.iter().rev().copied().collect();
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.notes.0.lock().unwrap().clone()
    }

    pub(crate) fn events(&self) -> Vec<String> {
        self.heard().iter().map(Heard::event).collect()
    }

    /// Waits until so many webhooks came.
    #[track_caller]
    pub(crate) fn wait_for(&self, count: usize) -> impl Future<Output = Vec<Heard>> {
        let notes = self.notes.clone();
        async move {
            let all = async {
                while notes.0.lock().unwrap().len() < count {
                    notes.2.notified().await;
                }
            };
            let came = tokio::time::timeout(HEARING_LIMIT, all).await;
            let heard = notes.0.lock().unwrap().clone();
            assert!(came.is_ok(), "{count} webhooks wanted, heard {heard:#?}");
            heard
        }
    }
}

async fn hear(State(notes): State<Notes>, request: Request) -> impl IntoResponse {
    let (parts, body) = request.into_parts();
    let bytes: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    notes.0.lock().unwrap().push(Heard {
        method: parts.method.to_string(),
        path: parts.uri.to_string(),
        headers: parts.headers,
        body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    });
    notes.2.notify_one();
    let status = notes.1.lock().unwrap().pop().unwrap_or(200);
    StatusCode::from_u16(status).unwrap()
}

/// The settings that send these events to an address.
pub(crate) fn hook(url: &str, events: &[(&str, &str)]) -> Value {
    let events: Vec<Value> = events.iter().map(|(kind, verb)| json!({"type": kind, "method": verb})).collect();
    json!({"webhooks": [{"url": url, "events": events, "mode": "body"}]})
}
