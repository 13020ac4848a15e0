//! The steps of normalising, in their order. See the module above for the rules.
//!
//! Nearly every path of a real client is normal already, so one scan decides whether anything is to be done at all. The scan also finds
//! everything that can be refused; the steps after it cannot fail.

use std::borrow::Cow;

use super::{
    Encoded, InvalidPath, NormalPath, Normalised, PathRules, Separators,
    percent::{Byte, byte, escaped, is_unreserved, push_escape},
};

pub(super) fn normalise<'a>(raw: &'a str, rules: &PathRules) -> Result<Normalised<'a>, InvalidPath> {
    if raw.is_empty() {
        return Ok(Normalised::Path(NormalPath::root()));
    }
    let scan = scan(raw, rules.merge_slashes)?;
    let found = scan.separators;
    if found.slash && rules.encoded_slash == Encoded::Reject {
        return Err(InvalidPath::EncodedSlash);
    }
    if found.backslash && rules.encoded_backslash == Encoded::Reject {
        return Err(InvalidPath::EncodedBackslash);
    }
    let unescape = Separators {
        slash: found.slash && matches!(rules.encoded_slash, Encoded::Unescape | Encoded::Redirect),
        backslash: found.backslash && matches!(rules.encoded_backslash, Encoded::Unescape | Encoded::Redirect),
    };
    let path = raw.get(..scan.end).unwrap_or(raw);
    if scan.is_normal && unescape == Separators::default() {
        return Ok(Normalised::Path(NormalPath { text: Cow::Borrowed(path), separators: found }));
    }

    let mut text = without_dot_segments(&characters(path));
    if unescape != Separators::default() {
        text = without_dot_segments(&unescaped(&text, unescape));
    }
    if rules.merge_slashes {
        text = with_slashes_merged(&text);
    }
    let separators = separators(&text);
    let path = NormalPath { text: Cow::Owned(text), separators };
    let redirects = (unescape.slash && rules.encoded_slash == Encoded::Redirect)
        || (unescape.backslash && rules.encoded_backslash == Encoded::Redirect);
    Ok(if redirects { Normalised::Redirect(path) } else { Normalised::Path(path) })
}

/// A piece of a configured path, such as the literal part of a template segment: rules 2, 4 and 5 only.
pub(crate) fn literal(text: &str) -> Result<String, InvalidPath> {
    // The slash makes it a path; a configured piece has been checked for `?`, `#`, `/` and `\` by its parser.
    let path = format!("/{text}");
    scan(&path, false)?;
    let normal = characters(&path);
    Ok(normal.strip_prefix('/').unwrap_or(&normal).to_owned())
}

/// Rules 3, 4 and 5 on a whole path, without looking at its segments. For telling an operator what a path would be.
pub(super) fn characters_of(path: &str) -> Result<String, InvalidPath> {
    scan(path, false)?;
    Ok(characters(path))
}

/// Which encoded separators a text holds whose escapes are in upper case.
pub(super) fn separators(text: &str) -> Separators {
    let mut found = Separators::default();
    for piece in text.split('%').skip(1) {
        found.slash |= piece.starts_with("2F");
        found.backslash |= piece.starts_with("5C");
    }
    found
}

struct Scan {
    /// Where the path ends.
    end: usize,
    /// Whether there is nothing to do but, perhaps, unescaping.
    is_normal: bool,
    separators: Separators,
}

fn scan(raw: &str, merge_slashes: bool) -> Result<Scan, InvalidPath> {
    let bytes = raw.as_bytes();
    let mut scan = Scan { end: bytes.len(), is_normal: true, separators: Separators::default() };
    match bytes.first() {
        Some(b'/') => {}
        Some(b'\\') => scan.is_normal = false,
        _ => return Err(InvalidPath::NotAbsolute),
    }
    // Where the present segment starts.
    let mut start = 1;
    let mut at = 1;
    while let Some(&this) = bytes.get(at) {
        match byte(this) {
            Byte::Keep => {}
            Byte::Slash => {
                if (at == start && merge_slashes) || is_dot_segment(bytes.get(start..at)) {
                    scan.is_normal = false;
                }
                start = at + 1;
            }
            Byte::Percent => {
                let (high, low) = (bytes.get(at + 1), bytes.get(at + 2));
                let value = escaped(high, low).ok_or(InvalidPath::BadPercent)?;
                match value {
                    0 => return Err(InvalidPath::EncodedNul),
                    b'/' => scan.separators.slash = true,
                    b'\\' => scan.separators.backslash = true,
                    _ => {}
                }
                let lower = high.is_some_and(u8::is_ascii_lowercase) || low.is_some_and(u8::is_ascii_lowercase);
                if lower || is_unreserved(value) {
                    scan.is_normal = false;
                }
                at += 2;
            }
            // What is not normal need not be told apart any further.
            Byte::Backslash | Byte::Encode => scan.is_normal = false,
            Byte::Forbidden => return Err(InvalidPath::ForbiddenCharacter),
            Byte::Control => return Err(InvalidPath::ControlCharacter),
            Byte::End => {
                scan.end = at;
                break;
            }
        }
        at += 1;
    }
    if is_dot_segment(bytes.get(start..scan.end)) {
        scan.is_normal = false;
    }
    Ok(scan)
}

fn is_dot_segment(segment: Option<&[u8]>) -> bool {
    matches!(segment, Some(b"." | b".."))
}

/// Rules 3, 4 and 5. The path has been scanned, so every `%` has its digits.
fn characters(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = String::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&this) = bytes.get(at) {
        match byte(this) {
            Byte::Backslash => out.push('/'),
            Byte::Encode => push_escape(this, &mut out),
            Byte::Percent => {
                if let Some(value) = escaped(bytes.get(at + 1), bytes.get(at + 2)) {
                    if is_unreserved(value) { out.push(char::from(value)) } else { push_escape(value, &mut out) }
                }
                at += 2;
            }
            Byte::Keep | Byte::Slash | Byte::Forbidden | Byte::Control | Byte::End => {
                out.push(char::from(this));
            }
        }
        at += 1;
    }
    out
}

/// Rule 6 (RFC 3986 §5.2.4), segment by segment.
pub(super) fn without_dot_segments(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut segments = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "." | ".." => {
                if segment == ".." {
                    out.truncate(out.rfind('/').unwrap_or(0));
                }
                // A dot segment at the end leaves the directory it names.
                if segments.peek().is_none() {
                    out.push('/');
                }
            }
            _ => {
                out.push('/');
                out.push_str(segment);
            }
        }
    }
    out
}

/// Rule 7. `%5C` becomes `/`, as a raw `\` does.
fn unescaped(path: &str, which: Separators) -> String {
    let mut path = Cow::Borrowed(path);
    if which.slash {
        path = Cow::Owned(path.replace("%2F", "/"));
    }
    if which.backslash {
        path = Cow::Owned(path.replace("%5C", "/"));
    }
    path.into_owned()
}

/// Rule 8.
pub(super) fn with_slashes_merged(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for character in path.chars() {
        if character != '/' || !out.ends_with('/') {
            out.push(character);
        }
    }
    out
}
