//! The files of the console, embedded, and how one is handed out.
//!
//! Each file has an entity tag made from its bytes and is asked for again every time (`no-cache`), so that a
//! deployment shows at once and costs a 304 otherwise. Text is packed on first use and kept; what is packed
//! leaves the comments out, what is not is as it was written. Files never change while the process lives.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, StatusCode, header};
use rust_embed::RustEmbed;

/// Below this many bytes packing costs more than it saves.
const WORTH_PACKING_BYTES: usize = 512;
/// Above this many bytes the tightest packing takes too long for the first reader.
const TIGHT_BYTES: usize = 64 * 1024;
/// Brotli's quality at its tightest, which is for programs that were built to be fast.
const TIGHT: u32 = 11;
/// And one that costs nothing to speak of.
const QUICK: u32 = 5;
/// Brotli's window, as a power of two: nothing here is larger.
const WINDOW: u32 = 22;
/// How much is packed at once, in bytes.
const BUFFER_BYTES: usize = 4096;

#[derive(RustEmbed)]
#[folder = "assets"]
struct Embedded;

/// How what travels is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// As it was written.
    Plain,
    /// By gzip.
    Gzip,
    /// By Brotli, which is smaller.
    Brotli,
}

impl Packing {
    fn word(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }

    /// The smallest that a reader unpacks.
    fn by_accepted(accepted: &str) -> Self {
        [Self::Brotli, Self::Gzip]
            .into_iter()
            .find(|packing| packing.word().is_some_and(|word| accepts(accepted, word)))
            .unwrap_or(Self::Plain)
    }
}

fn accepts(accepted: &str, word: &str) -> bool {
    accepted.split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        parts.next() == Some(word) && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0"))
    })
}

/// What a reader said about itself: what it has, and what it unpacks.
pub(crate) struct Reader {
    has: Option<String>,
    unpacks: Packing,
}

impl Reader {
    /// The reader that sent these headers.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
        let has = text(header::IF_NONE_MATCH).map(str::to_owned);
        let unpacks = text(header::ACCEPT_ENCODING).map_or(Packing::Plain, Packing::by_accepted);
        Self { has, unpacks }
    }

    fn knows(&self, tag: &str) -> bool {
        let same = |known: &str| known.trim() == tag || known.trim() == "*";
        self.has.as_deref().is_some_and(|known| known.split(',').any(same))
    }
}

/// One file, ready to be handed out. Its tag and each packed form are made when the first reader wants them.
#[derive(Clone)]
pub(crate) struct Served(Arc<File>);

struct File {
    name: String,
    content_type: &'static str,
    tag: OnceLock<String>,
    plain: Bytes,
    gzip: OnceLock<Option<Bytes>>,
    brotli: OnceLock<Option<Bytes>>,
}

impl Served {
    /// The file `name` (its ending gives the type) with these bytes.
    pub(crate) fn of(name: &str, plain: Bytes) -> Self {
        let (tag, gzip, brotli) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self(Arc::new(File { name: name.to_owned(), content_type: content_type(name), tag, plain, gzip, brotli }))
    }

    /// The answer to a reader: the bytes, or that nothing has changed.
    pub(crate) fn answer(&self, reader: &Reader) -> Response {
        let tag = self.0.tag.get_or_init(|| tag_of(&self.0.plain));
        let common =
            [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "no-cache".to_owned()), (header::VARY, "accept-encoding".to_owned())];
        if reader.knows(tag) {
            return (StatusCode::NOT_MODIFIED, common).into_response();
        }
        let kind = [(header::CONTENT_TYPE, self.0.content_type)];
        match reader.unpacks.word().zip(self.packed(reader.unpacks)) {
            Some((word, packed)) => (common, kind, [(header::CONTENT_ENCODING, word)], Body::from(packed)).into_response(),
            None => (common, kind, Body::from(self.0.plain.clone())).into_response(),
        }
    }

    /// The file packed so, where that is worth it.
    fn packed(&self, packing: Packing) -> Option<Bytes> {
        let file = &self.0;
        let pack = |by: fn(&[u8]) -> Option<Bytes>| {
            let worth = file.plain.len() >= WORTH_PACKING_BYTES;
            worth.then(|| by(&without_comments(&file.name, &file.plain))).flatten()
        };
        match packing {
            Packing::Plain => None,
            Packing::Gzip => file.gzip.get_or_init(|| pack(gzip)).clone(),
            Packing::Brotli => file.brotli.get_or_init(|| pack(brotli)).clone(),
        }
    }
}

/// The embedded file of that name, packed once.
pub(crate) fn find(name: &str) -> Option<Served> {
    static READY: OnceLock<Mutex<HashMap<String, Served>>> = OnceLock::new();
    let ready = READY.get_or_init(Mutex::default);
    let mut ready = ready.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(served) = ready.get(name) {
        return Some(served.clone());
    }
    let served = Served::of(name, Bytes::from(Embedded::get(name)?.data.into_owned()));
    ready.insert(name.to_owned(), served.clone());
    Some(served)
}

/// The text of a module or a style sheet without the comments that have lines of their own.
fn without_comments(name: &str, plain: &[u8]) -> Vec<u8> {
    let (true, Ok(text)) = (name.ends_with(".js") || name.ends_with(".css"), std::str::from_utf8(plain)) else {
        return plain.to_vec();
    };
    let mut kept = String::with_capacity(text.len());
    let mut inside = false;
    for line in text.split_inclusive('\n') {
        let began = inside || line.trim_start().starts_with("/*");
        inside = began && !line.trim_end().ends_with("*/");
        if !began {
            kept.push_str(line);
        }
    }
    kept.into_bytes()
}

fn gzip(plain: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

fn brotli(plain: &[u8]) -> Option<Bytes> {
    let is_worth_it = !cfg!(debug_assertions) && plain.len() <= TIGHT_BYTES;
    by_brotli(plain, if is_worth_it { TIGHT } else { QUICK })
}

fn by_brotli(plain: &[u8], quality: u32) -> Option<Bytes> {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), BUFFER_BYTES, quality, WINDOW);
    encoder.write_all(plain).ok()?;
    Some(encoder.into_inner().into())
}

/// A weak tag, the same for the plain and the packed forms. FNV-1a: it tells versions apart, it proves nothing.
fn tag_of(bytes: &[u8]) -> String {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let hash = bytes.iter().fold(OFFSET, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME));
    format!("W/\"{hash:016x}-{:x}\"", bytes.len())
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}

/// The names of all embedded files, for the tests that read them.
#[cfg(test)]
pub(crate) fn names() -> Vec<String> {
    Embedded::iter().map(|name| name.into_owned()).collect()
}

/// The bytes of a file as it stands.
#[cfg(test)]
pub(crate) fn plain(name: &str) -> Option<Bytes> {
    find(name).map(|served| served.0.plain.clone())
}

/// How many bytes of a file travel from a program that was built to be fast.
#[cfg(test)]
pub(crate) fn weight(name: &str) -> Option<usize> {
    let plain = plain(name)?;
    let packed = by_brotli(&without_comments(name, &plain), TIGHT)?;
    Some(if plain.len() < WORTH_PACKING_BYTES { plain.len() } else { packed.len() })
}
