//! `template.yaml`, read as CloudFormation reads it: parameters, conditions, the short forms of the
//! intrinsic functions, and SAM's `Globals`. What comes out is typed: the functions with their routes
//! and event sources, the table, the queues, the bucket, the secrets, the authorizer.
//!
//! The reading has two steps, because a function's variables name things that exist only once they are
//! made: [`Template::stores`] says what to make; [`Template::functions`] takes what was made as
//! [`Facts`]. A reference that stands for nothing on this machine is an error that names its place;
//! branches that a condition does not choose are not looked at. Roles, alarms, log groups and the user
//! pool have no counterpart here and are not read.

mod model;
mod plain;
mod policy;
mod read;
mod resolve;
mod stores;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

pub use model::{
    Authorizer, Bucket, Cors, Function, IndexKeys, KeyPart, Queue, QueueSource, Redrive, Route, Schedule, Secret, SecretValue, Stores,
    StreamSource, Table,
};
pub use policy::Policy;
pub(crate) use resolve::ACCOUNT;
pub use resolve::Facts;

/// Why the template cannot be used; the text names the place.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file is not there.
    #[error("{path} cannot be read: {cause}")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// It is not YAML.
    #[error("the template is not YAML: {0}")]
    Yaml(#[from] yaml_serde::Error),
    /// It is YAML, but not what the local stack knows.
    #[error("template: {place}: {what}")]
    Meaning {
        /// Where, as a path of names.
        place: String,
        /// What is wrong with it.
        what: String,
    },
}

impl TemplateError {
    pub(crate) fn at(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Meaning { place: place.into(), what: what.into() }
    }
}

/// A template with its parameters filled in.
#[derive(Clone, Debug)]
pub struct Template {
    root: Map<String, Value>,
    parameters: BTreeMap<String, String>,
}

impl Template {
    /// Reads a file.
    ///
    /// # Errors
    /// When it is not there, or is no template.
    pub fn open(path: &Path, given: &BTreeMap<String, String>) -> Result<Self, TemplateError> {
        let text = std::fs::read_to_string(path).map_err(|cause| TemplateError::Unreadable { path: path.display().to_string(), cause })?;
        Self::parse(&text, given)
    }

    /// Reads a text; `given` are values for its parameters; the others keep their defaults, and
    /// values for what it does not declare are passed over.
    ///
    /// # Errors
    /// When it is no template, or a parameter has no value.
    pub fn parse(text: &str, given: &BTreeMap<String, String>) -> Result<Self, TemplateError> {
        let yaml: yaml_serde::Value = yaml_serde::from_str(text)?;
        let Value::Object(root) = plain::plain(yaml)? else {
            return Err(TemplateError::at("the file", "is no mapping"));
        };
        let parameters = resolve::parameters(&root, given)?;
        Ok(Self { root, parameters })
    }

    /// The value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// The names of all resources of a type.
    #[must_use]
    pub fn names_of(&self, kind: &str) -> Vec<&str> {
        let resources = self.section("Resources").into_iter().flatten();
        let of_kind = resources.filter(|(_, resource)| resource["Type"] == kind);
        of_kind.map(|(name, _)| name.as_str()).collect()
    }

    fn section(&self, name: &str) -> Option<&Map<String, Value>> {
        self.root.get(name).and_then(Value::as_object)
    }
}

#[cfg(test)]
mod tests;
