//! What may be written into a log of a call.
//!
//! Invariants: no query, no user name or password, no header past a short list, no telephone number
//! and nothing that is long enough to be a token ever comes out.

use http::{HeaderMap, Uri};

/// Headers that say nothing about a person or a key.
const SHOWN_HEADERS: [&str; 8] = [
    "content-type",
    "content-length",
    "retry-after",
    "user-agent",
    "paypal-debug-id",
    "paypal-transmission-id",
    "x-amzn-requestid",
    "x-amzn-trace-id",
];
/// A path segment of this many characters may be a token.
const TOKEN_LENGTH: usize = 32;
/// A path segment of this many digits and nothing else is a telephone number.
const PHONE_LENGTH: usize = 7;
/// The longest text of others that is kept.
const LONGEST_TEXT: usize = 240;
/// What stands for something that is not shown.
const HIDDEN: &str = "…";

/// The address without what could be secret or personal: scheme, host, port, path.
pub fn uri(uri: &Uri) -> String {
    let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = uri.path().split('/').map(segment).collect::<Vec<_>>().join("/");
    format!("{}://{}{port}{path}", uri.scheme_str().unwrap_or_default(), uri.host().unwrap_or_default())
}

fn segment(part: &str) -> &str {
    let phone = part.len() >= PHONE_LENGTH && part.bytes().all(|byte| byte.is_ascii_digit());
    if phone || part.len() >= TOKEN_LENGTH { HIDDEN } else { part }
}

/// The headers that may be logged, as `name: value`, in the order of the list above.
pub fn headers(headers: &HeaderMap) -> Vec<String> {
    let shown = |name: &'static str| {
        let value = headers.get(name)?.to_str().ok()?;
        Some(format!("{name}: {}", text(value)))
    };
    SHOWN_HEADERS.into_iter().filter_map(shown).collect()
}

/// Somebody else's text on one line, without control characters, and cut to a length.
pub fn text(text: &str) -> String {
    let cleaned = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let kept: String = cleaned.take(LONGEST_TEXT).collect();
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_secrets() {
        let shown = |text: &str| uri(&text.parse().unwrap());
        assert_eq!(shown("https://me:pw@gate.example/health?token=abc#x"), "https://gate.example/health");
        assert_eq!(shown("http://127.0.0.1:4000/users/login/97336612345"), "http://127.0.0.1:4000/users/login/…");
        assert_eq!(shown("https://a.example/v1/hooks/0123456789abcdef0123456789abcdef"), "https://a.example/v1/hooks/…");
        assert_eq!(shown("https://a.example/v1/billing/plans/P-5ML4271244454362"), "https://a.example/v1/billing/plans/P-5ML4271244454362");
    }

    #[test]
    fn only_harmless_headers_are_shown() {
        let mut all = HeaderMap::new();
        all.insert("authorization", "Bearer abc".parse().unwrap());
        all.insert("paypal-transmission-sig", "c2ln".parse().unwrap());
        all.insert("content-type", "application/json".parse().unwrap());
        assert_eq!(headers(&all), ["content-type: application/json"]);
    }

    #[test]
    fn text_of_others_stays_on_one_line() {
        assert_eq!(text("a\r\nb\u{7}c"), "a  b c");
        assert_eq!(text(&"x".repeat(1000)).len(), LONGEST_TEXT);
    }
}
