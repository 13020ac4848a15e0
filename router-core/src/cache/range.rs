//! Parts of a stored answer (RFC 9110 section 14).

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::conditions::is_same_for_range;
use super::entry::{Entry, Part};

/// What of a stored answer a client gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slice {
    /// All of it.
    Whole,
    /// This part.
    Part(Part),
    /// 416: it asks for what lies beyond, of so many bytes.
    Beyond(u64),
}

/// A range that a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    /// From here to there, or to the end.
    From(u64, Option<u64>),
    /// So many at the end.
    Last(u64),
}

/// What of a whole stored answer a request asks for. Several ranges at once are answered with the whole, as RFC 9110 section 14.2 allows, and an empty body
/// always is: the last bytes of it are all of it, and no `Content-Range` can say so.
#[must_use]
pub fn slice(method: &Method, request: &HeaderMap, entry: &Entry) -> Slice {
    let Some((range, whole)) = asked(method, request).zip(entry.length) else { return Slice::Whole };
    if entry.status != StatusCode::OK || whole == 0 || !is_same_for_range(request, entry) {
        return Slice::Whole;
    }
    match within(range, whole) {
        Some(part) => Slice::Part(part),
        None => Slice::Beyond(whole),
    }
}

/// The part that a request asks for, if it lies within a stored part.
#[must_use]
pub fn slice_of_part(method: &Method, request: &HeaderMap, entry: &Entry) -> Option<Part> {
    let range = asked(method, request)?;
    // A body that came shorter or longer than it was told to be is no such part.
    let stored = entry.part.filter(|part| entry.length.is_none_or(|length| length == part.length()))?;
    let wanted = within(range, stored.whole).filter(|_| is_same_for_range(request, entry))?;
    (stored.first <= wanted.first && wanted.last <= stored.last).then_some(wanted)
}

/// Whether a request asks for a part.
#[must_use]
pub fn is_asked(request: &HeaderMap) -> bool {
    request.contains_key(header::RANGE)
}

fn asked(method: &Method, request: &HeaderMap) -> Option<Range> {
    if method != Method::GET {
        return None;
    }
    let mut lines = request.get_all(header::RANGE).iter();
    let text = lines.next()?.to_str().ok()?;
    if lines.next().is_some() {
        return None;
    }
    let (unit, set) = text.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = set.trim().split_once('-')?;
    match (first.trim(), last.trim()) {
        ("", last) => place(last).map(Range::Last),
        (first, "") => place(first).map(|first| Range::From(first, None)),
        (first, last) => {
            let (first, last) = (place(first)?, place(last)?);
            (first <= last).then_some(Range::From(first, Some(last)))
        }
    }
}

/// A number that a client names; one that is too long to be told lies beyond every body.
fn place(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// A number that has to be exact.
fn number(text: &str) -> Option<u64> {
    place(text).filter(|number| *number < u64::MAX)
}

fn within(range: Range, whole: u64) -> Option<Part> {
    let end = whole.checked_sub(1)?;
    match range {
        Range::From(first, last) if first <= end => Some(Part { first, last: last.unwrap_or(end).min(end), whole }),
        Range::Last(count) if count > 0 => Some(Part { first: whole.saturating_sub(count), last: end, whole }),
        Range::From(..) | Range::Last(_) => None,
    }
}

/// The part that a `Content-Range` names: of bytes, with a known whole.
#[must_use]
pub fn content_range(value: &HeaderValue) -> Option<Part> {
    let text = value.to_str().ok()?;
    let (unit, rest) = text.trim().split_once(' ')?;
    let (span, whole) = rest.trim().split_once('/')?;
    let (first, last) = span.split_once('-')?;
    let part = Part { first: number(first)?, last: number(last)?, whole: number(whole)? };
    (unit.eq_ignore_ascii_case("bytes") && part.first <= part.last && part.last < part.whole).then_some(part)
}

impl Part {
    /// How many bytes it has.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }

    /// As `Content-Range` has it.
    #[must_use]
    pub fn field(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&format!("bytes {}-{}/{}", self.first, self.last, self.whole)).ok()
    }
}

#[cfg(test)]
mod tests;
