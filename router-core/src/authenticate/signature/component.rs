//! What a signature covers: header fields and components derived from the request (RFC 9421 section 2).

use std::fmt;

use http::{HeaderName, HeaderValue};
use sfv::{BareItem, Dictionary, FieldType, Item, List, ListEntry, Parser};

use super::{CONTENT_DIGEST, Message};
use crate::authenticate::jose::base64;

/// A component, and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    what: What,
    /// As it stands in the signature base: the name in quotes with its parameters.
    identifier: String,
}

/// Why a text names no component of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidComponent {
    /// Neither a field name in lower case nor a derived component.
    Name,
    /// A parameter that is not known, has the wrong type, or does not fit the others.
    Parameter,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Method,
    TargetUri,
    Authority,
    Scheme,
    RequestTarget,
    Path,
    Query,
    QueryParameter(String),
    Field(HeaderName, Reading),
}

/// How the value of a field is written into the base.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Reading {
    /// As it is (section 2.1).
    Plain,
    /// As a structured field, written anew (section 2.1.1).
    Strict(Structure),
    /// One member of a dictionary (section 2.1.2).
    Member(String),
    /// Each line as a byte sequence (section 2.1.3).
    Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Structure {
    Dictionary,
    Item,
    List,
}

/// The structured fields that `;sf` can be said of. What a field is cannot be told from its value.
const STRUCTURED: [(&str, Structure); 21] = [
    ("accept-ch", Structure::List),
    ("accept-query", Structure::List),
    ("accept-signature", Structure::Dictionary),
    ("cache-status", Structure::List),
    ("cdn-cache-control", Structure::Dictionary),
    ("client-cert", Structure::Item),
    ("client-cert-chain", Structure::List),
    ("content-digest", Structure::Dictionary),
    ("cross-origin-embedder-policy", Structure::Item),
    ("cross-origin-opener-policy", Structure::Item),
    ("deprecation", Structure::Item),
    ("idempotency-key", Structure::Item),
    ("origin-agent-cluster", Structure::Item),
    ("priority", Structure::Dictionary),
    ("proxy-status", Structure::List),
    ("repr-digest", Structure::Dictionary),
    ("signature", Structure::Dictionary),
    ("signature-agent", Structure::Item),
    ("signature-input", Structure::Dictionary),
    ("want-content-digest", Structure::Dictionary),
    ("want-repr-digest", Structure::Dictionary),
];

impl fmt::Display for InvalidComponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => {
                "expected a field name in lower case, or `@method`, `@target-uri`, `@authority`, `@scheme`, `@request-target`, `@path`, `@query` or \
                 `@query-param;name=\"NAME\"`"
            }
            Self::Parameter => {
                "expected no parameter but `sf` of a structured field, `bs`, `key=\"MEMBER\"` of a dictionary, and `name=\"NAME\"` of `@query-param`"
            }
        })
    }
}

impl Component {
    /// Reads a component as a configuration names it: `@method`, `content-digest`, `@query-param;name="id"`.
    ///
    /// # Errors
    /// See [`InvalidComponent`].
    pub fn parse(text: &str) -> Result<Self, InvalidComponent> {
        let (name, parameters) = text.split_at_checked(text.find(';').unwrap_or(text.len())).unwrap_or((text, ""));
        if name.contains(['"', '\\']) {
            return Err(InvalidComponent::Name);
        }
        let item = Parser::new(&format!("\"{name}\"{parameters}")).parse::<Item>();
        Self::of(&item.map_err(|_| InvalidComponent::Parameter)?)
    }

    /// The component that an item of `Signature-Input` names.
    pub(super) fn of(item: &Item) -> Result<Self, InvalidComponent> {
        let name = item.bare_item.as_string().ok_or(InvalidComponent::Name)?.as_str();
        let mut parameters: Vec<(&str, &BareItem)> =
            item.params.iter().map(|(name, value)| (name.as_str(), value)).collect();
        parameters.sort_by_key(|(name, _)| *name);
        let what = if name.starts_with('@') { derived(name, &parameters)? } else { field(name, &parameters)? };
        Ok(Self { what, identifier: item.serialize() })
    }

    /// As it stands in the signature base.
    #[must_use]
    pub fn identifier(&self) -> &str {
        &self.identifier
    }

    /// Whether covering this covers `other`: it names the same, in whatever order its parameters stand, or the same field in a stricter way.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let whole = |reading: &Reading| !matches!(reading, Reading::Member(_));
        match (&self.what, &other.what) {
            (What::Field(name, reading), What::Field(wanted, Reading::Plain)) => name == wanted && whole(reading),
            (what, wanted) => what == wanted,
        }
    }

    /// Whether both name the same, in whatever order their parameters stand.
    pub(super) fn names_the_same(&self, other: &Self) -> bool {
        self.what == other.what
    }

    /// Whether it covers a hash of the body that is checked. A member of `Content-Digest` that is not looked at would leave the others to anyone.
    pub(super) fn covers_body(&self) -> bool {
        match &self.what {
            What::Field(name, Reading::Member(key)) => {
                *name == CONTENT_DIGEST && (key == "sha-256" || key == "sha-512")
            }
            What::Field(name, _) => *name == CONTENT_DIGEST,
            _ => false,
        }
    }

    /// The field, if it is one.
    #[must_use]
    pub fn field(&self) -> Option<&HeaderName> {
        match &self.what {
            What::Field(name, _) => Some(name),
            _ => None,
        }
    }

    /// Whether it is this field, whole and as it is.
    #[must_use]
    pub fn is_plain(&self, wanted: &HeaderName) -> bool {
        matches!(&self.what, What::Field(name, Reading::Plain) if name == wanted)
    }

    /// Its value in `message`; `None` if it is not there or cannot be written.
    pub(super) fn value(&self, message: &Message<'_>) -> Option<String> {
        match &self.what {
            What::Method => Some(message.method.as_str().to_owned()),
            What::TargetUri => message.target_uri(),
            What::Authority => message.normal_authority(),
            What::Scheme => Some(message.scheme.as_str().to_owned()),
            What::RequestTarget => Some(message.request_target()),
            What::Path => Some(message.normal_path().to_owned()),
            What::Query => Some(format!("?{}", message.query.unwrap_or_default())),
            What::QueryParameter(name) => message.query_parameter(name),
            What::Field(name, reading) => read(message, name, reading),
        }
        .filter(|value| value.bytes().all(|byte| byte == b'\t' || (0x20..0x7f).contains(&byte)))
    }
}

fn derived(name: &str, parameters: &[(&str, &BareItem)]) -> Result<What, InvalidComponent> {
    let what = match (name, parameters) {
        ("@query-param", [("name", value)]) => {
            let name = value.as_string().ok_or(InvalidComponent::Parameter)?;
            return Ok(What::QueryParameter(name.as_str().to_owned()));
        }
        ("@query-param", _) => return Err(InvalidComponent::Parameter),
        ("@method", _) => What::Method,
        ("@target-uri", _) => What::TargetUri,
        ("@authority", _) => What::Authority,
        ("@scheme", _) => What::Scheme,
        ("@request-target", _) => What::RequestTarget,
        ("@path", _) => What::Path,
        ("@query", _) => What::Query,
        _ => return Err(InvalidComponent::Name),
    };
    if parameters.is_empty() { Ok(what) } else { Err(InvalidComponent::Parameter) }
}

fn field(name: &str, parameters: &[(&str, &BareItem)]) -> Result<What, InvalidComponent> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(InvalidComponent::Name);
    }
    let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| InvalidComponent::Name)?;
    let is_true = |value: &BareItem| value.as_boolean() == Some(true);
    let structure = || STRUCTURED.iter().find(|(known, _)| *known == name).map(|(_, structure)| *structure);
    let reading = match parameters {
        [] => Some(Reading::Plain),
        [("bs", value)] if is_true(value) => Some(Reading::Bytes),
        [("sf", value)] if is_true(value) => structure().map(Reading::Strict),
        // `;sf` beside `;key` says what `;key` says already.
        [("key", key)] => key.as_string().map(|key| Reading::Member(key.as_str().to_owned())),
        [("key", key), ("sf", value)] if is_true(value) => {
            key.as_string().map(|key| Reading::Member(key.as_str().to_owned()))
        }
        _ => None,
    };
    reading.map(|reading| What::Field(header, reading)).ok_or(InvalidComponent::Parameter)
}

fn read(message: &Message<'_>, name: &HeaderName, reading: &Reading) -> Option<String> {
    let lines: Vec<&[u8]> =
        message.headers.get_all(name).iter().map(HeaderValue::as_bytes).map(<[u8]>::trim_ascii).collect();
    if lines.is_empty() {
        return None;
    }
    if *reading == Reading::Bytes {
        let lines: Vec<String> = lines.iter().map(|line| format!(":{}:", base64::encode_standard(line))).collect();
        return Some(lines.join(", "));
    }
    let plain = String::from_utf8(lines.join(b", ".as_slice())).ok()?;
    match reading {
        Reading::Plain | Reading::Bytes => Some(plain),
        Reading::Strict(Structure::Dictionary) => Parser::new(&plain).parse::<Dictionary>().ok()?.serialize(),
        Reading::Strict(Structure::List) => Parser::new(&plain).parse::<List>().ok()?.serialize(),
        Reading::Strict(Structure::Item) => Parser::new(&plain).parse::<Item>().ok().map(|item| item.serialize()),
        Reading::Member(key) => match Parser::new(&plain).parse::<Dictionary>().ok()?.get(key.as_str())? {
            ListEntry::Item(item) => Some(item.serialize()),
            list @ ListEntry::InnerList(_) => vec![list.clone()].serialize(),
        },
    }
}
