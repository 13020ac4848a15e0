//! Where a document's shape departs from the JSON Schema: all places at once, with what to write instead.
//!
//! A validator of JSON Schema says which rule of the schema failed. People want to know which key they misspelt. This
//! checks what schemars generates for the raw configuration and nothing more; a keyword it does not know is let through,
//! because the deserialiser behind it refuses whatever slips by.

mod choice;
mod object;
mod schema;
mod words;

use serde_json::Value;

use super::super::diagnostic::{Below, Diagnostic, Diagnostics, Place, nearest};
use schema::{Extra, Schema, Shape, ShapeId, Types};

/// Deeper than any document that was read from a text; a value made otherwise is checked down to here.
const MOST_DEPTH: usize = 256;

/// Every place where the shape of `value` departs from `schema`, in the order of the document's keys.
///
/// A text with `${env:…}` or `${secret:…}` in it may become any text, so only its type is checked.
#[must_use]
pub fn check_shape(value: &Value, schema: &Value) -> Diagnostics {
    let schema = Schema::compile(schema);
    let mut check = Check { schema: &schema, found: Diagnostics::new(), depth: 0 };
    if let Some(root) = schema.root() {
        check.value(value, root, &Place::root());
    }
    check.found
}

struct Check<'s> {
    schema: &'s Schema,
    found: Diagnostics,
    depth: usize,
}

impl<'s> Check<'s> {
    fn value(&mut self, value: &Value, shape: ShapeId, place: &Place<'_>) {
        if self.depth >= MOST_DEPTH {
            return;
        }
        self.depth += 1;
        if let Some(shape) = self.schema.shape(shape) {
            self.against(value, shape, place);
        }
        self.depth -= 1;
    }

    fn against(&mut self, value: &Value, shape: &'s Shape, place: &Place<'_>) {
        if !shape.types.accept(value) {
            self.wrong_type(value, shape, place);
            return;
        }
        for other in &shape.all {
            self.value(value, *other, place);
        }
        if !shape.choices.is_empty() {
            self.choice(value, shape, place);
        }
        match value {
            Value::Object(map) => self.object(map, shape, place),
            Value::Array(items) => self.list(items, shape, place),
            Value::String(text) => self.text(text, shape, place),
            Value::Number(number) => self.number(number, shape, place),
            Value::Null | Value::Bool(_) => {}
        }
        if let Some(allowed) = &shape.allowed
            && !allowed.contains(value)
            && !is_variable(value)
            && !(value.is_null() && shape.types.accept_null_by_name())
        {
            self.not_allowed(value, allowed.iter(), place);
        }
    }

    fn wrong_type(&mut self, value: &Value, shape: &Shape, place: &Place<'_>) {
        let expected = words::expected(self.schema, shape);
        let message = format!("expected {expected}, found {}", words::found(value));
        let mut wrong = Diagnostic::error("wrong-type", place.path(), message);
        wrong.help = words::type_help(self.schema, value, shape);
        self.found.push(wrong);
    }

    fn not_allowed<'v>(&mut self, value: &Value, allowed: impl Iterator<Item = &'v Value>, place: &Place<'_>) {
        let allowed: Vec<String> = allowed.map(words::plain).collect();
        let expected = words::one_of(allowed.iter().map(String::as_str));
        let message = format!("expected {expected}, found {}", words::found(value));
        let mut unknown = Diagnostic::error("unknown-value", place.path(), message);
        if let Value::String(text) = value {
            unknown.help = nearest(text, allowed.iter().map(String::as_str)).map(words::did_you_mean);
        }
        self.found.push(unknown);
    }

    fn list(&mut self, items: &[Value], shape: &Shape, place: &Place<'_>) {
        if let Some(shape) = shape.items {
            for (index, item) in items.iter().enumerate() {
                self.value(item, shape, &place.index(index));
            }
        }
        let count = items.len() as u64;
        self.range(count, (shape.least_items, shape.most_items), ("item", "items"), "wrong-length", place);
    }

    fn text(&mut self, text: &str, shape: &Shape, place: &Place<'_>) {
        if shape.least_length.is_none() && shape.most_length.is_none() || words::has_variable(text) {
            return;
        }
        let count = text.chars().count() as u64;
        if count == 0 && shape.least_length == Some(1) {
            self.found.push(Diagnostic::error("wrong-length", place.path(), "expected text, found an empty text"));
            return;
        }
        let bounds = (shape.least_length, shape.most_length);
        self.range(count, bounds, ("character", "characters"), "wrong-length", place);
    }

    fn range(
        &mut self,
        count: u64,
        (least, most): (Option<u64>, Option<u64>),
        (one, many): (&str, &str),
        code: &'static str,
        place: &Place<'_>,
    ) {
        let limit = match (least, most) {
            (Some(least), _) if count < least => format!("at least {}", words::counted(least, one, many)),
            (_, Some(most)) if count > most => format!("at most {}", words::counted(most, one, many)),
            _ => return,
        };
        let found = if count == 0 { "none".to_owned() } else { count.to_string() };
        self.found.push(Diagnostic::error(code, place.path(), format!("expected {limit}, found {found}")));
    }

    fn number(&mut self, number: &serde_json::Number, shape: &Shape, place: &Place<'_>) {
        let Some(value) = number.as_f64() else { return };
        let below = shape.least.is_some_and(|least| value < least) || shape.above.is_some_and(|above| value <= above);
        let beyond = shape.most.is_some_and(|most| value > most) || shape.below.is_some_and(|below| value >= below);
        if below || beyond {
            let message = format!("expected {}, found {number}", words::bounds(shape));
            self.found.push(Diagnostic::error("out-of-range", place.path(), message));
        }
    }
}

/// Whether the variables in it decide what the value will be.
fn is_variable(value: &Value) -> bool {
    matches!(value, Value::String(text) if words::has_variable(text))
}
