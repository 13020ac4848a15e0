//! The reading side of the configuration: a text with places, for people.
//!
//! YAML (and so JSON) becomes a plain JSON value plus the position of every key and value. What is wrong is said by path
//! elsewhere ([`super::diagnostic`]); here a path becomes a line, a column and an excerpt. A Wasm build carries none of
//! this: its build script did the reading.

mod json;
mod lines;
mod load;
mod positions;
mod read;
mod render;
mod scalar;
mod shape;
#[cfg(test)]
mod tests;
mod trap;

use serde_json::Value;

use super::diagnostic::{At, Diagnostic, Diagnostics, Path};
use lines::Lines;
use positions::Positions;

pub use json::render_json;
pub use lines::Span;
pub use load::{Loaded, load};
pub use render::{Colour, Decor, Style, render};
pub use shape::check_shape;

/// A configuration of this size has more than 50,000 routes; a larger file is some other file.
pub const MOST_BYTES: usize = 16 * 1024 * 1024;

/// How deep mappings and lists may nest. The configuration itself stays below 16.
pub const MOST_DEPTH: usize = 64;

/// How many values a document may have with its aliases written out, against "a billion laughs".
pub const MOST_VALUES: usize = 2_000_000;

/// A parsed document with the position of every key and value.
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    text: String,
    value: Value,
    lines: Lines,
    positions: Positions,
}

/// A text that is not a document, and why. Holds as much of the source as showing the reasons takes.
#[derive(Clone, Debug)]
pub struct Unreadable {
    /// The text; its value holds what could be read and is of no use.
    pub source: Source,
    /// At least one error.
    pub diagnostics: Diagnostics,
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&render(&self.source, &self.diagnostics, Style::PLAIN))
    }
}

impl std::error::Error for Unreadable {}

impl Source {
    /// Reads YAML 1.2 or JSON. `name` is what messages call it, usually the path of the file.
    ///
    /// # Errors
    /// The text is not YAML, or uses a part of YAML that a configuration has no use for: merge keys, tags of one's own, keys that are not text, several documents.
    pub fn parse(name: &str, text: &str) -> Result<Self, Box<Unreadable>> {
        // A byte order mark is not content, and no editor counts it as a column.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut source = Self {
            name: name.to_owned(),
            text: String::new(),
            value: Value::Null,
            lines: Lines::default(),
            positions: Positions::default(),
        };
        if text.len() > MOST_BYTES {
            let message = format!("the document has {} bytes; at most {MOST_BYTES} are read", text.len());
            let diagnostics = Diagnostic::error("too-large", Path::root(), message).into();
            return Err(Box::new(Unreadable { source, diagnostics }));
        }
        text.clone_into(&mut source.text);
        source.lines = Lines::new(text);
        let mut diagnostics = Diagnostics::new();
        (source.value, source.positions) = read::read(text, &source.lines, &mut diagnostics);
        if diagnostics.has_errors() { Err(Box::new(Unreadable { source, diagnostics })) } else { Ok(source) }
    }

    /// What messages call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text, without a byte order mark. Spans count in it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the text says.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// What the text says, for keeping.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.value
    }

    /// Where in the text a diagnostic points to. A path that the document does not have leads to the nearest entry above
    /// it. `None` only for an empty text.
    #[must_use]
    pub fn locate(&self, diagnostic: &Diagnostic) -> Option<Span> {
        let (start, end) = match diagnostic.at {
            At::Text { start, end } => (start, end),
            At::Key => self.positions.key(&diagnostic.path),
            At::Value => self.positions.value(&diagnostic.path),
        };
        self.lines.span(&self.text, start, end)
    }

    /// Where in the text a related place is: its key, with the value where both stand on one line.
    #[must_use]
    pub fn locate_entry(&self, path: &Path) -> Option<Span> {
        let (start, end) = self.positions.key(path);
        let key = self.lines.span(&self.text, start, end)?;
        let (_, end) = self.positions.value(path);
        match self.lines.span(&self.text, start, end) {
            Some(entry) if entry.end >= key.end && entry.end_line == key.line => Some(entry),
            _ => Some(key),
        }
    }
}
