//! Where one of several shapes must fit: an `Option`, an enum, "a text or a list of text".
//!
//! Saying "fits none of 9 schemas" helps nobody. The choice that was meant is found first, by the one key, the tag or
//! the type; then only its mistakes are reported.

use serde_json::{Map, Value};

use super::{Check, Diagnostic, Place, Schema, Shape, ShapeId, Types, is_variable, nearest, words};

impl<'s> Check<'s> {
    pub(super) fn choice(&mut self, value: &Value, shape: &'s Shape, place: &Place<'_>) {
        let schema = self.schema;
        let fits = |id: &&ShapeId| schema.shape(**id).is_some_and(|shape| shape.types.accept(value));
        let open: Vec<ShapeId> = shape.choices.iter().filter(fits).copied().collect();
        if value.is_string() && self.named(value, &open, shape, place) {
            return;
        }
        if let [one] = open.as_slice() {
            return self.value(value, *one, place);
        }
        if value.is_null() {
            return;
        }
        if let Value::Object(map) = value {
            if let Some(variants) = variants(schema, &open) {
                return self.variant(map, &variants, shape, place);
            }
            if let Some(tag) = tag(schema, &open) {
                return self.tagged(value, map.get(tag), tag, &open, place);
            }
        }
        self.best(value, &open, place);
    }

    /// A text where only named values are taken, and perhaps mappings as well. Whether that is so.
    fn named(&mut self, value: &Value, open: &[ShapeId], shape: &Shape, place: &Place<'_>) -> bool {
        let behind = open.iter().filter_map(|id| self.schema.shape(*id)).map(|shape| self.schema.behind(shape));
        let names: Option<Vec<&Vec<Value>>> = behind.map(|shape| shape.allowed.as_ref()).collect();
        let Some(names) = names.filter(|names| !names.is_empty()) else { return false };
        if names.iter().any(|allowed| allowed.contains(value)) || is_variable(value) {
            return true;
        }
        let expected = words::expected(self.schema, shape);
        let message = format!("expected {expected}, found {}", words::found(value));
        let mut unknown = Diagnostic::error("unknown-value", place.path(), message);
        let names = names.into_iter().flatten().filter_map(Value::as_str);
        unknown.help = value
            .as_str()
            .and_then(|text| nearest(text, names))
            .map(words::did_you_mean)
            .or_else(|| words::variant_help(self.schema, value, shape));
        self.found.push(unknown);
        true
    }

    /// A mapping whose one key says which it is: `{prefix: /api}`.
    fn variant(&mut self, map: &Map<String, Value>, variants: &[(&str, ShapeId)], shape: &Shape, place: &Place<'_>) {
        let of = |key: &str| variants.iter().find(|(name, _)| *name == key).map(|(_, shape)| *shape);
        let names = || variants.iter().map(|(name, _)| *name);
        let given: Vec<&str> = map.keys().map(String::as_str).filter(|key| of(key).is_some()).collect();
        for (key, value) in map {
            if let Some(shape) = of(key) {
                self.value(value, shape, &place.key(key));
                continue;
            }
            let what = match words::title(shape) {
                Some(title) => title.to_owned(),
                None => words::name_of(place),
            };
            let message =
                format!("unknown key {} in {what}; expected exactly {}", words::quoted(key), words::one_of(names()));
            let mut unknown = Diagnostic::error("unknown-key", place.key(key).path(), message).at_key();
            unknown.help = nearest(key, names().filter(|name| !given.contains(name))).map(words::did_you_mean);
            self.found.push(unknown);
        }
        match given.as_slice() {
            [] if map.is_empty() => {
                let message = format!("expected exactly {}, found none", words::one_of(names()));
                self.found.push(Diagnostic::error("missing-key", place.path(), message).at_key());
            }
            [] | [_] => {}
            [first, others @ ..] => {
                let expected = words::one_of(names());
                let message = format!("expected exactly {expected}, found {}", words::and(given.iter().copied()));
                let last = others.last().unwrap_or(first);
                self.found.push(
                    Diagnostic::error("conflicting-keys", place.key(last).path(), message)
                        .at_key()
                        .with_help("keep one of them")
                        .with_related(place.key(first).path(), "given here as well"),
                );
            }
        }
    }

    /// A mapping with a key that names its kind: `{type: round-robin, …}`.
    fn tagged(&mut self, value: &Value, given: Option<&Value>, tag: &str, open: &[ShapeId], place: &Place<'_>) {
        let schema = self.schema;
        let kinds = || open.iter().filter_map(|id| kind(schema, *id, tag).map(|kind| (kind, *id)));
        let Some(given) = given else {
            let kinds: Vec<String> = kinds().map(|(kind, _)| words::plain(kind)).collect();
            let expected = words::one_of(kinds.iter().map(String::as_str));
            let message =
                format!("the key {} is missing in {}; it is {expected}", words::quoted(tag), words::name_of(place));
            self.found.push(Diagnostic::error("missing-key", place.path(), message).at_key());
            return;
        };
        match kinds().find(|(kind, _)| *kind == given) {
            Some((_, shape)) => self.value(value, shape, place),
            None => self.not_allowed(given, kinds().map(|(kind, _)| kind), &place.key(tag)),
        }
    }

    /// Reports against the choice with the fewest mistakes.
    fn best(&mut self, value: &Value, open: &[ShapeId], place: &Place<'_>) {
        let mut best: Option<Check<'s>> = None;
        for id in open {
            let mut attempt = Check { schema: self.schema, found: super::Diagnostics::new(), depth: self.depth };
            attempt.value(value, *id, place);
            if attempt.found.is_empty() {
                return;
            }
            if best.as_ref().is_none_or(|best| attempt.found.errors() < best.found.errors()) {
                best = Some(attempt);
            }
        }
        if let Some(best) = best {
            self.found.extend(best.found);
        }
    }
}

/// If all of the choices that are mappings are variants by their one key: those keys.
fn variants<'s>(schema: &'s Schema, open: &[ShapeId]) -> Option<Vec<(&'s str, ShapeId)>> {
    let variants: Option<Vec<_>> = open.iter().map(|id| schema.behind(schema.shape(*id)?).variant()).collect();
    variants.filter(|variants| !variants.is_empty())
}

/// The key that has another constant in each of the choices.
fn tag<'s>(schema: &'s Schema, open: &[ShapeId]) -> Option<&'s str> {
    let first = schema.behind(schema.shape(*open.first()?)?);
    first.required.iter().map(String::as_str).find(|key| open.iter().all(|id| kind(schema, *id, key).is_some()))
}

fn kind<'s>(schema: &'s Schema, id: ShapeId, tag: &str) -> Option<&'s Value> {
    let shape = schema.behind(schema.shape(id)?);
    let property = schema.shape(*shape.properties.get(tag)?)?;
    match property.allowed.as_deref() {
        Some([one]) if shape.types == Types::MAPPING => Some(one),
        _ => None,
    }
}
