//! What references and intrinsic functions stand for on this machine.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Template, TemplateError};

/// The account number that local ARNs carry.
pub(crate) const ACCOUNT: &str = "000000000000";
/// The name of the local stack; the names of what it makes begin with it.
const STACK: &str = "daypass";
/// How deep a value may be nested.
const DEPTH_LIMIT: usize = 40;

/// What is known of the things that were made, beyond what can be said of them beforehand.
#[derive(Clone, Debug)]
pub struct Facts {
    region: String,
    attributes: BTreeMap<(String, String), String>,
}

impl Facts {
    /// Nothing but the region.
    #[must_use]
    pub fn new(region: &str) -> Self {
        Self { region: region.to_owned(), attributes: BTreeMap::new() }
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Learns what `!Ref resource` stands for.
    pub fn learn(&mut self, resource: &str, value: impl Into<String>) {
        self.learn_attribute(resource, "", value);
    }

    /// Learns what `!GetAtt resource.attribute` stands for.
    pub fn learn_attribute(&mut self, resource: &str, attribute: &str, value: impl Into<String>) {
        self.attributes.insert((resource.to_owned(), attribute.to_owned()), value.into());
    }

    /// What `!GetAtt resource.attribute` was learned to stand for.
    #[must_use]
    pub fn attribute(&self, resource: &str, attribute: &str) -> Option<String> {
        self.get(resource, attribute).map(str::to_owned)
    }

    /// What `!Ref resource` was learned to stand for.
    #[must_use]
    pub fn value(&self, resource: &str) -> Option<String> {
        self.get(resource, "").map(str::to_owned)
    }

    fn get(&self, resource: &str, attribute: &str) -> Option<&str> {
        let key = (resource.to_owned(), attribute.to_owned());
        self.attributes.get(&key).map(String::as_str)
    }
}

/// The physical name of a resource: `JobsQueue` is `daypass-jobs-queue`.
pub(crate) fn physical_name(resource: &str) -> String {
    let mut name = String::from(STACK);
    for letter in resource.chars() {
        if letter.is_ascii_uppercase() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

pub(super) fn parameters(root: &Map<String, Value>, given: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, TemplateError> {
    let declared = root.get("Parameters").and_then(Value::as_object);
    declared.into_iter().flatten().map(|(name, parameter)| one_parameter(name, parameter, given)).collect()
}

fn one_parameter(name: &str, parameter: &Value, given: &BTreeMap<String, String>) -> Result<(String, String), TemplateError> {
    let value = given.get(name).cloned().or_else(|| parameter.get("Default").and_then(text_of));
    let Some(value) = value else {
        return Err(TemplateError::at(format!("Parameters.{name}"), "needs a value"));
    };
    let allowed = parameter.get("AllowedValues").and_then(Value::as_array);
    if allowed.is_some_and(|allowed| !allowed.iter().filter_map(text_of).any(|one| one == value)) {
        return Err(TemplateError::at(format!("Parameters.{name}"), format!("{value} is not one of its values")));
    }
    Ok((name.to_owned(), value))
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// Resolves values of one place of the template.
pub(super) struct Resolver<'a> {
    pub(super) template: &'a Template,
    pub(super) facts: &'a Facts,
    pub(super) place: String,
}

impl Resolver<'_> {
    /// The value with nothing left to look up.
    pub(super) fn resolve(&self, value: &Value) -> Result<Value, TemplateError> {
        Ok(self.value(value, 0)?.unwrap_or(Value::Null))
    }

    /// Whether a condition of the template holds.
    pub(super) fn holds(&self, condition: &str) -> Result<bool, TemplateError> {
        let declared = self.template.section("Conditions").and_then(|all| all.get(condition));
        let declared = declared.ok_or_else(|| self.error(format!("there is no condition {condition}")))?;
        self.truth(declared, 0)
    }

    // `None` is AWS::NoValue: the entry that holds it is left out.
    fn value(&self, value: &Value, depth: usize) -> Result<Option<Value>, TemplateError> {
        if depth > DEPTH_LIMIT {
            return Err(self.error("nested too deeply"));
        }
        match value {
            Value::Array(items) => self.list(items, depth).map(Some),
            Value::Object(entries) => match function_of(entries) {
                Some((name, argument)) => self.call(name, argument, depth + 1),
                None => self.entries(entries, depth).map(Some),
            },
            plain => Ok(Some(plain.clone())),
        }
    }

    fn list(&self, items: &[Value], depth: usize) -> Result<Value, TemplateError> {
        let kept = items.iter().filter_map(|item| self.value(item, depth + 1).transpose());
        Ok(Value::Array(kept.collect::<Result<_, _>>()?))
    }

    fn entries(&self, entries: &Map<String, Value>, depth: usize) -> Result<Value, TemplateError> {
        let mut kept = Map::new();
        for (name, value) in entries {
            if let Some(value) = self.value(value, depth + 1)? {
                kept.insert(name.clone(), value);
            }
        }
        Ok(Value::Object(kept))
    }

    fn call(&self, name: &str, argument: &Value, depth: usize) -> Result<Option<Value>, TemplateError> {
        match name {
            "Ref" => self.reference(argument),
            "Fn::If" => self.choose(argument, depth),
            "Fn::GetAtt" => self.get_att(argument).map(Some),
            "Fn::Sub" => self.substitute(argument, depth).map(Some),
            "Fn::Join" => self.join(argument, depth).map(Some),
            "Fn::Select" => self.select(argument, depth),
            "Fn::Split" => self.split(argument, depth).map(Some),
            other => Err(self.error(format!("the local stack does not know {other}"))),
        }
    }

    fn reference(&self, argument: &Value) -> Result<Option<Value>, TemplateError> {
        let name = argument.as_str().ok_or_else(|| self.error("Ref needs a name"))?;
        if name == "AWS::NoValue" {
            return Ok(None);
        }
        self.stands_for(name, "").map(|text| Some(Value::String(text)))
    }

    fn get_att(&self, argument: &Value) -> Result<Value, TemplateError> {
        let (Some(resource), Some(attribute)) = (argument[0].as_str(), argument[1].as_str()) else {
            return Err(self.error("GetAtt needs a resource and an attribute"));
        };
        self.stands_for(resource, attribute).map(Value::String)
    }

    /// `attribute` is empty for `Ref`.
    fn stands_for(&self, name: &str, attribute: &str) -> Result<String, TemplateError> {
        let learned = self.facts.get(name, attribute).map(str::to_owned);
        let parameter = || self.template.parameter(name).filter(|_| attribute.is_empty()).map(str::to_owned);
        let found = learned.or_else(parameter).or_else(|| self.pseudo(name)).or_else(|| self.guess(name, attribute));
        let said = if attribute.is_empty() { name.to_owned() } else { format!("{name}.{attribute}") };
        found.ok_or_else(|| self.error(format!("{said} stands for nothing on this machine")))
    }

    fn pseudo(&self, name: &str) -> Option<String> {
        Some(match name {
            "AWS::Region" => self.facts.region().to_owned(),
            "AWS::AccountId" => ACCOUNT.to_owned(),
            "AWS::Partition" => "aws".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            "AWS::StackName" => STACK.to_owned(),
            _ => return None,
        })
    }

    // What can be said of a resource before it is made.
    fn guess(&self, name: &str, attribute: &str) -> Option<String> {
        let kind = self.template.section("Resources")?.get(name)?["Type"].as_str()?;
        let (physical, region) = (physical_name(name), self.facts.region());
        match attribute {
            "" => Some(physical),
            "Arn" => Some(arn(kind, region, &physical)),
            "QueueName" => Some(physical),
            _ => None,
        }
    }

    fn choose(&self, argument: &Value, depth: usize) -> Result<Option<Value>, TemplateError> {
        let condition = argument[0].as_str().ok_or_else(|| self.error("If needs a condition's name"))?;
        let branch = if self.holds(condition)? { &argument[1] } else { &argument[2] };
        self.value(branch, depth)
    }

    fn substitute(&self, argument: &Value, depth: usize) -> Result<Value, TemplateError> {
        let (pattern, own) = match argument {
            Value::Array(both) => (both.first().and_then(Value::as_str), both.get(1)),
            other => (other.as_str(), None),
        };
        let pattern = pattern.ok_or_else(|| self.error("Sub needs a text"))?;
        let mut text = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or_else(|| self.error("Sub has a ${ without its }"))?;
            text.push_str(before);
            text.push_str(&self.substitution(name, own, depth)?);
            rest = after;
        }
        text.push_str(rest);
        Ok(Value::String(text))
    }

    fn substitution(&self, name: &str, own: Option<&Value>, depth: usize) -> Result<String, TemplateError> {
        if let Some(literal) = name.strip_prefix('!') {
            return Ok(format!("${{{literal}}}"));
        }
        if let Some(value) = own.and_then(|own| own.get(name)) {
            return self.text(value, depth);
        }
        let (resource, attribute) = match name.split_once('.') {
            Some((resource, attribute)) => (resource, attribute),
            None => (name, ""),
        };
        self.stands_for(resource, attribute)
    }

    fn join(&self, argument: &Value, depth: usize) -> Result<Value, TemplateError> {
        let between = argument[0].as_str().ok_or_else(|| self.error("Join needs a separator"))?;
        let items = argument[1].as_array().ok_or_else(|| self.error("Join needs a list"))?;
        let Value::Array(items) = self.list(items, depth)? else {
            return Err(self.error("Join needs a list"));
        };
        let texts = items.iter().map(|item| text_of(item).ok_or_else(|| self.error("Join joins texts")));
        let texts = texts.collect::<Result<Vec<_>, _>>()?;
        Ok(Value::String(texts.join(between)))
    }

    fn select(&self, argument: &Value, depth: usize) -> Result<Option<Value>, TemplateError> {
        let place = text_of(&argument[0]).and_then(|text| text.parse::<usize>().ok());
        let list = self.value(&argument[1], depth)?;
        let chosen = place.and_then(|place| list.as_ref()?.get(place).cloned());
        chosen.map(Some).ok_or_else(|| self.error("Select finds nothing"))
    }

    fn split(&self, argument: &Value, depth: usize) -> Result<Value, TemplateError> {
        let between = argument[0].as_str().ok_or_else(|| self.error("Split needs a separator"))?;
        let text = self.text(&argument[1], depth)?;
        Ok(text.split(between).map(|part| Value::String(part.to_owned())).collect())
    }

    fn text(&self, value: &Value, depth: usize) -> Result<String, TemplateError> {
        let value = self.value(value, depth)?;
        value.as_ref().and_then(text_of).ok_or_else(|| self.error("a text is needed"))
    }

    fn truth(&self, condition: &Value, depth: usize) -> Result<bool, TemplateError> {
        if depth > DEPTH_LIMIT {
            return Err(self.error("conditions go in a circle"));
        }
        let entries = condition.as_object().and_then(function_of);
        let (name, argument) = entries.ok_or_else(|| self.error("is no condition"))?;
        let parts = argument.as_array().map_or(&[][..], Vec::as_slice);
        let mut each = parts.iter().map(|part| self.truth(part, depth + 1));
        match (name, parts) {
            ("Condition", _) => self.holds(argument.as_str().unwrap_or_default()),
            ("Fn::Equals", [left, right]) => Ok(self.text(left, depth)? == self.text(right, depth)?),
            ("Fn::Not", [only]) => Ok(!self.truth(only, depth + 1)?),
            ("Fn::And", _) => each.try_fold(true, |all, one| Ok(all && one?)),
            ("Fn::Or", _) => each.try_fold(false, |any, one| Ok(any || one?)),
            _ => Err(self.error(format!("the local stack does not know the condition {name}"))),
        }
    }

    fn error(&self, what: impl Into<String>) -> TemplateError {
        TemplateError::at(self.place.clone(), what)
    }
}

fn function_of(entries: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut all = entries.iter();
    let (name, argument) = all.next()?;
    let is_function = name.starts_with("Fn::") || name == "Ref" || name == "Condition";
    (is_function && all.next().is_none()).then_some((name.as_str(), argument))
}

fn arn(kind: &str, region: &str, name: &str) -> String {
    match kind {
        "AWS::S3::Bucket" => format!("arn:aws:s3:::{name}"),
        "AWS::SQS::Queue" => format!("arn:aws:sqs:{region}:{ACCOUNT}:{name}"),
        "AWS::DynamoDB::Table" => format!("arn:aws:dynamodb:{region}:{ACCOUNT}:table/{name}"),
        "AWS::Serverless::Function" | "AWS::Lambda::Function" => {
            format!("arn:aws:lambda:{region}:{ACCOUNT}:function:{name}")
        }
        _ => format!("arn:aws:local:{region}:{ACCOUNT}:{name}"),
    }
}
