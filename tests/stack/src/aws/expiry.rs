//! Expiry of items by our clock. The store's own sweep goes by the machine's time or, on a handle of
//! its own, past the lock of running requests; so what is over is looked for here, and each item is
//! deleted through the store under the condition that it is still over. Whoever reads the stream
//! waits for the moment between the deletion and the mark of its author.

use std::sync::{PoisonError, RwLock};

use dynoxide::{Database, DynoxideError};
use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::AwsError;

/// How many items one look finds.
const PAGE: i64 = 500;
/// How many looks one sweep takes.
const PAGES: usize = 2_000;
/// Who deletes what is over.
const AUTHOR: &str = r#"{"type":"Service","principalId":"dynamodb.amazonaws.com"}"#;

/// A table whose items may expire.
struct Table {
    name: String,
    attribute: String,
    keys: Vec<String>,
}

/// Deletes what was over at `now_seconds`; answers how many items.
pub(crate) fn sweep(database: &Database, connection: &Connection, readers: &RwLock<()>, now_seconds: i64) -> Result<usize, AwsError> {
    let mut deleted = 0;
    for table in tables(connection)? {
        for _page in 0..PAGES {
            let expired = expired(connection, &table, now_seconds)?;
            let found = expired.len();
            let mut here = 0;
            for key in expired {
                let _no_reader = readers.write().unwrap_or_else(PoisonError::into_inner);
                here += delete(database, connection, &table, key, now_seconds)?;
            }
            deleted += here;
            if here == 0 || i64::try_from(found).is_ok_and(|found| found < PAGE) {
                break;
            }
        }
    }
    Ok(deleted)
}

fn tables(connection: &Connection) -> Result<Vec<Table>, AwsError> {
    let mut statement = connection.prepare_cached(
        "SELECT table_name, ttl_attribute, key_schema FROM _tables
         WHERE ttl_enabled = 1 AND ttl_attribute IS NOT NULL",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?)))?;
    let mut tables = Vec::new();
    for row in rows {
        let (name, attribute, schema) = row?;
        let schema: Vec<Map<String, Value>> = serde_json::from_str(&schema)?;
        let keys = schema.iter().filter_map(|key| key.get("AttributeName")?.as_str());
        tables.push(Table { name, attribute, keys: keys.map(str::to_owned).collect() });
    }
    Ok(tables)
}

/// The keys of items that are over.
fn expired(connection: &Connection, table: &Table, now_seconds: i64) -> Result<Vec<Map<String, Value>>, AwsError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT item_json FROM \"{}\"
         WHERE CAST(json_extract(item_json, ?1) AS INTEGER) < ?2 LIMIT ?3",
        table.name.replace('"', "\"\"")
    ))?;
    let path = format!("$.\"{}\".N", table.attribute);
    let rows = statement.query_map(rusqlite::params![path, now_seconds, PAGE], |row| row.get::<_, String>(0))?;
    let mut keys = Vec::new();
    for row in rows {
        let mut item: Map<String, Value> = serde_json::from_str(&row?)?;
        item.retain(|name, _value| table.keys.contains(name));
        keys.push(item);
    }
    Ok(keys)
}

fn delete(
    database: &Database,
    connection: &Connection,
    table: &Table,
    key: Map<String, Value>,
    now_seconds: i64,
) -> Result<usize, AwsError> {
    let newest = newest_record(connection)?;
    let request = json!({
        "TableName": table.name,
        "Key": key,
        "ConditionExpression": "#expires < :now",
        "ExpressionAttributeNames": {"#expires": table.attribute},
        "ExpressionAttributeValues": {":now": {"N": now_seconds.to_string()}},
    });
    match database.delete_item(serde_json::from_value(request)?) {
        Ok(_deleted) => {
            sign(connection, table, &Value::Object(key), newest)?;
            Ok(1)
        }
        Err(DynoxideError::ConditionalCheckFailedException(..)) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

fn newest_record(connection: &Connection) -> rusqlite::Result<i64> {
    let mut statement = connection.prepare_cached("SELECT COALESCE(MAX(id), 0) FROM _stream_records")?;
    statement.query_row([], |row| row.get(0))
}

/// Marks the deletion in the stream as the service's own.
fn sign(connection: &Connection, table: &Table, key: &Value, after: i64) -> Result<(), AwsError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, keys_json FROM _stream_records
         WHERE id > ?1 AND table_name = ?2 AND event_name = 'REMOVE'",
    )?;
    let rows = statement.query_map(rusqlite::params![after, table.name], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    // All are read before one is written: a reader that wants to write is told at once that the database is locked, while
    // a writer waits.
    let removed = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    for (id, keys) in removed {
        if serde_json::from_str::<Value>(&keys)? == *key {
            let update = "UPDATE _stream_records SET user_identity = ?2 WHERE id = ?1";
            connection.execute(update, rusqlite::params![id, AUTHOR])?;
            break;
        }
    }
    Ok(())
}
