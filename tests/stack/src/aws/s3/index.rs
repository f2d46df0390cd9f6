//! The index of buckets and versions, in SQLite. Each change is one transaction under one lock, so a
//! condition is decided and acted on at once: of two conditional puts one wins. Files are never
//! touched here; what a change leaves without an owner is named to the caller.

use std::path::Path;
use std::sync::Mutex;

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, params};
use s3s::{S3Error, S3Result, s3_error};

use super::record::{NULL_VERSION, Record, Version};
use super::rows::{COLUMNS, add, bucket_in, find_in, limit_of, read_bucket, read_version, remove, sql};
use crate::aws::cells::lock;

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS buckets (
        name TEXT PRIMARY KEY, created_ms INTEGER NOT NULL,
        versioning TEXT, cors TEXT, lifecycle TEXT);
    CREATE TABLE IF NOT EXISTS versions (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, bucket TEXT NOT NULL, key TEXT NOT NULL,
        version_id TEXT NOT NULL, latest INTEGER NOT NULL, marker INTEGER NOT NULL,
        modified_ms INTEGER NOT NULL, record TEXT NOT NULL);
    CREATE UNIQUE INDEX IF NOT EXISTS versions_by_id ON versions (bucket, key, version_id);
    CREATE UNIQUE INDEX IF NOT EXISTS versions_latest ON versions (bucket, key) WHERE latest = 1;";

/// A bucket and its settings, as they were written.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    pub(super) name: String,
    pub(super) created: Timestamp,
    pub(super) versioning: Option<String>,
    pub(super) cors: Option<String>,
    pub(super) lifecycle: Option<String>,
}

/// The settings of a bucket that are kept.
#[derive(Clone, Copy, Debug)]
pub(super) enum Setting {
    Versioning,
    Cors,
    Lifecycle,
}

/// What a deletion did.
#[derive(Debug, Default)]
pub(super) struct Deleted {
    pub(super) version_id: Option<String>,
    pub(super) marker: bool,
    pub(super) orphans: Vec<String>,
}

/// What a put did.
#[derive(Debug)]
pub(super) struct Put {
    pub(super) version_id: Option<String>,
    pub(super) orphans: Vec<String>,
}

pub(super) struct Index {
    connection: Mutex<Connection>,
}

impl Index {
    pub(super) fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    pub(super) fn clear(&self) -> rusqlite::Result<()> {
        lock(&self.connection).execute_batch("DELETE FROM versions; DELETE FROM buckets;")
    }

    fn change<R>(&self, act: impl FnOnce(&Transaction<'_>) -> S3Result<R>) -> S3Result<R> {
        let mut connection = lock(&self.connection);
        let transaction = connection.transaction().map_err(sql)?;
        let done = act(&transaction)?;
        transaction.commit().map_err(sql)?;
        Ok(done)
    }

    /// Makes a bucket; making it again changes nothing.
    pub(super) fn create_bucket(&self, name: &str, now: Timestamp) -> S3Result<()> {
        let connection = lock(&self.connection);
        connection
            .execute("INSERT OR IGNORE INTO buckets (name, created_ms) VALUES (?1, ?2)", params![name, now.as_millisecond()])
            .map_err(sql)?;
        Ok(())
    }

    /// Deletes an empty bucket.
    pub(super) fn delete_bucket(&self, name: &str) -> S3Result<()> {
        self.change(|transaction| {
            let used: bool =
                transaction.query_row("SELECT EXISTS (SELECT 1 FROM versions WHERE bucket = ?1)", [name], |row| row.get(0)).map_err(sql)?;
            if used {
                return Err(s3_error!(BucketNotEmpty));
            }
            let deleted = transaction.execute("DELETE FROM buckets WHERE name = ?1", [name]);
            match deleted.map_err(sql)? {
                0 => Err(s3_error!(NoSuchBucket)),
                _ => Ok(()),
            }
        })
    }

    /// The bucket, or S3's refusal.
    pub(super) fn bucket(&self, name: &str) -> S3Result<Bucket> {
        let connection = lock(&self.connection);
        bucket_in(&connection, name)
    }

    pub(super) fn buckets(&self) -> S3Result<Vec<Bucket>> {
        let connection = lock(&self.connection);
        let mut statement = connection.prepare_cached("SELECT * FROM buckets ORDER BY name").map_err(sql)?;
        let rows = statement.query_map([], read_bucket).map_err(sql)?;
        rows.collect::<Result<_, _>>().map_err(sql)
    }

    pub(super) fn configure(&self, bucket: &str, setting: Setting, value: Option<&str>) -> S3Result<()> {
        let statement = match setting {
            Setting::Versioning => "UPDATE buckets SET versioning = ?2 WHERE name = ?1",
            Setting::Cors => "UPDATE buckets SET cors = ?2 WHERE name = ?1",
            Setting::Lifecycle => "UPDATE buckets SET lifecycle = ?2 WHERE name = ?1",
        };
        let changed = lock(&self.connection).execute(statement, params![bucket, value]);
        match changed.map_err(sql)? {
            0 => Err(s3_error!(NoSuchBucket)),
            _ => Ok(()),
        }
    }

    /// The version asked for, or the newest; a delete marker is a version too.
    pub(super) fn find(&self, bucket: &str, key: &str, version_id: Option<&str>) -> S3Result<Option<Version>> {
        let connection = lock(&self.connection);
        bucket_in(&connection, bucket)?;
        find_in(&connection, bucket, key, version_id)
    }

    /// Adds a version if `condition` agrees with the newest one.
    pub(super) fn put(
        &self,
        bucket: &str,
        key: &str,
        record: &Record,
        condition: impl FnOnce(Option<&Version>) -> S3Result<()>,
    ) -> S3Result<Put> {
        self.change(|transaction| {
            let versioning = bucket_in(transaction, bucket)?.versioning;
            let newest = find_in(transaction, bucket, key, None)?;
            condition(newest.as_ref().filter(|newest| !newest.record.marker))?;
            let (version_id, orphans) = add(transaction, bucket, key, record, &versioning)?;
            Ok(Put { version_id: versioning.map(|_| version_id), orphans })
        })
    }

    /// Rewrites what is kept about a version.
    pub(super) fn describe(&self, bucket: &str, version: &Version) -> S3Result<()> {
        let record = serde_json::to_string(&version.record).map_err(S3Error::internal_error)?;
        lock(&self.connection)
            .execute(
                "UPDATE versions SET record = ?4 WHERE bucket = ?1 AND key = ?2 AND version_id = ?3",
                params![bucket, version.key, version.version_id, record],
            )
            .map_err(sql)?;
        Ok(())
    }

    /// Deletes a version for good, or the newest in the way of the bucket's versioning.
    pub(super) fn delete(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        now: Timestamp,
        condition: impl FnOnce(Option<&Version>) -> S3Result<()>,
    ) -> S3Result<Deleted> {
        self.change(|transaction| {
            let versioning = bucket_in(transaction, bucket)?.versioning;
            let found = find_in(transaction, bucket, key, version_id)?;
            condition(found.as_ref().filter(|found| !found.record.marker))?;
            match (version_id, versioning) {
                (Some(version_id), _) => {
                    let orphans = remove(transaction, bucket, key, version_id)?;
                    Ok(Deleted { version_id: Some(version_id.to_owned()), marker: found.is_some_and(|found| found.record.marker), orphans })
                }
                (None, None) => Ok(Deleted { orphans: remove(transaction, bucket, key, NULL_VERSION)?, ..Deleted::default() }),
                (None, versioning) => {
                    let marker = Record::marker(now);
                    let (version_id, orphans) = add(transaction, bucket, key, &marker, &versioning)?;
                    Ok(Deleted { version_id: Some(version_id), marker: true, orphans })
                }
            }
        })
    }

    /// The newest versions in order of their keys, delete markers left out, from `from` on.
    pub(super) fn page(&self, bucket: &str, from: &str, limit: usize) -> S3Result<Vec<Version>> {
        let statement = format!(
            "SELECT {COLUMNS} FROM versions INDEXED BY versions_latest
             WHERE bucket = ?1 AND latest = 1 AND key >= ?2 AND marker = 0 ORDER BY key LIMIT ?3"
        );
        self.select(&statement, params![bucket, from, limit_of(limit)])
    }

    /// All versions, by key and the newest first, from `from` on.
    pub(super) fn version_page(&self, bucket: &str, from: &str, skip: usize, limit: usize) -> S3Result<Vec<Version>> {
        let statement = format!(
            "SELECT {COLUMNS} FROM versions WHERE bucket = ?1 AND key >= ?2
             ORDER BY key, seq DESC LIMIT ?4 OFFSET ?3"
        );
        let skip = limit_of(skip);
        self.select(&statement, params![bucket, from, skip, limit_of(limit)])
    }

    /// The newest versions under `prefix` last modified before `before`.
    pub(super) fn outlived(&self, bucket: &str, prefix: &str, before: Timestamp, limit: usize) -> S3Result<Vec<Version>> {
        let statement = format!(
            "SELECT {COLUMNS} FROM versions WHERE bucket = ?1 AND latest = 1 AND marker = 0
             AND substr(key, 1, length(?2)) = ?2 AND modified_ms < ?3 LIMIT ?4"
        );
        let before_ms = before.as_millisecond();
        self.select(&statement, params![bucket, prefix, before_ms, limit_of(limit)])
    }

    /// The versions under `prefix` that another followed before `before`.
    pub(super) fn outlived_noncurrent(&self, bucket: &str, prefix: &str, before: Timestamp, limit: usize) -> S3Result<Vec<Version>> {
        let statement = format!(
            "SELECT {COLUMNS} FROM versions AS old WHERE bucket = ?1 AND latest = 0
             AND substr(key, 1, length(?2)) = ?2
             AND (SELECT MIN(modified_ms) FROM versions AS next WHERE next.bucket = old.bucket
                  AND next.key = old.key AND next.seq > old.seq) < ?3 LIMIT ?4"
        );
        let before_ms = before.as_millisecond();
        self.select(&statement, params![bucket, prefix, before_ms, limit_of(limit)])
    }

    fn select(&self, statement: &str, parameters: &[&dyn rusqlite::ToSql]) -> S3Result<Vec<Version>> {
        let connection = lock(&self.connection);
        let mut statement = connection.prepare_cached(statement).map_err(sql)?;
        let rows = statement.query_map(parameters, read_version).map_err(sql)?;
        rows.collect::<Result<_, _>>().map_err(sql)
    }
}
