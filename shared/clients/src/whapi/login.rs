//! What the gate answers to somebody who wants to link a number.
//!
//! Invariant: a picture leaves here only as `data:image/png;base64,…` and only if it is a PNG.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::json::Node;

const PNG_PREFIX: &str = "data:image/png;base64,";
const PNG_MAGIC: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The longest life of a code that is believed, in seconds.
const LONGEST_LIFE_SECONDS: u32 = 600;

/// What came of asking for a code to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QrAnswer {
    /// Here it is.
    Ready {
        /// The picture, as `data:image/png;base64,…`.
        png_data_uri: String,
        /// For how many seconds it can be scanned, where WHAPI says so.
        expire_seconds: Option<u32>,
    },
    /// Not drawn yet; ask again in a moment.
    Waiting,
    /// The time for scanning is over; ask again for a new one.
    Timeout,
    /// It could not be drawn; ask again.
    Failed,
    /// A number is linked already.
    AlreadyLinked,
}

impl QrAnswer {
    /// Reads `{status, base64, expire}`; `None` when there is no word to go by.
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        let status = node.at("status").text()?.to_ascii_uppercase();
        Some(match (status.as_str(), node.at("base64").text()) {
            ("OK", Some(picture)) => png(&picture).map_or(Self::Failed, |uri| Self::ready(uri, node)),
            ("OK" | "WAITING", _) => Self::Waiting,
            ("TIMEOUT", _) => Self::Timeout,
            _ => Self::Failed,
        })
    }

    fn ready(png_data_uri: String, node: Node<'_>) -> Self {
        let life = node.at("expire").unsigned().and_then(|life| u32::try_from(life).ok());
        Self::Ready { png_data_uri, expire_seconds: life.filter(|life| *life <= LONGEST_LIFE_SECONDS) }
    }
}

/// The picture in one form, whether or not it came with a prefix.
fn png(picture: &str) -> Option<String> {
    let bare = picture.rsplit_once(";base64,").map_or(picture, |(_, rest)| rest);
    let bare: String = bare.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(&bare).ok()?;
    bytes.starts_with(PNG_MAGIC).then(|| format!("{PNG_PREFIX}{bare}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_picture_is_taken_with_and_without_its_prefix() {
        let bare = STANDARD.encode(b"\x89PNG\r\n\x1a\nrest");
        for sent in [bare.clone(), format!("{PNG_PREFIX}{bare}")] {
            let body = json!({"status": "OK", "base64": sent, "expire": 20});
            let expected = QrAnswer::Ready { png_data_uri: format!("{PNG_PREFIX}{bare}"), expire_seconds: Some(20) };
            assert_eq!(QrAnswer::read(Node(&body)), Some(expected));
        }
    }

    #[test]
    fn a_good_status_is_not_yet_a_picture() {
        let read = |body| QrAnswer::read(Node(&body));
        assert_eq!(read(json!({"status": "OK"})), Some(QrAnswer::Waiting));
        assert_eq!(read(json!({"status": "WAITING"})), Some(QrAnswer::Waiting));
        assert_eq!(read(json!({"status": "TIMEOUT"})), Some(QrAnswer::Timeout));
        assert_eq!(read(json!({"status": "OK", "base64": "PHNjcmlwdD4="})), Some(QrAnswer::Failed));
        assert_eq!(read(json!({"status": "OK", "base64": "%%%"})), Some(QrAnswer::Failed));
        assert_eq!(read(json!({})), None);
    }
}
