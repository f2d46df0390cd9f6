//! The ways into a group, for a channel's token:
//!
//! - `PUT /groups`: into it by its invite code
//! - `GET · DELETE /groups/{GroupID}/invite`, `GET · POST /groups/link/{InviteCode}`
//! - `GET · POST · DELETE /groups/{GroupID}/applications`
//!
//! A group that approves its participants lets nobody in by the code: who comes by it has applied.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use serde_json::{Value, json};

use super::Core;
use super::call::GateCall;
use super::content::PREVIEWED;
use super::group::{Group, Right};
use super::ids;
use super::refusal::{Answer, Refusal, ok, success};
use super::shape::{Field, Kind, may, needs};
use super::store::text;

const INVITE: &[Field] = &[needs("invite_code", Kind::Text)];
const APPLICATION: &[Field] = &[needs("application", Kind::Like(ids::is_chat))];
const PREVIEWS: &[&str] = &["group_picture", "thumbnail", "media", "style1", "style2", "style3", "none"];
const PREVIEW_TYPE: Field = may("preview_type", Kind::OneOf(PREVIEWS));
/// Where WhatsApp opens an invite code.
const CHAT_URL: &str = "https://chat.whatsapp.com";

/// The routes.
pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/groups/{group}/invite", get(invite).delete(revoke))
        .route("/groups/link/{code}", get(look).post(send))
        .route("/groups/{group}/applications", get(applications).post(accept).delete(reject))
}

/// `PUT /groups`.
pub(crate) async fn join(call: GateCall) -> Answer {
    let body = call.said.body(INVITE)?;
    let code = text(&body, "invite_code");
    ok(call.among(|world, own, now_ms| {
        let me = world.linked(own, now_ms)?.own_number();
        let no_such = || Refusal::new(http::StatusCode::NOT_FOUND, "Wrong invite code");
        let before = world.any_group(|group| group.text("invite_code") == code).ok_or_else(no_such)?;
        let mut after = before.clone();
        let moved = after.come(&me, now_ms.div_euclid(1_000));
        world.keep_group(Some(&before), &after, moved);
        Ok(json!({"group_id": after.text("id")}))
    })?)
}

impl Group {
    // Somebody comes by the code, and is in it or has applied.
    fn come(&mut self, me: &str, now_s: i64) -> super::group::Move {
        let who = vec![me.to_owned()];
        if self.rank(me).is_some() {
            return None;
        }
        if !self.inside.approves {
            return Some(("add", self.let_in(&who)));
        }
        if self.inside.applications.iter().any(|(applicant, _)| applicant == me) {
            return None;
        }
        self.inside.applications.push((me.to_owned(), now_s));
        Some(("request", who))
    }
}

async fn invite(Path(id): Path<String>, call: GateCall) -> Answer {
    ok(call.in_group(&id, Right::Rule, |group, _, _| Ok((json!({"invite_code": group.text("invite_code")}), None)))?)
}

async fn revoke(Path(id): Path<String>, call: GateCall) -> Answer {
    let fresh = call.act(|channel, _, _| Ok(channel.ids.invite_code()))?;
    call.in_group(&id, Right::Rule, |group, _, _| {
        group.set("invite_code", fresh);
        Ok(((), None))
    })?;
    success()
}

/// The group of an invite code, whoever made it.
fn invited_to(call: &GateCall, code: &str) -> Result<Group, Refusal> {
    call.among(|world, own, now_ms| {
        world.linked(own, now_ms)?;
        world.any_group(|group| group.text("invite_code") == code).ok_or_else(|| Refusal::absent("group"))
    })
}

async fn look(Path(code): Path<String>, call: GateCall) -> Answer {
    let group = invited_to(&call, &code)?;
    let names = ["id", "name", "name_at", "participants", "created_at", "created_by"];
    let mut shown: serde_json::Map<String, Value> =
        names.iter().filter_map(|name| Some(((*name).to_owned(), group.get(name)?.clone()))).collect();
    shown.insert("participantsCount".to_owned(), json!(group.members().len()));
    ok(Value::Object(shown))
}

async fn send(Path(code): Path<String>, call: GateCall) -> Answer {
    let body = call.said.body(&[PREVIEWED, &[PREVIEW_TYPE]].concat())?;
    let group = invited_to(&call, &code)?;
    ok(call.act(|channel, switches, now_ms| {
        channel.charge_message(&ids::chat_of(text(&body, "to")), now_ms)?;
        let url = format!("{CHAT_URL}/{code}");
        let mut content = channel.previewed(&body, group.text("name"), &url, now_ms)?;
        content.insert("invite_code".to_owned(), json!(code));
        channel.say("group_invite", &body, Value::Object(content), now_ms, switches)
    })?)
}

async fn applications(Path(id): Path<String>, call: GateCall) -> Answer {
    let page = call.said.page()?;
    ok(call.act(|channel, _, now_ms| {
        channel.need_reads(now_ms)?;
        let (me, group) = (channel.own_number(), channel.known_group(&id)?);
        let seen = group.inside.applications.iter().filter(|_| group.allows(&me, Right::Rule));
        let row = |(who, at_s): &(String, i64)| json!({"chatId": ids::chat_of(who), "request_method": "invite_link", "timestamp": at_s});
        Ok(page.listed("applications", seen.map(row).collect()))
    })?)
}

async fn accept(Path(id): Path<String>, call: GateCall) -> Answer {
    settle(&call, &id, true)
}

async fn reject(Path(id): Path<String>, call: GateCall) -> Answer {
    settle(&call, &id, false)
}

fn settle(call: &GateCall, id: &str, accepted: bool) -> Answer {
    let body = call.said.body(APPLICATION)?;
    let chat = text(&body, "application");
    ok(call.in_group(id, Right::Belong, |group, me, _| {
        let who = ids::number_of(chat).to_owned();
        let asked = group.inside.applications.iter().position(|(applicant, _)| *applicant == who);
        let Some(place) = asked.filter(|_| group.allows(me, Right::Rule)) else {
            return Ok((json!([{"chatId": chat, "success": false, "error": "no such application"}]), None));
        };
        group.inside.applications.remove(place);
        let people = vec![who];
        let moved = if accepted { ("add", group.let_in(&people)) } else { ("rejected_request", people) };
        Ok((json!([{"chatId": chat, "success": true}]), Some(moved)))
    })?)
}
