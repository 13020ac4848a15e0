//! The forms that values of `exchange.yaml` may have.

use schemars::JsonSchema;
use serde::Deserialize;

/// A value or a list of them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// Several.
    Many(Vec<T>),
    /// One.
    One(T),
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl<T> OneOrMany<T> {
    /// All of them.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::Many(list) => list,
            Self::One(one) => std::slice::from_ref(one),
        }
    }
}

/// The lines of a field.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum FieldText {
    /// One line, in UTF-8.
    Text(String),
    /// Several lines.
    Lines(Vec<String>),
    /// Bytes.
    Bytes(FieldBytes),
}

/// Bytes of a field.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "bytes")]
pub struct FieldBytes {
    /// One byte a character.
    pub latin1: String,
}

/// What a text must be.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Expected {
    /// This text.
    Text(String),
    /// These lines, or their list form.
    Lines(Vec<String>),
    /// A text that this rule takes.
    Rule(Rule),
}

/// A rule for a text.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A regular expression finds something in it.
    Matches(String),
    /// It has this in it.
    Contains(String),
    /// It is one of these.
    OneOf(Vec<String>),
    /// It is these bytes, one a character.
    Latin1(String),
}
