//! YAML into JSON: the short forms (`!Ref x`) become their long ones (`{"Ref": "x"}`).

use serde_json::{Map, Number, Value, json};
use yaml_serde::value::TaggedValue;

use super::TemplateError;

/// The same value without tags.
pub(super) fn plain(yaml: yaml_serde::Value) -> Result<Value, TemplateError> {
    use yaml_serde::Value as Yaml;
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(truth) => Value::Bool(truth),
        Yaml::Number(number) => number_of(&number),
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => items.into_iter().map(plain).collect::<Result<Vec<_>, _>>()?.into(),
        Yaml::Mapping(entries) => mapping(entries)?,
        Yaml::Tagged(tagged) => long_form(*tagged)?,
    })
}

fn number_of(number: &yaml_serde::Number) -> Value {
    let whole = number.as_i64().map(Number::from).or_else(|| number.as_u64().map(Number::from));
    let any = whole.or_else(|| number.as_f64().and_then(Number::from_f64));
    any.map_or(Value::Null, Value::Number)
}

fn mapping(entries: yaml_serde::Mapping) -> Result<Value, TemplateError> {
    let mut object = Map::new();
    for (key, value) in entries {
        let Some(key) = key.as_str().map(str::to_owned) else {
            return Err(TemplateError::at(format!("{key:?}"), "a key must be a word"));
        };
        object.insert(key, plain(value)?);
    }
    Ok(Value::Object(object))
}

fn long_form(tagged: TaggedValue) -> Result<Value, TemplateError> {
    let tag = tagged.tag.to_string();
    let value = plain(tagged.value)?;
    Ok(match tag.trim_start_matches('!') {
        name @ ("Ref" | "Condition") => json!({ name: value }),
        "GetAtt" => json!({ "Fn::GetAtt": get_att(value) }),
        name => json!({ format!("Fn::{name}"): value }),
    })
}

fn get_att(value: Value) -> Value {
    match value.as_str().and_then(|text| text.split_once('.')) {
        Some((resource, attribute)) => json!([resource, attribute]),
        None => value,
    }
}
