//! SES, version 2: `SendEmail` puts the mail into the sandbox's outbox. Templates, attachments and
//! everything else of the service are absent.

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response, StatusCode};
use s3s::Body;
use sandbox::Clock;
use sandbox::mail::{Mail, Outbox};
use serde_json::{Value, json};

use super::reply;

const JSON: &str = "application/json";

/// Answers one request; a mail to several people is several mails in the outbox.
pub(crate) fn answer(outbox: &Outbox, clock: &Clock, parts: &Parts, body: &Bytes) -> Response<Body> {
    if parts.method != Method::POST || parts.uri.path() != "/v2/email/outbound-emails" {
        return bad_request("NotFoundException", "only SendEmail is served here");
    }
    let request: Value = match serde_json::from_slice(body) {
        Ok(request) => request,
        Err(_) => return bad_request("BadRequestException", "the request is not JSON"),
    };
    let recipients = recipients(&request["Destination"]);
    let simple = &request["Content"]["Simple"];
    let (Some(subject), Some(text)) = (data(&simple["Subject"]), body_text(&simple["Body"])) else {
        return bad_request("BadRequestException", "a subject and a body are needed");
    };
    if recipients.is_empty() || !request["FromEmailAddress"].is_string() {
        return bad_request("BadRequestException", "a sender and a recipient are needed");
    }
    for to in recipients {
        outbox.push(Mail { to, subject: subject.clone(), text: text.clone(), at: clock.now() });
    }
    let sent = json!({"MessageId": ulid::Ulid::new().to_string()});
    reply::answer(StatusCode::OK, JSON, sent.to_string())
}

fn recipients(destination: &Value) -> Vec<String> {
    ["ToAddresses", "CcAddresses", "BccAddresses"]
        .iter()
        .filter_map(|kind| destination[kind].as_array())
        .flatten()
        .filter_map(|address| address.as_str().map(str::to_owned))
        .collect()
}

fn body_text(body: &Value) -> Option<String> {
    data(&body["Text"]).or_else(|| data(&body["Html"]))
}

fn data(content: &Value) -> Option<String> {
    content["Data"].as_str().map(str::to_owned)
}

fn bad_request(kind: &str, message: &str) -> Response<Body> {
    reply::refuse(StatusCode::BAD_REQUEST, JSON, kind, message)
}
