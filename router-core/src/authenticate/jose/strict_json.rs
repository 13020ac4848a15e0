//! JSON in which every member has one meaning.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How many objects and arrays may stand in one another, the outermost counted. Tokens have three or four; the parser recurses.
const MAX_DEPTH: u8 = 32;

/// Reads an object. Refused: duplicate members at any depth (RFC 7515 section 4, RFC 8725 section 2.4: parsers differ in which one counts), more than
/// 32 levels, anything behind the object, bytes that are no UTF-8, numbers that no double can hold. The caller bounds the length.
#[must_use]
pub fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: MAX_DEPTH }.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    match value {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

/// Reads a value with at most so many levels.
#[derive(Clone, Copy)]
struct Strict {
    depth: u8,
}

impl Strict {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        self.depth.checked_sub(1).map(|depth| Self { depth }).ok_or_else(|| E::custom("too many levels"))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without duplicate members")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number out of range"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.insert(name, members.next_value_seed(inner)?).is_some() {
                return Err(A::Error::custom("a duplicate member"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_duplicate_members_at_any_depth_and_in_any_spelling() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":2,"a":3}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":{"a":1,"a":2}}"#,
            r#"{"x":[{"y":[{"a":1,"a":null}]}]}"#,
        ] {
            assert_eq!(object(text.as_bytes()), None, "{text}");
        }
        assert!(object(br#"{"a":{"a":1},"b":[{"a":1},{"a":2}],"A":3}"#).is_some());
    }

    #[test]
    fn refuses_more_than_thirty_two_levels() {
        let nested = |levels: usize| format!("{}{}", r#"{"a":"#.repeat(levels - 1), "{}") + &"}".repeat(levels - 1);
        assert!(object(nested(32).as_bytes()).is_some());
        assert_eq!(object(nested(33).as_bytes()), None);
        let list = |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels - 1), "]".repeat(levels - 1));
        assert!(object(list(32).as_bytes()).is_some());
        assert_eq!(object(list(33).as_bytes()), None);
        assert_eq!(object("[".repeat(1 << 20).as_bytes()), None);
    }

    #[test]
    fn refuses_what_is_no_single_object() {
        for text in [
            "",
            "null",
            "[]",
            "1",
            "\"a\"",
            "{} {}",
            "{},",
            "{}x",
            "{",
            "{\"a\":1,}",
            "{'a':1}",
            "\u{feff}{}",
            "{\"a\":1e999}",
        ] {
            assert_eq!(object(text.as_bytes()), None, "{text}");
        }
        assert_eq!(object(b"{\"a\":\"\xff\"}"), None);
        assert_eq!(object(br#"{"a":"\ud800"}"#), None);
        assert!(object(b" {\"a\" : 1} \n").is_some());
    }

    #[test]
    fn reads_every_kind_of_value_as_it_is() {
        let text = r#"{"a":[null,true,false,0,-1,18446744073709551615,1.5,"x\u00e9",{}],"b":{"c":[]}}"#;
        assert_eq!(object(text.as_bytes()), serde_json::from_str(text).unwrap());
    }
}
