//! The words of an expression.

use super::text::{self, Quoted};
use super::{Checked, InvalidCondition};

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Name(String),
    /// Without sign; up to 2^63, so that the least number can be written.
    Int(u64),
    Double(f64),
    Text(String),
    Sign(&'static str),
    End,
}

/// A word and its place.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) token: Token,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Longer ones first, so that `<=` is not read as `<`.
const SIGNS: [&str; 25] = [
    "&&", "||", "==", "!=", "<=", ">=", "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", "!", "<", ">", "+", "-", "*",
    "/", "%", "`",
];

/// All words of `text`, with the end as the last.
pub(super) fn tokens(text: &str) -> Checked<Vec<Placed>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        at += blank(text.get(at..).unwrap_or_default());
        let rest = text.get(at..).unwrap_or_default();
        let Some(first) = rest.chars().next() else {
            tokens.push(Placed { token: Token::End, start: at, end: at });
            return Ok(tokens);
        };
        let (token, length) = one(text, at, rest, first)?;
        tokens.push(Placed { token, start: at, end: at + length });
        at += length;
    }
}

/// How many bytes of blanks and comments `rest` starts with.
fn blank(rest: &str) -> usize {
    let mut left = rest;
    loop {
        left = left.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
        if !left.starts_with("//") {
            return rest.len() - left.len();
        }
        left = left.find('\n').and_then(|end| left.get(end..)).unwrap_or_default();
    }
}

fn one(text: &str, at: usize, rest: &str, first: char) -> Checked<(Token, usize)> {
    if let Some(quoted) = text::quoted(rest) {
        return match quoted {
            Ok(Quoted { text, length }) => Ok((Token::Text(text), length)),
            Err((offset, message)) => Err(InvalidCondition::new(at + offset..text.len().min(at + offset + 1), message)),
        };
    }
    let dotted = first == '.' && rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    if first.is_ascii_digit() || dotted {
        return number(at, rest);
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        return Ok((Token::Name(rest.get(..length).unwrap_or_default().to_owned()), length));
    }
    if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign) && **sign != "`") {
        return Ok((Token::Sign(sign), sign.len()));
    }
    let here = at..at + first.len_utf8();
    Err(match first {
        '=' => InvalidCondition::new(here, "`=` is no operator").with_help("to compare write `==`"),
        '&' | '|' => InvalidCondition::new(here, format!("`{first}` is no operator"))
            .with_help(format!("write `{first}{first}`")),
        '`' => InvalidCondition::new(here, "names in backticks are not known here")
            .with_help("write `claims[\"a-b\"]` for a name that is no identifier"),
        _ => InvalidCondition::new(here, format!("`{}` means nothing here", first.escape_debug())),
    })
}

fn number(at: usize, rest: &str) -> Checked<(Token, usize)> {
    let bytes = rest.as_bytes();
    let wrong = |length: usize, message: &str| Err(InvalidCondition::new(at..at + length, message));
    let hexadecimal = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X"));
    let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = match hexadecimal {
        Some(digits) => 2 + digits.bytes().take_while(u8::is_ascii_hexdigit).count(),
        None => digits(0),
    };
    let mut whole = true;
    if hexadecimal.is_none() {
        // `1.` is a number and a dot: a fraction has digits.
        if bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
            whole = false;
            end += 1 + digits(end + 1);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            if digits(end + 1 + sign) > 0 {
                whole = false;
                end += 1 + sign + digits(end + 1 + sign);
            }
        }
    }
    if matches!(bytes.get(end), Some(b'u' | b'U')) {
        return wrong(end + 1, "unsigned numbers are not known here: leave the `u` out");
    }
    if bytes.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
        return wrong(end + 1, "this is neither a number nor a name");
    }
    let text = rest.get(..end).unwrap_or_default();
    if !whole {
        return match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok((Token::Double(number), end)),
            _ => wrong(end, "this number is too large"),
        };
    }
    let number = match hexadecimal {
        Some(digits) => u64::from_str_radix(digits.get(..end - 2).unwrap_or_default(), 16),
        None => text.parse(),
    };
    match number {
        Ok(number) if number <= 1 << 63 => Ok((Token::Int(number), end)),
        _ => wrong(end, "this is no number of 64 bits with sign"),
    }
}
