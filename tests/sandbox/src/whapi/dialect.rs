//! Where WHAPI's sources contradict each other, the side that this one takes: the shape of its errors, and how
//! its webhooks spell the verb of an event.
//!
//! Errors are nested unless told otherwise, and the verb stands under `event`, as in all of the vendor's samples.

use serde::Serialize;

use super::Whapi;

/// How an error body looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorShape {
    /// `{error: {code, message}}`, as described.
    #[default]
    Nested,
    /// `{code, error}`, as clients have seen it.
    Flat,
}

/// Where a webhook's verb stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventSpelling {
    /// `event.event`, as in the vendor's samples.
    #[default]
    Event,
    /// `event.method`, as described.
    Method,
}

/// Both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Dialect {
    /// How an error body looks.
    pub error_shape: ErrorShape,
    /// Where a webhook's verb stands.
    pub event_spelling: EventSpelling,
}

impl Dialect {
    /// The same with what is said of it changed.
    ///
    /// # Errors
    /// A word that is none of the two that there are, with both of them.
    pub fn with(self, error_shape: Option<&str>, event_spelling: Option<&str>) -> Result<Self, String> {
        let error_shape = match error_shape {
            None => self.error_shape,
            Some("nested") => ErrorShape::Nested,
            Some("flat") => ErrorShape::Flat,
            Some(other) => return Err(format!("error_shape is nested or flat, not {other}")),
        };
        let event_spelling = match event_spelling {
            None => self.event_spelling,
            Some("event") => EventSpelling::Event,
            Some("method") => EventSpelling::Method,
            Some(other) => return Err(format!("event_spelling is event or method, not {other}")),
        };
        Ok(Self { error_shape, event_spelling })
    }
}

impl Whapi {
    /// Which side this WHAPI takes.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        let switches = self.switches();
        Dialect {
            error_shape: if switches.flat_errors { ErrorShape::Flat } else { ErrorShape::Nested },
            event_spelling: if switches.method_spelling { EventSpelling::Method } else { EventSpelling::Event },
        }
    }

    /// From now on it takes this side; a reset takes it back to the first one.
    pub fn speak(&self, dialect: Dialect) {
        self.switch(|switches| {
            switches.flat_errors = dialect.error_shape == ErrorShape::Flat;
            switches.method_spelling = dialect.event_spelling == EventSpelling::Method;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_side_is_changed_without_the_other_and_a_wrong_word_is_named() {
        let flat = Dialect::default().with(Some("flat"), None).unwrap();
        assert_eq!(flat, Dialect { error_shape: ErrorShape::Flat, event_spelling: EventSpelling::Event });
        let both = flat.with(None, Some("method")).unwrap();
        assert_eq!(both, Dialect { error_shape: ErrorShape::Flat, event_spelling: EventSpelling::Method });
        assert_eq!(both.with(Some("nested"), Some("event")), Ok(Dialect::default()));
        assert_eq!(both.with(Some("flatt"), None), Err("error_shape is nested or flat, not flatt".to_owned()));
        assert_eq!(both.with(None, Some("verb")), Err("event_spelling is event or method, not verb".to_owned()));
    }
}
