//! The kinds of message that can be sent: what each request must say, and what the message then
//! holds under the member named like its kind.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::ids::{self, Ids};
use super::refusal::Refusal;
use super::shape::{self, ANY_NUMBER, Field, Kind, may, needs};
use super::store::{Media, Store};

/// The largest media file, in bytes.
pub(crate) const MEDIA_BYTES: usize = 16 * 1024 * 1024;
/// Text shorter than this is not taken for a file in base64.
const BASE64_SHORTEST: usize = 64;

/// What every request says.
pub(crate) const SENDER: &[Field] = &[
    needs("to", Kind::Like(ids::is_recipient)),
    may("quoted", Kind::Like(ids::is_message)),
    may("edit", Kind::Like(ids::is_message)),
    may("mentions", Kind::List(&Kind::Like(ids::is_mention), 0, usize::MAX)),
    may("mime_type", Kind::Text),
    may("no_encode", Kind::Flag),
    may("no_cache", Kind::Flag),
    may("view_once", Kind::Flag),
    may("width", Kind::Whole),
    may("height", Kind::Whole),
    may("caption", Kind::Text),
    may("preview", Kind::Text),
];
/// What a request says to send something that is made already.
pub(crate) const TO: &[Field] =
    &[needs("to", Kind::Like(ids::is_recipient)), may("quoted", Kind::Like(ids::is_message)), may("edit", Kind::Like(ids::is_message))];
/// The same, for what is shown as a link with a preview.
pub(crate) const PREVIEWED: &[Field] = &[
    needs("to", Kind::Like(ids::is_recipient)),
    may("quoted", Kind::Like(ids::is_message)),
    may("edit", Kind::Like(ids::is_message)),
    may("body", Kind::Text),
    may("preview", Kind::Text),
    may("media", Kind::Text),
    may("mime_type", Kind::Text),
    may("no_encode", Kind::Flag),
    may("no_cache", Kind::Flag),
    may("mentions", Kind::List(&Kind::Like(ids::is_mention), 0, usize::MAX)),
];
/// A body that names a file instead of being one.
pub(crate) const NAMED_FILE: &[Field] = &[needs("media", Kind::Text), may("no_encode", Kind::Flag)];
/// Described members of a request that are no part of the message.
const NOT_CONTENT: &[&str] = &[
    "to",
    "quoted",
    "edit",
    "mentions",
    "media",
    "mime_type",
    "no_encode",
    "no_cache",
    "typing_time",
    "no_link_preview",
    "wide_link_preview",
    "recording_time",
    "type",
];

/// One kind of message.
pub(crate) struct MessageKind {
    /// The path after `/messages/` and the type of the message.
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [Field],
    /// What the media's type must begin with; none for kinds without media.
    media: Option<&'static [&'static str]>,
}

const MEDIA: Field = needs("media", Kind::Text);
const SECONDS: Field = may("seconds", Kind::Whole);
const TEXT_OBJECT: Kind = Kind::Object(&[may("text", Kind::Text)]);
const VCARD: &[Field] = &[may("name", Kind::Text), may("vcard", Kind::Text)];
const BUTTON: &[Field] = &[
    needs("type", Kind::OneOf(&["quick_reply", "call", "copy", "url"])),
    needs("title", Kind::Text),
    needs("id", Kind::Text),
    may("copy_code", Kind::Text),
    may("phone_number", Kind::Text),
    may("url", Kind::Text),
    may("merchant_url", Kind::Text),
];
const BUTTONS: Kind = Kind::List(&Kind::Object(BUTTON), 0, usize::MAX);
const ROW: &[Field] = &[may("title", Kind::Text), may("description", Kind::Text), may("id", Kind::Text)];
const SECTION: &[Field] = &[may("title", Kind::Text), may("rows", Kind::List(&Kind::Object(ROW), 0, usize::MAX))];
const SECTIONS: &[Field] = &[needs("sections", Kind::List(&Kind::Object(SECTION), 0, usize::MAX)), needs("label", Kind::Text)];
const ACTION: &[Field] = &[
    may("list", Kind::Object(SECTIONS)),
    may("buttons", BUTTONS),
    may("product", Kind::Object(&[may("catalog_id", Kind::Text), may("product_id", Kind::Text)])),
];
const CARD_MEDIA: Kind = Kind::Object(&[may("media", Kind::Text)]);
const CARD: &[Field] = &[needs("buttons", BUTTONS), needs("media", CARD_MEDIA), needs("id", Kind::Text), may("text", Kind::Text)];
const PLACE: &[Field] = &[
    needs("latitude", ANY_NUMBER),
    needs("longitude", ANY_NUMBER),
    may("accuracy", Kind::Whole),
    may("speed", Kind::Whole),
    may("degrees", Kind::Whole),
    may("address", Kind::Text),
    may("name", Kind::Text),
    may("url", Kind::Text),
    may("comment", Kind::Text),
];

const fn plain(name: &'static str, fields: &'static [Field]) -> MessageKind {
    MessageKind { name, fields, media: None }
}

const fn with_media(name: &'static str, fields: &'static [Field], types: &'static [&'static str]) -> MessageKind {
    MessageKind { name, fields, media: Some(types) }
}

const VIDEOS: &[&str] = &["video/", "image/gif"];
const SOUNDS: &[&str] = &["audio/", "application/ogg", "video/"];

/// All kinds that have a route of their own.
pub(crate) const KINDS: &[MessageKind] = &[
    plain(
        "text",
        &[
            needs("body", Kind::Text),
            may("typing_time", Kind::Number(0.0, 60.0)),
            may("no_link_preview", Kind::Flag),
            may("wide_link_preview", Kind::Flag),
        ],
    ),
    with_media("image", &[MEDIA], &["image/"]),
    with_media("video", &[MEDIA], VIDEOS),
    with_media("short", &[MEDIA], VIDEOS),
    with_media("gif", &[MEDIA, may("autoplay", Kind::Flag)], VIDEOS),
    with_media("audio", &[MEDIA, SECONDS, may("background_color", Kind::Like(ids::is_color))], SOUNDS),
    with_media("voice", &[MEDIA, SECONDS, may("waveform", Kind::Text), may("recording_time", Kind::Number(0.0, f64::MAX))], SOUNDS),
    with_media("document", &[MEDIA, may("filename", Kind::Text)], &[""]),
    with_media("sticker", &[MEDIA, may("animated", Kind::Flag)], &["image/", "video/"]),
    with_media(
        "link_preview",
        &[
            needs("body", Kind::Text),
            needs("title", Kind::Text),
            may("media", Kind::Text),
            may("description", Kind::Text),
            may("canonical", Kind::Text),
        ],
        &["image/"],
    ),
    plain("location", PLACE),
    plain("live_location", PLACE),
    plain("contact", &[needs("name", Kind::Text), needs("vcard", Kind::Text)]),
    plain("contact_list", &[needs("list", Kind::List(&Kind::Object(VCARD), 0, usize::MAX))]),
    plain("poll", &[needs("title", Kind::Text), needs("options", Kind::List(&Kind::Text, 2, 12)), may("count", Kind::Number(0.0, 1.0))]),
    with_media(
        "interactive",
        &[
            needs("action", Kind::Object(ACTION)),
            may("header", TEXT_OBJECT),
            may("body", TEXT_OBJECT),
            may("footer", TEXT_OBJECT),
            may("type", Kind::OneOf(&["list", "button", "product"])),
            may("media", Kind::Text),
        ],
        &["image/", "video/", "application/"],
    ),
    plain("carousel", &[needs("cards", Kind::List(&Kind::Object(CARD), 0, usize::MAX)), may("body", TEXT_OBJECT)]),
];

/// The kind of this name.
pub(crate) fn kind(name: &str) -> Option<&'static MessageKind> {
    KINDS.iter().find(|kind| kind.name == name)
}

impl MessageKind {
    /// Whether this kind carries a file.
    pub(crate) fn is_media(&self) -> bool {
        self.fields.iter().any(|field| field.is("media")) && self.media.is_some()
    }

    /// What the message holds: what the request said, and the file that it named.
    pub(crate) fn content(&self, body: &Value, store: &mut Store, ids: &Ids, now_s: i64) -> Result<Value, Refusal> {
        let mut content = shape::described(&[SENDER, self.fields].concat(), body);
        content.retain(|name, _| !NOT_CONTENT.contains(&name.as_str()));
        if let (Some(types), Some(named)) = (self.media, body.get("media").and_then(Value::as_str)) {
            let mime = body.get("mime_type").and_then(Value::as_str);
            let media = take_media(self.name, named, mime, store, ids, now_s)?;
            if !types.iter().any(|start| media.mime_type.starts_with(start)) {
                return Err(Refusal::unsupported_media());
            }
            content.extend(media.json().as_object().cloned().unwrap_or_default());
        }
        self.finish(&mut content);
        Ok(Value::Object(content))
    }

    fn finish(&self, content: &mut Map<String, Value>) {
        match self.name {
            "poll" => {
                let limit = content.remove("count").unwrap_or(json!(0));
                content.insert("vote_limit".to_owned(), limit);
                content.insert("total".to_owned(), json!(0));
            }
            "document" => {
                if let Some(name) = content.get("filename").cloned() {
                    content.insert("file_name".to_owned(), name);
                }
            }
            _ => {}
        }
    }
}

/// The file that a text names: an address, a file in base64, or the id of one that was sent before.
pub(crate) fn take_media(kind: &str, named: &str, mime: Option<&str>, store: &mut Store, ids: &Ids, now_s: i64) -> Result<Media, Refusal> {
    if let Some(known) = store.media.iter().find(|media| media.id == named) {
        return Ok(known.clone());
    }
    if named.starts_with("http://") || named.starts_with("https://") {
        return Ok(linked(ids, kind, named, mime, now_s));
    }
    let (said, encoded) = match named.strip_prefix("data:").and_then(|rest| rest.split_once(',')) {
        Some((head, encoded)) => (head.split(';').next().filter(|said| !said.is_empty()), encoded),
        None if named.len() >= BASE64_SHORTEST => (None, named),
        None => return Err(no_media()),
    };
    let bytes = STANDARD.decode(encoded.trim()).map_err(|_| no_media())?;
    let media = stored(ids, said.or(mime).unwrap_or_else(|| usual_type(kind)), None, &bytes, now_s)?;
    store.keep_media(media.clone());
    Ok(media)
}

fn no_media() -> Refusal {
    Refusal::new(http::StatusCode::NOT_FOUND, "Media with specified id not found")
}

/// A file of these bytes.
pub(crate) fn stored(ids: &Ids, mime: &str, file_name: Option<String>, bytes: &[u8], now_s: i64) -> Result<Media, Refusal> {
    if bytes.len() > MEDIA_BYTES {
        return Err(Refusal::too_large());
    }
    Ok(Media {
        id: ids.media_id(mime.rsplit('/').next().unwrap_or("file")),
        mime_type: mime.to_owned(),
        file_name,
        base64: STANDARD.encode(bytes),
        size: bytes.len(),
        link: None,
        at_s: now_s,
    })
}

// Nothing is fetched: the sandbox calls nobody but webhooks.
fn linked(ids: &Ids, kind: &str, url: &str, mime: Option<&str>, now_s: i64) -> Media {
    Media {
        id: ids.media_id(kind),
        mime_type: mime.unwrap_or_else(|| usual_type(kind)).to_owned(),
        file_name: None,
        base64: String::new(),
        size: 0,
        link: Some(url.to_owned()),
        at_s: now_s,
    }
}

fn usual_type(kind: &str) -> &'static str {
    match kind {
        "image" | "link_preview" | "interactive" => "image/jpeg",
        "video" | "short" | "gif" => "video/mp4",
        "audio" => "audio/mpeg",
        "voice" => "audio/ogg",
        "sticker" => "image/webp",
        _ => "application/octet-stream",
    }
}
