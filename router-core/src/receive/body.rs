//! The declared length of a body.

use http::{HeaderMap, header};

use crate::rejection::{Malformed, Rejection};

/// What the head says about the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLength {
    /// So many bytes.
    Exactly(u64),
    /// Not declared: chunked, HTTP/2 without a length, or no body at all.
    Unknown,
}

/// Reads `Content-Length`. Several equal numbers count as one (RFC 9110 section 8.6); signs, blanks inside and differing numbers are refused.
///
/// # Errors
/// [`Malformed::ContentLength`].
pub fn declared_length(headers: &HeaderMap) -> Result<BodyLength, Rejection> {
    let mut found = None;
    for line in headers.get_all(header::CONTENT_LENGTH) {
        let line = line.to_str().map_err(|_| malformed())?;
        for member in line.split(',') {
            let number = parse(member.trim()).ok_or_else(malformed)?;
            if found.is_some_and(|other| other != number) {
                return Err(malformed());
            }
            found = Some(number);
        }
    }
    Ok(found.map_or(BodyLength::Unknown, BodyLength::Exactly))
}

/// The length that is declared; `None` where none is, or one that cannot be read.
#[must_use]
pub fn told_length(headers: &HeaderMap) -> Option<u64> {
    match declared_length(headers) {
        Ok(BodyLength::Exactly(length)) => Some(length),
        Ok(BodyLength::Unknown) | Err(_) => None,
    }
}

fn malformed() -> Rejection {
    Rejection::Malformed(Malformed::ContentLength)
}

/// Digits only: `u64::from_str` would take `+5`.
fn parse(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn length(lines: &[&'static str]) -> Result<BodyLength, Rejection> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::CONTENT_LENGTH, HeaderValue::from_static(line));
        }
        declared_length(&headers)
    }

    #[test]
    fn a_length_is_digits_and_one_number() {
        assert_eq!(length(&[]), Ok(BodyLength::Unknown));
        assert_eq!(length(&["42"]), Ok(BodyLength::Exactly(42)));
        assert_eq!(length(&["42", "42"]), Ok(BodyLength::Exactly(42)));
        assert_eq!(length(&["42, 42"]), Ok(BodyLength::Exactly(42)));
        for bad in ["+5", "-1", "", "4 2", "0x10", "42, 43", "99999999999999999999", "4,"] {
            assert_eq!(length(&[bad]), Err(malformed()), "{bad}");
        }
        assert_eq!(length(&["1", "2"]), Err(malformed()));
    }
}
