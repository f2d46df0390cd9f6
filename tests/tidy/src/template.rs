//! `template.yaml` as rules see it: resources as plain values, functions with their globals, routes. The
//! short forms (`!Ref x`) are read as their long ones (`{"Ref": "x"}`); nothing is resolved.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::TidyError;
use crate::tree::text;

const PATH: &str = "template.yaml";
const FUNCTION: &str = "AWS::Serverless::Function";

/// The template.
#[derive(Clone, Debug)]
pub struct Template(Value);

/// A function of ours in the template.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its logical id.
    pub id: String,
    /// Its properties; what only `Globals` says is filled in.
    pub properties: Value,
}

/// A route that the gateway answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// `GET /v1/me`.
    pub key: String,
    /// The function that answers.
    pub function: String,
    /// Whether nobody is asked who they are.
    pub is_open: bool,
}

impl Template {
    /// The project's own.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read() -> Result<Self, TidyError> {
        let yaml: yaml_serde::Value = yaml_serde::from_str(&text(PATH)?).map_err(|cause| TidyError::meaning(PATH, &cause))?;
        Ok(Self(plain(yaml)))
    }

    /// All resources of a type, by their logical ids.
    #[must_use]
    pub fn of_type(&self, kind: &str) -> BTreeMap<&str, &Value> {
        let all = self.0["Resources"].as_object().into_iter().flatten();
        all.filter(|(_, resource)| resource["Type"] == kind).map(|(id, resource)| (id.as_str(), &resource["Properties"])).collect()
    }

    /// A resource, when it has this type.
    #[must_use]
    pub fn resource(&self, id: &str, kind: &str) -> Option<&Value> {
        self.of_type(kind).remove(id)
    }

    /// Every function that is built from a crate.
    #[must_use]
    pub fn functions(&self) -> Vec<Function> {
        let globals = &self.0["Globals"]["Function"];
        let whole = |properties: &Value| {
            let mut all = globals.as_object().cloned().unwrap_or_default();
            all.extend(properties.as_object().cloned().unwrap_or_default());
            Value::Object(all)
        };
        let functions = self.of_type(FUNCTION).into_iter();
        functions.map(|(id, properties)| Function { id: id.to_owned(), properties: whole(properties) }).collect()
    }

    /// Every variable of ours that some function is given.
    #[must_use]
    pub fn variables(&self) -> BTreeSet<String> {
        let names = |properties: &Value| {
            properties["Environment"]["Variables"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect::<Vec<_>>()
        };
        let own = self.of_type(FUNCTION).into_values().flat_map(names);
        own.chain(names(&self.0["Globals"]["Function"])).filter(|name| name.starts_with("DAYPASS_")).collect()
    }

    /// Every route of the gateway.
    #[must_use]
    pub fn routes(&self) -> Vec<Route> {
        self.functions().iter().flat_map(Function::routes).collect()
    }
}

impl Function {
    /// The crate that its code is built from.
    #[must_use]
    pub fn crate_name(&self) -> Option<&str> {
        let folder = self.properties["CodeUri"].as_str()?;
        folder.strip_prefix("target/lambda/")?.strip_suffix('/')
    }

    /// The role it runs as: the id before `.Arn`.
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        self.properties["Role"]["Fn::GetAtt"].as_str()?.strip_suffix(".Arn")
    }

    /// The group that its log goes to.
    #[must_use]
    pub fn log_group(&self) -> Option<&str> {
        self.properties["LoggingConfig"]["LogGroup"]["Ref"].as_str()
    }

    fn routes(&self) -> Vec<Route> {
        let events = self.properties["Events"].as_object().into_iter().flatten();
        let route = |event: &Value| {
            let properties = &event["Properties"];
            let word = |name: &str| properties[name].as_str().unwrap_or("?").to_owned();
            let is_open = properties["Auth"]["Authorizer"] == "NONE";
            Route { key: format!("{} {}", word("Method"), word("Path")), function: self.id.clone(), is_open }
        };
        events.filter(|(_, event)| event["Type"] == "HttpApi").map(|(_, event)| route(event)).collect()
    }
}

fn plain(yaml: yaml_serde::Value) -> Value {
    use yaml_serde::Value as Yaml;
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(truth) => Value::Bool(truth),
        Yaml::Number(number) => number.as_i64().map_or_else(|| json!(number.as_f64()), |whole| json!(whole)),
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => items.into_iter().map(plain).collect(),
        Yaml::Mapping(entries) => entries
            .into_iter()
            .map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), plain(value)))
            .collect::<Map<_, _>>()
            .into(),
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = tag.trim_start_matches('!');
            let name = if name == "Ref" || name == "Condition" { name.to_owned() } else { format!("Fn::{name}") };
            json!({ name: plain(tagged.value) })
        }
    }
}
