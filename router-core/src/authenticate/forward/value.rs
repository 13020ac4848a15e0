//! A claim as the value of a header field.
//!
//! A claim is often what a user chose to be called. Its value in a field is percent-encoded (RFC 3986 section 2.1, over UTF-8) where it holds anything
//! but visible ASCII and spaces inside, and wherever it holds a percent sign. So decoding it once gives the claim back, whatever it was; two claims never
//! have one value; no server loses spaces at its ends or reads bytes in another character set; and nothing in it can end the field.

use http::HeaderValue;
use serde_json::Value;

/// The longest value, in bytes: what servers commonly accept as a whole field.
const LONGEST: usize = 8 << 10;

/// A claim that no field can hold without changing its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unusable;

/// The claim as a value; `None` if it is empty, which counts as absent.
///
/// Texts, numbers and booleans are themselves; the members of a list have `,` between them.
///
/// # Errors
/// [`Unusable`] for objects, for lists with anything but texts, numbers and booleans, or with members that are empty or hold a comma, for control
/// characters, and for more than 8 KiB.
pub fn header_value(claim: &Value) -> Result<Option<HeaderValue>, Unusable> {
    match claim {
        Value::Null => Ok(None),
        Value::String(empty) if empty.is_empty() => Ok(None),
        Value::String(content) => text(content).map(Some),
        Value::Bool(_) | Value::Number(_) => text(&claim.to_string()).map(Some),
        Value::Array(members) => {
            let members: Option<Vec<String>> = members.iter().map(member).collect();
            list(members.ok_or(Unusable)?.iter().map(String::as_str))
        }
        Value::Object(_) => Err(Unusable),
    }
}

/// A text as a value.
pub(super) fn text(content: &str) -> Result<HeaderValue, Unusable> {
    value(&encoded(content)?)
}

/// A list as a value; `None` if it is empty.
pub(super) fn list<'m>(members: impl Iterator<Item = &'m str>) -> Result<Option<HeaderValue>, Unusable> {
    let mut joined = String::new();
    for member in members {
        if member.is_empty() || member.contains(',') {
            return Err(Unusable);
        }
        if !joined.is_empty() {
            joined.push(',');
        }
        joined.push_str(&encoded(member)?);
    }
    if joined.is_empty() { Ok(None) } else { value(&joined).map(Some) }
}

fn member(member: &Value) -> Option<String> {
    match member {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(member.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn value(text: &str) -> Result<HeaderValue, Unusable> {
    if text.is_empty() || text.len() > LONGEST {
        return Err(Unusable);
    }
    HeaderValue::from_str(text).map_err(|_| Unusable)
}

fn encoded(text: &str) -> Result<String, Unusable> {
    let mut encoded = String::with_capacity(text.len());
    let inside = text.trim_start_matches(' ').trim_end_matches(' ');
    let front = text.len() - text.trim_start_matches(' ').len();
    for (at, byte) in text.bytes().enumerate() {
        if byte.is_ascii_control() {
            return Err(Unusable);
        }
        let plain = byte.is_ascii_graphic() && byte != b'%';
        let inner_space = byte == b' ' && at >= front && at < front + inside.len();
        if plain || inner_space {
            encoded.push(char::from(byte));
        } else {
            const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
            let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or('0');
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    Ok(encoded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn told(claim: Value) -> Result<Option<String>, Unusable> {
        header_value(&claim).map(|value| value.map(|value| value.to_str().unwrap().to_owned()))
    }

    #[test]
    fn texts_numbers_and_booleans_are_themselves() {
        for (claim, value) in [
            (json!("Jo March"), "Jo March"),
            (json!(42), "42"),
            (json!(1.5), "1.5"),
            (json!(-7), "-7"),
            (json!(true), "true"),
            (json!("a,b"), "a,b"),
            (json!(["a", 2, false]), "a,2,false"),
            (json!("100%"), "100%25"),
            (json!("é"), "%C3%A9"),
            (json!(" a b "), "%20a b%20"),
            (json!("  "), "%20%20"),
        ] {
            assert_eq!(told(claim), Ok(Some(value.to_owned())));
        }
    }

    #[test]
    fn what_is_empty_counts_as_absent() {
        for claim in [json!(null), json!(""), json!([])] {
            assert_eq!(told(claim), Ok(None));
        }
    }

    #[test]
    fn what_a_field_cannot_hold_is_refused() {
        for claim in [
            json!({}),
            json!({"a": 1}),
            json!(["a", ["b"]]),
            json!(["a", null]),
            json!(["a", {}]),
            json!(["a,b"]),
            json!(["a", ""]),
            json!([""]),
            json!("a\r\nx-admin: 1"),
            json!("a\u{0}"),
            json!("a\tb"),
            json!(["a\n"]),
            json!("a".repeat(LONGEST + 1)),
        ] {
            assert_eq!(told(claim.clone()), Err(Unusable), "{claim}");
        }
    }

    fn decoded(text: &str) -> String {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            if byte == b'%' {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            } else {
                bytes.push(byte);
            }
        }
        String::from_utf8(bytes).unwrap()
    }

    proptest! {
        #[test]
        fn whatever_is_told_is_visible_ascii_and_means_the_claim(claim in ".{0,20}|[ %a-c\r\n\t\u{e9},]{0,12}") {
            if let Ok(Some(value)) = told(json!(claim)) {
                prop_assert!(value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '));
                prop_assert_eq!(value.trim(), &value);
                prop_assert_eq!(decoded(&value), claim);
            } else {
                prop_assert!(claim.is_empty() || claim.bytes().any(|byte| byte.is_ascii_control()));
            }
        }

        #[test]
        fn a_list_has_as_many_members_as_it_had(claim in proptest::collection::vec("[ %a,\u{e9}]{0,4}", 0..4)) {
            if let Ok(Some(value)) = told(json!(claim)) {
                prop_assert_eq!(value.split(',').map(decoded).collect::<Vec<_>>(), claim);
            }
        }
    }
}
