//! Event filters: a pattern names members of a record and what may stand there. All members must
//! match; of the alternatives in a list one must. Known: plain values, `exists`, `prefix`, `suffix`,
//! `anything-but`, `equals-ignore-case`, `numeric`. Anything else matches nothing.

use serde_json::Value;

/// Whether one of the patterns matches; no patterns match everything.
#[must_use]
pub fn matches(patterns: &[Value], record: &Value) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| fits(pattern, Some(record)))
}

fn fits(pattern: &Value, record: Option<&Value>) -> bool {
    match pattern {
        Value::Object(members) => members.iter().all(|(name, inner)| match name.as_str() {
            "$or" => inner.as_array().is_some_and(|any| any.iter().any(|one| fits(one, record))),
            name => fits(inner, record.and_then(|record| record.get(name))),
        }),
        Value::Array(alternatives) => alternatives.iter().any(|one| leaf(one, record)),
        _ => false,
    }
}

fn leaf(rule: &Value, value: Option<&Value>) -> bool {
    // Of a list in the record one item must do.
    if let Some(Value::Array(items)) = value {
        return items.iter().any(|item| leaf(rule, Some(item)));
    }
    match rule {
        Value::Object(rule) => rule.iter().all(|(name, argument)| holds(name, argument, value)),
        plain => value == Some(plain),
    }
}

fn holds(name: &str, argument: &Value, value: Option<&Value>) -> bool {
    let text = value.and_then(Value::as_str);
    let said = argument.as_str();
    match name {
        // Only leaves exist, as far as a filter is concerned.
        "exists" => value.is_some_and(|value| !value.is_object()) == (argument == true),
        "prefix" => matches!((text, said), (Some(text), Some(said)) if text.starts_with(said)),
        "suffix" => matches!((text, said), (Some(text), Some(said)) if text.ends_with(said)),
        "equals-ignore-case" => {
            matches!((text, said), (Some(text), Some(said)) if text.eq_ignore_ascii_case(said))
        }
        "anything-but" => value.is_some_and(|value| !is_one_of(argument, value)),
        "numeric" => value.and_then(number).is_some_and(|number| numeric(argument, number)),
        _ => false,
    }
}

fn is_one_of(argument: &Value, value: &Value) -> bool {
    argument.as_array().map_or(argument == value, |all| all.contains(value))
}

// DynamoDB writes numbers as texts.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

fn numeric(rule: &Value, number: f64) -> bool {
    let parts = rule.as_array().map_or(&[][..], Vec::as_slice);
    let holds = |pair: &[Value]| match (pair.first().and_then(Value::as_str), pair.get(1).and_then(Value::as_f64)) {
        (Some("="), Some(bound)) => (number - bound).abs() < f64::EPSILON,
        (Some("<"), Some(bound)) => number < bound,
        (Some("<="), Some(bound)) => number <= bound,
        (Some(">"), Some(bound)) => number > bound,
        (Some(">="), Some(bound)) => number >= bound,
        _ => false,
    };
    !parts.is_empty() && parts.chunks(2).all(holds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record() -> Value {
        json!({ "eventName": "MODIFY", "dynamodb": { "NewImage": {
            "due_kind": { "S": "channel" }, "tries": { "N": "3" }, "labels": { "SS": ["a", "b"] } } } })
    }

    fn fits_record(pattern: Value) -> bool {
        matches(&[pattern], &record())
    }

    #[test]
    fn without_patterns_everything_passes() {
        assert!(matches(&[], &record()));
    }

    #[test]
    fn a_member_that_is_waited_for_must_exist() {
        assert!(fits_record(json!({ "dynamodb": { "NewImage": { "due_kind": { "S": [{ "exists": true }] } } } })));
        assert!(!fits_record(json!({ "dynamodb": { "NewImage": { "other": { "S": [{ "exists": true }] } } } })));
        assert!(fits_record(json!({ "dynamodb": { "OldImage": { "due_kind": { "S": [{ "exists": false }] } } } })));
    }

    #[test]
    fn values_prefixes_numbers_and_lists_are_compared() {
        assert!(fits_record(json!({ "eventName": ["INSERT", "MODIFY"] })));
        assert!(!fits_record(json!({ "eventName": ["REMOVE"] })));
        assert!(fits_record(json!({ "dynamodb": { "NewImage": { "due_kind": { "S": [{ "prefix": "chan" }] } } } })));
        assert!(fits_record(json!({ "dynamodb": { "NewImage": { "tries": { "N": [{ "numeric": [">", 2, "<=", 3] }] } } } })));
        assert!(!fits_record(json!({ "dynamodb": { "NewImage": { "tries": { "N": [{ "numeric": [">", 3] }] } } } })));
        assert!(fits_record(json!({ "dynamodb": { "NewImage": { "labels": { "SS": ["b"] } } } })));
        assert!(!fits_record(json!({ "eventName": [{ "anything-but": ["MODIFY"] }] })));
    }

    #[test]
    fn all_members_must_match_and_of_several_patterns_one() {
        let wrong = json!({ "eventName": ["MODIFY"], "dynamodb": { "NewImage": { "due_kind": { "S": ["inbox"] } } } });
        let right = json!({ "$or": [{ "eventName": ["REMOVE"] }, { "eventName": ["MODIFY"] }] });
        assert!(!fits_record(wrong.clone()));
        assert!(matches(&[wrong, right], &record()));
    }
}
