//! What a newsletter is: whose it is, who follows it, and who may write in it.
//!
//! Newsletters belong to the world and not to a channel, so that one channel's can be found and followed by
//! another. Who somebody is there goes by the linked number.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::groups::PICTURE_URL;
use super::refusal::Refusal;
use super::state::World;
use super::store::text;

/// Where an owner's number says a newsletter is at home.
const COUNTRIES: &[(&str, &str)] = &[
    ("971", "AE"),
    ("973", "BH"),
    ("20", "EG"),
    ("254", "KE"),
    ("965", "KW"),
    ("968", "OM"),
    ("974", "QA"),
    ("966", "SA"),
    ("255", "TZ"),
    ("256", "UG"),
];

/// What somebody is in a newsletter; the greatest is the mightiest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    Guest,
    Subscriber,
    Admin,
    Owner,
}

/// A newsletter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Newsletter {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) invite_code: String,
    pub(crate) pictured: bool,
    pub(crate) created_s: i64,
    pub(crate) named_s: i64,
    /// Numbers, and what each is.
    pub(crate) roles: BTreeMap<String, Role>,
    /// Numbers that are asked to become administrators.
    pub(crate) invited: BTreeSet<String>,
}

impl Newsletter {
    /// What a number is in it.
    pub(crate) fn role(&self, number: &str) -> Role {
        self.roles.get(number).copied().unwrap_or(Role::Guest)
    }

    /// How many follow it.
    pub(crate) fn followers(&self) -> usize {
        self.roles.values().filter(|role| **role != Role::Owner).count()
    }

    /// The country that its owner's number is of.
    pub(crate) fn country(&self) -> Option<&'static str> {
        let owner = self.roles.iter().find(|(_, role)| **role == Role::Owner)?.0;
        COUNTRIES.iter().find(|(prefix, _)| owner.starts_with(prefix)).map(|(_, country)| *country)
    }

    /// As a number sees it.
    pub(crate) fn json(&self, number: &str) -> Value {
        let mut shown = json!({
            "id": self.id,
            "name": self.name,
            "type": "newsletter",
            "timestamp": self.created_s,
            "name_at": self.named_s,
            "created_at": self.created_s,
            "subscribers_count": self.followers(),
            "invite_code": self.invite_code,
            "verification": false,
            "role": self.role(number),
        });
        if let Some(members) = shown.as_object_mut().filter(|_| self.pictured) {
            members.insert("chat_pic".to_owned(), json!(PICTURE_URL));
            members.insert("preview".to_owned(), json!(PICTURE_URL));
        }
        shown
    }

    /// Refuses who is less than this in it.
    pub(crate) fn need(&self, number: &str, least: Role, sentence: &str) -> Result<(), Refusal> {
        let mighty = self.role(number) >= least;
        mighty.then_some(()).ok_or_else(|| Refusal::new(http::StatusCode::UNAUTHORIZED, sentence))
    }
}

impl World {
    /// The newsletter of this id.
    pub(crate) fn newsletter(&mut self, id: &str) -> Result<&mut Newsletter, Refusal> {
        self.newsletters.get_mut(id).ok_or_else(|| Refusal::absent("newsletter"))
    }

    /// The newsletter of this invite code.
    pub(crate) fn newsletter_of(&mut self, code: &str) -> Result<&mut Newsletter, Refusal> {
        let mut all = self.newsletters.values_mut();
        all.find(|newsletter| newsletter.invite_code == code).ok_or_else(|| Refusal::absent("newsletter"))
    }

    /// What was written in a newsletter, oldest first, as a channel sees it.
    pub(crate) fn posts(&self, id: &str, own: &str) -> Vec<Value> {
        let by = |writer: &str, message: &Value| {
            let mut post = message.clone();
            if let Some(from_me) = post.get_mut("from_me") {
                *from_me = json!(writer == own);
            }
            post
        };
        let written = self.channels.values().flat_map(|channel| channel.store.messages.iter().map(|message| (&channel.id, message)));
        let mut posts: Vec<Value> =
            written.filter(|(_, message)| text(message, "chat_id") == id).map(|(writer, message)| by(writer, message)).collect();
        posts.sort_by_key(super::store::at_s);
        posts
    }

    /// Refuses to write in a newsletter to who may not; every other chat is not asked here.
    pub(crate) fn may_post(&self, own: &str, chat: &str) -> Result<(), Refusal> {
        let number = self.channels.get(own).map(super::state::Channel::own_number).unwrap_or_default();
        let known = self.newsletters.get(chat);
        let may = !chat.ends_with("@newsletter") || known.is_some_and(|newsletter| newsletter.role(&number) >= Role::Admin);
        may.then_some(()).ok_or_else(|| Refusal::forbidden("It is forbidden to send to this recipient"))
    }
}
