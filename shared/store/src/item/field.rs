//! How single values are written into attributes, and back.
//!
//! Invariants: numbers are `N`, times are RFC 3339 in UTC with milliseconds at a fixed width (so that they
//! sort), what is absent or `false` has no attribute; nothing here panics on what it reads.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::account::Role;
use domain::channel::{AuthStatus, Connection, Kind, Sealed, Status};
use domain::extension::{ExtensionState, Origin};
use domain::id::{ChannelId, EntryId, ExtensionId, FindingId, HistoryId, KeyId, NoticeId, NotificationId, PlanId, SubscriptionId, UserId};
use domain::ledger::{Cause, EntryKind};
use domain::plan::{BillingPeriod, RequestType};
use domain::subscription::{PaymentMethod, SubscriptionStatus};
use domain::{Currency, Days, Money, PhoneNumber};
use jiff::Timestamp;

use crate::inbox::InboxState;

/// A value that an attribute can hold.
pub(crate) trait Field: Sized {
    /// The attribute, or `None` when it is left out.
    fn write(&self) -> Option<AttributeValue>;
    /// Reads it back; `None` when that is no such value.
    fn read(value: Option<&AttributeValue>) -> Option<Self>;
}

fn text(value: Option<&AttributeValue>) -> Option<&str> {
    value?.as_s().ok().map(String::as_str)
}

/// The moment as it is stored: floored to the millisecond.
pub(crate) fn time_text(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

impl Field for String {
    fn write(&self) -> Option<AttributeValue> {
        Some(AttributeValue::S(self.clone()))
    }
    fn read(value: Option<&AttributeValue>) -> Option<Self> {
        text(value).map(str::to_owned)
    }
}

impl Field for bool {
    fn write(&self) -> Option<AttributeValue> {
        self.then_some(AttributeValue::Bool(true))
    }
    fn read(value: Option<&AttributeValue>) -> Option<Self> {
        value.map_or(Some(false), |value| value.as_bool().ok().copied())
    }
}

impl Field for Timestamp {
    fn write(&self) -> Option<AttributeValue> {
        Some(AttributeValue::S(time_text(*self)))
    }
    fn read(value: Option<&AttributeValue>) -> Option<Self> {
        text(value)?.parse().ok()
    }
}

impl Field for Days {
    fn write(&self) -> Option<AttributeValue> {
        self.count().write()
    }
    fn read(value: Option<&AttributeValue>) -> Option<Self> {
        u32::read(value).map(Self::new)
    }
}

impl Field for Money {
    fn write(&self) -> Option<AttributeValue> {
        Some(AttributeValue::S(format!("{} {}", self.minor, self.currency.code())))
    }
    fn read(value: Option<&AttributeValue>) -> Option<Self> {
        let (minor, currency) = text(value)?.split_once(' ')?;
        Some(Self::new(minor.parse().ok()?, Currency::parse(currency).ok()?))
    }
}

impl Field for PhoneNumber {
    fn write(&self) -> Option<AttributeValue> {
        Some(AttributeValue::S(self.as_str().to_owned()))
    }
    fn read(value: Option<&AttributeValue>) -> Option<Self> {
        Self::from_stored(text(value)?)
    }
}

impl Field for Sealed {
    fn write(&self) -> Option<AttributeValue> {
        self.0.write()
    }
    fn read(value: Option<&AttributeValue>) -> Option<Self> {
        String::read(value).map(Self)
    }
}

impl Field for Cause {
    fn write(&self) -> Option<AttributeValue> {
        Some(AttributeValue::S(self.as_str().to_owned()))
    }
    fn read(value: Option<&AttributeValue>) -> Option<Self> {
        text(value).map(Self::from_stored)
    }
}

impl<T: Field> Field for Option<T> {
    fn write(&self) -> Option<AttributeValue> {
        self.as_ref().and_then(T::write)
    }
    fn read(value: Option<&AttributeValue>) -> Option<Self> {
        value.map_or(Some(None), |value| T::read(Some(value)).map(Some))
    }
}

/// A list of texts: nothing else is kept in lists.
impl Field for Vec<String> {
    fn write(&self) -> Option<AttributeValue> {
        Some(AttributeValue::L(self.iter().cloned().map(AttributeValue::S).collect()))
    }
    fn read(value: Option<&AttributeValue>) -> Option<Self> {
        value?.as_l().ok()?.iter().map(|value| String::read(Some(value))).collect()
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Field for $number {
            fn write(&self) -> Option<AttributeValue> {
                Some(AttributeValue::N(self.to_string()))
            }
            fn read(value: Option<&AttributeValue>) -> Option<Self> {
                value?.as_n().ok()?.parse().ok()
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64, i64);

macro_rules! ids {
    ($($id:ty),* $(,)?) => {$(
        impl Field for $id {
            fn write(&self) -> Option<AttributeValue> {
                Some(AttributeValue::S(self.as_str().to_owned()))
            }
            fn read(value: Option<&AttributeValue>) -> Option<Self> {
                Self::parse(text(value)?).ok()
            }
        }
    )*};
}

ids!(ChannelId, EntryId, ExtensionId, FindingId, HistoryId, KeyId, NoticeId, NotificationId, PlanId, SubscriptionId, UserId,);

macro_rules! words {
    ($($word:ty),* $(,)?) => {$(
        impl Field for $word {
            fn write(&self) -> Option<AttributeValue> {
                Some(AttributeValue::S(self.word().to_owned()))
            }
            fn read(value: Option<&AttributeValue>) -> Option<Self> {
                Self::parse(text(value)?)
            }
        }
    )*};
}

words!(
    AuthStatus,
    BillingPeriod,
    Connection,
    EntryKind,
    ExtensionState,
    InboxState,
    Kind,
    Origin,
    PaymentMethod,
    RequestType,
    Role,
    Status,
    SubscriptionStatus,
);

/// A structure inside an item: a map with an attribute for each of its fields.
macro_rules! nested {
    ($kind:ident { $($field:ident),* $(,)? }) => {
        impl $crate::item::field::Field for $kind {
            fn write(&self) -> Option<aws_sdk_dynamodb::types::AttributeValue> {
                let Self { $($field),* } = self;
                let mut map = $crate::item::field::Map::default();
                $(map.put(stringify!($field), $field);)*
                Some(map.into_value())
            }
            fn read(value: Option<&aws_sdk_dynamodb::types::AttributeValue>) -> Option<Self> {
                let map = value?.as_m().ok()?;
                Some(Self { $($field: $crate::item::field::Field::read(map.get(stringify!($field)))?),* })
            }
        }
    };
}

pub(crate) use nested;

/// A map that is being written.
#[derive(Default)]
pub(crate) struct Map(HashMap<String, AttributeValue>);

impl Map {
    /// Adds a field, unless it is left out.
    pub(crate) fn put(&mut self, name: &str, value: &impl Field) {
        if let Some(value) = value.write() {
            self.0.insert(name.to_owned(), value);
        }
    }

    /// The map as one value.
    pub(crate) fn into_value(self) -> AttributeValue {
        AttributeValue::M(self.0)
    }
}
