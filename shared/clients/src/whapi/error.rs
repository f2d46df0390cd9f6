//! WHAPI's errors: `{"error":{"code","message"}}` as documented, `{"code","error":"…"}` as seen, or a
//! message alone. A page of the network in front of it is not in its own words.

use serde_json::Value;

use crate::call::Answer;
use crate::json::Node;
use crate::outcome::{CallError, Refused};

/// Statuses with which the partner's API says that nothing happened.
pub(super) const MANAGER_REFUSALS: &[u16] = &[400, 401, 403, 404, 422];
/// The same for the channels' API, whose further statuses are about WhatsApp's side.
pub(super) const GATE_REFUSALS: &[u16] = &[400, 401, 402, 403, 404, 406, 409, 413, 415, 422];
/// What WHAPI says with 401 when the token is right and no number is linked.
const NOT_LINKED: &str = "channel authorization";

/// Whether the channel answers that no number is linked (its token being right).
pub fn needs_linking(error: &CallError) -> bool {
    error.refused().is_some_and(|refused| refused.status == 401 && refused.message.to_lowercase().contains(NOT_LINKED))
}

/// Whether the channel is not known there: not set up yet (up to 90 seconds after its creation), gone, or
/// its token is wrong.
pub fn not_ready(error: &CallError) -> bool {
    error.is_not_found()
}

pub(super) fn own_words(answer: &Answer) -> Option<Refused> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    let body = Node(&body);
    let error = body.at("error");
    let (code, message) = if error.is_object() {
        (error.at("code").text(), error.any(&["message", "details"]).text()?)
    } else {
        (body.at("code").text(), error.text().or_else(|| body.at("message").text())?)
    };
    Some(Refused {
        status: answer.status,
        code: code.map_or_else(|| answer.status.to_string(), |code| net::redact::text(&code)),
        issues: Vec::new(),
        message: net::redact::text(&message),
        reference: error.at("href").text().map(|href| net::redact::text(&href)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(body: &str) -> Option<(String, String)> {
        let answer = Answer { status: 402, retry_after: None, reference: None, body: body.to_owned().into() };
        own_words(&answer).map(|refused| (refused.code, refused.message))
    }

    #[test]
    fn both_shapes_are_its_own_words_and_a_cloud_page_is_not() {
        let said = |code: &str, message: &str| Some((code.to_owned(), message.to_owned()));
        assert_eq!(words(r#"{"error":{"code":409,"message":"Taken"}}"#), said("409", "Taken"));
        assert_eq!(words(r#"{"code":402,"error":"trial limit"}"#), said("402", "trial limit"));
        assert_eq!(words(r#"{"message":"nope"}"#), said("402", "nope"));
        assert_eq!(words(r#"{"title":"Error 1010: Access denied","detail":"browser signature banned"}"#), None);
        assert_eq!(words("<html>502</html>"), None);
        assert_eq!(words(""), None);
    }
}
