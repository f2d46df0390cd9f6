//! Groups at the gate, for a channel's token; what leads into them stands in `invites`:
//!
//! - `GET · POST /groups`, `GET · PUT · PATCH · DELETE /groups/{GroupID}`
//! - `POST · DELETE /groups/{GroupID}/participants`, `PATCH · DELETE /groups/{GroupID}/admins`
//! - `GET · PUT · DELETE /groups/{GroupID}/icon`
//!
//! Who makes a group is its creator; who joins another channel's is a member, with a member's rights.

use axum::Router;
use axum::extract::Path;
use axum::response::IntoResponse;
use axum::routing::{get, patch, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::Core;
use super::call::GateCall;
use super::contacts::is_on_whatsapp;
use super::content::take_media;
use super::group::Right;
use super::ids;
use super::refusal::{Answer, Refusal, ok, success};
use super::shape::{Field, Kind, may, needs};
use super::store::text;

/// People, of whom there must be one.
pub(crate) const PEOPLE: Kind = Kind::List(&Kind::Like(ids::is_contact), 1, usize::MAX);
/// A body that names them.
pub(crate) const PARTICIPANTS: &[Field] = &[needs("participants", PEOPLE)];
/// Who may do what a setting is about.
pub(crate) const POLICY: Field = needs("policy", Kind::OneOf(&["anyone", "admins"]));
const NEW_GROUP: &[Field] = &[needs("subject", Kind::Text), needs("participants", PEOPLE)];
const INFO: &[Field] = &[may("subject", Kind::Text), may("description", Kind::Text)];
const SETTINGS: &[&str] = &["send_messages", "edit_group_info", "approve_participants", "add_participants"];
const SETTING: &[Field] = &[needs("setting", Kind::OneOf(SETTINGS)), POLICY];
const PICTURE: &[Field] = &[needs("media", Kind::Text), may("mime_type", Kind::Text)];
/// The only type that the description has for an icon that is read.
const ICON_TYPE: &str = "image/png";
/// What is shown of a picture that is only linked: one point.
const LINKED_PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
/// Where pictures are said to be.
pub(crate) const PICTURE_URL: &str = "https://pps.whatsapp.net/v/t61.24694-24/sandbox.jpg";

/// The routes.
pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/groups", get(list).post(create).put(super::invites::join))
        .route("/groups/{group}", get(read).put(describe).patch(set).delete(leave))
        .route("/groups/{group}/participants", post(add).delete(remove))
        .route("/groups/{group}/admins", patch(promote).delete(demote))
        .route("/groups/{group}/icon", get(icon).put(set_icon).delete(drop_icon))
}

async fn list(call: GateCall) -> Answer {
    let page = call.said.page()?;
    ok(call.act(|channel, _, now_ms| {
        channel.need_reads(now_ms)?;
        let all: Vec<Value> = channel.store.groups.values().filter(|group| !group.is("is_parent")).map(super::group::Group::json).collect();
        Ok(page.listed("groups", all))
    })?)
}

async fn create(call: GateCall) -> Answer {
    let body = call.said.body(NEW_GROUP)?;
    ok(call.make_group(text(&body, "subject"), &people(&body), |_| ())?.json())
}

async fn read(Path(id): Path<String>, call: GateCall) -> Answer {
    ok(call.act(|channel, _, now_ms| {
        channel.need_reads(now_ms)?;
        channel.known_group(&id).map(super::group::Group::json)
    })?)
}

async fn describe(Path(id): Path<String>, call: GateCall) -> Answer {
    let body = call.said.body(INFO)?;
    call.in_group(&id, Right::Describe, |group, _, now_s| {
        if let Some(subject) = body.get("subject") {
            group.set("name", subject.clone());
            group.set("name_at", now_s);
        }
        if let Some(description) = body.get("description") {
            group.set("description", description.clone());
        }
        Ok(((), None))
    })?;
    success()
}

async fn set(Path(id): Path<String>, call: GateCall) -> Answer {
    let body = call.said.body(SETTING)?;
    let only_admins = text(&body, "policy") == "admins";
    call.in_group(&id, Right::Rule, |group, _, _| {
        match text(&body, "setting") {
            "send_messages" => group.set("announcements", only_admins),
            "edit_group_info" => group.set("restricted", only_admins),
            "add_participants" => group.set("adminAddMemberMode", only_admins),
            _ => group.inside.approves = only_admins,
        }
        Ok(((), None))
    })?;
    success()
}

async fn leave(Path(id): Path<String>, call: GateCall) -> Answer {
    call.in_group(&id, Right::Belong, |group, me, _| {
        let gone = group.take_out(&[me.to_owned()]);
        Ok(((), Some(("remove", gone))))
    })?;
    success()
}

async fn add(Path(id): Path<String>, call: GateCall) -> Answer {
    let people = people(&call.said.body(PARTICIPANTS)?);
    call.in_group(&id, Right::Let, |group, _, _| {
        let (real, failed): (Vec<String>, Vec<String>) = people.into_iter().partition(|person| is_on_whatsapp(person));
        let fresh = group.let_in(&real);
        if fresh.is_empty() && !real.is_empty() {
            return Err(Refusal::conflict("Specified participant already in group"));
        }
        Ok((processed(&real, &failed), Some(("add", fresh))))
    })
    .and_then(ok)
}

async fn remove(Path(id): Path<String>, call: GateCall) -> Answer {
    let people = people(&call.said.body(PARTICIPANTS)?);
    call.in_group(&id, Right::Rule, |group, _, _| {
        let gone = group.take_out(&people);
        let failed: Vec<String> = people.into_iter().filter(|person| !gone.contains(person)).collect();
        if gone.is_empty() {
            return Err(Refusal::absent("group or participant"));
        }
        Ok((processed(&gone, &failed), Some(("remove", gone))))
    })
    .and_then(ok)
}

/// What became of each of them.
pub(crate) fn processed(done: &[String], failed: &[String]) -> Value {
    json!({"success": true, "processed": done, "failed": failed})
}

async fn promote(Path(id): Path<String>, call: GateCall) -> Answer {
    rank(&call, &id, "promote", "admin")
}

async fn demote(Path(id): Path<String>, call: GateCall) -> Answer {
    rank(&call, &id, "demote", "member")
}

fn rank(call: &GateCall, id: &str, action: &'static str, rank: &str) -> Answer {
    let people = people(&call.said.body(PARTICIPANTS)?);
    call.in_group(id, Right::Rule, |group, _, _| {
        if people.iter().any(|person| group.rank(person) == Some("creator")) {
            return Err(Refusal::forbidden("You do not have permissions for this action"));
        }
        group.rerank(&people, rank).ok_or_else(|| Refusal::absent("group or participant"))?;
        Ok(((), Some((action, people))))
    })?;
    success()
}

async fn icon(Path(id): Path<String>, call: GateCall) -> Answer {
    let icon = call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        Ok(channel.known_group(&id)?.inside.icon.clone())
    })?;
    let bytes = icon.map(|icon| STANDARD.decode(icon).unwrap_or_default());
    Ok(bytes.map_or_else(|| StatusCode::NO_CONTENT.into_response(), |bytes| ([(header::CONTENT_TYPE, ICON_TYPE)], bytes).into_response()))
}

async fn set_icon(Path(id): Path<String>, call: GateCall) -> Answer {
    let picture = picture(&call)?;
    call.in_group(&id, Right::Describe, |group, _, _| {
        group.inside.icon = Some(picture);
        group.set("chat_pic", PICTURE_URL);
        Ok(((), None))
    })?;
    success()
}

// The picture that a body is, or names, in base64.
fn picture(call: &GateCall) -> Result<String, Refusal> {
    if !call.said.is_json() {
        let is_picture = matches!(call.said.content_type.as_str(), "image/jpeg" | "image/png") && !call.said.bytes.is_empty();
        return is_picture.then(|| STANDARD.encode(&call.said.bytes)).ok_or_else(|| Refusal::wrong("the body must be a picture"));
    }
    let body = call.said.body(PICTURE)?;
    let mime = body.get("mime_type").and_then(Value::as_str);
    let no_picture = |_| Refusal::wrong("media is wrong");
    let media = call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        let own_ids = channel.ids.clone();
        take_media("image", text(&body, "media"), mime, &mut channel.store, &own_ids, now_ms.div_euclid(1_000)).map_err(no_picture)
    })?;
    Ok(if media.base64.is_empty() { LINKED_PICTURE.to_owned() } else { media.base64 })
}

async fn drop_icon(Path(id): Path<String>, call: GateCall) -> Answer {
    call.in_group(&id, Right::Describe, |group, _, _| {
        group.inside.icon = None;
        group.unset("chat_pic");
        Ok(((), None))
    })?;
    success()
}

/// The people whom a body names.
pub(crate) fn people(body: &Value) -> Vec<String> {
    let people = body.get("participants").and_then(Value::as_array);
    people.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
