//! What an unquoted scalar means: the core schema of YAML 1.2 (§10.3.2).
//!
//! `no`, `off` and `12:30` are text, unlike in YAML 1.1. What readers of different age read differently, or JSON cannot
//! hold, is refused rather than guessed.

use serde_json::{Number, Value};

/// A scalar that has no meaning both sure and expressible.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unclear {
    /// `0644` is 420 to YAML 1.1 and 644 to YAML 1.2.
    LeadingZero,
    /// More than 64 bits hold, or a float beyond the largest.
    TooLarge,
    /// `.inf` or `.nan`.
    NotFinite,
}

impl Unclear {
    pub(super) fn message(&self, text: &str) -> String {
        match self {
            Self::LeadingZero => format!("{text} begins with a zero: some readers take that for octal, some do not"),
            Self::TooLarge => format!("{text} is too large a number"),
            Self::NotFinite => format!("{text} is not a number that can be used here"),
        }
    }

    pub(super) fn help(&self, text: &str) -> String {
        match self {
            Self::LeadingZero => {
                let digits = text.trim_start_matches(['+', '-', '0']);
                let digits = if digits.is_empty() { "0" } else { digits };
                format!("for the number write {digits}, for text quote it: \"{text}\"")
            }
            Self::TooLarge | Self::NotFinite => format!("for text quote it: \"{text}\""),
        }
    }
}

/// Resolves an unquoted scalar.
pub(super) fn resolve(text: &str) -> Result<Value, Unclear> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
        _ => {}
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned.as_bytes() {
        [b'0', b'x' | b'o', ..] if unsigned.len() == text.len() => {
            return Ok(radix(text)?.unwrap_or_else(|| text.into()));
        }
        [b'0'..=b'9', ..] | [b'.', b'0'..=b'9', ..] => {}
        [b'.', ..] if matches!(unsigned, ".inf" | ".Inf" | ".INF") => return Err(Unclear::NotFinite),
        [b'.', ..] if matches!(text, ".nan" | ".NaN" | ".NAN") => return Err(Unclear::NotFinite),
        _ => return Ok(text.into()),
    }
    if unsigned.bytes().all(|b| b.is_ascii_digit()) {
        return integer(text, unsigned);
    }
    if !unsigned.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')) {
        return Ok(text.into());
    }
    match text.parse::<f64>() {
        Ok(number) => Number::from_f64(number).map(Value::Number).ok_or(Unclear::TooLarge),
        Err(_) => Ok(text.into()),
    }
}

fn integer(text: &str, digits: &str) -> Result<Value, Unclear> {
    if digits.len() > 1 && digits.starts_with('0') {
        return Err(Unclear::LeadingZero);
    }
    let signed = text.parse::<i64>().map(Value::from);
    signed.or_else(|_| text.parse::<u64>().map(Value::from)).map_err(|_| Unclear::TooLarge)
}

/// `0o17` and `0xff`; other text that begins so is no number.
fn radix(text: &str) -> Result<Option<Value>, Unclear> {
    let (digits, base) = match (text.strip_prefix("0x"), text.strip_prefix("0o")) {
        (Some(digits), _) => (digits, 16),
        (None, Some(digits)) => (digits, 8),
        (None, None) => return Ok(None),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(base)) {
        return Ok(None);
    }
    u64::from_str_radix(digits, base).map(|number| Some(Value::from(number))).map_err(|_| Unclear::TooLarge)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn follows_the_core_schema() {
        for (text, value) in [
            ("", json!(null)),
            ("~", json!(null)),
            ("Null", json!(null)),
            ("true", json!(true)),
            ("FALSE", json!(false)),
            ("0", json!(0)),
            ("-12", json!(-12)),
            ("+12", json!(12)),
            ("18446744073709551615", json!(u64::MAX)),
            ("0o17", json!(15)),
            ("0xFf", json!(255)),
            ("1.5", json!(1.5)),
            (".5", json!(0.5)),
            ("1.", json!(1.0)),
            ("-1e3", json!(-1000.0)),
        ] {
            assert_eq!(resolve(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn leaves_everything_else_text() {
        for text in [
            "no",
            "off",
            "yes",
            "tRUE",
            "nULL",
            "10s",
            "10MB",
            "12:30",
            "1_000",
            "10.0.0.1",
            "10.0.0.0/8",
            "1.2.3",
            "-",
            ".",
            "+",
            "1e",
            "0x",
            "0xg",
            "-0x1",
            "0o8",
            "1-2",
            "inf",
            "nan",
            "infinity",
            "e5",
            "/",
            "::1",
            "+.nan",
            "--1",
        ] {
            assert_eq!(resolve(text), Ok(json!(text)), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_read_differently_or_cannot_be_held() {
        for (text, why) in [
            ("0644", Unclear::LeadingZero),
            ("-00", Unclear::LeadingZero),
            ("18446744073709551616", Unclear::TooLarge),
            ("-9223372036854775809", Unclear::TooLarge),
            ("1e999", Unclear::TooLarge),
            ("0x1ffffffffffffffff", Unclear::TooLarge),
            (".inf", Unclear::NotFinite),
            ("-.Inf", Unclear::NotFinite),
            (".nan", Unclear::NotFinite),
        ] {
            assert_eq!(resolve(text), Err(why), "{text}");
        }
        assert_eq!(Unclear::LeadingZero.help("0644"), "for the number write 644, for text quote it: \"0644\"");
    }
}
