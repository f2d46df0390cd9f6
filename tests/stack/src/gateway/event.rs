//! A request as API Gateway hands it to a function: payload format 2.0, with its oddities. The path is
//! decoded, headers are in lower case with repeated ones joined by a comma, cookies stand apart, and a
//! body that is not known to be text comes in Base64 (a form, too).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, header};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::routes::decoded;
use crate::template::ACCOUNT;

/// The id that the local gateway goes by.
pub(super) const API_ID: &str = "daypass";
/// Who is calling; everybody here comes from this machine.
const SOURCE_IP: &str = "127.0.0.1";
/// The host when a caller says none: the real gateway has always one.
const HOST_UNSAID: &str = "localhost";
/// Kinds of content that the gateway takes for text.
const TEXT_TYPES: [&str; 3] = ["application/json", "application/javascript", "application/xml"];

/// What the gateway knows of a request.
pub(super) struct Incoming<'a> {
    pub(super) parts: &'a Parts,
    pub(super) body: &'a Bytes,
    pub(super) request_id: &'a str,
    pub(super) at: Timestamp,
    pub(super) route_key: &'a str,
    pub(super) path_parameters: &'a BTreeMap<String, String>,
    /// What the authorizer said, where it was asked.
    pub(super) authorized: Option<&'a Value>,
}

/// The event for a function behind a route.
pub(super) fn to_function(incoming: &Incoming<'_>) -> Value {
    let mut event = common(incoming);
    let mut context = request_context(incoming);
    if let Some(said) = incoming.authorized {
        context.insert("authorizer".to_owned(), json!({ "lambda": said }));
    }
    event.insert("requestContext".to_owned(), Value::Object(context));
    let (body, is_base64) = body(incoming);
    event.extend(body.map(|body| ("body".to_owned(), Value::String(body))));
    event.insert("isBase64Encoded".to_owned(), Value::Bool(is_base64));
    Value::Object(event)
}

/// The event for the authorizer.
pub(super) fn to_authorizer(incoming: &Incoming<'_>, identity: &[String], region: &str) -> Value {
    let mut event = common(incoming);
    let route = incoming.route_key.replacen(' ', "", 1);
    let arn = format!("arn:aws:execute-api:{region}:{ACCOUNT}:{API_ID}/$default/{route}");
    event.insert("type".to_owned(), json!("REQUEST"));
    event.insert("routeArn".to_owned(), Value::String(arn));
    event.insert("identitySource".to_owned(), json!(identity));
    event.insert("requestContext".to_owned(), Value::Object(request_context(incoming)));
    Value::Object(event)
}

fn common(incoming: &Incoming<'_>) -> Map<String, Value> {
    let mut event = Map::new();
    let query = incoming.parts.uri.query().unwrap_or_default();
    event.insert("version".to_owned(), json!("2.0"));
    event.insert("routeKey".to_owned(), json!(incoming.route_key));
    event.insert("rawPath".to_owned(), Value::String(raw_path(incoming.parts)));
    event.insert("rawQueryString".to_owned(), json!(query));
    event.insert("headers".to_owned(), headers(&incoming.parts.headers));
    let cookies = cookies(&incoming.parts.headers);
    event.extend((!cookies.is_empty()).then(|| ("cookies".to_owned(), json!(cookies))));
    let query = query_parameters(query);
    event.extend((!query.is_empty()).then(|| ("queryStringParameters".to_owned(), json!(query))));
    let path = incoming.path_parameters;
    event.extend((!path.is_empty()).then(|| ("pathParameters".to_owned(), json!(path))));
    event
}

// An HTTP API decodes the path, and drops what follows a question mark that was encoded.
fn raw_path(parts: &Parts) -> String {
    let path = decoded(parts.uri.path());
    path.split_once('?').map_or(path.clone(), |(before, _)| before.to_owned())
}

fn request_context(incoming: &Incoming<'_>) -> Map<String, Value> {
    let header = |name| incoming.parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let host = match header(header::HOST) {
        "" => HOST_UNSAID,
        host => host,
    };
    let context = json!({
        "accountId": ACCOUNT,
        "apiId": API_ID,
        "domainName": host,
        "domainPrefix": host.split(['.', ':']).next().unwrap_or_default(),
        "http": {
            "method": incoming.parts.method.as_str(),
            "path": raw_path(incoming.parts),
            "protocol": "HTTP/1.1",
            "sourceIp": SOURCE_IP,
            "userAgent": header(header::USER_AGENT),
        },
        "requestId": incoming.request_id,
        "routeKey": incoming.route_key,
        "stage": "$default",
        "time": incoming.at.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "timeEpoch": incoming.at.as_millisecond(),
    });
    let Value::Object(context) = context else {
        return Map::new();
    };
    context
}

fn headers(headers: &HeaderMap) -> Value {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        if name == header::COOKIE {
            continue;
        }
        let value = String::from_utf8_lossy(value.as_bytes());
        let so_far = joined.entry(name.as_str().to_owned()).or_default();
        if !so_far.is_empty() {
            so_far.push(',');
        }
        so_far.push_str(&value);
    }
    for (name, value) in [("host", HOST_UNSAID), ("x-forwarded-for", SOURCE_IP), ("x-forwarded-proto", "http")] {
        let said = joined.entry(name.to_owned()).or_default();
        if said.is_empty() {
            value.clone_into(said);
        }
    }
    json!(joined)
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).map(|cookie| cookie.trim().to_owned()).filter(|cookie| !cookie.is_empty()).collect()
}

fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match joined.get_mut(name.as_ref()) {
            Some(so_far) => {
                so_far.push(',');
                so_far.push_str(&value);
            }
            None => {
                joined.insert(name.into_owned(), value.into_owned());
            }
        }
    }
    joined
}

fn body(incoming: &Incoming<'_>) -> (Option<String>, bool) {
    if incoming.body.is_empty() {
        return (None, false);
    }
    let text = std::str::from_utf8(incoming.body).ok().filter(|_| is_text(&incoming.parts.headers));
    match text {
        Some(text) => (Some(text.to_owned()), false),
        None => (Some(STANDARD.encode(incoming.body)), true),
    }
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let packed = headers.contains_key(header::CONTENT_ENCODING);
    !packed && (kind.starts_with("text/") || TEXT_TYPES.contains(&kind.as_str()))
}
