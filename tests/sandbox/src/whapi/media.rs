//! Media files at the gate, for a channel's token:
//!
//! - `POST /media`: the body is the file, or a form with files
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
use super::content::stored;
use super::refusal::{Answer, Refusal, ok, success};
use super::{Core, multipart};

/// A file as it was sent: its type and its bytes.
type Sent = (String, Vec<u8>);

/// The routes.
pub(crate) fn router() -> Router<Core> {
    Router::new().route("/media", get(list).post(upload)).route("/media/{media}", get(read).delete(delete))
}

async fn upload(call: GateCall) -> Answer {
    let files = files_of(&call.said)?;
    ok(call.act(|channel, _, now_ms| {
        channel.need_link(now_ms)?;
        let mut ids = Vec::new();
        for (mime, bytes) in &files {
            let media = stored(&channel.ids, mime, None, bytes, now_ms.div_euclid(1_000))?;
            ids.push(json!({"id": media.id}));
            channel.store.keep_media(media);
        }
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
        let rows: Vec<Value> = page.of(channel.store.media.iter().rev()).into_iter().map(super::store::Media::json).collect();
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
