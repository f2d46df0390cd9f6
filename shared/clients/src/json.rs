//! Reading JSON of others tolerantly: a field may be missing, null, or of a neighbouring type.
//!
//! Invariant: nothing here fails; what cannot be read is `None`, and its reader decides what that means.

use jiff::Timestamp;
use serde_json::Value;

/// Numbers below this are seconds since 1970, others milliseconds (in seconds it is the year 5138, in
/// milliseconds March 1973). WHAPI documents the one and sends the other.
const FIRST_MILLISECOND: i64 = 100_000_000_000;

static NOTHING: Value = Value::Null;

/// A place in a document, which may be nothing.
#[derive(Clone, Copy)]
pub(crate) struct Node<'a>(pub(crate) &'a Value);

impl<'a> Node<'a> {
    /// What stands under `key`.
    pub(crate) fn at(self, key: &str) -> Self {
        Node(self.0.get(key).unwrap_or(&NOTHING))
    }

    /// The first of the keys under which something stands.
    pub(crate) fn any(self, keys: &[&str]) -> Self {
        keys.iter().map(|key| self.at(key)).find(|node| node.exists()).unwrap_or(Node(&NOTHING))
    }

    pub(crate) fn exists(self) -> bool {
        !self.0.is_null()
    }

    pub(crate) fn is_object(self) -> bool {
        self.0.is_object()
    }

    /// A text, or a number as its text; an empty text is nothing.
    pub(crate) fn text(self) -> Option<String> {
        match self.0 {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A whole number; a fraction is cut off, a text of digits is read.
    pub(crate) fn integer(self) -> Option<i64> {
        match self.0 {
            Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    pub(crate) fn unsigned(self) -> Option<u64> {
        self.integer().and_then(|number| u64::try_from(number).ok())
    }

    pub(crate) fn flag(self) -> Option<bool> {
        match self.0 {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// A time as a number since 1970, in seconds or milliseconds, whichever it must be.
    pub(crate) fn epoch(self) -> Option<Timestamp> {
        let number = self.integer().filter(|number| *number > 0)?;
        let milliseconds = if number < FIRST_MILLISECOND { number.checked_mul(1000)? } else { number };
        Timestamp::from_millisecond(milliseconds).ok()
    }

    /// A time as RFC 3339 has it.
    pub(crate) fn instant(self) -> Option<Timestamp> {
        self.0.as_str()?.parse().ok()
    }

    /// The members of a list; one thing alone counts as a list of one.
    pub(crate) fn list(self) -> Vec<Node<'a>> {
        match self.0 {
            Value::Array(items) => items.iter().map(Node).collect(),
            Value::Null => Vec::new(),
            one => vec![Node(one)],
        }
    }
}

fn whole(number: f64) -> Option<i64> {
    const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;
    // The range was checked, so the cast only cuts the fraction off.
    #[allow(clippy::cast_possible_truncation)]
    (number.abs() <= LARGEST_EXACT).then_some(number.trunc() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn neighbouring_types_are_read() {
        let document = json!({"a": "12", "b": 12.9, "c": 18_446_744_073_709_552_000_f64, "d": "true", "e": null, "f": ""});
        let node = Node(&document);
        assert_eq!(node.at("a").integer(), Some(12));
        assert_eq!(node.at("b").integer(), Some(12));
        assert_eq!(node.at("c").integer(), None);
        assert_eq!(node.at("d").flag(), Some(true));
        assert_eq!(node.at("e").text(), None);
        assert_eq!(node.at("f").text(), None);
        assert_eq!(node.at("missing").at("deeper").text(), None);
    }

    #[test]
    fn seconds_and_milliseconds_are_told_apart() {
        let document = json!({"ms": 1_713_116_667_448_i64, "s": 1_713_116_667, "zero": 0});
        let node = Node(&document);
        assert_eq!(node.at("ms").epoch().map(Timestamp::as_millisecond), Some(1_713_116_667_448));
        assert_eq!(node.at("s").epoch().map(Timestamp::as_second), Some(1_713_116_667));
        assert_eq!(node.at("zero").epoch(), None);
    }
}
