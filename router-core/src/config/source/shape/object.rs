//! Mappings: keys that are unknown, and keys that are missing.

use serde_json::{Map, Value};

use super::{Check, Diagnostic, Extra, Place, Shape, nearest, words};

impl Check<'_> {
    pub(super) fn object(&mut self, map: &Map<String, Value>, shape: &Shape, place: &Place<'_>) {
        for (key, value) in map {
            match (shape.properties.get(key).copied(), shape.extra) {
                (Some(property), _) | (None, Extra::Shaped(property)) => self.value(value, property, &place.key(key)),
                (None, Extra::Refused) => self.unknown_key(key, shape, map, place),
                (None, Extra::Allowed) => {}
            }
        }
        for key in shape.required.iter().filter(|key| !map.contains_key(*key)) {
            self.missing_key(key, shape, map, place);
        }
        let count = map.len() as u64;
        self.range(count, (shape.least_entries, shape.most_entries), ("entry", "entries"), "wrong-length", place);
    }

    fn unknown_key(&mut self, key: &str, shape: &Shape, map: &Map<String, Value>, place: &Place<'_>) {
        let known = shape.properties.keys().map(String::as_str);
        let mut message = format!("unknown key {} {}", words::quoted(key), within(shape, place));
        if shape.properties.is_empty() {
            message.push_str("; it takes no keys");
        } else {
            message.push_str("; expected ");
            message.push_str(&words::one_of(known.clone()));
        }
        let mut unknown = Diagnostic::error("unknown-key", place.key(key).path(), message).at_key();
        // What is there already was hardly meant a second time.
        unknown.help = nearest(key, known.filter(|known| !map.contains_key(*known))).map(words::did_you_mean);
        self.found.push(unknown);
    }

    fn missing_key(&mut self, key: &str, shape: &Shape, map: &Map<String, Value>, place: &Place<'_>) {
        // A misspelt key is reported as unknown, with the right name; once is enough.
        let misspelt = shape.extra == Extra::Refused
            && map.keys().any(|found| {
                let open = shape.properties.keys().map(String::as_str).filter(|known| !map.contains_key(*known));
                !shape.properties.contains_key(found) && nearest(found, open) == Some(key)
            });
        if !misspelt {
            let message = format!("the key {} is missing {}", words::quoted(key), within(shape, place));
            self.found.push(Diagnostic::error("missing-key", place.path(), message).at_key());
        }
    }
}

/// "in a route", "in `match`", "in the document".
fn within(shape: &Shape, place: &Place<'_>) -> String {
    match words::title(shape) {
        Some(title) => format!("in {title}"),
        None => format!("in {}", words::name_of(place)),
    }
}
