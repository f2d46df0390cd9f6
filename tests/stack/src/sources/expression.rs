//! EventBridge's schedule expressions, `rate(1 minute)` and `cron(15 1 * * ? *)`, in UTC.
//!
//! A cron expression has six fields: minute, hour, day of month, month, day of week (1 is Sunday),
//! year. `L`, `W` and `#` are not known here and are refused.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// How many days ahead a cron expression is looked for: the year field makes most of them vain.
const DAYS_LIMIT: u32 = 366 * 8;
const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// An expression that is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the schedule {0} is not understood")]
pub struct ExpressionError(String);

/// When a schedule fires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// Again and again.
    Rate(SignedDuration),
    /// At these times of the calendar.
    Cron(Box<Cron>),
}

/// The fields of a cron expression, each as the values that fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: Vec<i64>,
    hours: Vec<i64>,
    days: Option<Vec<i64>>,
    months: Vec<i64>,
    weekdays: Option<Vec<i64>>,
    years: Vec<i64>,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// When it is not understood.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let inside = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        let rate = inside("rate").and_then(rate);
        let cron = || inside("cron").and_then(Cron::parse).map(|cron| Self::Cron(Box::new(cron)));
        rate.map(Self::Rate).or_else(cron).ok_or_else(|| ExpressionError(text.to_owned()))
    }

    /// The first time after `after` at which it fires.
    #[must_use]
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Rate(every) => after.checked_add(*every).ok(),
            Self::Cron(cron) => cron.next(after),
        }
    }
}

fn rate(text: &str) -> Option<SignedDuration> {
    let (many, unit) = text.split_once(' ')?;
    let many: i64 = many.parse().ok().filter(|many| *many > 0)?;
    let seconds = match unit.strip_suffix('s').unwrap_or(unit) {
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        _ => return None,
    };
    Some(SignedDuration::from_secs(many.checked_mul(seconds)?))
}

impl Cron {
    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays, years] = fields.as_slice() else {
            return None;
        };
        let cron = Self {
            minutes: values(minutes, 0, 59, &[])?,
            hours: values(hours, 0, 23, &[])?,
            days: unless_open(days, 1, 31, &[])?,
            months: values(months, 1, 12, &MONTHS)?,
            weekdays: unless_open(weekdays, 1, 7, &DAYS)?,
            years: values(years, 1970, 2199, &[])?,
        };
        Some(cron)
    }

    fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let from = after.to_zoned(TimeZone::UTC).datetime();
        let mut day = from.date();
        for _ in 0..DAYS_LIMIT {
            if self.suits(day) {
                let times = self.hours.iter().flat_map(|hour| self.minutes.iter().map(move |minute| (hour, minute)));
                let at = times.filter_map(|(hour, minute)| moment(day, *hour, *minute));
                if let Some(at) = at.filter(|at| *at > from).min() {
                    return TimeZone::UTC.to_timestamp(at).ok();
                }
            }
            day = day.checked_add(1.day()).ok()?;
        }
        None
    }

    fn suits(&self, day: jiff::civil::Date) -> bool {
        let has = |values: &[i64], value: i64| values.contains(&value);
        let weekday = i64::from(day.weekday().to_sunday_one_offset());
        let day_fits = self.days.as_ref().is_none_or(|days| has(days, i64::from(day.day())));
        let weekday_fits = self.weekdays.as_ref().is_none_or(|days| has(days, weekday));
        let month_fits = has(&self.months, i64::from(day.month()));
        month_fits && has(&self.years, i64::from(day.year())) && day_fits && weekday_fits
    }
}

fn moment(day: jiff::civil::Date, hour: i64, minute: i64) -> Option<DateTime> {
    let (hour, minute) = (i8::try_from(hour).ok()?, i8::try_from(minute).ok()?);
    Some(day.at(hour, minute, 0, 0))
}

/// `None` inside means that the field does not bind.
fn unless_open(field: &str, least: i64, most: i64, names: &[&str]) -> Option<Option<Vec<i64>>> {
    if field == "?" || field == "*" {
        return Some(None);
    }
    values(field, least, most, names).map(Some)
}

fn values(field: &str, least: i64, most: i64, names: &[&str]) -> Option<Vec<i64>> {
    let parts = field.split(',').map(|part| part_values(part, least, most, names));
    let all: Vec<i64> = parts.collect::<Option<Vec<_>>>()?.concat();
    (!all.is_empty() && all.iter().all(|value| (least..=most).contains(value))).then_some(all)
}

fn part_values(part: &str, least: i64, most: i64, names: &[&str]) -> Option<Vec<i64>> {
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, Some(step.parse::<usize>().ok().filter(|step| *step > 0)?)),
        None => (part, None),
    };
    let (from, to) = match range.split_once('-') {
        Some((from, to)) => (value(from, least, names)?, value(to, least, names)?),
        None if range == "*" => (least, most),
        None => {
            let from = value(range, least, names)?;
            (from, if step.is_some() { most } else { from })
        }
    };
    (from >= least && to <= most).then(|| (from..=to).step_by(step.unwrap_or(1)).collect())
}

fn value(text: &str, least: i64, names: &[&str]) -> Option<i64> {
    let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
    let named = named.and_then(|place| i64::try_from(place).ok()).map(|place| place + least);
    named.or_else(|| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(expression: &str, after: &str) -> String {
        let expression = Expression::parse(expression).unwrap();
        expression.next(after.parse().unwrap()).map(|at| at.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_rate_fires_again_and_again() {
        assert_eq!(next("rate(1 minute)", "2026-11-21T06:54:10Z"), "2026-11-21T06:55:10Z");
        assert_eq!(next("rate(2 hours)", "2026-11-21T23:00:00Z"), "2026-11-22T01:00:00Z");
    }

    #[test]
    fn a_cron_expression_fires_at_its_times() {
        assert_eq!(next("cron(15 1 * * ? *)", "2026-11-21T01:14:59Z"), "2026-11-21T01:15:00Z");
        assert_eq!(next("cron(15 1 * * ? *)", "2026-11-21T01:15:00Z"), "2026-11-22T01:15:00Z");
        assert_eq!(next("cron(0/20 8-9 ? * MON-FRI *)", "2026-11-20T09:40:00Z"), "2026-11-23T08:00:00Z");
        assert_eq!(next("cron(0 0 29 FEB ? *)", "2026-01-01T00:00:00Z"), "2028-02-29T00:00:00Z");
        assert_eq!(next("cron(0 12 1,15 * ? *)", "2026-11-02T00:00:00Z"), "2026-11-15T12:00:00Z");
        assert_eq!(next("cron(0 12 * * 1 *)", "2026-11-21T06:00:00Z"), "2026-11-22T12:00:00Z", "1 is Sunday");
        assert_eq!(next("cron(0 12 * * ? 2025)", "2026-11-21T06:00:00Z"), "", "a year that is over");
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in ["rate(0 minutes)", "rate(1 week)", "cron(* * * *)", "cron(60 1 * * ? *)", "cron(0 0 L * ? *)", "daily"] {
            assert_eq!(Expression::parse(text), Err(ExpressionError(text.to_owned())), "{text}");
        }
    }
}
