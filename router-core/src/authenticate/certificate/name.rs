//! Distinguished names as text (RFC 4514), in one spelling.

use std::fmt;

use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::Any;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode, Encode, Tag, Tagged};
use x509_cert::name::Name;

/// A distinguished name as RFC 4514 text, in one spelling: two are equal if and only if their texts are. Values are compared as they are, with case and
/// spaces, which is narrower than directories do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DistinguishedName(String);

/// A text that is no distinguished name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidName {
    /// A part without `=`.
    NoEquals(String),
    /// A type that is neither a known keyword nor an OID.
    UnknownType(String),
    /// A value with a character that must be escaped, or an escape that is none.
    Value(String),
}

/// Keywords of attribute types (RFC 4514 section 3, and those that OpenSSL and browsers show), in the spelling that is written.
const KEYWORDS: [(&str, &str); 14] = [
    ("CN", "2.5.4.3"),
    ("SN", "2.5.4.4"),
    ("serialNumber", "2.5.4.5"),
    ("C", "2.5.4.6"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("STREET", "2.5.4.9"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("title", "2.5.4.12"),
    ("GN", "2.5.4.42"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("emailAddress", "1.2.840.113549.1.9.1"),
];

/// What must be escaped wherever it stands (RFC 4514 section 2.4).
const SPECIAL: &[u8] = b"\"+,;<>\\";

impl DistinguishedName {
    /// Reads a text. Spaces around `,`, `+` and `=` do not count, nor does the case of keywords.
    ///
    /// # Errors
    /// See [`InvalidName`].
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let mut rdns = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let mut attributes = Vec::new();
            loop {
                let (attribute, end, behind) = attribute(rest)?;
                attributes.push(attribute);
                rest = behind;
                if end != Some('+') {
                    // A comma promises another part.
                    if end.is_some() && rest.trim().is_empty() {
                        return Err(InvalidName::NoEquals(String::new()));
                    }
                    break;
                }
            }
            rdns.push(joined(attributes));
        }
        Ok(Self(rdns.join(",")))
    }

    /// The name of a certificate. The text has the last part first (RFC 4514 section 2.1).
    pub(super) fn of(name: &Name) -> Self {
        let mut rdns: Vec<String> = name.iter_rdn().map(|rdn| joined(rdn.iter().map(written).collect())).collect();
        rdns.reverse();
        Self(rdns.join(","))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEquals(part) => write!(f, "expected parts such as `CN=billing` with `,` between, found `{part}`"),
            Self::UnknownType(name) => write!(
                f,
                "`{name}` is no type of a name that is known here; expected {} or an OID such as `2.5.4.3`",
                KEYWORDS.map(|(keyword, _)| format!("`{keyword}`")).join(", ")
            ),
            Self::Value(part) => write!(
                f,
                "the value in `{part}` has a character that must be escaped by `\\` (RFC 4514 section 2.4), or an escape that is none"
            ),
        }
    }
}

impl std::error::Error for InvalidName {}

/// The order of the attributes of one part means nothing.
fn joined(mut attributes: Vec<String>) -> String {
    attributes.sort();
    attributes.join("+")
}

/// The attribute in front, what ends it, and what follows that.
fn attribute(text: &str) -> Result<(String, Option<char>, &str), InvalidName> {
    let shown = || text.chars().take(40).collect::<String>();
    let (name, rest) = text.split_once('=').ok_or_else(|| InvalidName::NoEquals(shown()))?;
    let name = name.trim();
    if name.contains([',', '+']) {
        return Err(InvalidName::NoEquals(shown()));
    }
    let keyword = keyword(name).ok_or_else(|| InvalidName::UnknownType(name.to_owned()))?;
    let (value, escaped_end, end, behind) =
        value(rest.trim_start_matches(' ')).ok_or_else(|| InvalidName::Value(shown()))?;
    let kept = value.len().min(escaped_end.max(value.trim_ascii_end().len()));
    let mut value = value;
    value.truncate(kept);
    let text = match rest.trim_start_matches(' ').strip_prefix('#') {
        Some(_) => {
            let digits = value.get(1..).unwrap_or_default();
            let any = decoded(digits).and_then(|der| Any::from_der(&der).ok());
            shown_value(&any.ok_or_else(|| InvalidName::Value(shown()))?)
        }
        None => escaped(&String::from_utf8(value).map_err(|_| InvalidName::Value(shown()))?),
    };
    Ok((format!("{keyword}={text}"), end, behind))
}

/// An unescaped value: its bytes, where its last escaped character ends in them, what ends it in the text, and what follows that.
fn value(text: &str) -> Option<(Vec<u8>, usize, Option<char>, &str)> {
    let mut bytes = Vec::new();
    let mut escaped_end = 0;
    let mut rest = text.char_indices();
    while let Some((at, char)) = rest.next() {
        match char {
            ',' | '+' => return Some((bytes, escaped_end, Some(char), text.get(at + 1..).unwrap_or_default())),
            '\\' => {
                let (_, first) = rest.next()?;
                if let Some(high) = first.to_digit(16) {
                    let low = rest.next()?.1.to_digit(16)?;
                    bytes.push(u8::try_from(high * 16 + low).ok()?);
                } else if first.is_ascii() && (SPECIAL.contains(&(first as u8)) || " #=".contains(first)) {
                    bytes.push(first as u8);
                } else {
                    return None;
                }
                escaped_end = bytes.len();
            }
            '"' | ';' | '<' | '>' | '\0' => return None,
            char => bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Some((bytes, escaped_end, None, ""))
}

/// The type as it is written: a keyword where there is one.
fn keyword(name: &str) -> Option<String> {
    if let Some((keyword, _)) = KEYWORDS.iter().find(|(keyword, _)| keyword.eq_ignore_ascii_case(name)) {
        return Some((*keyword).to_owned());
    }
    if name.eq_ignore_ascii_case("E") {
        return Some("emailAddress".to_owned());
    }
    let dotted = name.get(..4).filter(|prefix| prefix.eq_ignore_ascii_case("oid.")).and_then(|_| name.get(4..));
    let oid: ObjectIdentifier = dotted.unwrap_or(name).parse().ok()?;
    Some(of_oid(&oid.to_string()))
}

fn of_oid(oid: &str) -> String {
    KEYWORDS.iter().find(|(_, known)| *known == oid).map_or(oid, |(keyword, _)| keyword).to_owned()
}

fn written(attribute: &AttributeTypeAndValue) -> String {
    format!("{}={}", of_oid(&attribute.oid.to_string()), shown_value(&attribute.value))
}

/// The value: text where it is one, else its DER in hexadecimal digits (RFC 4514 section 2.4).
fn shown_value(value: &Any) -> String {
    match text_of(value) {
        Some(text) => escaped(&text),
        None => format!("#{}", super::hex(&value.to_der().unwrap_or_default())),
    }
}

/// The text of a string type. Teletex is taken where it is ASCII: beyond it, everyone reads it differently.
pub(super) fn text_of(value: &Any) -> Option<String> {
    let bytes = value.value();
    match value.tag() {
        Tag::Utf8String => String::from_utf8(bytes.to_vec()).ok(),
        Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString | Tag::TeletexString => {
            String::from_utf8(bytes.to_vec()).ok().filter(|text| text.is_ascii())
        }
        Tag::BmpString if bytes.len().is_multiple_of(2) => {
            let units =
                bytes.chunks_exact(2).map(|pair| pair.iter().fold(0, |unit, byte| unit << 8 | u16::from(*byte)));
            char::decode_utf16(units).collect::<Result<_, _>>().ok()
        }
        _ => None,
    }
}

fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let last = value.char_indices().next_back().map_or(0, |(at, _)| at);
    for (at, char) in value.char_indices() {
        let edge = (at == 0 && (char == ' ' || char == '#')) || (at == last && char == ' ');
        if char.is_control() {
            for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                text.push('\\');
                text.push_str(&super::hex(&[byte]));
            }
        } else {
            if edge || (char.is_ascii() && SPECIAL.contains(&(char as u8))) {
                text.push('\\');
            }
            text.push(char);
        }
    }
    text
}

/// Hexadecimal digits as bytes.
pub(super) fn decoded(digits: &[u8]) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |digit: &u8| char::from(*digit).to_digit(16);
    digits
        .chunks_exact(2)
        .map(|pair| {
            pair.iter()
                .try_fold(0, |byte, next| Some(byte * 16 + digit(next)?))
                .and_then(|byte| u8::try_from(byte).ok())
        })
        .collect()
}
