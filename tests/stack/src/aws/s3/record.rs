//! What the index keeps about one version of an object, and how it is told in S3's own types.

use std::collections::BTreeMap;

use jiff::Timestamp;
use s3s::dto;
use serde::{Deserialize, Serialize};

/// The version id of objects in a bucket without versions.
pub(super) const NULL_VERSION: &str = "null";
/// What S3 says about an object whose type nobody gave.
const DEFAULT_CONTENT_TYPE: &str = "binary/octet-stream";

/// One version of an object, or a delete marker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    /// The file with the content; a delete marker has none.
    pub(super) file: Option<String>,
    pub(super) size_bytes: u64,
    /// The MD5 of the content in hexadecimal, without quotes.
    pub(super) etag: String,
    pub(super) modified: Timestamp,
    pub(super) marker: bool,
    pub(super) described: Described,
    pub(super) checksums: Checksums,
}

/// What the uploader said about an object.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Described {
    pub(super) content_type: Option<String>,
    pub(super) content_encoding: Option<String>,
    pub(super) content_disposition: Option<String>,
    pub(super) content_language: Option<String>,
    pub(super) cache_control: Option<String>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) tags: BTreeMap<String, String>,
}

/// The checksums of a content, in base64, as far as they were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checksums {
    pub(super) crc32: Option<String>,
    pub(super) crc32c: Option<String>,
    pub(super) crc64nvme: Option<String>,
    pub(super) sha1: Option<String>,
    pub(super) sha256: Option<String>,
}

/// A record with its place in the bucket.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub(super) key: String,
    pub(super) version_id: String,
    pub(super) latest: bool,
    pub(super) record: Record,
}

impl Record {
    /// A delete marker set now.
    pub(super) fn marker(now: Timestamp) -> Self {
        Self {
            file: None,
            size_bytes: 0,
            etag: String::new(),
            modified: now,
            marker: true,
            described: Described::default(),
            checksums: Checksums::default(),
        }
    }

    pub(super) fn etag(&self) -> dto::ETag {
        dto::ETag::Strong(self.etag.clone())
    }

    pub(super) fn modified(&self) -> dto::Timestamp {
        timestamp(self.modified)
    }

    pub(super) fn size(&self) -> i64 {
        i64::try_from(self.size_bytes).unwrap_or(i64::MAX)
    }

    pub(super) fn content_type(&self) -> String {
        let given = self.described.content_type.clone();
        given.unwrap_or_else(|| DEFAULT_CONTENT_TYPE.to_owned())
    }

    pub(super) fn metadata(&self) -> Option<dto::Metadata> {
        let metadata = &self.described.metadata;
        (!metadata.is_empty()).then(|| metadata.clone().into_iter().collect())
    }

    pub(super) fn tag_count(&self) -> Option<i32> {
        let count = self.described.tags.len();
        (count > 0).then(|| i32::try_from(count).unwrap_or(i32::MAX))
    }
}

/// A time in S3's own type.
pub(super) fn timestamp(time: Timestamp) -> dto::Timestamp {
    dto::Timestamp::from(std::time::SystemTime::from(time))
}

/// Tags as they are written in a header: `a=b&c=d`.
pub(super) fn tags_of_header(header: Option<&str>) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(header.unwrap_or("").as_bytes()).into_owned().collect()
}
