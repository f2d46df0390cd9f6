//! PayPal's own verification of a webhook: we send back what came, byte for byte, and it says yes or no.
//!
//! Invariant: the event goes back as it came. Reading and writing it again would change its bytes, and
//! PayPal would rightly say no.

use http::Method;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::client::{Call, PayPal};
use super::verify::PaypalHeaders;
use crate::json::Node;
use crate::outcome::CallError;

impl PayPal {
    /// Asks PayPal whether it sent this. `false` also for a body that is no JSON, which is not even asked.
    ///
    /// # Errors
    /// [`CallError`] when PayPal could not be asked.
    pub async fn verify_webhook(&self, headers: &PaypalHeaders, webhook_id: &str, body: &[u8]) -> Result<bool, CallError> {
        let Some(question) = question(headers, webhook_id, body) else { return Ok(false) };
        let path = ["v1", "notifications", "verify-webhook-signature"];
        let call = Call { method: Method::POST, path: &path, query: &[], body: Some(question), request_id: None };
        let answer = self.call(call).await?;
        match Node(&answer.json()?).at("verification_status").text().as_deref() {
            Some("SUCCESS") => Ok(true),
            Some("FAILURE") => Ok(false),
            _ => Err(answer.unreadable("no verification status in the answer")),
        }
    }
}

/// The question with the event spliced in; `None` when the event is not one JSON value.
fn question(headers: &PaypalHeaders, webhook_id: &str, body: &[u8]) -> Option<Vec<u8>> {
    serde_json::from_slice::<&RawValue>(body).ok()?;
    let fields: Value = json!({
        "auth_algo": headers.auth_algo, "cert_url": headers.cert_url, "transmission_id": headers.transmission_id,
        "transmission_sig": headers.transmission_sig, "transmission_time": headers.transmission_time, "webhook_id": webhook_id,
    });
    let mut question = fields.to_string().into_bytes();
    question.pop();
    question.extend_from_slice(br#","webhook_event":"#);
    question.extend_from_slice(body);
    question.push(b'}');
    Some(question)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers() -> PaypalHeaders {
        let text = |text: &str| text.to_owned();
        PaypalHeaders {
            transmission_id: text("t"),
            transmission_time: text("2026-11-21T10:00:00Z"),
            transmission_sig: text("c2ln"),
            cert_url: text("https://api.paypal.com/v1/notifications/certs/C"),
            auth_algo: text("SHA256withRSA"),
        }
    }

    #[test]
    fn the_event_goes_back_byte_for_byte() {
        let body = "{ \"b\":1,\"a\":\"\\u20ac €\" ,\"n\":10.0}".as_bytes();
        let question = question(&headers(), "WH", body).unwrap();
        assert!(question.windows(body.len()).any(|window| window == body));
        let whole: Value = serde_json::from_slice(&question).unwrap();
        assert_eq!(whole["webhook_event"]["b"], 1);
        assert_eq!(whole["webhook_id"], "WH");
    }

    #[test]
    fn a_body_cannot_smuggle_fields_in() {
        for bad in [&br#"{"a":1},"webhook_id":"X","y":{}"#[..], b"", b"{", b"\xff"] {
            assert_eq!(question(&headers(), "WH", bad), None);
        }
    }
}
