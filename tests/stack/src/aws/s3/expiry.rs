//! Expiry by our clock: of presigned links, of upload policies and, by lifecycle rules, of objects.
//! The protocol layer judges the first two by the machine's time, which never runs ahead of ours; so
//! what it lets through is looked at again here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use s3s::dto::{ExpirationStatus, LifecycleExpiration, LifecycleRule, NoncurrentVersionExpiration};
use serde::{Deserialize, Serialize};

/// One lifecycle rule, as it is kept: what it expires and when. Transitions are not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Rule {
    pub(super) id: Option<String>,
    pub(super) enabled: bool,
    pub(super) prefix: String,
    pub(super) days: Option<i32>,
    pub(super) noncurrent_days: Option<i32>,
}

impl From<LifecycleRule> for Rule {
    fn from(rule: LifecycleRule) -> Self {
        let filter = rule.filter.and_then(|filter| filter.prefix.or_else(|| filter.and.and_then(|and| and.prefix)));
        let noncurrent = rule.noncurrent_version_expiration;
        Self {
            id: rule.id,
            enabled: rule.status.as_str() == ExpirationStatus::ENABLED,
            prefix: filter.or(rule.prefix).unwrap_or_default(),
            days: rule.expiration.and_then(|expiration| expiration.days),
            noncurrent_days: noncurrent.and_then(|noncurrent| noncurrent.noncurrent_days),
        }
    }
}

impl From<Rule> for LifecycleRule {
    fn from(rule: Rule) -> Self {
        let status = if rule.enabled { ExpirationStatus::ENABLED } else { ExpirationStatus::DISABLED };
        Self {
            abort_incomplete_multipart_upload: None,
            expiration: rule.days.map(|days| LifecycleExpiration { days: Some(days), ..LifecycleExpiration::default() }),
            filter: None,
            id: rule.id,
            noncurrent_version_expiration: rule
                .noncurrent_days
                .map(|days| NoncurrentVersionExpiration { noncurrent_days: Some(days), newer_noncurrent_versions: None }),
            noncurrent_version_transitions: None,
            prefix: Some(rule.prefix),
            status: ExpirationStatus::from_static(status),
            transitions: None,
        }
    }
}

/// The time before which an object must have been written to be older than `days`.
pub(super) fn days_before(now: Timestamp, days: i32) -> Timestamp {
    let age = SignedDuration::from_hours(24 * i64::from(days));
    now.checked_sub(age).unwrap_or(Timestamp::MIN)
}

/// Whether the time of a presigned link is over; a link that names none is not ours to judge.
pub(super) fn link_is_over(uri: &Uri, now: Timestamp) -> bool {
    let query = uri.query().unwrap_or("").as_bytes();
    let mut signed_at = None;
    let mut seconds = None;
    for (name, value) in url::form_urlencoded::parse(query) {
        match name.as_ref() {
            "X-Amz-Date" => signed_at = compact_time(&value),
            "X-Amz-Expires" => seconds = value.parse().ok(),
            _ => {}
        }
    }
    match (signed_at, seconds) {
        (Some(signed_at), Some(seconds)) => now.duration_since(signed_at) > SignedDuration::from_secs(seconds),
        _ => false,
    }
}

/// Reads `20261105T081500Z`.
fn compact_time(text: &str) -> Option<Timestamp> {
    let time: DateTime = text.strip_suffix('Z')?.parse().ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Whether the policy in a form is over.
pub(super) fn policy_is_over(form: &[u8], now: Timestamp) -> bool {
    let expiration = field(form, "policy").and_then(|policy| {
        let document = STANDARD.decode(policy.trim()).ok()?;
        let document: serde_json::Value = serde_json::from_slice(&document).ok()?;
        document["expiration"].as_str()?.parse::<Timestamp>().ok()
    });
    expiration.is_some_and(|expiration| now >= expiration)
}

/// The text of a field of a multipart form; the form's first line is its boundary.
fn field<'a>(form: &'a [u8], name: &str) -> Option<&'a str> {
    let form = form.strip_prefix(b"\r\n").unwrap_or(form);
    let boundary = &form[..find(form, b"\r\n")?];
    let mark = format!("; name=\"{name}\"");
    let from = &form[find(form, mark.as_bytes())?..];
    let value = &from[find(from, b"\r\n\r\n")? + 4..];
    let end = find(value, boundary)?.checked_sub(2)?;
    std::str::from_utf8(&value[..end]).ok()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let mut windows = haystack.windows(needle.len().max(1));
    windows.position(|window| window == needle)
}
