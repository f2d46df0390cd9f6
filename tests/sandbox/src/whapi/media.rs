//! Media files at the gate, for a channel's token:
//!
//! - `POST /media`: the body is the file, a form with files, or JSON that names one
//! - `GET /media`
//! - `GET · DELETE /media/{MediaID}`

use axum::Router;
use axum::extract::Path;
use axum::response::IntoResponse;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header;
use serde_json::{Value, json};

use super::call::{GateCall, Said};
use super::content::{NAMED_FILE, stored, take_media};
use super::ids::Ids;
use super::refusal::{Answer, Refusal, ok, success};
use super::store::{Media, Store, text};
use super::{Core, multipart};

/// A file as it was sent: its type and its bytes.
type Sent = (String, Vec<u8>);

/// The routes.
pub(crate) fn router() -> Router<Core> {
    Router::new().route("/media", get(list).post(upload)).route("/media/{media}", get(read).delete(delete))
}

async fn upload(call: GateCall) -> Answer {
    if call.said.is_json() {
        let named = text(&call.said.body(NAMED_FILE)?, "media").to_owned();
        let no_file = |_| Refusal::wrong("media is wrong");
        return keep(&call, |store, ids, now_s| {
            take_media("image", &named, None, store, ids, now_s).map(|media| vec![media]).map_err(no_file)
        });
    }
    let files = files_of(&call.said)?;
    keep(&call, |_, ids, now_s| files.iter().map(|(mime, bytes)| stored(ids, mime, None, bytes, now_s)).collect())
}

fn keep(call: &GateCall, take: impl FnOnce(&mut Store, &Ids, i64) -> Result<Vec<Media>, Refusal>) -> Answer {
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        let own_ids = channel.ids.clone();
        let files = take(&mut channel.store, &own_ids, now_ms.div_euclid(1_000))?;
        let ids: Vec<Value> = files.iter().map(|media| json!({"id": media.id})).collect();
        files.into_iter().for_each(|media| channel.store.keep_media(media));
        Ok(json!({ "media": ids }))
    })?)
}

fn files_of(said: &Said) -> Result<Vec<Sent>, Refusal> {
    let files = match multipart::boundary(&said.content_type).filter(|_| said.content_type.starts_with("multipart/")) {
        Some(boundary) => multipart::pairs(&said.bytes, &boundary).iter().filter_map(|(_, text)| file_of(text)).collect(),
        None if said.bytes.is_empty() => Vec::new(),
        None => vec![(said.content_type.clone(), said.bytes.to_vec())],
    };
    if files.is_empty() { Err(Refusal::wrong("the body must be a file")) } else { Ok(files) }
}

fn file_of(data_uri: &str) -> Option<Sent> {
    let (head, encoded) = data_uri.strip_prefix("data:")?.split_once(";base64,")?;
    Some((head.to_owned(), STANDARD.decode(encoded).ok()?))
}

async fn list(call: GateCall) -> Answer {
    call.said.query(super::messages::FILTER)?;
    let page = call.said.page()?;
    ok(call.act(|channel, _, now_ms| {
        channel.need_reads(now_ms)?;
        let total = channel.store.media.len();
        let rows: Vec<Value> = page.of(channel.store.media.iter().rev()).into_iter().map(Media::json).collect();
        Ok(json!({"files": rows, "count": rows.len(), "total": total, "offset": page.offset}))
    })?)
}

async fn read(Path(id): Path<String>, call: GateCall) -> Answer {
    let media = call.act(|channel, _, now_ms| {
        channel.need_reads(now_ms)?;
        let found = channel.store.media.iter().find(|media| media.id == id).cloned();
        found.ok_or_else(|| Refusal::absent("media"))
    })?;
    let bytes = STANDARD.decode(&media.base64).unwrap_or_default();
    Ok(([(header::CONTENT_TYPE, media.mime_type)], bytes).into_response())
}

async fn delete(Path(id): Path<String>, call: GateCall) -> Answer {
    call.act(|channel, _, _| {
        let before = channel.store.media.len();
        channel.store.media.retain(|media| media.id != id);
        (channel.store.media.len() < before).then_some(()).ok_or_else(|| Refusal::absent("media"))
    })?;
    success()
}
