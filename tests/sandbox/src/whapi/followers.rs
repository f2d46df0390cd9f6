//! Who follows and who runs a newsletter, for a channel's token:
//!
//! - `POST · DELETE /newsletters/{NewsletterID}/subscription`, the same under `…/invite/{NewsletterInviteCode}`
//! - `POST /newsletters/{NewsletterID}/tracking`
//! - `POST · DELETE /newsletters/{NewsletterID}/invite/{ContactID}`, `PUT · DELETE …/admins/{ContactID}`
//! - `GET · POST /newsletters/link/{NewsletterInviteCode}`
//!
//! An owner does not unfollow, and becomes no less than an owner.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post, put};
use serde_json::{Value, json};

use super::Core;
use super::call::GateCall;
use super::contacts::is_on_whatsapp;
use super::content::PREVIEWED;
use super::newsletter::{Newsletter, Role};
use super::refusal::{Answer, Refusal, ok, success};
use super::shape::{Field, Kind, may};
use super::state::{DAY_MS, World};
use super::store::text;

const MESSAGE: &[Field] = &[may("message", Kind::Text)];
const PREVIEWS: &[&str] = &["newsletter_picture", "thumbnail", "media", "style1", "style2", "style3", "none"];
const PREVIEW_TYPE: Field = may("preview_type", Kind::OneOf(PREVIEWS));
/// Where WhatsApp opens a newsletter's invite code.
const CHANNEL_URL: &str = "https://whatsapp.com/channel";
/// How long somebody is asked to become an administrator, in days.
const ASKED_FOR_DAYS: i64 = 7;
const RUNS: &str = "Need admin permissions for edit newsletter";

/// The routes.
pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/newsletters/{newsletter}/subscription", post(follow).delete(unfollow))
        .route("/newsletters/invite/{code}/subscription", post(follow_by_code).delete(unfollow_by_code))
        .route("/newsletters/{newsletter}/tracking", post(track))
        .route("/newsletters/{newsletter}/invite/{contact}", post(ask).delete(ask_no_more))
        .route("/newsletters/{newsletter}/admins/{contact}", put(accept).delete(demote))
        .route("/newsletters/link/{code}", get(look).post(send))
}

type Found<'world> = Result<&'world mut Newsletter, Refusal>;

fn in_newsletter(
    call: &GateCall,
    find: impl FnOnce(&mut World) -> Found<'_>,
    change: impl FnOnce(&mut Newsletter, String) -> Result<(), Refusal>,
) -> Answer {
    call.among(|world, own, now_ms| {
        let me = world.linked(own, now_ms)?.own_number();
        change(find(world)?, me)
    })?;
    success()
}

impl Newsletter {
    fn gain(&mut self, number: String) -> Result<(), Refusal> {
        self.roles.entry(number).or_insert(Role::Subscriber);
        Ok(())
    }

    fn lose(&mut self, number: &str) -> Result<(), Refusal> {
        match self.role(number) {
            Role::Owner => Err(Refusal::wrong("the owner follows it always")),
            Role::Guest => Err(Refusal::absent("newsletter")),
            Role::Subscriber | Role::Admin => {
                self.roles.remove(number);
                Ok(())
            }
        }
    }
}

async fn follow(Path(id): Path<String>, call: GateCall) -> Answer {
    in_newsletter(&call, |world| world.newsletter(&id), Newsletter::gain)
}

async fn unfollow(Path(id): Path<String>, call: GateCall) -> Answer {
    in_newsletter(&call, |world| world.newsletter(&id), |newsletter, me| newsletter.lose(&me))
}

async fn follow_by_code(Path(code): Path<String>, call: GateCall) -> Answer {
    in_newsletter(&call, |world| world.newsletter_of(&code), Newsletter::gain)
}

async fn unfollow_by_code(Path(code): Path<String>, call: GateCall) -> Answer {
    in_newsletter(&call, |world| world.newsletter_of(&code), |newsletter, me| newsletter.lose(&me))
}

// Who votes is told in webhooks to who tracks; nobody votes here.
async fn track(Path(id): Path<String>, call: GateCall) -> Answer {
    in_newsletter(&call, |world| world.newsletter(&id), |_, _| Ok(()))
}

async fn ask(Path((id, contact)): Path<(String, String)>, call: GateCall) -> Answer {
    let body = call.said.body(MESSAGE)?;
    let (name, own_id) = call.among(|world, own, now_ms| {
        let me = world.linked(own, now_ms)?.own_number();
        let newsletter = world.newsletter(&id)?;
        newsletter.need(&me, Role::Admin, RUNS)?;
        if !is_on_whatsapp(&contact) {
            return Err(Refusal::absent("contact"));
        }
        newsletter.invited.insert(contact.clone());
        Ok((newsletter.name.clone(), newsletter.id.clone()))
    })?;
    ok(call.act(|channel, switches, now_ms| {
        let expires_s = (now_ms + ASKED_FOR_DAYS * DAY_MS).div_euclid(1_000);
        let content = json!({"body": text(&body, "message"), "newsletter_id": own_id, "newsletter_name": name, "expiration": expires_s});
        channel.say("admin_invite", &json!({ "to": contact }), content, now_ms, switches)
    })?)
}

async fn ask_no_more(Path((id, contact)): Path<(String, String)>, call: GateCall) -> Answer {
    in_newsletter(
        &call,
        |world| world.newsletter(&id),
        |newsletter, me| {
            newsletter.need(&me, Role::Admin, RUNS)?;
            newsletter.invited.remove(&contact).then_some(()).ok_or_else(|| Refusal::absent("contact"))
        },
    )
}

async fn accept(Path((id, contact)): Path<(String, String)>, call: GateCall) -> Answer {
    in_newsletter(
        &call,
        |world| world.newsletter(&id),
        |newsletter, _| {
            let asked = newsletter.invited.remove(&contact);
            asked.then_some(()).ok_or_else(|| Refusal::absent("contact"))?;
            let role = newsletter.role(&contact).max(Role::Admin);
            newsletter.roles.insert(contact, role);
            Ok(())
        },
    )
}

async fn demote(Path((id, contact)): Path<(String, String)>, call: GateCall) -> Answer {
    in_newsletter(
        &call,
        |world| world.newsletter(&id),
        |newsletter, me| {
            newsletter.need(&me, Role::Owner, "Need to be owner of newsletter")?;
            if newsletter.role(&contact) != Role::Admin {
                return Err(Refusal::absent("contact"));
            }
            newsletter.roles.insert(contact, Role::Subscriber);
            Ok(())
        },
    )
}

async fn look(Path(code): Path<String>, call: GateCall) -> Answer {
    ok(call.among(|world, own, now_ms| {
        let me = world.linked(own, now_ms)?.own_number();
        Ok(world.newsletter_of(&code)?.json(&me))
    })?)
}

async fn send(Path(code): Path<String>, call: GateCall) -> Answer {
    let body = call.said.body(&[PREVIEWED, &[PREVIEW_TYPE]].concat())?;
    let (id, name) = call.among(|world, own, now_ms| {
        world.linked(own, now_ms)?;
        world.newsletter_of(&code).map(|newsletter| (newsletter.id.clone(), newsletter.name.clone()))
    })?;
    ok(call.act(|channel, switches, now_ms| {
        let mut content = channel.previewed(&body, &name, &format!("{CHANNEL_URL}/{code}"), now_ms)?;
        content.insert("newsletter_id".to_owned(), json!(id));
        channel.say("newsletter_invite", &body, Value::Object(content), now_ms, switches)
    })?)
}
