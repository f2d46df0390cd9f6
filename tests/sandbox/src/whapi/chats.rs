//! Chats, labels and the blacklist at the gate, for a channel's token:
//!
//! - `GET /chats`, `GET · DELETE · POST · PATCH /chats/{ChatID}`
//! - `GET · POST /labels`, `GET /labels/{LabelID}`, `POST · DELETE /labels/{LabelID}/{AssociationID}`
//! - `GET /blacklist`, `PUT · DELETE /blacklist/{ContactID}`
//!
//! A chat is a view of its messages; what is set on it is kept beside them.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post, put};
use serde_json::{Map, Value, json};

use super::Core;
use super::call::GateCall;
use super::contacts::is_on_whatsapp;
use super::ids;
use super::refusal::{Answer, Refusal, ok, success};
use super::shape::{Field, Kind, may, needs};
use super::state::Channel;
use super::store::text;

const COLORS: &[&str] = &[
    "salmon",
    "lightskyblue",
    "gold",
    "plum",
    "silver",
    "mediumturquoise",
    "violet",
    "goldenrod",
    "cornflowerblue",
    "greenyellow",
    "cyan",
    "lightpink",
    "mediumaquamarine",
    "orangered",
    "deepskyblue",
    "limegreen",
    "darkorange",
    "lightsteelblue",
    "mediumpurple",
    "rebeccapurple",
];
const ARCHIVE: &[Field] = &[may("archive", Kind::Flag)];
const MARKS: &[Field] = &[
    may("pin", Kind::Flag),
    may("mute_until", Kind::Long),
    may("mark_unread", Kind::Flag),
    may("ephemeral", Kind::OneOf(&["none", "day", "week", "quarter"])),
];
const LABEL: &[Field] = &[needs("id", Kind::Like(ids::is_label)), needs("name", Kind::Text), needs("color", Kind::OneOf(COLORS))];

/// The routes.
pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/chats", get(chats))
        .route("/chats/{chat}", get(chat).delete(delete_chat).post(archive).patch(mark))
        .route("/labels", get(labels).post(add_label))
        .route("/labels/{label}", get(label))
        .route("/labels/{label}/{association}", post(attach).delete(detach))
        .route("/blacklist", get(blacklist))
        .route("/blacklist/{contact}", put(block).delete(unblock))
}

async fn chats(call: GateCall) -> Answer {
    let page = call.said.page()?;
    ok(call.act(|channel, _, now_ms| {
        channel.need_reads(now_ms)?;
        let all = channel.store.chats();
        let (total, rows) = (all.len(), page.of(all));
        Ok(json!({"chats": rows, "count": rows.len(), "total": total, "offset": page.offset}))
    })?)
}

async fn chat(Path(id): Path<String>, call: GateCall) -> Answer {
    ok(call.act(|channel, _, now_ms| {
        channel.need_reads(now_ms)?;
        channel.known_chat(&id)
    })?)
}

async fn delete_chat(Path(id): Path<String>, call: GateCall) -> Answer {
    call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.known_chat(&id)?;
        channel.store.messages.retain(|message| text(message, "chat_id") != id);
        channel.emit("chats", "delete", "chats_removed", json!([id]));
        Ok(())
    })?;
    success()
}

async fn archive(Path(id): Path<String>, call: GateCall) -> Answer {
    let body = call.said.body(ARCHIVE)?;
    set_marks(&call, &id, &body, &["archive"])
}

async fn mark(Path(id): Path<String>, call: GateCall) -> Answer {
    let body = call.said.body(MARKS)?;
    set_marks(&call, &id, &body, &["pin", "mute_until"])
}

fn set_marks(call: &GateCall, id: &str, body: &Value, shown: &[&str]) -> Answer {
    call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.known_chat(id)?;
        let marks: &mut Map<String, Value> = channel.store.marks.entry(id.to_owned()).or_default();
        for name in shown {
            marks.extend(body.get(*name).map(|value| ((*name).to_owned(), value.clone())));
        }
        Ok(())
    })?;
    success()
}

async fn labels(call: GateCall) -> Answer {
    ok(call.act(|channel, _, _| Ok(json!(channel.store.labels.values().collect::<Vec<_>>())))?)
}

async fn add_label(call: GateCall) -> Answer {
    let body = call.said.body(LABEL)?;
    call.act(|channel, _, _| {
        let label = json!({"id": body.get("id"), "name": body.get("name"), "color": body.get("color"), "count": 0});
        channel.store.labels.insert(text(&body, "id").to_owned(), label.clone());
        channel.emit("labels", "post", "labels", json!([label]));
        Ok(())
    })?;
    success()
}

async fn label(Path(id): Path<String>, call: GateCall) -> Answer {
    ok(call.act(|channel, _, _| {
        channel.known_label(&id)?;
        let attached = channel.store.labelled.get(&id).cloned().unwrap_or_default();
        let chats: Vec<Value> = channel.store.chats().into_iter().filter(|chat| attached.contains(text(chat, "id"))).collect();
        let messages: Vec<&Value> = channel.store.messages.iter().filter(|message| attached.contains(text(message, "id"))).collect();
        Ok(json!({"chats": chats, "messages": messages}))
    })?)
}

async fn attach(Path((label, association)): Path<(String, String)>, call: GateCall) -> Answer {
    call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.known_label(&label)?;
        let fresh = channel.store.labelled.entry(label.clone()).or_default().insert(association);
        fresh.then_some(()).ok_or_else(|| Refusal::conflict("Label association already exists"))
    })?;
    success()
}

async fn detach(Path((label, association)): Path<(String, String)>, call: GateCall) -> Answer {
    call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.known_label(&label)?;
        let was = channel.store.labelled.entry(label.clone()).or_default().remove(&association);
        was.then_some(()).ok_or_else(|| Refusal::absent("association"))
    })?;
    success()
}

async fn blacklist(call: GateCall) -> Answer {
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        Ok(json!(channel.store.blacklist))
    })?)
}

async fn block(Path(id): Path<String>, call: GateCall) -> Answer {
    if !is_on_whatsapp(&id) {
        return Err(Refusal::absent("contact"));
    }
    call.act(|channel, _, _| Ok(channel.store.blacklist.insert(id)))?;
    success()
}

async fn unblock(Path(id): Path<String>, call: GateCall) -> Answer {
    call.act(|channel, _, _| channel.store.blacklist.remove(&id).then_some(()).ok_or_else(|| Refusal::absent("contact")))?;
    success()
}

impl Channel {
    fn known_chat(&self, id: &str) -> Result<Value, Refusal> {
        let mut chats = self.store.chats().into_iter();
        chats.find(|chat| text(chat, "id") == id).ok_or_else(|| Refusal::absent("chat"))
    }

    fn known_label(&self, id: &str) -> Result<(), Refusal> {
        self.store.labels.contains_key(id).then_some(()).ok_or_else(|| Refusal::absent("label"))
    }
}
