//! Messages at the gate, for a channel's token:
//!
//! - `POST /messages/{text, image, video, short, gif, audio, voice, document, sticker,
//!   link_preview, location, live_location, contact, contact_list, poll, interactive, carousel}`
//! - `POST /messages/media/{MediaMessageType}`: the file is the body, the rest the query
//! - `GET /messages/list`, `GET /messages/list/{ChatID}`
//! - `GET · PUT · DELETE · POST /messages/{MessageID}`
//! - `PUT · DELETE /messages/{MessageID}/reaction`, `PUT …/star`, `POST · DELETE …/pin`
//! - `GET /statuses/{MessageID}`

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post, put};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Core;
use super::call::{GateCall, Said};
use super::content::{KINDS, MEDIA_BYTES, MessageKind, NAMED_FILE, SENDER, kind};
use super::ids;
use super::refusal::{Answer, Refusal, ok, success};
use super::session::Phase;
use super::shape::{ANY_NUMBER, Field, Kind, may, needs};
use super::state::Channel;
use super::store::{at_s, text};

const FORWARD: &[Field] = &[needs("to", Kind::Like(ids::is_recipient)), may("force", Kind::Flag)];
const REACTION: &[Field] = &[may("emoji", Kind::Text)];
const STAR: &[Field] = &[may("starred", Kind::Flag)];
const PIN: &[Field] = &[may("time", Kind::OneOf(&["day", "week", "month"]))];
/// What a list of messages can be narrowed by.
pub(crate) const FILTER: &[Field] = &[
    may("time_from", ANY_NUMBER),
    may("time_to", ANY_NUMBER),
    may("normal_types", Kind::Flag),
    may("author", Kind::Like(ids::is_contact)),
    may("from_me", Kind::Flag),
    may("sort", Kind::OneOf(&["asc", "desc"])),
];
/// Kinds of message that `normal_types` leaves out.
const ODD_TYPES: &[&str] = &["system", "action", "unknown"];

/// The routes.
pub(crate) fn router() -> Router<Core> {
    let sends = KINDS.iter().fold(Router::new(), |router, kind| {
        router.route(&format!("/messages/{}", kind.name), post(move |call: GateCall| send(kind, call)))
    });
    sends
        .route("/messages/media/{kind}", post(send_file))
        .route("/messages/list", get(list))
        .route("/messages/list/{chat}", get(list_of_chat))
        .route("/messages/{message}", get(read).put(mark_read).delete(delete).post(forward))
        .route("/messages/{message}/reaction", put(react).delete(touch))
        .route("/messages/{message}/star", put(star))
        .route("/messages/{message}/pin", post(pin).delete(touch))
        .route("/statuses/{message}", get(statuses))
}

async fn send(kind: &'static MessageKind, call: GateCall) -> Answer {
    let body = call.said.body(&[SENDER, kind.fields].concat())?;
    deliver(kind, call, body).await
}

async fn send_file(Path(name): Path<String>, call: GateCall) -> Answer {
    let kind = kind(&name).filter(|kind| kind.is_media()).ok_or_else(|| Refusal::wrong("no such kind of media"))?;
    let body = call.said.query_and(&[SENDER, kind.fields].concat(), "media", named_file(&call.said)?)?;
    deliver(kind, call, body).await
}

/// The file that a body is, or names.
fn named_file(said: &Said) -> Result<String, Refusal> {
    if said.is_json() {
        return Ok(text(&said.body(NAMED_FILE)?, "media").to_owned());
    }
    if said.bytes.is_empty() {
        return Err(Refusal::wrong("the body must be the file"));
    }
    if said.bytes.len() > MEDIA_BYTES {
        return Err(Refusal::too_large());
    }
    Ok(format!("data:{};base64,{}", said.content_type, STANDARD.encode(&said.bytes)))
}

async fn deliver(kind: &'static MessageKind, call: GateCall, body: Value) -> Answer {
    call.act(|channel, _, now_ms| channel.need_link(now_ms))?;
    call.among(|world, own, _| world.may_post(own, text(&body, "to")))?;
    let typing_s = body.get("typing_time").and_then(Value::as_f64).unwrap_or_default();
    if typing_s > 0.0 && call.core.switches().typing_holds {
        call.core.sleep_until_ms(call.core.now_ms() + (typing_s * 1_000.0) as i64).await;
    }
    ok(call.act(|channel, switches, now_ms| channel.send(kind, &body, now_ms, switches))?)
}

async fn list(call: GateCall) -> Answer {
    listed(&call, None)
}

async fn list_of_chat(Path(chat): Path<String>, call: GateCall) -> Answer {
    if !ids::is_chat(&chat) {
        return Err(Refusal::wrong("ChatID is wrong"));
    }
    listed(&call, Some(chat))
}

fn listed(call: &GateCall, chat: Option<String>) -> Answer {
    let (filter, page) = (call.said.query(FILTER)?, call.said.page()?);
    ok(call.act(|channel, _, now_ms| {
        channel.need_reads(now_ms)?;
        let messages = &channel.store.messages;
        let in_chat = |message: &&Value| chat.as_deref().is_none_or(|chat| text(message, "chat_id") == chat);
        if chat.is_some() && !messages.iter().any(|message| in_chat(&message)) {
            return Err(Refusal::absent("chat"));
        }
        let mut rows: Vec<Value> = messages.iter().filter(in_chat).filter(|message| passes(&filter, message)).cloned().collect();
        if text(&filter, "sort") != "asc" {
            rows.reverse();
        }
        Ok(page.listed("messages", rows))
    })?)
}

/// Whether a message is among those that a [`FILTER`] asks for.
pub(crate) fn passes(filter: &Value, message: &Value) -> bool {
    let number = |name: &str| filter.get(name).and_then(Value::as_f64);
    let flag = |name: &str| filter.get(name).and_then(Value::as_bool);
    let at_s = at_s(message) as f64;
    let from_me = message.get("from_me").and_then(Value::as_bool);
    let author = filter.get("author").and_then(Value::as_str);
    number("time_from").is_none_or(|from| at_s >= from)
        && number("time_to").is_none_or(|to| at_s <= to)
        && flag("from_me").is_none_or(|wanted| from_me == Some(wanted))
        && author.is_none_or(|author| text(message, "from") == author)
        && !(flag("normal_types") == Some(true) && ODD_TYPES.contains(&text(message, "type")))
}

async fn read(Path(id): Path<String>, call: GateCall) -> Answer {
    call.said.flag("resync", false)?;
    ok(call.act(|channel, _, now_ms| {
        channel.need_reads(now_ms)?;
        channel.known_message(&id).cloned()
    })?)
}

async fn mark_read(Path(id): Path<String>, call: GateCall) -> Answer {
    acted(&call, &id)
}

async fn touch(Path(id): Path<String>, call: GateCall) -> Answer {
    acted(&call, &id)
}

async fn react(Path(id): Path<String>, call: GateCall) -> Answer {
    call.said.some_body(REACTION)?;
    acted(&call, &id)
}

async fn star(Path(id): Path<String>, call: GateCall) -> Answer {
    call.said.some_body(STAR)?;
    acted(&call, &id)
}

async fn pin(Path(id): Path<String>, call: GateCall) -> Answer {
    call.said.some_body(PIN)?;
    acted(&call, &id)
}

// What nobody can see later but the chat partner.
fn acted(call: &GateCall, id: &str) -> Answer {
    call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.known_message(id).map(|_| ())
    })?;
    success()
}

async fn delete(Path(id): Path<String>, call: GateCall) -> Answer {
    call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.known_message(&id)?;
        channel.store.forget(&id);
        channel.emit("messages", "delete", "messages_removed", json!([id]));
        Ok(())
    })?;
    success()
}

async fn forward(Path(id): Path<String>, call: GateCall) -> Answer {
    let body = call.said.body(FORWARD)?;
    let to = text(&body, "to").to_owned();
    call.among(|world, own, _| world.may_post(own, &to))?;
    ok(call.act(|channel, switches, now_ms| channel.forward(&id, &to, now_ms, switches))?)
}

async fn statuses(Path(id): Path<String>, call: GateCall) -> Answer {
    ok(call.act(|channel, _, now_ms| {
        channel.need_reads(now_ms)?;
        channel.known_message(&id)?;
        Ok(json!({"statuses": channel.store.statuses.get(&id).cloned().unwrap_or_default()}))
    })?)
}

impl Channel {
    /// The message of this id, or what the vendor says when there is none.
    pub(crate) fn known_message(&mut self, id: &str) -> Result<&mut Value, Refusal> {
        self.store.message(id).ok_or_else(|| Refusal::absent("message"))
    }

    /// Refuses reads while the channel is out of sync: then only sends work.
    pub(crate) fn need_reads(&self, now_ms: i64) -> Result<(), Refusal> {
        match self.phase(now_ms) {
            Phase::SyncError => Err(Refusal::new(http::StatusCode::INTERNAL_SERVER_ERROR, "Internal Error")),
            _ => Ok(()),
        }
    }
}
