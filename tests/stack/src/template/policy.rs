//! What a function's role may do: the statements of its own policies, as far as they name actions and
//! resources. Conditions and denials are absent; a policy that has them is refused, so that nothing is
//! taken for stricter than it is checked.

use serde_json::Value;

use super::resolve::{Facts, Resolver};
use super::{Template, TemplateError};

/// What a role may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    statements: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Statement {
    actions: Vec<String>,
    resources: Vec<String>,
}

impl Policy {
    /// Whether the role may do this to that.
    #[must_use]
    pub fn allows(&self, action: &str, resource: &str) -> bool {
        let covers = |patterns: &[String], text: &str| patterns.iter().any(|pattern| suits(pattern, text));
        let allows = |one: &Statement| covers(&one.actions, action) && covers(&one.resources, resource);
        self.statements.iter().any(allows)
    }

    /// Actions that are allowed on any resource at all, such as those that know none.
    #[must_use]
    pub fn boundless(&self) -> Vec<&str> {
        let everywhere = self.statements.iter().filter(|one| one.resources.iter().any(|resource| resource == "*"));
        everywhere.flat_map(|one| &one.actions).map(String::as_str).collect()
    }
}

impl Template {
    /// The policy of a function's role; `None` when the function names no role of the template.
    ///
    /// # Errors
    /// When the policy is not understood.
    pub fn policy(&self, function: &str, facts: &Facts) -> Result<Option<Policy>, TemplateError> {
        let resource = |name: &str| self.section("Resources").and_then(|all| all.get(name));
        let role = resource(function).and_then(|function| function["Properties"]["Role"]["Fn::GetAtt"][0].as_str());
        let Some(role) = role else { return Ok(None) };
        let resolver = Resolver { template: self, facts, place: role.to_owned() };
        let properties = &resource(role).unwrap_or(&Value::Null)["Properties"];
        if properties.get("ManagedPolicyArns").is_some() {
            return Err(TemplateError::at(role, "has a managed policy"));
        }
        let policies = resolver.resolve(properties.get("Policies").unwrap_or(&Value::Null))?;
        let documents = policies.as_array().map_or(&[][..], Vec::as_slice);
        let statements = documents.iter().flat_map(|one| texts(&one["PolicyDocument"]["Statement"]));
        let statements = statements.map(|said| statement(role, said)).collect::<Result<_, _>>()?;
        Ok(Some(Policy { statements }))
    }
}

fn statement(role: &str, said: &Value) -> Result<Statement, TemplateError> {
    let known = ["Effect", "Action", "Resource", "Sid"];
    let strange = said.as_object().into_iter().flatten().find(|(name, _)| !known.contains(&name.as_str()));
    if strange.is_some() || said["Effect"] != "Allow" {
        return Err(TemplateError::at(role, format!("a statement is not understood: {said}")));
    }
    let list = |member: &str| texts(&said[member]).iter().filter_map(Value::as_str).map(str::to_owned).collect();
    Ok(Statement { actions: list("Action"), resources: list("Resource") })
}

/// A list, or the one thing that stands in its place.
fn texts(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

/// Whether a text suits a pattern in which `*` stands for anything.
fn suits(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(start) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return left.ends_with(part);
        }
        let Some(found) = left.find(part) else { return false };
        left = left.get(found + part.len()..).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(suits("arn:aws:s3:::b/raw/*", "arn:aws:s3:::b/raw/paypal/1"));
        assert!(suits("a*c*e", "abcde"));
        assert!(suits("*", ""));
        assert!(!suits("arn:aws:s3:::b/raw/*", "arn:aws:s3:::b/proofs/1"));
        assert!(!suits("a*c*e", "abcdef"));
        assert!(!suits("abc", "abcd"));
    }
}
