//! A small language for what a request body may hold, and the check of a body against it.
//! Unknown members pass, as at the vendor; nothing is converted here, only judged.

use serde_json::Value;

use super::problem::{Fault, Issue};
use super::{categories, times};

/// The longest list of faults told at once.
const MOST_FAULTS: usize = 25;

/// What a value may be.
pub(super) enum Shape {
    Text { min: usize, max: usize, form: Form },
    Choice(&'static [&'static str]),
    Integer { min: i64, max: i64 },
    Boolean,
    Object(&'static [Field]),
    List { min: usize, max: usize, item: &'static Shape },
    Anything,
}

/// The pattern of a text.
#[derive(Clone, Copy)]
pub(super) enum Form {
    Any,
    Signed,
    Unsigned,
    DateTime,
    Date,
    YearMonth,
    Uri,
    Capitals,
    Digits,
    Language,
    Printable,
    Country,
    Email,
    Payer,
    Category,
    Alphanumeric,
    EventName,
    Word,
    Version,
}

/// A member of an object.
pub(super) struct Field {
    name: &'static str,
    required: bool,
    shape: &'static Shape,
}

/// A member that must be there.
pub(super) const fn need(name: &'static str, shape: &'static Shape) -> Field {
    Field { name, required: true, shape }
}

/// A member that may be there.
pub(super) const fn may(name: &'static str, shape: &'static Shape) -> Field {
    Field { name, required: false, shape }
}

/// A text of any form between two lengths, counted in characters.
pub(super) const fn text(min: usize, max: usize) -> Shape {
    formed(min, max, Form::Any)
}

/// A text of a form between two lengths.
pub(super) const fn formed(min: usize, max: usize, form: Form) -> Shape {
    Shape::Text { min, max, form }
}

/// All that is wrong with a body.
pub(super) fn faults(shape: &Shape, body: &Value) -> Vec<Fault> {
    let mut found = Vec::new();
    judge(shape, body, "", &mut found);
    found.truncate(MOST_FAULTS);
    found
}

fn judge(shape: &Shape, value: &Value, at: &str, found: &mut Vec<Fault>) {
    let issue = match (shape, value) {
        (Shape::Text { min, max, form }, Value::String(text)) => text_issue(text, *min, *max, *form),
        (Shape::Choice(values), Value::String(text)) => (!values.contains(&text.as_str())).then_some(Issue::Value),
        (Shape::Integer { min, max }, Value::Number(_)) => integer_issue(value, *min, *max),
        (Shape::Boolean, Value::Bool(_)) => None,
        (Shape::Anything, _) => None,
        (Shape::Object(fields), Value::Object(_)) => return judge_object(fields, value, at, found),
        (Shape::List { min, max, item }, Value::Array(items)) => {
            for (index, each) in items.iter().enumerate() {
                judge(item, each, &format!("{at}/{index}"), found);
            }
            if items.is_empty() && *min > 0 { Some(Issue::Missing) } else { (items.len() > *max).then_some(Issue::Value) }
        }
        _ => Some(Issue::Syntax),
    };
    found.extend(issue.map(|issue| Fault { value: shown(value), ..Fault::body(name_of(at), issue) }));
}

fn judge_object(fields: &[Field], value: &Value, at: &str, found: &mut Vec<Fault>) {
    for field in fields {
        let path = format!("{at}/{}", field.name);
        match value.get(field.name) {
            Some(inner) => judge(field.shape, inner, &path, found),
            None if field.required => found.push(Fault::body(&path, Issue::Missing)),
            None => {}
        }
    }
}

fn name_of(at: &str) -> &str {
    if at.is_empty() { "/" } else { at }
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.chars().take(100).collect()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

fn integer_issue(value: &Value, min: i64, max: i64) -> Option<Issue> {
    let whole = value.as_i64().or_else(|| whole_float(value));
    match whole {
        None if value.as_f64().is_some_and(|float| float.fract() == 0.0) => Some(Issue::TooLarge),
        None => Some(Issue::Syntax),
        Some(number) if number < min => Some(Issue::TooSmall),
        Some(number) if number > max => Some(Issue::TooLarge),
        Some(_) => None,
    }
}

fn whole_float(value: &Value) -> Option<i64> {
    let float = value.as_f64().filter(|float| float.fract() == 0.0)?;
    format!("{float}").parse().ok()
}

fn text_issue(text: &str, min: usize, max: usize, form: Form) -> Option<Issue> {
    let length = text.chars().count();
    if length < min {
        Some(Issue::TooShort)
    } else if length > max {
        Some(Issue::TooLong)
    } else {
        (!fits(form, text)).then_some(Issue::Syntax)
    }
}

/// Whether a text has a form.
pub(super) fn fits(form: Form, text: &str) -> bool {
    match form {
        Form::Any => true,
        Form::Signed => decimal(text.strip_prefix('-').unwrap_or(text)),
        Form::Unsigned => decimal(text),
        Form::DateTime => times::parse(text).is_some(),
        Form::Date => text.parse::<jiff::civil::Date>().is_ok(),
        Form::YearMonth => format!("{text}-01").parse::<jiff::civil::Date>().is_ok(),
        Form::Uri => url::Url::parse(text).is_ok(),
        Form::Capitals => all(text, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'),
        Form::Digits => all(text, |byte| byte.is_ascii_digit()),
        Form::Language => language(text),
        Form::Printable => all(text, |byte| (0x20..=0x7e).contains(&byte)),
        Form::Country => text == "C2" || (text.len() == 2 && all(text, |byte| byte.is_ascii_uppercase())),
        Form::Email => email(text),
        Form::Payer => all(text, |byte| matches!(byte, b'2'..=b'9' | b'A'..=b'H' | b'J'..=b'N' | b'P'..=b'Z')),
        Form::Category => categories::known(text),
        Form::Alphanumeric => all(text, |byte| byte.is_ascii_alphanumeric()),
        Form::EventName => all(text, |byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-'),
        Form::Word => word(text),
        Form::Version => version(text),
    }
}

fn all(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(allowed)
}

fn decimal(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction) && !fraction.is_empty(),
        None => digits(text) && !text.is_empty(),
    }
}

fn language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().is_some_and(|part| part.len() == 2 && all(part, |byte| byte.is_ascii_lowercase()));
    let rest: Vec<&str> = parts.collect();
    let region = |part: &str| part.len() == 2 && all(part, |byte| byte.is_ascii_uppercase());
    let script = |part: &str| {
        let mut letters = part.bytes();
        part.len() == 4 && letters.next().is_some_and(|byte| byte.is_ascii_uppercase()) && letters.all(|byte| byte.is_ascii_lowercase())
    };
    first
        && match rest.as_slice() {
            [] => true,
            [one] => region(one) || script(one),
            [one, two] => script(one) && region(two),
            _ => false,
        }
}

fn email(text: &str) -> bool {
    text.rsplit_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.'))
}

/// Digits, anything, digits; as loose as documented.
fn version(text: &str) -> bool {
    let strange = text.chars().filter(|each| !each.is_ascii_digit()).count();
    let digit = |each: Option<char>| each.is_some_and(|each| each.is_ascii_digit());
    strange <= 1 && digit(text.chars().next()) && digit(text.chars().last())
}

fn word(text: &str) -> bool {
    let starts = text.chars().next().is_some_and(|first| first.is_alphanumeric() || first == '_');
    let solid = !text.chars().any(char::is_whitespace);
    text.chars().count() > 1 && starts && solid && !text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    static NAME: Shape = text(1, 5);
    static COUNT: Shape = Shape::Integer { min: 1, max: 9 };
    static THING: Shape = Shape::Object(&[need("name", &NAME), may("counts", &Shape::List { min: 1, max: 2, item: &COUNT })]);

    fn issues(body: &Value) -> Vec<(String, Issue)> {
        faults(&THING, body).into_iter().map(|fault| (fault.field, fault.issue)).collect()
    }

    #[test]
    fn each_fault_is_told_with_its_place() {
        assert_eq!(issues(&json!({"name": "Ada", "counts": [1, 9], "other": null})), []);
        assert_eq!(issues(&json!({})), [("/name".to_owned(), Issue::Missing)]);
        assert_eq!(
            issues(&json!({"name": "Adelaide", "counts": [0]})),
            [("/name".to_owned(), Issue::TooLong), ("/counts/0".to_owned(), Issue::TooSmall)]
        );
        assert_eq!(
            issues(&json!({"name": 5, "counts": []})),
            [("/name".to_owned(), Issue::Syntax), ("/counts".to_owned(), Issue::Missing)]
        );
        assert_eq!(issues(&json!([])), [("/".to_owned(), Issue::Syntax)]);
    }

    #[test]
    fn forms_are_as_documented() {
        for (form, good, bad) in [
            (Form::Signed, "-.50", "5."),
            (Form::Unsigned, "20", "-1"),
            (Form::Language, "zh-Hant-TW", "english"),
            (Form::Printable, "sub_01J~", "abo-ü"),
            (Form::Country, "BH", "bh"),
            (Form::Uri, "https://shop.test/back", "shop"),
            (Form::Email, "a@b.test", "@b.test"),
        ] {
            assert!(fits(form, good), "{good}");
            assert!(!fits(form, bad), "{bad}");
        }
    }
}
