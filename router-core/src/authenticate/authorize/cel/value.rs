//! Values: what a request holds is borrowed, what an expression makes is shared, so that a value is cheap to clone.

use std::rc::Rc;

use http::HeaderMap;
use serde_json::Value as Json;

use super::super::variables::Parameters;
use super::syntax::Literal;

/// A value.
#[derive(Clone, Debug)]
pub(in super::super) enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Text<'a>),
    List(List<'a>),
    Map(Map<'a>),
    /// Milliseconds since 1970.
    Timestamp(i64),
    /// Milliseconds.
    Duration(i64),
}

/// A text.
#[derive(Clone, Debug)]
pub(in super::super) enum Text<'a> {
    Borrowed(&'a str),
    Made(Rc<str>),
}

/// A list.
#[derive(Clone, Debug)]
pub(in super::super) enum List<'a> {
    Json(&'a [Json]),
    Texts(&'a [String]),
    Made(Rc<[Value<'a>]>),
}

/// A map.
#[derive(Clone, Debug)]
pub(in super::super) enum Map<'a> {
    Json(&'a serde_json::Map<String, Json>),
    /// Header fields; repeated ones are joined.
    Headers(&'a HeaderMap),
    /// Parameters of a query or of a path.
    Parameters(Rc<Parameters>),
    Made(Rc<[(Value<'a>, Value<'a>)]>),
}

impl<'a> Value<'a> {
    pub(in super::super) fn text(text: &'a str) -> Self {
        Self::Text(Text::Borrowed(text))
    }

    pub(in super::super) fn made(text: String) -> Self {
        Self::Text(Text::Made(text.into()))
    }

    /// A text, or null.
    pub(in super::super) fn text_or_null(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::text)
    }

    /// A number of JSON is an int where it is whole and fits, else a double.
    pub(super) fn json(json: &'a Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => match number.as_i64() {
                Some(whole) => Self::Int(whole),
                None => number.as_f64().map_or(Self::Null, Self::Double),
            },
            Json::String(text) => Self::text(text),
            Json::Array(items) => Self::List(List::Json(items)),
            Json::Object(members) => Self::Map(Map::Json(members)),
        }
    }

    pub(super) fn literal(literal: &'a Literal) -> Self {
        match literal {
            Literal::Null => Self::Null,
            Literal::Bool(value) => Self::Bool(*value),
            Literal::Int(number) => Self::Int(*number),
            Literal::Double(number) => Self::Double(*number),
            Literal::Text(text) => Self::text(text),
        }
    }
}

impl Text<'_> {
    pub(in super::super) fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Made(text) => text,
        }
    }
}

impl<'a> List<'a> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Json(items) => items.len(),
            Self::Texts(items) => items.len(),
            Self::Made(items) => items.len(),
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<Value<'a>> {
        match self {
            Self::Json(items) => items.get(index).map(Value::json),
            Self::Texts(items) => items.get(index).map(|text| Value::text(text)),
            Self::Made(items) => items.get(index).cloned(),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Value<'a>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}

impl<'a> Map<'a> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Json(members) => members.len(),
            Self::Headers(headers) => headers.keys_len(),
            Self::Parameters(parameters) => parameters.len(),
            Self::Made(entries) => entries.len(),
        }
    }

    /// The keys, each once.
    pub(super) fn keys(&self) -> Vec<Value<'a>> {
        match self {
            Self::Json(members) => members.keys().map(|key| Value::text(key)).collect(),
            Self::Headers(headers) => headers.keys().map(|name| Value::text(name.as_str())).collect(),
            Self::Parameters(parameters) => parameters.names().map(|name| Value::made(name.to_owned())).collect(),
            Self::Made(entries) => entries.iter().map(|(key, _)| key.clone()).collect(),
        }
    }
}
