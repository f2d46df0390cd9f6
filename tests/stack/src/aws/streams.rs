//! What the embedded table store leaves undone about its change streams: without an index each write
//! searches the whole stream for the newest number, records are never trimmed, and the identity that
//! marks a deletion by expiry does not reach the SDK in the case it reads.

use rusqlite::Connection;
use serde_json::Value;

/// How long a stream remembers, in real seconds: records carry the real time of their writing, so
/// that moving the clock by a month does not take away what nobody has read yet.
const KEPT_SECONDS: i64 = 24 * 60 * 60;
/// How many of the oldest records one pass looks at.
const TRIM_BATCH: i64 = 20_000;

/// Adds the index by which a stream's newest record is found.
pub(crate) fn index(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "CREATE INDEX IF NOT EXISTS _stream_position
         ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
    )
}

/// Deletes what is older than a day; answers how many records went.
pub(crate) fn trim(connection: &Connection) -> rusqlite::Result<usize> {
    connection.execute(
        "DELETE FROM _stream_records WHERE id IN (
             SELECT id FROM (SELECT id, created_at FROM _stream_records ORDER BY id LIMIT ?1)
             WHERE created_at < CAST(strftime('%s', 'now') AS INTEGER) - ?2)",
        [TRIM_BATCH, KEPT_SECONDS],
    )
}

/// Forgets every record of every stream.
pub(crate) fn clear(connection: &Connection) -> rusqlite::Result<usize> {
    connection.execute("DELETE FROM _stream_records", [])
}

/// Rewrites `userIdentity` to the member names of the streams API (`PrincipalId`, `Type`); the
/// lowercase ones belong to the Lambda event.
pub(crate) fn with_identities(records: Vec<u8>) -> Vec<u8> {
    const MARK: &[u8] = b"\"userIdentity\"";
    if !records.windows(MARK.len()).any(|window| window == MARK) {
        return records;
    }
    let Ok(mut parsed) = serde_json::from_slice::<Value>(&records) else {
        return records;
    };
    for record in parsed["Records"].as_array_mut().into_iter().flatten() {
        if let Some(identity) = record.get_mut("userIdentity").and_then(Value::as_object_mut) {
            for (from, to) in [("type", "Type"), ("principalId", "PrincipalId")] {
                if let Some(value) = identity.remove(from) {
                    identity.insert(to.to_owned(), value);
                }
            }
        }
    }
    serde_json::to_vec(&parsed).unwrap_or(records)
}
