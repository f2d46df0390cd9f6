//! The conditions that callers put on reads and writes, and S3's refusals when they do not hold.

use jiff::Timestamp;
use s3s::dto::{ETag, ETagCondition};
use s3s::{S3Error, S3Result, s3_error};

use super::record::{Record, Version, timestamp};

/// What a caller may ask of an object before it is read.
pub(super) struct Asked<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    pub(super) version_id: Option<&'a str>,
    pub(super) if_match: Option<&'a ETagCondition>,
    pub(super) if_none_match: Option<&'a ETagCondition>,
    pub(super) if_modified_since: Option<&'a s3s::dto::Timestamp>,
    pub(super) if_unmodified_since: Option<&'a s3s::dto::Timestamp>,
}

/// The conditions of a write, against the newest version that is no delete marker.
pub(super) fn may_replace(
    newest: Option<&Version>,
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> S3Result<()> {
    match (if_none_match, newest) {
        (Some(ETagCondition::ETag(_)), _) => {
            return Err(s3_error!(NotImplemented, "A header you provided implies functionality that is not implemented"));
        }
        (Some(ETagCondition::Any), Some(_existing)) => return Err(precondition_failed()),
        _ => {}
    }
    match (if_match, newest) {
        (None, _) | (Some(ETagCondition::Any), Some(_)) => Ok(()),
        (Some(_), None) => Err(s3_error!(NoSuchKey, "The specified key does not exist.")),
        (Some(ETagCondition::ETag(etag)), Some(newest)) => {
            if is_etag(etag, &newest.record) {
                Ok(())
            } else {
                Err(precondition_failed())
            }
        }
    }
}

/// The conditions of a read, in the order of RFC 9110.
pub(super) fn check(record: &Record, asked: &Asked<'_>) -> S3Result<()> {
    // Times in headers have whole seconds.
    let modified = Timestamp::from_second(record.modified.as_second()).map(timestamp);
    let modified = modified.map_err(S3Error::internal_error)?;
    let named = |condition: &ETagCondition| match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(etag) => is_etag(etag, record),
    };
    match (asked.if_match, asked.if_unmodified_since) {
        (Some(condition), _) if !named(condition) => return Err(precondition_failed()),
        (None, Some(since)) if modified > *since => return Err(precondition_failed()),
        _ => {}
    }
    let unchanged = match (asked.if_none_match, asked.if_modified_since) {
        (Some(condition), _) => named(condition),
        (None, Some(since)) => modified <= *since,
        (None, None) => false,
    };
    if unchanged {
        return Err(s3_error!(NotModified));
    }
    Ok(())
}

fn is_etag(etag: &ETag, record: &Record) -> bool {
    etag.value() == record.etag
}

fn precondition_failed() -> S3Error {
    s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold")
}
