//! The whole table as it lies there, read without the store's own code: what the checks look at.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use stack::aws::tables::{Attempt, Tables};

/// The most pages of one look.
const MOST_PAGES: usize = 1_000;

/// One item.
#[derive(Clone, Debug)]
pub(crate) struct Item(pub(crate) Value);

impl Item {
    /// A text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0[name]["S"].as_str()
    }

    /// A number.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.0[name]["N"].as_str()?.parse().ok()
    }

    /// A flag; absent is false.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.0[name]["BOOL"] == true
    }

    /// A time.
    pub(crate) fn time(&self, name: &str) -> Option<Timestamp> {
        self.text(name)?.parse().ok()
    }

    /// A structure inside.
    pub(crate) fn inner(&self, name: &str) -> Option<Self> {
        Some(&self.0[name]["M"]).filter(|inner| inner.is_object()).map(|inner| Self(inner.clone()))
    }

    /// Its sort key.
    pub(crate) fn sk(&self) -> &str {
        self.text("sk").unwrap_or_default()
    }

    /// Its partition key.
    pub(crate) fn pk(&self) -> &str {
        self.text("pk").unwrap_or_default()
    }
}

/// All items, by their keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whole(pub(crate) BTreeMap<(String, String), Item>);

impl Whole {
    /// Reads a table.
    pub(crate) fn read(tables: &Tables, name: &str) -> Self {
        let mut all = BTreeMap::new();
        let mut after = Value::Null;
        for _ in 0..MOST_PAGES {
            let mut request = json!({ "TableName": name, "ConsistentRead": true });
            if after.is_object() {
                request["ExclusiveStartKey"] = after.take();
            }
            let Attempt::Done(page) = tables.call("Scan", request.to_string().as_bytes()) else { panic!("the table cannot be read") };
            let page: Value = serde_json::from_slice(&page).unwrap();
            for item in page["Items"].as_array().into_iter().flatten() {
                let item = Item(item.clone());
                all.insert((item.pk().to_owned(), item.sk().to_owned()), item);
            }
            after = page["LastEvaluatedKey"].clone();
            if !after.is_object() {
                break;
            }
        }
        Self(all)
    }

    /// A customer's items whose sort key begins so.
    pub(crate) fn of<'a>(&'a self, user: &str, prefix: &'a str) -> impl Iterator<Item = &'a Item> + 'a {
        let pk = format!("USR#{user}");
        self.0.iter().filter(move |((at, sk), _)| *at == pk && sk.starts_with(prefix)).map(|(_, item)| item)
    }

    /// All items whose partition begins so.
    pub(crate) fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a Item> + 'a {
        self.0.iter().filter(move |((pk, _), _)| pk.starts_with(prefix)).map(|(_, item)| item)
    }

    /// Every item in a line, always the same for the same table: sealed tokens, which no seed makes, are left out.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> + '_ {
        self.0.values().map(|item| {
            let mut item = item.0.clone();
            item.as_object_mut().and_then(|members| members.remove("token"));
            sorted(&item)
        })
    }

    /// One item.
    pub(crate) fn get(&self, pk: &str, sk: &str) -> Option<&Item> {
        self.0.get(&(pk.to_owned(), sk.to_owned()))
    }
}

/// JSON with the names of every object in their order.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<&String, &Value> = members.iter().collect();
            let members: Vec<String> = members.into_iter().map(|(name, value)| format!("{name}:{}", sorted(value))).collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(sorted).collect::<Vec<_>>().join(",")),
        plain => plain.to_string(),
    }
}
