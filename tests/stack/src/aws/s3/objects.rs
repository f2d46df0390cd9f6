//! One object at a time: put, get, copy, delete, with their conditions.

use std::ops::Range;

use bytes::Bytes;
use http::StatusCode;
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, DeleteObjectInput, DeleteObjectOutput, GetObjectInput,
    GetObjectOutput, HeadObjectInput, HeadObjectOutput, MetadataDirective, PutObjectInput, PutObjectOutput, StreamingBlob,
};
use s3s::{Body, S3Error, S3Result, TrailingHeaders, s3_error};

use super::conditions::{Asked, check, may_replace};
use super::record::{Checksums, Described, NULL_VERSION, Record, Version, tags_of_header};
use super::{Store, content};

impl Store {
    pub(super) async fn put_object(&self, mut input: PutObjectInput, trailers: Option<TrailingHeaders>) -> S3Result<PutObjectOutput> {
        self.index.bucket(&input.bucket)?;
        let content = content::read(input.body.take()).await?;
        let etag = content::etag(&content);
        content::verify_md5(input.content_md5.as_deref(), &etag)?;
        let claimed = Checksums::claimed(&input, trailers.as_ref());
        let checksums = claimed.computed(&content);
        claimed.verify(&checksums)?;
        let record = self.keep(&content, etag, described(&input), checksums).await?;
        let (if_match, if_none_match) = (input.if_match.as_ref(), input.if_none_match.as_ref());
        let version_id = self.add(&input.bucket, &input.key, &record, |newest| may_replace(newest, if_match, if_none_match))?;
        Ok(PutObjectOutput {
            e_tag: Some(record.etag()),
            version_id,
            checksum_crc32: record.checksums.crc32,
            checksum_crc32c: record.checksums.crc32c,
            checksum_crc64nvme: record.checksums.crc64nvme,
            checksum_sha1: record.checksums.sha1,
            checksum_sha256: record.checksums.sha256,
            ..PutObjectOutput::default()
        })
    }

    async fn keep(&self, content: &Bytes, etag: String, described: Described, checksums: Checksums) -> S3Result<Record> {
        Ok(Record {
            file: Some(self.files.keep(content).await?),
            size_bytes: content.len() as u64,
            etag,
            modified: self.clock.now(),
            marker: false,
            described,
            checksums,
        })
    }

    /// Adds a kept content to the index; a refused one leaves no file behind.
    fn add(
        &self,
        bucket: &str,
        key: &str,
        record: &Record,
        condition: impl FnOnce(Option<&Version>) -> S3Result<()>,
    ) -> S3Result<Option<String>> {
        match self.index.put(bucket, key, record, condition) {
            Ok(put) => {
                self.files.discard(&put.orphans);
                Ok(put.version_id)
            }
            Err(refusal) => {
                self.files.discard(record.file.as_slice());
                Err(refusal)
            }
        }
    }

    pub(super) async fn get_object(&self, input: GetObjectInput) -> S3Result<GetObjectOutput> {
        let version = self.look(&Asked {
            bucket: &input.bucket,
            key: &input.key,
            version_id: input.version_id.as_deref(),
            if_match: input.if_match.as_ref(),
            if_none_match: input.if_none_match.as_ref(),
            if_modified_since: input.if_modified_since.as_ref(),
            if_unmodified_since: input.if_unmodified_since.as_ref(),
        })?;
        let record = &version.record;
        let whole = match &record.file {
            Some(file) => self.files.read(file).await?,
            None => Bytes::new(),
        };
        let range = range_of(input.range.as_ref(), record.size_bytes)?;
        let shown = range.clone().map_or(whole.clone(), |range| slice(&whole, range));
        let checksums = match (&input.checksum_mode, &range) {
            (Some(_enabled), None) => record.checksums.clone(),
            _ => Checksums::default(),
        };
        Ok(GetObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            content_length: i64::try_from(shown.len()).ok(),
            content_range: range.map(|range| content_range(range, record.size_bytes)),
            body: Some(StreamingBlob::from(Body::from(shown))),
            cache_control: record.described.cache_control.clone(),
            content_disposition: record.described.content_disposition.clone(),
            content_encoding: record.described.content_encoding.clone(),
            content_language: record.described.content_language.clone(),
            content_type: Some(record.content_type()),
            e_tag: Some(record.etag()),
            last_modified: Some(record.modified()),
            metadata: record.metadata(),
            tag_count: record.tag_count(),
            version_id: self.shown_version(&input.bucket, &version)?,
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            ..GetObjectOutput::default()
        })
    }

    pub(super) fn head_object(&self, input: &HeadObjectInput) -> S3Result<HeadObjectOutput> {
        let version = self.look(&Asked {
            bucket: &input.bucket,
            key: &input.key,
            version_id: input.version_id.as_deref(),
            if_match: input.if_match.as_ref(),
            if_none_match: input.if_none_match.as_ref(),
            if_modified_since: input.if_modified_since.as_ref(),
            if_unmodified_since: input.if_unmodified_since.as_ref(),
        })?;
        let record = &version.record;
        let checksums = match &input.checksum_mode {
            Some(_enabled) => record.checksums.clone(),
            None => Checksums::default(),
        };
        Ok(HeadObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            content_length: Some(record.size()),
            cache_control: record.described.cache_control.clone(),
            content_disposition: record.described.content_disposition.clone(),
            content_encoding: record.described.content_encoding.clone(),
            content_language: record.described.content_language.clone(),
            content_type: Some(record.content_type()),
            e_tag: Some(record.etag()),
            last_modified: Some(record.modified()),
            metadata: record.metadata(),
            version_id: self.shown_version(&input.bucket, &version)?,
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            ..HeadObjectOutput::default()
        })
    }

    pub(super) async fn copy_object(&self, input: CopyObjectInput) -> S3Result<CopyObjectOutput> {
        let CopySource::Bucket { bucket, key, version_id } = &input.copy_source else {
            return Err(s3_error!(NotImplemented, "only buckets can be copied from"));
        };
        let source = self.look(&Asked {
            bucket,
            key,
            version_id: version_id.as_deref(),
            if_match: input.copy_source_if_match.as_ref(),
            if_none_match: input.copy_source_if_none_match.as_ref(),
            if_modified_since: input.copy_source_if_modified_since.as_ref(),
            if_unmodified_since: input.copy_source_if_unmodified_since.as_ref(),
        })?;
        let content = match &source.record.file {
            Some(file) => self.files.read(file).await?,
            None => Bytes::new(),
        };
        let directive = input.metadata_directive.as_ref().map(MetadataDirective::as_str);
        let described = if directive == Some(MetadataDirective::REPLACE) { replaced(&input) } else { source.record.described.clone() };
        let etag = source.record.etag.clone();
        let checksums = source.record.checksums.clone();
        let record = self.keep(&content, etag, described, checksums).await?;
        let copied = self.add(&input.bucket, &input.key, &record, |_newest| Ok(()))?;
        Ok(CopyObjectOutput {
            copy_object_result: Some(CopyObjectResult {
                e_tag: Some(record.etag()),
                last_modified: Some(record.modified()),
                ..CopyObjectResult::default()
            }),
            copy_source_version_id: self.shown_version(bucket, &source)?,
            version_id: copied,
            ..CopyObjectOutput::default()
        })
    }

    pub(super) fn delete_object(&self, input: &DeleteObjectInput) -> S3Result<DeleteObjectOutput> {
        let deleted = self.index.delete(&input.bucket, &input.key, input.version_id.as_deref(), self.clock.now(), |found| {
            may_replace(found, input.if_match.as_ref(), None)
        })?;
        self.files.discard(&deleted.orphans);
        Ok(DeleteObjectOutput {
            delete_marker: deleted.marker.then_some(true),
            version_id: deleted.version_id,
            ..DeleteObjectOutput::default()
        })
    }

    /// The version asked for, if it is there, is no delete marker, and meets the conditions.
    fn look(&self, asked: &Asked<'_>) -> S3Result<Version> {
        let found = self.index.find(asked.bucket, asked.key, asked.version_id)?;
        let version = found.ok_or_else(|| match asked.version_id {
            Some(_named) => s3_error!(NoSuchVersion, "The specified version does not exist."),
            None => s3_error!(NoSuchKey, "The specified key does not exist."),
        })?;
        if version.record.marker {
            return Err(marker_refusal(&version, asked.version_id.is_some()));
        }
        check(&version.record, asked)?;
        Ok(version)
    }

    /// The version as the caller sees it: a bucket that never had versions shows none.
    pub(super) fn shown_version(&self, bucket: &str, version: &Version) -> S3Result<Option<String>> {
        let versioned = version.version_id != NULL_VERSION || self.index.bucket(bucket)?.versioning.is_some();
        Ok(versioned.then(|| version.version_id.clone()))
    }
}

fn described(input: &PutObjectInput) -> Described {
    Described {
        content_type: input.content_type.clone(),
        content_encoding: input.content_encoding.clone(),
        content_disposition: input.content_disposition.clone(),
        content_language: input.content_language.clone(),
        cache_control: input.cache_control.clone(),
        metadata: input.metadata.clone().into_iter().flatten().collect(),
        tags: tags_of_header(input.tagging.as_deref()),
    }
}

fn replaced(input: &CopyObjectInput) -> Described {
    Described {
        content_type: input.content_type.clone(),
        content_encoding: input.content_encoding.clone(),
        content_disposition: input.content_disposition.clone(),
        content_language: input.content_language.clone(),
        cache_control: input.cache_control.clone(),
        metadata: input.metadata.clone().into_iter().flatten().collect(),
        tags: tags_of_header(input.tagging.as_deref()),
    }
}

/// A delete marker answers "no such key", or "not allowed" when it is asked for by its id.
fn marker_refusal(marker: &Version, by_id: bool) -> S3Error {
    let mut refusal = if by_id { s3_error!(MethodNotAllowed) } else { s3_error!(NoSuchKey, "The specified key does not exist.") };
    let mut headers = http::HeaderMap::new();
    headers.insert("x-amz-delete-marker", http::HeaderValue::from_static("true"));
    if let Ok(version_id) = http::HeaderValue::from_str(&marker.version_id) {
        headers.insert("x-amz-version-id", version_id);
    }
    headers.insert("content-type", http::HeaderValue::from_static("application/xml"));
    refusal.set_headers(headers);
    if by_id {
        refusal.set_status_code(StatusCode::METHOD_NOT_ALLOWED);
    }
    refusal
}

fn range_of(asked: Option<&s3s::dto::Range>, size_bytes: u64) -> S3Result<Option<Range<u64>>> {
    let Some(asked) = asked else {
        return Ok(None);
    };
    let range = asked.check(size_bytes);
    range.map(Some).map_err(|_| s3_error!(InvalidRange))
}

fn slice(whole: &Bytes, range: Range<u64>) -> Bytes {
    let length = whole.len();
    let at = |position: u64| usize::try_from(position).unwrap_or(length).min(length);
    whole.slice(at(range.start)..at(range.end))
}

fn content_range(range: Range<u64>, size_bytes: u64) -> String {
    format!("bytes {}-{}/{size_bytes}", range.start, range.end.saturating_sub(1))
}
