//! JSON patch as this vendor takes it: a list of operations, each on one path of its own. Which paths there are is each resource's matter.

use axum::http::HeaderMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::problem::{Dialect, Fault, Issue, Problem};
use super::request;
use super::shape::{self, Shape};
use super::shapes;

/// What is to be done at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verb {
    Add,
    Replace,
    Remove,
    #[serde(other)]
    Other,
}

/// One operation.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Operation {
    #[serde(rename = "op")]
    pub(super) verb: Verb,
    #[serde(default)]
    pub(super) path: String,
    #[serde(default)]
    value: Option<Value>,
}

/// The operations of a body.
pub(super) fn read(headers: &HeaderMap, bytes: &[u8], dialect: Dialect) -> Result<Vec<Operation>, Problem> {
    let operations: Vec<Operation> = request::typed(headers, bytes, &shapes::PATCH, dialect)?;
    for (index, operation) in operations.iter().enumerate() {
        if operations.iter().take(index).any(|earlier| earlier.path == operation.path) {
            return Err(operation.refuse(Issue::PatchRepeated, dialect));
        }
    }
    Ok(operations)
}

impl Operation {
    /// The value, if it has the shape.
    pub(super) fn value<T: DeserializeOwned>(&self, shape: &Shape, dialect: Dialect) -> Result<T, Problem> {
        let Some(value) = &self.value else {
            return Err(self.refuse(Issue::Missing, dialect));
        };
        let faults: Vec<Fault> = shape::faults(shape, value).into_iter().map(|fault| Fault { field: self.path.clone(), ..fault }).collect();
        if faults.is_empty() { request::convert(value.clone(), dialect) } else { Err(Problem::invalid(dialect, &faults)) }
    }

    /// That it is one of these.
    pub(super) fn only(&self, allowed: &[Verb], dialect: Dialect) -> Result<(), Problem> {
        if allowed.contains(&self.verb) { Ok(()) } else { Err(self.refuse(Issue::PatchUnsupported, dialect)) }
    }

    /// Why it cannot be done.
    pub(super) fn refuse(&self, issue: Issue, dialect: Dialect) -> Problem {
        Problem::invalid(dialect, &[Fault::body(&self.path, issue)])
    }
}
