//! Stored shapes: how each record of the domain lies in the table, and back.
//!
//! Invariants: an item says the version of its shape in `shape`; a reader takes every shape that was ever
//! written and refuses later ones; an item that cannot be read is an error that names its key and the
//! attribute, never a panic and never a guess. What has work to do carries the attributes of the due index.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Timestamp;
use domain::due::DueKind;

use crate::due::{due_shard, shard_key};
use crate::error::StoreError;
use crate::key::Key;

mod account;
mod channel;
#[cfg(test)]
mod dice;
pub(crate) mod field;
mod money;
mod notice;
mod other;
#[cfg(test)]
mod tests;

pub(crate) use other::{Bytes, CauseRow, FindingKeyRow, HashedKey, InboxRow, LogRow, OwedRow, PointerRow, ReceiptRow, RolledRow};

use field::Field;

/// An item as the SDK has it.
pub(crate) type Attributes = HashMap<String, AttributeValue>;

/// A record that is kept as one item.
pub(crate) trait Item: Sized {
    /// The version of the shape that is written now.
    const SHAPE: u32 = 1;
    /// Its place.
    fn key(&self) -> Key;
    /// Writes its attributes.
    fn write(&self, row: &mut Row);
    /// Reads them back.
    fn read(item: &Reading<'_>) -> Result<Self, StoreError>;
    /// The work that it waits for, and from when on.
    fn due(&self) -> Option<(DueKind, Timestamp)> {
        None
    }
}

/// An item that is being written.
pub(crate) struct Row {
    key: Key,
    attributes: Attributes,
}

impl Row {
    fn new(key: Key) -> Self {
        let mut row = Self { attributes: HashMap::new(), key };
        let (pk, sk) = (row.key.pk(), row.key.sk());
        row.put("pk", &pk);
        row.put("sk", &sk);
        row
    }

    /// Adds an attribute, unless its value is left out.
    pub(crate) fn put(&mut self, name: &str, value: &impl Field) {
        if let Some(value) = value.write() {
            self.attributes.insert(name.to_owned(), value);
        }
    }

    /// Puts it into the due index.
    fn put_due(&mut self, kind: DueKind, at: Timestamp) {
        let shard = shard_key(kind, due_shard(&self.key.pk()));
        self.put("due_kind", &kind.word().to_owned());
        self.put("due_shard", &shard);
        self.put("due_at", &at);
    }
}

/// The item of a record, as it is stored with that version.
pub(crate) fn to_item<T: Item>(record: &T) -> Attributes {
    let mut row = Row::new(record.key());
    row.put("shape", &T::SHAPE);
    record.write(&mut row);
    if let Some((kind, at)) = record.due() {
        row.put_due(kind, at);
    }
    row.attributes
}

/// The record of an item.
pub(crate) fn from_item<T: Item>(attributes: &Attributes) -> Result<T, StoreError> {
    let reading = Reading { attributes };
    let shape: u32 = reading.get("shape")?;
    if shape == 0 || shape > T::SHAPE {
        return Err(reading.corrupt("shape"));
    }
    T::read(&reading)
}

/// An item that is being read.
pub(crate) struct Reading<'a> {
    attributes: &'a Attributes,
}

impl Reading<'_> {
    /// Reads an attribute.
    pub(crate) fn get<T: Field>(&self, name: &str) -> Result<T, StoreError> {
        T::read(self.attributes.get(name)).ok_or_else(|| self.corrupt(name))
    }

    /// The error that names the item and the attribute.
    pub(crate) fn corrupt(&self, name: &str) -> StoreError {
        let part = |name: &str| self.attributes.get(name).and_then(|value| value.as_s().ok()).map_or("?", String::as_str);
        StoreError::Corrupt(format!("{} / {}: `{name}` cannot be read", part("pk"), part("sk")))
    }
}

/// A record whose attributes have the names of its fields. Those behind the semicolon came later: older records lack them.
macro_rules! stored {
    ($kind:ty { $($field:ident),* $(,)? $(; $($later:ident),* $(,)?)? }, key($of:ident) $key:expr $(, due $due:expr)?) => {
        impl $crate::item::Item for $kind {
            fn key(&self) -> $crate::key::Key {
                let $of = self;
                $key
            }
            fn write(&self, row: &mut $crate::item::Row) {
                let Self { $($field,)* $($($later,)*)? } = self;
                $(row.put(stringify!($field), $field);)*
                $($(row.put(stringify!($later), $later);)*)?
            }
            fn read(item: &$crate::item::Reading<'_>) -> Result<Self, $crate::error::StoreError> {
                Ok(Self {
                    $($field: item.get(stringify!($field))?,)*
                    $($($later: item.get::<Option<_>>(stringify!($later))?.unwrap_or_default(),)*)?
                })
            }
            $(fn due(&self) -> Option<(domain::due::DueKind, domain::Timestamp)> {
                let $of = self;
                $due
            })?
        }
    };
}

pub(crate) use stored;
