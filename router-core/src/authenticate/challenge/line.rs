//! One challenge: a scheme and parameters (RFC 9110 section 11.3).

use http::HeaderValue;

/// A challenge in the making. Every value is written as a quoted string, which RFC 6750 section 3 and RFC 7617 section 2 demand of theirs.
pub(super) struct Line(String);

impl Line {
    pub(super) fn new(scheme: &'static str) -> Self {
        Self(scheme.to_owned())
    }

    /// Adds `name="value"`. What no quoted string can hold (RFC 9110 section 5.6.4) becomes `?`.
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.0.push_str(if self.0.contains('=') { ", " } else { " " });
        self.0.push_str(name);
        self.0.push_str("=\"");
        for character in value.chars() {
            match character {
                '"' | '\\' => self.0.extend(['\\', character]),
                ' '..='~' => self.0.push(character),
                _ => self.0.push('?'),
            }
        }
        self.0.push('"');
        self
    }

    pub(super) fn value(self) -> HeaderValue {
        // Only visible ASCII and spaces were written.
        HeaderValue::from_str(&self.0).unwrap_or(HeaderValue::from_static("Bearer"))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads a challenge as a client does: scheme, then parameters, a value being a quoted string.
    pub(in super::super) fn parse(line: &str) -> Option<(String, Vec<(String, String)>)> {
        let (scheme, mut rest) = line.split_once(' ')?;
        let mut parameters = Vec::new();
        loop {
            let (name, quoted) = rest.split_once("=\"")?;
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
                return None;
            }
            let mut value = String::new();
            let mut characters = quoted.char_indices();
            let end = loop {
                match characters.next()? {
                    (at, '"') => break at + 1,
                    (_, '\\') => value.push(characters.next()?.1),
                    (_, character) => value.push(character),
                }
            };
            parameters.push((name.to_owned(), value));
            rest = quoted.get(end..)?;
            if rest.is_empty() {
                return Some((scheme.to_owned(), parameters));
            }
            rest = rest.strip_prefix(", ")?;
        }
    }

    proptest! {
        #[test]
        fn every_line_reads_back_as_it_was_meant(realm in "[ -~]{0,20}", scope in any::<String>()) {
            let line = Line::new("Bearer").with("realm", &realm).with("scope", &scope).value();
            let (scheme, parameters) = parse(line.to_str().unwrap()).unwrap();
            prop_assert_eq!(scheme, "Bearer");
            let replaced: String =
                scope.chars().map(|it| if (' '..='~').contains(&it) { it } else { '?' }).collect();
            prop_assert_eq!(parameters, [("realm".to_owned(), realm), ("scope".to_owned(), replaced)]);
        }
    }
}
