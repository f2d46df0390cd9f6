//! Groups at the gate, and what a channel of this sandbox never has, for a channel's token:
//!
//! - `GET · POST /groups`, `GET · PUT · DELETE /groups/{GroupID}`, `GET /groups/{GroupID}/invite`,
//!   `POST · DELETE /groups/{GroupID}/participants`, `GET /groups/{GroupID}/icon`
//! - always empty: `GET /newsletters`, `/communities`, `/stories`, `/business`,
//!   `/business/products`, `/business/collections`
//!
//! The channel's own number is the creator of every group here.

use axum::Router;
use axum::extract::Path;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::{Value, json};

use super::Core;
use super::call::GateCall;
use super::ids;
use super::refusal::{Answer, Refusal, ok, success};
use super::shape::{Field, Kind, may, needs};
use super::state::Channel;
use super::store::text;

const PEOPLE: Kind = Kind::List(&Kind::Like(ids::is_contact), 1, usize::MAX);
const NEW_GROUP: &[Field] = &[needs("subject", Kind::Text), needs("participants", PEOPLE)];
const PARTICIPANTS: &[Field] = &[needs("participants", PEOPLE)];
const INFO: &[Field] = &[may("subject", Kind::Text), may("description", Kind::Text)];

/// The routes.
pub(crate) fn router() -> Router<Core> {
    let empty = |key: &'static str| get(move |call: GateCall| empty_list(key, call));
    Router::new()
        .route("/groups", get(list).post(create))
        .route("/groups/{group}", get(read).put(describe).delete(leave))
        .route("/groups/{group}/invite", get(invite))
        .route("/groups/{group}/participants", post(add).delete(remove))
        .route("/groups/{group}/icon", get(icon))
        .route("/newsletters", empty("newsletters"))
        .route("/communities", empty("groups"))
        .route("/stories", empty("messages"))
        .route("/business/products", empty("products"))
        .route("/business/collections", empty("collections"))
        .route("/business", get(business))
}

async fn empty_list(key: &'static str, call: GateCall) -> Answer {
    call.said.query(super::messages::FILTER)?;
    let page = call.said.page()?;
    call.act(|channel, _, now_ms| channel.need_reads(now_ms))?;
    ok(json!({key: [], "count": 0, "total": 0, "offset": page.offset}))
}

async fn business(call: GateCall) -> Answer {
    call.act(|channel, _, now_ms| channel.need_link(now_ms))?;
    ok(json!({}))
}

async fn list(call: GateCall) -> Answer {
    let page = call.said.page()?;
    ok(call.act(|channel, _, now_ms| {
        channel.need_reads(now_ms)?;
        let total = channel.store.groups.len();
        let rows = page.of(channel.store.groups.values());
        Ok(json!({"groups": rows, "count": rows.len(), "total": total, "offset": page.offset}))
    })?)
}

async fn create(call: GateCall) -> Answer {
    let body = call.said.body(NEW_GROUP)?;
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        let group = channel.new_group(text(&body, "subject"), &people(&body), now_ms.div_euclid(1_000));
        channel.store.groups.insert(text(&group, "id").to_owned(), group.clone());
        channel.emit("groups", "post", "groups", json!([group]));
        Ok(group)
    })?)
}

async fn read(Path(id): Path<String>, call: GateCall) -> Answer {
    ok(call.act(|channel, _, now_ms| {
        channel.need_reads(now_ms)?;
        channel.known_group(&id).cloned()
    })?)
}

async fn describe(Path(id): Path<String>, call: GateCall) -> Answer {
    let body = call.said.body(INFO)?;
    change(&call, &id, |group| {
        for (said, kept) in [("subject", "name"), ("description", "description")] {
            if let (Some(value), Some(members)) = (body.get(said), group.as_object_mut()) {
                members.insert(kept.to_owned(), value.clone());
            }
        }
    })?;
    success()
}

async fn leave(Path(id): Path<String>, call: GateCall) -> Answer {
    call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.known_group(&id)?;
        channel.store.groups.remove(&id);
        Ok(())
    })?;
    success()
}

async fn invite(Path(id): Path<String>, call: GateCall) -> Answer {
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        let group = channel.known_group(&id)?;
        Ok(json!({"invite_code": text(group, "invite_code")}))
    })?)
}

async fn icon(Path(id): Path<String>, call: GateCall) -> Answer {
    call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.known_group(&id).map(|_| ())
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn add(Path(id): Path<String>, call: GateCall) -> Answer {
    move_people(&call, &id, "add")
}

async fn remove(Path(id): Path<String>, call: GateCall) -> Answer {
    move_people(&call, &id, "remove")
}

fn move_people(call: &GateCall, id: &str, action: &str) -> Answer {
    let people = people(&call.said.body(PARTICIPANTS)?);
    change(call, id, |group| {
        let mut members = group.get("participants").and_then(Value::as_array).cloned().unwrap_or_default();
        members.retain(|member| !people.iter().any(|person| person == text(member, "id")));
        if action == "add" {
            members.extend(people.iter().map(|person| member(person, "member")));
        }
        if let Some(object) = group.as_object_mut() {
            object.insert("participants_count".to_owned(), json!(members.len()));
            object.insert("participants".to_owned(), json!(members));
        }
    })?;
    call.act(|channel, _, _| {
        let moved = json!({"group_id": id, "participants": people, "action": action});
        channel.emit("groups", "put", "groups_participants", json!([moved]));
        Ok(())
    })?;
    ok(json!({"success": true, "processed": people, "failed": []}))
}

fn change(call: &GateCall, id: &str, change: impl FnOnce(&mut Value)) -> Result<(), Refusal> {
    call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        change(channel.known_group(id)?);
        Ok(())
    })
}

fn people(body: &Value) -> Vec<String> {
    let people = body.get("participants").and_then(Value::as_array);
    people.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn member(number: &str, rank: &str) -> Value {
    json!({"id": number, "rank": rank})
}

impl Channel {
    fn known_group(&mut self, id: &str) -> Result<&mut Value, Refusal> {
        self.store.groups.get_mut(id).ok_or_else(|| Refusal::absent("group"))
    }

    fn new_group(&self, name: &str, people: &[String], now_s: i64) -> Value {
        let me = self.session.user.as_ref().map(|user| user.id.clone()).unwrap_or_default();
        let mut members = vec![member(&me, "creator")];
        members.extend(people.iter().map(|person| member(person, "member")));
        json!({
            "id": self.ids.group_id(),
            "name": name,
            "type": "group",
            "timestamp": now_s,
            "participants_count": members.len(),
            "participants": members,
            "name_at": now_s,
            "created_at": now_s,
            "created_by": me,
            "invite_code": self.ids.invite_code(),
        })
    }
}
