//! The manager's channels, for the partner's token:
//!
//! - `PUT /channels`
//! - `GET /channels/list`, `GET /channels/list/{ProjectID}`
//! - `GET · PATCH · DELETE /channels/{ChannelID}`
//! - `POST /channels/{ChannelID}/start · /stop · /restart · /extend`
//! - `PATCH /channels/{ChannelID}/mode`
//!
//! Lists come in the order of the ids, which is no order that a caller could use: a channel made
//! or deleted between two pages moves the rows. Optional members are sometimes left out.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, patch, post, put};
use serde_json::{Value, json};

use super::Core;
use super::account::Custom;
use super::call::{ManagerCall, Page};
use super::ids;
use super::refusal::{Answer, ok, success};
use super::shape::{ANY_NUMBER, Field, Kind, may, needs};
use super::state::{Channel, Mode, World};

/// In how many answers one leaves its optional members out.
const LEFT_OUT_ONE_IN: u64 = 3;
/// In how many answers to an extension one says the new end.
const TILL_SAID_ONE_IN: u64 = 2;

const CUSTOM: &[Field] = &[
    needs("name", Kind::Text),
    needs("projectId", Kind::Text),
    may("phone", Kind::Like(ids::is_contact)),
    may("recurrentPaymentId", Kind::Text),
    may("prevRecurrentPaymentId", Kind::Text),
];
const EXTENSION: &[Field] = &[
    needs("days", ANY_NUMBER),
    needs("comment", Kind::Text),
    may("amount", ANY_NUMBER),
    may("currency", Kind::OneOf(&["USD", "RUB", "BRL", "MXN", "INR"])),
];
const STOP: &[Field] = &[may("saveDays", Kind::Flag)];
const MODE: &[Field] = &[may("mode", Kind::OneOf(&["trial", "dev", "dev_archive", "live"]))];
const LIST: &[Field] = &[may("uid", Kind::Like(ids::is_user))];

/// The routes.
pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/channels", put(create))
        .route("/channels/list", get(list))
        .route("/channels/list/{project}", get(list_of_project))
        .route("/channels/{channel}", get(read).patch(change).delete(delete))
        .route("/channels/{channel}/start", post(start))
        .route("/channels/{channel}/stop", post(stop))
        .route("/channels/{channel}/restart", post(restart))
        .route("/channels/{channel}/extend", post(extend))
        .route("/channels/{channel}/mode", patch(set_mode))
}

async fn create(call: ManagerCall) -> Answer {
    let custom = custom(&call.said.body(CUSTOM)?);
    let api_url = call.core.api_url();
    ok(call.act(|world, now_ms| {
        let id = world.create(custom, now_ms)?;
        Ok(shown(world, &id, &api_url))
    })?)
}

async fn list(call: ManagerCall) -> Answer {
    let query = call.said.query(LIST)?;
    let asked = query.get("uid").and_then(Value::as_str).unwrap_or("me").to_owned();
    let (page, api_url) = (call.said.page()?, call.core.api_url());
    ok(call.act(|world, _| {
        let mine = asked == "me" || asked == world.partner.owner_id;
        Ok(listed(world, page, &api_url, |_| mine))
    })?)
}

async fn list_of_project(Path(project): Path<String>, call: ManagerCall) -> Answer {
    let (page, api_url) = (call.said.page()?, call.core.api_url());
    ok(call.act(|world, _| {
        let project = world.project_id(&project)?;
        Ok(listed(world, page, &api_url, |channel| channel.project_id == project))
    })?)
}

async fn read(Path(id): Path<String>, call: ManagerCall) -> Answer {
    let api_url = call.core.api_url();
    ok(call.act(|world, _| {
        world.channel(&id)?;
        Ok(shown(world, &id, &api_url))
    })?)
}

async fn change(Path(id): Path<String>, call: ManagerCall) -> Answer {
    let custom = custom(&call.said.body(CUSTOM)?);
    call.act(|world, _| {
        world.channel(&id)?;
        let project_id = world.project_id(&custom.project)?;
        let channel = world.channel(&id)?;
        channel.name = custom.name;
        channel.project_id = project_id;
        channel.phone = custom.phone.unwrap_or_else(|| channel.phone.clone());
        channel.payment_id = custom.payment_id.or(channel.payment_id.take());
        channel.previous_payment_id = custom.previous_payment_id.or(channel.previous_payment_id.take());
        Ok(())
    })?;
    success()
}

async fn delete(Path(id): Path<String>, call: ManagerCall) -> Answer {
    call.act(|world, now_ms| world.delete(&id, now_ms))?;
    success()
}

async fn start(Path(id): Path<String>, call: ManagerCall) -> Answer {
    call.act(|world, now_ms| world.start(&id, now_ms))?;
    success()
}

async fn stop(Path(id): Path<String>, call: ManagerCall) -> Answer {
    let body = call.said.body(STOP)?;
    let save_days = body.get("saveDays").and_then(Value::as_bool).unwrap_or(false);
    call.act(|world, now_ms| world.stop(&id, save_days, now_ms))?;
    success()
}

async fn restart(Path(id): Path<String>, call: ManagerCall) -> Answer {
    call.act(|world, now_ms| world.restart(&id, now_ms))?;
    success()
}

async fn extend(Path(id): Path<String>, call: ManagerCall) -> Answer {
    let body = call.said.body(EXTENSION)?;
    let days = body.get("days").and_then(Value::as_f64).unwrap_or_default();
    let comment = body.get("comment").and_then(Value::as_str).unwrap_or_default();
    ok(call.act(|world, now_ms| {
        let till_ms = world.extend(&id, days, comment, now_ms)?;
        let says_till = world.leaves_out(TILL_SAID_ONE_IN);
        Ok(if says_till { json!({"success": true, "activeTill": till_ms}) } else { json!({"success": true}) })
    })?)
}

async fn set_mode(Path(id): Path<String>, call: ManagerCall) -> Answer {
    let body = call.said.body(MODE)?;
    let mode: Option<Mode> = body.get("mode").and_then(|mode| serde_json::from_value(mode.clone()).ok());
    call.act(|world, _| match mode {
        Some(mode) => world.set_mode(&id, mode),
        None => world.channel(&id).map(|_| ()),
    })?;
    success()
}

fn custom(body: &Value) -> Custom {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    Custom {
        name: text("name").unwrap_or_default(),
        project: text("projectId").unwrap_or_default(),
        phone: text("phone"),
        payment_id: text("recurrentPaymentId"),
        previous_payment_id: text("prevRecurrentPaymentId"),
    }
}

/// A list of channels in its envelope.
fn listed(world: &mut World, page: Page, api_url: &str, wanted: impl Fn(&Channel) -> bool) -> Value {
    let ids: Vec<String> = world.channels.values().filter(|channel| wanted(channel)).map(|channel| channel.id.clone()).collect();
    let total = ids.len();
    let rows: Vec<Value> = page.of(ids).iter().map(|id| shown(world, id, api_url)).collect();
    json!({"count": rows.len(), "total": total, "offset": page.offset, "channels": rows})
}

/// A channel as the manager shows it.
pub(crate) fn shown(world: &mut World, id: &str, api_url: &str) -> Value {
    let bare = world.leaves_out(LEFT_OUT_ONE_IN);
    let owner_id = world.partner.owner_id.clone();
    world.channels.get(id).map_or(Value::Null, |channel| channel.json(&owner_id, api_url, bare))
}

impl Channel {
    /// `bare` leaves out what the description lets be left out and what the vendor's own
    /// sample lacks; an absent mode means live.
    fn json(&self, owner_id: &str, api_url: &str, bare: bool) -> Value {
        let mut shown = json!({
            "apiUrl": api_url,
            "id": self.id,
            "creationTS": self.created_ms,
            "ownerId": owner_id,
            "activeTill": self.active_till_ms,
            "token": self.token,
            "server": 6,
            "stopped": self.stopped,
            "name": self.name,
            "projectId": self.project_id,
        });
        let mut set = |name: &str, value: Value, said: bool| {
            if let (true, Some(members)) = (said, shown.as_object_mut()) {
                members.insert(name.to_owned(), value);
            }
        };
        set("status", json!("active"), !bare);
        set("trial", json!(self.trial_ms), !bare);
        set("mode", json!(self.mode), !bare || self.mode != Mode::Live);
        set("phone", json!(self.phone), !self.phone.is_empty());
        set("recurrentPaymentId", json!(self.payment_id), self.payment_id.is_some());
        set("prevRecurrentPaymentId", json!(self.previous_payment_id), self.previous_payment_id.is_some());
        shown
    }
}
