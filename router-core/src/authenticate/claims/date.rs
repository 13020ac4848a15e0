//! Dates in claims.

use serde_json::{Map, Value};

/// 9999-12-31T23:59:59Z. A date behind it is a slip, such as milliseconds where seconds were meant.
const LAST: f64 = 253_402_300_799.0;

/// A claim that is no `NumericDate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidDate;

/// The `NumericDate` (RFC 7519 section 2) of this name in milliseconds since 1970, fractions of them dropped; `None` if there is none.
///
/// # Errors
/// It is no number, a number before 1970, or one behind the year 9999. A text with digits in it is no number.
pub fn date_ms(claims: &Map<String, Value>, name: &str) -> Result<Option<u64>, InvalidDate> {
    let Some(claim) = claims.get(name) else { return Ok(None) };
    let seconds = claim.as_f64().filter(|seconds| (0.0..=LAST).contains(seconds)).ok_or(InvalidDate)?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked")]
    let ms = (seconds * 1000.0) as u64;
    Ok(Some(ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(json: &str) -> Result<Option<u64>, InvalidDate> {
        date_ms(&serde_json::from_str(json).unwrap(), "exp")
    }

    #[test]
    fn a_date_is_a_number_of_seconds() {
        assert_eq!(date(r#"{"exp": 1300819380}"#), Ok(Some(1_300_819_380_000)));
        assert_eq!(date(r#"{"exp": 1300819380.25}"#), Ok(Some(1_300_819_380_250)));
        assert_eq!(date(r#"{"exp": 1.30081938e9}"#), Ok(Some(1_300_819_380_000)));
        assert_eq!(date(r#"{"exp": 0}"#), Ok(Some(0)));
        assert_eq!(date(r#"{"exp": 253402300799}"#), Ok(Some(253_402_300_799_000)));
        assert_eq!(date("{}"), Ok(None));
    }

    #[test]
    fn nothing_else_is() {
        for bad in [
            r#""1300819380""#,
            r#""NaN""#,
            "-1",
            "-0.5",
            "253402300800",
            "1e300",
            "18446744073709551615",
            "null",
            "true",
            "[1300819380]",
            "{}",
        ] {
            assert_eq!(date(&format!(r#"{{"exp": {bad}}}"#)), Err(InvalidDate), "{bad}");
        }
    }
}
