//! Contacts and presences at the gate, for a channel's token:
//!
//! - `GET · POST · PUT /contacts`, `GET · HEAD · POST · PATCH · DELETE /contacts/{ContactID}`,
//!   `GET /contacts/{ContactID}/profile`
//! - `GET /contacts/lids`, `GET /contacts/lids/{ContactID}`
//! - `PUT /presences/me`, `GET · POST · PUT /presences/{EntryID}`
//!
//! Every well-formed number that does not begin with three zeros is on WhatsApp.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, put};
use serde_json::{Value, json};

use super::Core;
use super::call::GateCall;
use super::content::TO;
use super::ids;
use super::refusal::{Answer, Refusal, ok, success};
use super::shape::{Field, Kind, may, needs};
use super::state::Channel;
use super::store::text;

const CHECK: &[Field] = &[needs("contacts", Kind::List(&Kind::Text, 0, usize::MAX)), may("force_check", Kind::Flag)];
const NEW_CONTACT: &[Field] = &[needs("phone", Kind::Like(ids::is_contact)), needs("name", Kind::Text)];
const NAME: &[Field] = &[needs("name", Kind::Text)];
const CARD_NAME: Field = may("name", Kind::Text);
const WHOSE: &[Field] = &[needs("ContactIDList", Kind::List(&Kind::Like(ids::is_contact), 1, usize::MAX))];
const MY_PRESENCE: &[Field] = &[needs("presence", Kind::OneOf(&["online", "offline"]))];
const PRESENCE: &[Field] = &[needs("presence", Kind::OneOf(&["typing", "recording", "pause"])), may("delay", Kind::Number(0.0, f64::MAX))];

/// The routes.
pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/contacts", get(contacts).post(check).put(add_contact))
        .route("/contacts/{contact}", get(contact).head(exists).post(send_contact).patch(rename).delete(delete_contact))
        .route("/contacts/lids", get(lids))
        .route("/contacts/lids/{contact}", get(lid))
        .route("/contacts/{contact}/profile", get(profile))
        .route("/presences/me", put(my_presence))
        .route("/presences/{entry}", get(presence).post(subscribe).put(show_presence))
}

async fn contacts(call: GateCall) -> Answer {
    let page = call.said.page()?;
    ok(call.act(|channel, _, now_ms| {
        channel.need_reads(now_ms)?;
        let all: Vec<Value> = channel.store.contacts.iter().map(|(id, name)| contact_json(id, name)).collect();
        let (total, rows) = (all.len(), page.of(all));
        Ok(json!({"contacts": rows, "count": rows.len(), "total": total, "offset": page.offset}))
    })?)
}

async fn check(call: GateCall) -> Answer {
    let body = call.said.body(CHECK)?;
    let asked: Vec<String> =
        body.get("contacts").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.charge_checks(asked.len(), now_ms)?;
        let checked: Vec<Value> = asked.iter().map(|input| checked(input)).collect();
        Ok(json!({ "contacts": checked }))
    })?)
}

fn checked(input: &str) -> Value {
    let digits: String = input.chars().filter(char::is_ascii_digit).collect();
    if is_on_whatsapp(&digits) {
        json!({"input": input, "status": "valid", "wa_id": digits})
    } else {
        json!({"input": input, "status": "invalid"})
    }
}

/// Whether a number can be written to.
pub(crate) fn is_on_whatsapp(number: &str) -> bool {
    !number.is_empty() && ids::is_contact(number) && !number.starts_with("000")
}

async fn add_contact(call: GateCall) -> Answer {
    let body = call.said.body(NEW_CONTACT)?;
    let (number, name) = (text(&body, "phone").to_owned(), text(&body, "name").to_owned());
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        if channel.store.contacts.contains_key(&number) {
            return Err(Refusal::conflict("Contact already exists"));
        }
        let shown = contact_json(&number, &name);
        channel.store.contacts.insert(number, name);
        channel.emit("contacts", "post", "contacts", json!([shown]));
        Ok(shown)
    })?)
}

async fn contact(Path(id): Path<String>, call: GateCall) -> Answer {
    ok(call.act(|channel, _, now_ms| {
        channel.need_reads(now_ms)?;
        channel.known_contact(&id).map(|name| contact_json(&id, &name))
    })?)
}

async fn exists(Path(id): Path<String>, call: GateCall) -> Answer {
    call.act(|channel, _, now_ms| channel.charge_checks(1, now_ms))?;
    if is_on_whatsapp(&id) { success() } else { Err(Refusal::absent("contact")) }
}

async fn rename(Path(id): Path<String>, call: GateCall) -> Answer {
    let body = call.said.body(NAME)?;
    ok(call.act(|channel, _, _| {
        channel.known_contact(&id)?;
        let name = text(&body, "name").to_owned();
        let shown = contact_json(&id, &name);
        channel.store.contacts.insert(id.clone(), name);
        Ok(shown)
    })?)
}

async fn delete_contact(Path(id): Path<String>, call: GateCall) -> Answer {
    call.act(|channel, _, _| {
        channel.known_contact(&id)?;
        channel.store.contacts.remove(&id);
        Ok(())
    })?;
    success()
}

async fn send_contact(Path(id): Path<String>, call: GateCall) -> Answer {
    let body = call.said.body(&[TO, &[CARD_NAME]].concat())?;
    ok(call.act(|channel, switches, now_ms| {
        channel.need_link(now_ms)?;
        let known = channel.known_contact(&id)?;
        let name = body.get("name").and_then(Value::as_str).unwrap_or(&known).to_owned();
        let vcard = format!("BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nTEL;type=CELL;waid={id}:+{id}\nEND:VCARD");
        channel.say("contact", &body, json!({"name": name, "vcard": vcard}), now_ms, switches)
    })?)
}

async fn lids(call: GateCall) -> Answer {
    let query = call.said.query(WHOSE)?;
    call.act(|channel, _, now_ms| channel.need_link(now_ms))?;
    let asked = query.get("ContactIDList").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let known = asked.filter(|number| is_on_whatsapp(number));
    ok(Value::Object(known.map(|number| (number.to_owned(), json!({"lid": ids::lid_of(number)}))).collect()))
}

async fn lid(Path(id): Path<String>, call: GateCall) -> Answer {
    call.act(|channel, _, now_ms| channel.need_link(now_ms))?;
    let no_user = || Refusal::new(http::StatusCode::NOT_FOUND, "User not found");
    is_on_whatsapp(&id).then(|| json!({"lid": ids::lid_of(&id)})).map_or_else(|| Err(no_user()), ok)
}

async fn profile(Path(id): Path<String>, call: GateCall) -> Answer {
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        channel.charge_request(now_ms)?;
        is_on_whatsapp(&id).then(|| json!({"name": channel.store.name_of(&id), "about": ""})).ok_or_else(|| Refusal::absent("contact"))
    })?)
}

fn contact_json(number: &str, name: &str) -> Value {
    json!({"id": number, "name": name, "pushname": name, "saved": true})
}

async fn my_presence(call: GateCall) -> Answer {
    call.said.body(MY_PRESENCE)?;
    call.act(|channel, _, now_ms| channel.need_link(now_ms))?;
    ok(json!({"contacts": []}))
}

async fn presence(Path(id): Path<String>, call: GateCall) -> Answer {
    call.act(|channel, _, now_ms| channel.need_link(now_ms))?;
    let number = ids::number_of(&id);
    if !is_on_whatsapp(number) {
        return Err(Refusal::absent("contact"));
    }
    ok(json!({"contact_id": number, "status": "offline"}))
}

async fn subscribe(Path(id): Path<String>, call: GateCall) -> Answer {
    shown_presence(&call, &id)
}

async fn show_presence(Path(id): Path<String>, call: GateCall) -> Answer {
    call.said.body(PRESENCE)?;
    shown_presence(&call, &id)
}

fn shown_presence(call: &GateCall, id: &str) -> Answer {
    call.act(|channel, _, now_ms| channel.need_link(now_ms))?;
    let number = ids::number_of(id);
    if is_on_whatsapp(number) { ok(json!({"contacts": [checked(number)]})) } else { Err(Refusal::absent("contact")) }
}

impl Channel {
    fn known_contact(&self, id: &str) -> Result<String, Refusal> {
        self.store.contacts.get(id).cloned().ok_or_else(|| Refusal::absent("contact"))
    }
}
