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

/// The body is not a JSON object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a JSON object")]
pub struct NoticeError;

/// Reads a notice: the numbers may stand at the top or one level down.
///
/// # Errors
/// [`NoticeError`] for anything but a JSON object.
pub fn parse(body: &[u8]) -> Result<LowBalance, NoticeError> {
    let body: Value = serde_json::from_slice(body).map_err(|_| NoticeError)?;
    let top = body.as_object().ok_or(NoticeError)?;
    let mut places = vec![Node(&body)];
    places.extend(top.values().filter(|value| value.is_object()).map(Node));
    let find = |names: &[&str]| {
        let all = names.iter().flat_map(|name| places.iter().map(move |place| place.at(name)));
        all.filter_map(Node::integer).next()
    };
    Ok(LowBalance { current_days: find(&DAYS), days_limit: find(&LIMITS) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_found_under_any_of_their_names() {
        let read = |text: &str| parse(text.as_bytes()).map(|notice| (notice.current_days, notice.days_limit));
        assert_eq!(read(r#"{"currentDays":12,"daysLimit":30}"#), Ok((Some(12), Some(30))));
        assert_eq!(read(r#"{"days":"-3"}"#), Ok((Some(-3), None)));
        assert_eq!(read(r#"{"days":{"balance":7},"days_limit":30,"event":{"type":"days"}}"#), Ok((Some(7), Some(30))));
        assert_eq!(read(r#"{"event":{"type":"days"}}"#), Ok((None, None)));
        assert_eq!(read("[1]"), Err(NoticeError));
        assert_eq!(read("days"), Err(NoticeError));
    }
}
