//! Stories at the gate, for a channel's token:
//!
//! - `GET · POST /stories`, `GET · PUT /stories/{MessageID}`
//! - `POST /stories/send/{text, media, audio}`, and the same under `POST /messages/story`
//!
//! A story is a message of the type `story` in the chat `stories`; after 24 hours it is no story any more,
//! though its message is still in the lists. To copy one is to post it again.

use axum::Router;
use axum::extract::Path;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::Core;
use super::call::GateCall;
use super::content::take_media;
use super::ids;
use super::messages::{FILTER, passes};
use super::refusal::{Answer, Refusal, ok};
use super::send::insert;
use super::shape::{Field, Kind, may, needs};
use super::state::{Channel, DAY_MS, Switches};
use super::store::{at_s, text};

/// The chat that all stories are in.
const CHAT: &str = "stories";
const AUDIENCE: Kind = Kind::List(&Kind::Like(ids::is_contact), 0, usize::MAX);
const FONTS: &[&str] = &[
    "SYSTEM",
    "SYSTEM_TEXT",
    "FB_SCRIPT",
    "SYSTEM_BOLD",
    "MORNINGBREEZE_REGULAR",
    "CALISTOGA_REGULAR",
    "EXO2_EXTRABOLD",
    "COURIERPRIME_BOLD",
];
const TO_WHOM: &[Field] = &[may("contacts", AUDIENCE), may("exclude_contacts", AUDIENCE)];
const COLORS: &[Field] = &[
    may("background_color", Kind::Like(ids::is_color)),
    may("caption_color", Kind::Like(ids::is_color)),
    may("font_type", Kind::OneOf(FONTS)),
];
const FILE: &[Field] = &[
    may("mime_type", Kind::Text),
    may("no_encode", Kind::Flag),
    may("no_cache", Kind::Flag),
    may("preview", Kind::Text),
    may("seconds", Kind::Whole),
    may("width", Kind::Whole),
    may("height", Kind::Whole),
];
const CAPTION: Field = may("caption", Kind::Text);
/// What of a request about a file is told of it.
const TOLD: &[&str] = &["caption", "preview", "seconds", "width", "height"];

/// What a route takes.
#[derive(Clone, Copy)]
enum Sort {
    Any,
    Text,
    Media,
    Audio,
}

impl Sort {
    fn fields(self) -> Vec<Field> {
        let own: &[Field] = match self {
            Self::Any => &[CAPTION, may("media", Kind::Text)],
            Self::Text => &[needs("caption", Kind::Text)],
            Self::Media => &[CAPTION, needs("media", Kind::Text)],
            Self::Audio => &[needs("media", Kind::Text)],
        };
        [TO_WHOM, COLORS, FILE, own].concat()
    }

    /// The kinds of file it takes: the member of the message, and how its types begin.
    fn takes(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Any => &[("image", "image/"), ("video", "video/"), ("audio", "audio/")],
            Self::Text => &[],
            Self::Media => &[("image", "image/"), ("video", "video/")],
            Self::Audio => &[("audio", "audio/"), ("audio", "application/ogg"), ("audio", "video/")],
        }
    }
}

/// The routes.
pub(crate) fn router() -> Router<Core> {
    let sent = |sort: Sort| post(move |call: GateCall| publish(sort, call));
    Router::new()
        .route("/stories", get(list).post(|call: GateCall| publish(Sort::Any, call)))
        .route("/stories/send/text", sent(Sort::Text))
        .route("/stories/send/media", sent(Sort::Media))
        .route("/stories/send/audio", sent(Sort::Audio))
        .route("/stories/{message}", get(read).put(copy))
        .route("/messages/story", sent(Sort::Any))
        .route("/messages/story/text", sent(Sort::Text))
        .route("/messages/story/media", sent(Sort::Media))
        .route("/messages/story/audio", sent(Sort::Audio))
}

async fn publish(sort: Sort, call: GateCall) -> Answer {
    let body = call.said.body(&sort.fields())?;
    ok(call.act(|channel, switches, now_ms| {
        channel.need_link(now_ms)?;
        channel.charge_story(now_ms)?;
        let (member, content) = channel.story_content(sort, &body, now_ms)?;
        Ok(channel.post_story(member, content, now_ms, switches))
    })?)
}

async fn list(call: GateCall) -> Answer {
    let (filter, page) = (call.said.query(FILTER)?, call.said.page()?);
    ok(call.act(|channel, _, now_ms| {
        channel.need_reads(now_ms)?;
        let fresh = channel.store.messages.iter().rev().filter(|message| is_story(message, now_ms));
        Ok(page.listed("messages", fresh.filter(|message| passes(&filter, message)).cloned().collect()))
    })?)
}

async fn read(Path(id): Path<String>, call: GateCall) -> Answer {
    ok(call.act(|channel, _, now_ms| {
        channel.need_reads(now_ms)?;
        channel.known_story(&id, now_ms)
    })?)
}

async fn copy(Path(id): Path<String>, call: GateCall) -> Answer {
    call.said.body(TO_WHOM)?;
    call.act(|channel, switches, now_ms| {
        channel.need_link(now_ms)?;
        let story = channel.known_story(&id, now_ms)?;
        let held = ["text", "image", "video", "audio"].into_iter().find_map(|member| Some((member, story.get(member)?.clone())));
        let (member, content) = held.ok_or_else(|| Refusal::absent("story"))?;
        Ok(channel.post_story(member, content, now_ms, switches))
    })?;
    Ok((StatusCode::CREATED, axum::Json(json!({"success": true}))).into_response())
}

fn is_story(message: &Value, now_ms: i64) -> bool {
    text(message, "chat_id") == CHAT && at_s(message) * 1_000 + DAY_MS > now_ms
}

impl Channel {
    fn known_story(&mut self, id: &str, now_ms: i64) -> Result<Value, Refusal> {
        let found = self.store.message(id).filter(|message| is_story(message, now_ms));
        found.cloned().ok_or_else(|| Refusal::absent("story"))
    }

    fn post_story(&mut self, member: &str, content: Value, now_ms: i64, switches: &Switches) -> Value {
        let mut story = self.outgoing_message("story", CHAT, now_ms);
        insert(&mut story, member, content);
        self.post(story, now_ms, switches)
    }

    // A file where one is named, else the caption as a text.
    fn story_content(&mut self, sort: Sort, body: &Value, now_ms: i64) -> Result<(&'static str, Value), Refusal> {
        let Some(named) = body.get("media").and_then(Value::as_str) else {
            let caption = body.get("caption").ok_or_else(|| Refusal::wrong("media or caption is required"))?;
            return Ok(("text", json!({ "body": caption })));
        };
        let mime = body.get("mime_type").and_then(Value::as_str);
        let likely = sort.takes().first().map_or("image", |(member, _)| member);
        let own_ids = self.ids.clone();
        let media = take_media(likely, named, mime, &mut self.store, &own_ids, now_ms.div_euclid(1_000))?;
        let taken = sort.takes().iter().find(|(_, start)| media.mime_type.starts_with(start));
        let (member, _) = taken.ok_or_else(Refusal::unsupported_media)?;
        let mut content: Map<String, Value> = media.json().as_object().cloned().unwrap_or_default();
        content.extend(TOLD.iter().filter_map(|name| Some(((*name).to_owned(), body.get(*name)?.clone()))));
        Ok((member, Value::Object(content)))
    }
}
