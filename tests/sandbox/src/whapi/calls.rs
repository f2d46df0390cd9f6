//! Calls at the gate, for a channel's token:
//!
//! - `POST /calls`, `POST /calls/group_link`: links to call by
//! - `DELETE /calls/{CallID}`, `POST /calls/{CallID}/reject`
//!
//! Only a control makes somebody call. A call rings until it is rejected or has rung for long enough; then
//! nobody knows it any more. Its state is told in webhooks alone, as no route lists calls.

use axum::Router;
use axum::extract::Path;
use axum::routing::{delete, post};
use serde_json::{Value, json};

use super::Core;
use super::Whapi;
use super::agenda::What;
use super::call::GateCall;
use super::ids;
use super::refusal::{Answer, Refusal, ok, success};
use super::shape::{Field, Kind, needs};
use super::state::Channel;
use super::store::text;
use crate::control::{ControlError, ControlResult};

const BEGINNING: &[Field] = &[needs("start_time", Kind::Text)];
const REJECTION: &[Field] = &[needs("callFrom", Kind::Like(ids::is_contact))];
/// Where WhatsApp opens a link to a call.
const CALL_URL: &str = "https://call.whatsapp.com/video";
/// How long a call rings that nobody takes, unless the caller waits for another time, in seconds.
const RINGS_S: i64 = 45;
/// The longest that a caller waits.
const RINGS_S_LIMIT: i64 = 3_600;

/// The routes.
pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/calls", post(|call: GateCall| link(call, "call_url")))
        .route("/calls/group_link", post(|call: GateCall| link(call, "link")))
        .route("/calls/{call}", delete(reject))
        .route("/calls/{call}/reject", post(reject))
}

async fn link(call: GateCall, name: &'static str) -> Answer {
    call.said.body(BEGINNING)?;
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        Ok(json!({name: format!("{CALL_URL}/{}", channel.ids.invite_code())}))
    })?)
}

async fn reject(Path(id): Path<String>, call: GateCall) -> Answer {
    let body = call.said.body(REJECTION)?;
    call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        let rings = channel.store.calls.get(&id).is_some_and(|ringing| ids::number_of(text(ringing, "from")) == text(&body, "callFrom"));
        rings.then_some(()).ok_or_else(|| Refusal::new(http::StatusCode::NOT_FOUND, "Call not found"))?;
        // UNVERIFIED: no source shows which of the documented words a rejected call gets.
        channel.end_call(&id, "canceled", now_ms);
        Ok(())
    })?;
    success()
}

impl Whapi {
    /// Somebody calls the linked number, and waits for so many seconds.
    ///
    /// # Errors
    /// Unknown channel; impossible when no phone is linked or the caller is no number.
    pub fn call(&self, channel: &str, from: &str, rings_s: Option<i64>) -> ControlResult {
        let from: String = from.chars().filter(char::is_ascii_digit).collect();
        if from.is_empty() || !ids::is_contact(&from) {
            return Err(ControlError::impossible("a phone number has 7 to 15 digits"));
        }
        let rings_ms = rings_s.unwrap_or(RINGS_S).clamp(0, RINGS_S_LIMIT) * 1_000;
        self.core.on_channel(channel, |channel, now_ms| {
            let linked = channel.need_link(now_ms).is_ok();
            linked.then_some(()).ok_or_else(|| ControlError::impossible("no phone is linked"))?;
            Ok(json!({"channel_id": channel.id, "call": channel.ring(&from, rings_ms, now_ms)}))
        })
    }
}

impl Channel {
    fn ring(&mut self, from: &str, rings_ms: i64, now_ms: i64) -> Value {
        let chat = ids::chat_of(from);
        let id = self.ids.call_id();
        let call = json!({
            "id": id,
            "from": chat,
            "chat_id": chat,
            "status": "initiated",
            "timestamp": now_ms,
            "group_call": false,
            "video_call": false,
            "offline_call": false,
        });
        self.emit("calls", "post", "calls", json!([call]));
        self.store.calls.insert(id.clone(), call.clone());
        self.tell_call(&id, "ringing", now_ms);
        self.later(now_ms + rings_ms, What::CallMissed { call: id });
        call
    }

    fn tell_call(&mut self, id: &str, status: &str, now_ms: i64) {
        if let Some(call) = self.store.calls.get_mut(id) {
            super::send::insert(call, "status", json!(status));
            super::send::insert(call, "timestamp", json!(now_ms));
            let told = json!([call]);
            self.emit("calls", "post", "calls", told);
        }
    }

    /// A call that rings ends so; one that has ended stays as it is.
    pub(crate) fn end_call(&mut self, id: &str, status: &str, now_ms: i64) {
        self.tell_call(id, status, now_ms);
        self.store.calls.remove(id);
    }
}
