//! Expressions in DynamoDB's language. Every name and value stands behind a placeholder, so that no
//! reserved word and no text from outside is ever part of one.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::due::DueKind;
use jiff::Timestamp;

use crate::due::{due_shard, shard_key};
use crate::item::field::Field;
use crate::key::Key;

/// A condition, and the change that it guards.
#[derive(Debug, Default)]
pub(crate) struct Expression {
    sets: Vec<String>,
    removes: Vec<String>,
    adds: Vec<String>,
    conditions: Vec<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Expression {
    /// That nothing is there.
    pub(crate) fn absent() -> Self {
        let mut expression = Self::default();
        expression.require("attribute_not_exists(pk)");
        expression
    }

    /// That something is there.
    pub(crate) fn present() -> Self {
        let mut expression = Self::default();
        expression.require("attribute_exists(pk)");
        expression
    }

    /// That it is as it was read: absent at version 0.
    pub(crate) fn version(version: u64) -> Self {
        if version == 0 {
            return Self::absent();
        }
        let mut expression = Self::default();
        expression.require_compare("version", "=", &version);
        expression
    }

    /// The placeholder of a name.
    pub(crate) fn name(&mut self, name: &str) -> String {
        let placeholder = format!("#{name}");
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    /// The placeholder of a value.
    pub(crate) fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    /// Adds a condition; all must hold.
    pub(crate) fn require(&mut self, condition: impl Into<String>) {
        self.conditions.push(condition.into());
    }

    /// Adds the condition that an attribute compares so.
    pub(crate) fn require_compare(&mut self, name: &str, operator: &str, value: &impl Field) {
        let comparison = self.compare(name, operator, value);
        self.require(comparison);
    }

    /// A comparison, to be part of a condition. A value that is left out compares with nothing.
    pub(crate) fn compare(&mut self, name: &str, operator: &str, value: &impl Field) -> String {
        let name = self.name(name);
        match value.write() {
            Some(value) => format!("{name} {operator} {}", self.value(value)),
            None => format!("attribute_not_exists({name})"),
        }
    }

    /// Sets an attribute, or removes it when its value is left out.
    pub(crate) fn set(&mut self, name: &str, value: &impl Field) {
        let name = self.name(name);
        match value.write() {
            Some(value) => {
                let value = self.value(value);
                self.sets.push(format!("{name} = {value}"));
            }
            None => self.removes.push(name),
        }
    }

    /// Adds to a number; adding nothing is left out.
    pub(crate) fn add(&mut self, name: &str, delta: i64) {
        if delta != 0 {
            let name = self.name(name);
            let value = self.value(AttributeValue::N(delta.to_string()));
            self.adds.push(format!("{name} {value}"));
        }
    }

    /// Puts the record of that key into the due index, or takes it out.
    pub(crate) fn set_due(&mut self, kind: DueKind, key: &Key, at: Option<Timestamp>) {
        self.set("due_at", &at);
        self.set("due_kind", &at.map(|_| kind.word().to_owned()));
        self.set("due_shard", &at.map(|_| shard_key(kind, due_shard(&key.pk()))));
    }

    /// The condition, if there is one.
    pub(crate) fn condition(&self) -> Option<String> {
        (!self.conditions.is_empty()).then(|| self.conditions.join(" AND "))
    }

    /// The change, if there is one.
    pub(crate) fn update(&self) -> Option<String> {
        let clauses = [("SET", &self.sets), ("REMOVE", &self.removes), ("ADD", &self.adds)];
        let clauses: Vec<_> = clauses.into_iter().filter(|(_, parts)| !parts.is_empty()).collect();
        let text = clauses.iter().map(|(word, parts)| format!("{word} {}", parts.join(", "))).collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(text)
    }

    /// The names behind the placeholders.
    pub(crate) fn names(&self) -> Option<HashMap<String, String>> {
        Some(self.names.clone()).filter(|names| !names.is_empty())
    }

    /// The values behind the placeholders.
    pub(crate) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        Some(self.values.clone()).filter(|values| !values.is_empty())
    }
}
