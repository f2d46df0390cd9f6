//! Times as the vendor prints and counts them: whole seconds, UTC, and payments at ten in the morning of the day they fall due.
//! No clock here; everybody is handed the time.

use jiff::civil::time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde::{Deserialize, Serialize};

/// The hour, UTC, at which a due payment is taken.
const BILLING_HOUR: i8 = 10;
const SHORTEST_TEXT: usize = 20;

/// The unit of a billing cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Unit {
    Day,
    Week,
    Month,
    Year,
}

/// `2026-11-21T07:00:00Z`.
pub(super) fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2026-11-21T07:00:00.000Z`, as newer services print.
pub(super) fn stamp_millis(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// The same moment without its fraction of a second.
pub(super) fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// `at` moved by a duration, or the end of time.
pub(super) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// Whole days as a duration.
pub(super) fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count.saturating_mul(24))
}

/// Ten o'clock of the day that lies `count` units after `at`.
pub(super) fn next_due(at: Timestamp, unit: Unit, count: i64) -> Timestamp {
    let span = match unit {
        Unit::Day => Span::new().try_days(count),
        Unit::Week => Span::new().try_weeks(count),
        Unit::Month => Span::new().try_months(count),
        Unit::Year => Span::new().try_years(count),
    };
    let Ok(span) = span else {
        return Timestamp::MAX;
    };
    let day = at.to_zoned(TimeZone::UTC).date();
    day.checked_add(span)
        .and_then(|day| day.to_datetime(time(BILLING_HOUR, 0, 0, 0)).to_zoned(TimeZone::UTC))
        .map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

/// A moment in RFC 3339 with its seconds; anything shorter is not one here.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let long_enough = bytes.len() >= SHORTEST_TEXT;
    let marks = matches!(bytes.get(10), Some(b'T' | b't')) && bytes.get(13) == Some(&b':') && bytes.get(16) == Some(&b':');
    (long_enough && marks).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_falls_due_at_ten_of_its_day() {
        let late: Timestamp = "2026-11-21T23:59:59.5Z".parse().unwrap();
        assert_eq!(stamp(next_due(late, Unit::Day, 30)), "2026-12-21T10:00:00Z");
        let end_of_month: Timestamp = "2027-01-31T08:00:00Z".parse().unwrap();
        assert_eq!(stamp(next_due(end_of_month, Unit::Month, 1)), "2027-02-28T10:00:00Z");
    }

    #[test]
    fn a_time_without_seconds_is_refused() {
        assert!(parse("2026-11-21T07:00Z").is_none());
        assert!(parse("2026-11-21").is_none());
        assert!(parse("2026-02-31T07:00:00Z").is_none());
        assert!(parse("2026-11-21T07:00:00Z").is_some());
        assert!(parse("2026-11-21T07:00:00.123+03:00").is_some());
    }
}
