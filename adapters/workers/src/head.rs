//! A head as the text in which it crosses from JavaScript, and edits as the text in which they cross back.

use http::{HeaderMap, HeaderName, HeaderValue};
use router_core::HeaderEdits;
use router_core::edits::Edit;

/// A field that cannot be carried: a byte in it is allowed nowhere, or there are more fields than a map can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvalidField;

/// Reads names and values, line by line. What cannot be carried is left out and told.
pub(crate) fn fields<'a>(mut lines: impl Iterator<Item = &'a str>) -> (HeaderMap, Result<(), InvalidField>) {
    let mut headers = HeaderMap::with_capacity(16);
    let mut whole = Ok(());
    while let (Some(name), Some(value)) = (lines.next(), lines.next()) {
        let field = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_bytes(value.as_bytes()).ok());
        let kept = field.is_some_and(|(name, value)| headers.try_append(name, value).is_ok());
        if !kept {
            whole = Err(InvalidField);
        }
    }
    (headers, whole)
}

/// Edits, as `host.js` reads them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct EditText(String);

impl EditText {
    pub(crate) fn of(edits: &HeaderEdits) -> Self {
        let mut text = Self(String::with_capacity(512));
        for edit in edits.iter() {
            match edit {
                Edit::Remove(name) => text.line('-', name, None),
                Edit::Set(name, value) => text.set(name, value),
                Edit::Append(name, value) => text.append(name, value),
            }
        }
        text
    }

    /// All fields of a map, for a message that has none yet.
    pub(crate) fn all(headers: &HeaderMap) -> Self {
        let mut text = Self(String::with_capacity(512));
        for (name, value) in headers {
            text.append(name, value);
        }
        text
    }

    pub(crate) fn set(&mut self, name: &HeaderName, value: &HeaderValue) {
        self.line('=', name, Some(value));
    }

    fn append(&mut self, name: &HeaderName, value: &HeaderValue) {
        self.line('+', name, Some(value));
    }

    fn line(&mut self, sign: char, name: &HeaderName, value: Option<&HeaderValue>) {
        self.0.push(sign);
        self.0.push_str(name.as_str());
        self.0.push('\n');
        if let Some(value) = value {
            // The host knows text only. Every value is: from the client it came as text, from the configuration too.
            self.0.push_str(&String::from_utf8_lossy(value.as_bytes()));
            self.0.push('\n');
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_in_pairs_of_lines() {
        let (headers, whole) = fields("accept\ntext/plain, */*\nx-empty\n\nx-name\ncafé".split('\n'));
        assert_eq!(whole, Ok(()));
        assert_eq!(headers.get("accept").unwrap(), "text/plain, */*");
        assert_eq!(headers.get("x-empty").unwrap(), "");
        assert_eq!(headers.get("x-name").unwrap().as_bytes(), "café".as_bytes());
        assert_eq!(headers.len(), 3);
    }

    #[test]
    fn a_field_with_a_forbidden_byte_is_told_and_the_others_are_kept() {
        let (headers, whole) = fields("a\n1\nb\n\u{1}\nc d\n2\ne\n3".split('\n'));
        assert_eq!(whole, Err(InvalidField));
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["a", "e"]);
    }

    #[test]
    fn more_fields_than_a_map_holds_are_told_and_not_a_panic() {
        let many: String = (0..40_000).map(|number| format!("x-{number}\n1\n")).collect();
        assert_eq!(fields(many.trim_end().split('\n')).1, Err(InvalidField));
    }

    #[test]
    fn edits_are_written_in_order() {
        let name = HeaderName::from_static("x-a");
        let mut edits = HeaderEdits::new();
        edits.remove(name.clone());
        edits.set(name.clone(), HeaderValue::from_static("1"));
        edits.append(name.clone(), HeaderValue::from_bytes("é".as_bytes()).unwrap());
        let mut text = EditText::of(&edits);
        assert_eq!(text.as_str(), "-x-a\n=x-a\n1\n+x-a\né\n");
        text.set(&http::header::UPGRADE, &HeaderValue::from_static("websocket"));
        assert!(text.as_str().ends_with("\n=upgrade\nwebsocket\n"));
    }
}
