//! What a request may look like, said as data: the fields of a body or a query, and their kinds.
//!
//! [`check`] tells what is wrong with a JSON body; [`coerce`] turns the strings of a form or a
//! query into JSON by the same description, because WHAPI takes both. Fields that nobody
//! described pass unread, as with the vendor; [`described`] leaves them out of what is answered.

use serde_json::{Map, Number, Value};

/// What a value must be.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// Text of a length in characters.
    Sized(usize, usize),
    /// Text that a pattern accepts.
    Like(fn(&str) -> bool),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A number within bounds.
    Number(f64, f64),
    /// A whole number of 32 bits.
    Whole,
    /// A whole number of 64 bits.
    Long,
    /// True or false.
    Flag,
    /// A list: its items' kind, fewest, most.
    List(&'static Kind, usize, usize),
    /// An object with these fields.
    Object(&'static [Field]),
    /// An object whose members are all text, this many at most.
    Texts(usize),
}

/// One named member.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    name: &'static str,
    kind: Kind,
    needed: bool,
}

impl Field {
    /// Whether this is the field of that name.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name
    }
}

/// A field that must be there.
pub(crate) const fn needs(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, needed: true }
}

/// A field that may be left out, but not null.
pub(crate) const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, needed: false }
}

/// A number without bounds.
pub(crate) const ANY_NUMBER: Kind = Kind::Number(f64::MIN, f64::MAX);

/// What is wrong with this object, if anything.
pub(crate) fn check(fields: &[Field], value: &Value) -> Result<(), String> {
    let members = value.as_object().ok_or("the body must be an object")?;
    for field in fields {
        match members.get(field.name) {
            None if field.needed => return Err(format!("{} is required", field.name)),
            None => {}
            Some(member) if fits(field.kind, member) => {}
            Some(_) => return Err(format!("{} is wrong", field.name)),
        }
    }
    Ok(())
}

fn fits(kind: Kind, value: &Value) -> bool {
    let text = value.as_str();
    match kind {
        Kind::Text => text.is_some(),
        Kind::Sized(shortest, longest) => text.is_some_and(|t| (shortest..=longest).contains(&t.chars().count())),
        Kind::Like(pattern) => text.is_some_and(pattern),
        Kind::OneOf(words) => text.is_some_and(|text| words.contains(&text)),
        Kind::Number(least, most) => value.as_f64().is_some_and(|number| (least..=most).contains(&number)),
        Kind::Whole => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        Kind::Long => value.is_i64() || value.is_u64(),
        Kind::Flag => value.is_boolean(),
        Kind::List(item, fewest, most) => {
            value.as_array().is_some_and(|list| (fewest..=most).contains(&list.len()) && list.iter().all(|v| fits(*item, v)))
        }
        Kind::Object(fields) => check(fields, value).is_ok(),
        Kind::Texts(most) => value.as_object().is_some_and(|map| map.len() <= most && map.values().all(Value::is_string)),
    }
}

/// Of an object, only what these fields describe, however deep.
pub(crate) fn described(fields: &[Field], value: &Value) -> Map<String, Value> {
    let said = |field: &Field| Some((field.name.to_owned(), trimmed(field.kind, value.get(field.name)?)));
    fields.iter().filter_map(said).collect()
}

fn trimmed(kind: Kind, value: &Value) -> Value {
    match (kind, value) {
        (Kind::Object(fields), _) => Value::Object(described(fields, value)),
        (Kind::List(item, ..), Value::Array(list)) => list.iter().map(|one| trimmed(*item, one)).collect(),
        _ => value.clone(),
    }
}

/// The object that these pairs of strings stand for.
pub(crate) fn coerce(fields: &[Field], pairs: &[(String, String)]) -> Value {
    let mut members = Map::new();
    for (name, text) in pairs {
        let name = name.trim_end_matches("[]");
        let kind = fields.iter().find(|field| field.name == name).map_or(Kind::Text, |field| field.kind);
        match (kind, members.get_mut(name)) {
            (Kind::List(..), Some(Value::Array(list))) => list.push(Value::String(text.clone())),
            _ => drop(members.insert(name.to_owned(), coerce_one(kind, text))),
        }
    }
    Value::Object(members)
}

fn coerce_one(kind: Kind, text: &str) -> Value {
    let as_text = || Value::String(text.to_owned());
    match kind {
        Kind::Number(..) | Kind::Whole | Kind::Long => text
            .parse::<i64>()
            .ok()
            .map(Number::from)
            .or_else(|| text.parse().ok().and_then(Number::from_f64))
            .map_or_else(as_text, Value::Number),
        Kind::Flag => text.parse().map_or_else(|_| as_text(), Value::Bool),
        Kind::Object(_) | Kind::Texts(_) => serde_json::from_str(text).unwrap_or_else(|_| as_text()),
        Kind::List(..) => serde_json::from_str(text)
            .ok()
            .filter(Value::is_array)
            .unwrap_or_else(|| Value::Array(text.split(',').map(|item| Value::String(item.trim().to_owned())).collect())),
        _ => as_text(),
    }
}
