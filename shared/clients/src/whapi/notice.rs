//! WHAPI's notice that the partner's days run low. Its body is documented nowhere, so any JSON object is
//! taken and the numbers are looked for under the names that people have seen.

use serde_json::Value;

use crate::json::Node;

const DAYS: [&str; 5] = ["currentDays", "current_days", "days", "balance", "daysLeft"];
const LIMITS: [&str; 2] = ["daysLimit", "days_limit"];

/// What the notice says, where it can be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LowBalance {
    /// The days that are left; `None` is unknown.
    pub current_days: Option<i64>,
    /// The limit that set it off.
    pub days_limit: Option<i64>,
}

/// Reads a notice: the numbers may stand at the top or one level down. `None` for anything but a JSON
/// object.
pub fn parse_balance(body: &[u8]) -> Option<LowBalance> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let top = body.as_object()?;
    let mut places = vec![Node(&body)];
    places.extend(top.values().filter(|value| value.is_object()).map(Node));
    let find = |names: &[&str]| {
        let all = names.iter().flat_map(|name| places.iter().map(move |place| place.at(name)));
        all.filter_map(Node::integer).next()
    };
    Some(LowBalance { current_days: find(&DAYS), days_limit: find(&LIMITS) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_found_under_any_of_their_names() {
        let read = |text: &str| parse_balance(text.as_bytes()).map(|notice| (notice.current_days, notice.days_limit));
        assert_eq!(read(r#"{"currentDays":12,"daysLimit":30}"#), Some((Some(12), Some(30))));
        assert_eq!(read(r#"{"days":"-3"}"#), Some((Some(-3), None)));
        assert_eq!(read(r#"{"days":{"balance":7},"days_limit":30,"event":{"type":"days"}}"#), Some((Some(7), Some(30))));
        assert_eq!(read(r#"{"event":{"type":"days"}}"#), Some((None, None)));
        assert_eq!(read("[1]"), None);
        assert_eq!(read("days"), None);
    }
}
