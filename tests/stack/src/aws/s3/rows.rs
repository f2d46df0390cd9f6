//! The statements that one change of the index is made of: finding, adding and removing a version.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use s3s::{S3Error, S3Result, s3_error};

use super::index::Bucket;
use super::record::{NULL_VERSION, Record, Version};

/// The columns that [`read_version`] reads.
pub(super) const COLUMNS: &str = "key, version_id, latest, record";

/// The bucket of this name, or S3's refusal.
pub(super) fn bucket_in(connection: &Connection, name: &str) -> S3Result<Bucket> {
    let mut statement = connection.prepare_cached("SELECT * FROM buckets WHERE name = ?1").map_err(sql)?;
    let found = statement.query_row([name], read_bucket).optional();
    found.map_err(sql)?.ok_or_else(|| s3_error!(NoSuchBucket))
}

/// One version, by its id or the newest.
pub(super) fn find_in(connection: &Connection, bucket: &str, key: &str, version_id: Option<&str>) -> S3Result<Option<Version>> {
    let statement = format!(
        "SELECT {COLUMNS} FROM versions WHERE bucket = ?1 AND key = ?2
         AND ((?3 IS NULL AND latest = 1) OR version_id = ?3)"
    );
    let mut statement = connection.prepare_cached(&statement).map_err(sql)?;
    let found = statement.query_row(params![bucket, key, version_id], read_version);
    found.optional().map_err(sql)
}

/// Adds the newest version; a bucket whose versioning is off or suspended has one "null" version.
pub(super) fn add(
    transaction: &Transaction<'_>,
    bucket: &str,
    key: &str,
    record: &Record,
    versioning: &Option<String>,
) -> S3Result<(String, Vec<String>)> {
    let (version_id, orphans) = if versioning.as_deref() == Some("Enabled") {
        (ulid::Ulid::new().to_string(), Vec::new())
    } else {
        let orphans = remove(transaction, bucket, key, NULL_VERSION)?;
        (NULL_VERSION.to_owned(), orphans)
    };
    transaction.execute("UPDATE versions SET latest = 0 WHERE bucket = ?1 AND key = ?2 AND latest = 1", [bucket, key]).map_err(sql)?;
    let text = serde_json::to_string(record).map_err(S3Error::internal_error)?;
    let modified_ms = record.modified.as_millisecond();
    transaction
        .execute(
            "INSERT INTO versions (bucket, key, version_id, latest, marker, modified_ms, record)
             VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6)",
            params![bucket, key, version_id, record.marker, modified_ms, text],
        )
        .map_err(sql)?;
    Ok((version_id, orphans))
}

/// Removes one version; the one before it becomes the newest. Answers the files left over.
pub(super) fn remove(transaction: &Transaction<'_>, bucket: &str, key: &str, version_id: &str) -> S3Result<Vec<String>> {
    let Some(found) = find_in(transaction, bucket, key, Some(version_id))? else {
        return Ok(Vec::new());
    };
    transaction
        .execute("DELETE FROM versions WHERE bucket = ?1 AND key = ?2 AND version_id = ?3", [bucket, key, version_id])
        .map_err(sql)?;
    if found.latest {
        transaction
            .execute(
                "UPDATE versions SET latest = 1 WHERE seq = (SELECT MAX(seq) FROM versions
                 WHERE bucket = ?1 AND key = ?2)",
                [bucket, key],
            )
            .map_err(sql)?;
    }
    Ok(found.record.file.into_iter().collect())
}

/// Reads a row of the buckets.
pub(super) fn read_bucket(row: &Row<'_>) -> rusqlite::Result<Bucket> {
    let created = Timestamp::from_millisecond(row.get("created_ms")?);
    Ok(Bucket {
        name: row.get("name")?,
        created: created.unwrap_or_default(),
        versioning: row.get("versioning")?,
        cors: row.get("cors")?,
        lifecycle: row.get("lifecycle")?,
    })
}

/// Reads the [`COLUMNS`] of a version.
pub(super) fn read_version(row: &Row<'_>) -> rusqlite::Result<Version> {
    let record: String = row.get("record")?;
    let record = serde_json::from_str(&record)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(3, rusqlite::types::Type::Text, Box::new(error)))?;
    Ok(Version { key: row.get("key")?, version_id: row.get("version_id")?, latest: row.get("latest")?, record })
}

/// A number of rows, as SQLite wants it.
pub(super) fn limit_of(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// A failure of the index is a failure of the service.
pub(super) fn sql(error: rusqlite::Error) -> S3Error {
    S3Error::internal_error(error)
}
