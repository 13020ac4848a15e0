//! What may be a key.

use saphyr_parser::ScalarStyle;
use serde_json::Value;

use super::frame::{Frame, Key};
use super::{NodeId, Reader};
use crate::config::diagnostic::Diagnostic;

impl Reader<'_> {
    /// Takes a value in the place of a key.
    pub(super) fn key(&mut self, value: Value, node: NodeId, style: Option<ScalarStyle>) -> Key {
        let at = self.positions.at(node);
        let text = match (value, style) {
            (Value::String(text), Some(ScalarStyle::Plain)) if text == "<<" => {
                let message = "merge keys (`<<`) are not part of YAML 1.2 and are not read";
                let help = "write the keys out, or let an alias stand for the whole value: `key: *anchor`";
                self.note(at, Diagnostic::error("merge-key", self.here(), message).with_help(help));
                return Key::Refused { text: None };
            }
            (Value::String(text), Some(_)) => text,
            (value, Some(_)) => {
                let written = self.text.get(at.0..at.1).unwrap_or_default();
                let (message, help) = if written.is_empty() {
                    ("a value without a key".to_owned(), "write a key before the colon".to_owned())
                } else {
                    let kind = match value {
                        Value::Number(_) => "a number",
                        Value::Bool(_) => "true or false",
                        _ => "null",
                    };
                    (format!("the key {written} is {kind}; a key is text"), format!("quote it: \"{written}\""))
                };
                self.note(at, Diagnostic::error("key-not-text", self.here(), message).with_help(help));
                return Key::Refused { text: None };
            }
            (_, None) => {
                let message = "a list, a mapping or an alias cannot be a key; a key is text";
                let help = "if it is text that begins with [, { or *, quote it";
                self.note(at, Diagnostic::error("key-not-text", self.here(), message).with_help(help));
                return Key::Refused { text: None };
            }
        };
        if self.open.last().is_some_and(|frame: &Frame| frame.has(&text)) {
            let place = self.here().key(&text);
            let message = format!("the key \"{}\" stands twice in one mapping", super::trap::abbreviated(&text));
            let found = Diagnostic::error("duplicate-key", place.clone(), message)
                .with_help("remove one of the two")
                .with_related(place, "first given here");
            self.note(at, found);
            return Key::Refused { text: Some(text) };
        }
        let name = self.positions.name(&text);
        Key::Fresh { text, name, at }
    }
}
