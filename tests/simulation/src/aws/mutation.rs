//! A guard of the product that is made worthless on the wire to AWS, to see whether stories notice: a condition
//! is answered as if it had been left out. The product itself knows nothing of it.

use bytes::Bytes;
use serde_json::{Value, json};

use super::call::{Call, Service};

/// A guard whose worth is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Guard {
    /// The cause of an entry can happen once.
    UniqueCause,
    /// A spend leaves at least nothing.
    SpendValue,
    /// A channel is changed from the version that was read.
    ChannelVersion,
    /// One more channel fits under the limit.
    ChannelLimit,
    /// A provider's call is taken once, and so is its transmission.
    InboxOnce,
    /// Days are set aside before WHAPI is called.
    Reservation,
}

impl Guard {
    /// All of them.
    pub(crate) const ALL: [Self; 6] =
        [Self::UniqueCause, Self::SpendValue, Self::ChannelVersion, Self::ChannelLimit, Self::InboxOnce, Self::Reservation];

    /// Its name for commands and tables.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::UniqueCause => "unique-cause",
            Self::SpendValue => "spend-value",
            Self::ChannelVersion => "channel-version",
            Self::ChannelLimit => "channel-limit",
            Self::InboxOnce => "inbox-once",
            Self::Reservation => "reservation",
        }
    }

    /// The request without the guard.
    pub(super) fn taken_from(self, call: Call) -> Call {
        if call.service != Service::Tables || !matches!(call.operation.as_str(), "TransactWriteItems" | "PutItem" | "UpdateItem") {
            return call;
        }
        let mut said = call.json();
        match said.get_mut("TransactItems").and_then(Value::as_array_mut) {
            Some(items) => self.strip_transaction(items),
            None => self.strip_write(&mut said),
        }
        Call { body: Bytes::from(said.to_string()), ..call }
    }

    fn strip_transaction(self, items: &mut Vec<Value>) {
        if self == Self::Reservation && items.iter().any(is_reservation) {
            // The extension is left, and nothing was set aside for it.
            items.retain(|item| !moves_days(item));
        }
        for item in items {
            for kind in ["Put", "Update"] {
                if let Some(write) = item.get_mut(kind) {
                    self.strip_write(write);
                }
            }
        }
    }

    fn strip_write(self, write: &mut Value) {
        let (pk, sk) = (partition_key(write), sort_key(write));
        let is_meant = match self {
            Self::UniqueCause => pk.starts_with("CAUSE#"),
            Self::ChannelVersion => sk.starts_with("CHN#"),
            Self::InboxOnce => pk.starts_with("INB#") && write.get("Item").is_some(),
            Self::SpendValue | Self::ChannelLimit => sk == "ACCOUNT",
            Self::Reservation => false,
        };
        let Some(condition) = write["ConditionExpression"].as_str().filter(|_| is_meant) else { return };
        let without = match self {
            Self::SpendValue => without(condition, "#days_remaining >="),
            Self::ChannelLimit => without(condition, "(attribute_not_exists(#channels_limit)"),
            _ => always(condition),
        };
        write["ConditionExpression"] = json!(without);
    }
}

/// The condition that also holds whenever it does not; every placeholder is still used.
fn always(condition: &str) -> String {
    format!("({condition}) OR attribute_exists(pk) OR attribute_not_exists(pk)")
}

/// The condition with one of its parts holding always.
fn without(condition: &str, begins: &str) -> String {
    let parts = condition.split(" AND ").map(|part| if part.starts_with(begins) { format!("({})", always(part)) } else { part.to_owned() });
    parts.collect::<Vec<_>>().join(" AND ")
}

fn text(value: &Value, name: &str) -> String {
    let of = |part: &str| value[part][name]["S"].as_str();
    of("Item").or_else(|| of("Key")).unwrap_or_default().to_owned()
}

fn partition_key(write: &Value) -> String {
    text(write, "pk")
}

fn sort_key(write: &Value) -> String {
    text(write, "sk")
}

/// Whether a write is of the ledger or of the account.
fn moves_days(item: &Value) -> bool {
    let of = |kind: &str| (partition_key(&item[kind]), sort_key(&item[kind]));
    let ((cause, entry), (_, account)) = (of("Put"), of("Update"));
    cause.starts_with("CAUSE#") || entry.starts_with("LED#") || account == "ACCOUNT"
}

/// Whether a write records an extension that was just reserved.
fn is_reservation(item: &Value) -> bool {
    let put = &item["Put"];
    sort_key(put).starts_with("EXT#") && put["Item"]["state"]["S"] == "queued" && put["Item"]["version"]["N"] == "1"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(body: &Value) -> Call {
        Call {
            service: Service::Tables,
            operation: "TransactWriteItems".to_owned(),
            path: String::new(),
            body: Bytes::from(body.to_string()),
        }
    }

    fn account(condition: &str) -> Value {
        json!({ "TransactItems": [{ "Update": { "Key": { "pk": { "S": "USR#1" }, "sk": { "S": "ACCOUNT" } }, "ConditionExpression": condition } }] })
    }

    fn conditions(call: &Call) -> Vec<String> {
        let said = call.json();
        let items = said["TransactItems"].as_array().cloned().unwrap_or_default();
        items.iter().filter_map(|item| item["Update"]["ConditionExpression"].as_str().map(str::to_owned)).collect()
    }

    #[test]
    fn one_guard_is_taken_and_the_others_stay() {
        let condition = "attribute_exists(pk) AND #days_remaining >= :v0 AND #version = :v1";
        let taken = conditions(&Guard::SpendValue.taken_from(call(&account(condition))));
        assert_eq!(
            taken,
            ["attribute_exists(pk) AND ((#days_remaining >= :v0) OR attribute_exists(pk) OR attribute_not_exists(pk)) AND #version = :v1"]
        );
        assert_eq!(conditions(&Guard::UniqueCause.taken_from(call(&account(condition)))), [condition]);
        let room = "attribute_exists(pk) AND (attribute_not_exists(#channels_limit) OR #channels_used < #channels_limit)";
        let taken = conditions(&Guard::ChannelLimit.taken_from(call(&account(room))));
        assert!(taken[0].ends_with("OR attribute_not_exists(pk))"), "{taken:?}");
    }

    #[test]
    fn without_its_reservation_only_the_extension_is_written() {
        let extension = json!({ "Put": { "Item": {
            "pk": { "S": "USR#1" }, "sk": { "S": "EXT#chn_1#ext_1" }, "state": { "S": "queued" }, "version": { "N": "1" } } } });
        let debit = json!({ "Put": { "Item": { "pk": { "S": "USR#1" }, "sk": { "S": "LED#ent_1" } } } });
        let both = json!({ "TransactItems": [debit, extension] });
        let taken = Guard::Reservation.taken_from(call(&both)).json();
        assert_eq!(taken["TransactItems"].as_array().map(Vec::len), Some(1));
        let settled = both.to_string().replace("queued", "posted");
        let kept = Guard::Reservation.taken_from(call(&serde_json::from_str(&settled).unwrap())).json();
        assert_eq!(kept["TransactItems"].as_array().map(Vec::len), Some(2));
    }
}
