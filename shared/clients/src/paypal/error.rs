//! PayPal's errors: `{name, message, debug_id, details}` from its APIs, `{error, error_description}` from
//! its identity service. `details` may be one object, a list, or absent.

use serde_json::Value;

use crate::call::Answer;
use crate::json::Node;
use crate::outcome::{CallError, Refused};

/// Statuses with which PayPal says that nothing happened. 409 is not among them: it may mean that the
/// same request is still running.
pub(super) const REFUSALS: &[u16] = &[400, 401, 403, 404, 422];

/// PayPal's issue for a step that the subscription's state does not allow.
pub const SUBSCRIPTION_STATUS_INVALID: &str = "SUBSCRIPTION_STATUS_INVALID";

/// Whether the subscription's state does not allow the step: read it again.
pub fn status_invalid(error: &CallError) -> bool {
    error.refused().is_some_and(|refused| refused.says(SUBSCRIPTION_STATUS_INVALID))
}

pub(super) fn own_words(answer: &Answer) -> Option<Refused> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    let body = Node(&body);
    let code = body.any(&["name", "error"]).text()?;
    let details = body.at("details").list();
    let first = details.first().and_then(|detail| detail.at("description").text());
    let message = body.any(&["message", "error_description"]).text().unwrap_or_default();
    let message = first.map_or_else(|| message.clone(), |first| format!("{message} {first}"));
    Some(Refused {
        status: answer.status,
        code: net::redact::text(&code),
        issues: details.iter().filter_map(|detail| detail.at("issue").text()).map(|issue| net::redact::text(&issue)).collect(),
        message: net::redact::text(&message),
        reference: body.at("debug_id").text().or_else(|| answer.reference.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(body: &str) -> Option<Refused> {
        own_words(&Answer { status: 422, retry_after: None, reference: Some("dbg".to_owned()), body: body.to_owned().into() })
    }

    #[test]
    fn details_may_be_one_or_many_or_missing() {
        for details in [r#"[{"issue":"X","description":"d"},{"issue":"Y"}]"#, r#"{"issue":"X","description":"d"}"#] {
            let refused = words(&format!(r#"{{"name":"UNPROCESSABLE_ENTITY","message":"No.","details":{details}}}"#)).unwrap();
            assert!(refused.says("X") && refused.says("UNPROCESSABLE_ENTITY"));
            assert_eq!((refused.message.as_str(), refused.reference.as_deref()), ("No. d", Some("dbg")));
        }
        let plain = words(r#"{"name":"INVALID_RESOURCE_ID","details":[],"message":"Gone"}"#).unwrap();
        assert_eq!((plain.code.as_str(), plain.message.as_str(), plain.issues.len()), ("INVALID_RESOURCE_ID", "Gone", 0));
    }

    #[test]
    fn the_identity_service_speaks_otherwise_and_a_gateway_does_not_count() {
        let refused = words(r#"{"error":"invalid_client","error_description":"Client Authentication failed"}"#).unwrap();
        assert_eq!((refused.code.as_str(), refused.message.as_str()), ("invalid_client", "Client Authentication failed"));
        assert_eq!(words("<html>Bad gateway</html>"), None);
        assert_eq!(words(""), None);
    }
}
