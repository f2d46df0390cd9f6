//! Lists: the newest objects of a bucket in order of their keys, grouped by a delimiter, in pages;
//! and all versions.

use s3s::S3Result;
use s3s::dto::{
    CommonPrefix, DeleteMarkerEntry, EncodingType, ListObjectVersionsInput, ListObjectVersionsOutput, ListObjectsV2Input,
    ListObjectsV2Output, Object, ObjectStorageClass, ObjectVersion, ObjectVersionStorageClass,
};

use super::Store;
use super::record::Version;

/// The most that one page shows.
const PAGE_LIMIT: usize = 1_000;
/// Greater than any key that starts with what stands before it.
const AFTER_PREFIX: char = char::MAX;
/// The least key after another one.
const NEXT_KEY: char = '\0';

/// What a page holds.
#[derive(Default)]
struct Page {
    objects: Vec<Version>,
    prefixes: Vec<String>,
    /// Where the next page begins, if there is one.
    next: Option<String>,
}

impl Store {
    pub(super) fn list_objects(&self, input: ListObjectsV2Input) -> S3Result<ListObjectsV2Output> {
        self.index.bucket(&input.bucket)?;
        let prefix = input.prefix.as_deref().unwrap_or("");
        let delimiter = input.delimiter.as_deref().filter(|text| !text.is_empty());
        let after = input.start_after.as_ref().map(|key| format!("{key}{NEXT_KEY}"));
        let from = input.continuation_token.as_deref().and_then(from_token);
        let from = from.or(after).unwrap_or_default();
        let limit = page_limit(input.max_keys);
        let page = self.page(&input.bucket, prefix, delimiter, &from, limit)?;
        let encode = encoder(input.encoding_type.as_ref());
        let shown = page.objects.len() + page.prefixes.len();
        Ok(ListObjectsV2Output {
            key_count: i32::try_from(shown).ok(),
            is_truncated: Some(page.next.is_some()),
            next_continuation_token: page.next.map(hex::encode),
            contents: Some(page.objects.iter().map(|found| object(found, &encode)).collect()),
            common_prefixes: Some(common_prefixes(page.prefixes, &encode)),
            max_keys: i32::try_from(limit).ok(),
            name: Some(input.bucket),
            prefix: input.prefix.map(|prefix| encode(&prefix)),
            delimiter: input.delimiter,
            continuation_token: input.continuation_token,
            start_after: input.start_after,
            encoding_type: input.encoding_type,
            ..ListObjectsV2Output::default()
        })
    }

    fn page(&self, bucket: &str, prefix: &str, delimiter: Option<&str>, from: &str, limit: usize) -> S3Result<Page> {
        let mut page = Page::default();
        let mut from = from.max(prefix).to_owned();
        // Each round adds an object or a prefix; the one after the last tells whether more follow.
        for _round in 0..=limit {
            let room = limit - page.shown();
            let found = self.index.page(bucket, &from, room + 1)?;
            match page.take(found, prefix, delimiter, limit) {
                Some(after_prefix) => from = after_prefix,
                None => break,
            }
        }
        Ok(page)
    }

    pub(super) fn list_versions(&self, input: ListObjectVersionsInput) -> S3Result<ListObjectVersionsOutput> {
        self.index.bucket(&input.bucket)?;
        let prefix = input.prefix.as_deref().unwrap_or("");
        let limit = page_limit(input.max_keys);
        let marker = input.key_marker.as_deref().unwrap_or("");
        // The version marker counts how many versions of the marked key were shown.
        let shown = input.version_id_marker.as_deref();
        let shown: usize = shown.and_then(|text| text.parse().ok()).unwrap_or(0);
        let from = match (shown, marker) {
            (0, "") => prefix.to_owned(),
            (0, marker) => format!("{marker}{NEXT_KEY}"),
            (_, marker) => marker.to_owned(),
        };
        let from = from.as_str().max(prefix);
        let mut found = self.index.version_page(&input.bucket, from, shown, limit + 1)?;
        found.retain(|version| version.key.starts_with(prefix));
        let truncated = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_last| truncated).map(|last| last.key.clone());
        let next_count = next.as_ref().map(|key| {
            let here = found.iter().filter(|version| version.key == *key).count();
            let before = if key == marker { shown } else { 0 };
            (here + before).to_string()
        });
        let (markers, versions): (Vec<_>, Vec<_>) = found.into_iter().partition(|version| version.record.marker);
        Ok(ListObjectVersionsOutput {
            delete_markers: Some(markers.into_iter().map(delete_marker).collect()),
            versions: Some(versions.into_iter().map(object_version).collect()),
            is_truncated: Some(truncated),
            next_key_marker: next,
            next_version_id_marker: next_count,
            max_keys: i32::try_from(limit).ok(),
            name: Some(input.bucket),
            prefix: input.prefix,
            key_marker: input.key_marker,
            version_id_marker: input.version_id_marker,
            ..ListObjectVersionsOutput::default()
        })
    }
}

impl Page {
    fn shown(&self) -> usize {
        self.objects.len() + self.prefixes.len()
    }

    /// Takes what was found until the page is full, the prefix is left, or a group of keys begins:
    /// then answers the key after the group, from which to look on.
    fn take(&mut self, found: Vec<Version>, prefix: &str, delimiter: Option<&str>, limit: usize) -> Option<String> {
        for version in found {
            let rest = version.key.strip_prefix(prefix)?;
            if self.shown() == limit {
                self.next = Some(version.key);
                return None;
            }
            let group = delimiter.and_then(|delimiter| {
                let end = rest.find(delimiter)? + delimiter.len();
                Some(format!("{prefix}{}", rest.get(..end)?))
            });
            match group {
                Some(group) => {
                    let after = format!("{group}{AFTER_PREFIX}");
                    self.prefixes.push(group);
                    return Some(after);
                }
                None => self.objects.push(version),
            }
        }
        None
    }
}

fn page_limit(asked: Option<i32>) -> usize {
    let asked = asked.and_then(|asked| usize::try_from(asked).ok());
    asked.unwrap_or(PAGE_LIMIT).min(PAGE_LIMIT)
}

/// A token is the key at which the page begins.
fn from_token(token: &str) -> Option<String> {
    String::from_utf8(hex::decode(token).ok()?).ok()
}

fn encoder(asked: Option<&EncodingType>) -> impl Fn(&str) -> String + use<> {
    let by_url = asked.is_some_and(|asked| asked.as_str() == EncodingType::URL);
    move |text: &str| {
        if by_url { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() } else { text.to_owned() }
    }
}

fn common_prefixes(prefixes: Vec<String>, encode: &impl Fn(&str) -> String) -> Vec<CommonPrefix> {
    let shown = prefixes.into_iter().map(|prefix| CommonPrefix { prefix: Some(encode(&prefix)) });
    shown.collect()
}

fn object(version: &Version, encode: &impl Fn(&str) -> String) -> Object {
    Object {
        key: Some(encode(&version.key)),
        e_tag: Some(version.record.etag()),
        last_modified: Some(version.record.modified()),
        size: Some(version.record.size()),
        storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
        ..Object::default()
    }
}

fn object_version(version: Version) -> ObjectVersion {
    ObjectVersion {
        e_tag: Some(version.record.etag()),
        is_latest: Some(version.latest),
        last_modified: Some(version.record.modified()),
        size: Some(version.record.size()),
        storage_class: Some(ObjectVersionStorageClass::from_static(ObjectVersionStorageClass::STANDARD)),
        key: Some(version.key),
        version_id: Some(version.version_id),
        ..ObjectVersion::default()
    }
}

fn delete_marker(version: Version) -> DeleteMarkerEntry {
    DeleteMarkerEntry {
        is_latest: Some(version.latest),
        last_modified: Some(version.record.modified()),
        key: Some(version.key),
        version_id: Some(version.version_id),
        owner: None,
    }
}
