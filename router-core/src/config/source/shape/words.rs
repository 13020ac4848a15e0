//! The words of the shape check.

use serde_json::Value;

use super::super::trap::abbreviated;
use super::{Below, Place, Schema, Shape, ShapeId, Types};

/// More names than this are not listed: nobody reads them, and the help names the nearest.
const MOST_LISTED: usize = 24;

pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", abbreviated(text))
}

pub(super) fn did_you_mean(name: &str) -> String {
    format!("did you mean {}?", quoted(name))
}

/// A value of an enum.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => abbreviated(&other.to_string()),
    }
}

/// `a`, `one of a, b, c`.
pub(super) fn one_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(abbreviated).collect();
    match names.as_slice() {
        [one] => one.clone(),
        many => {
            let listed = many.iter().take(MOST_LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = if many.len() > MOST_LISTED { ", …" } else { "" };
            format!("one of {listed}{more}")
        }
    }
}

/// `a and b`, `a, b and c`.
pub(super) fn and<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.take(MOST_LISTED).collect();
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => names.concat(),
    }
}

pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The title, if it is made for sentences ("a route") and not the name of a Rust type.
pub(super) fn title(shape: &Shape) -> Option<&str> {
    shape.title.as_deref().filter(|title| title.contains(' ') || title.starts_with(char::is_lowercase))
}

/// What a place is called when its shape has no title: its key.
pub(super) fn name_of(place: &Place<'_>) -> String {
    match (place.step, place.above) {
        (Some(Below::Key(key)), _) => quoted(key),
        (Some(Below::Index(_)), Some(above)) => format!("an item of {}", name_of(above)),
        _ => "the document".to_owned(),
    }
}

/// What was found, with the value if it is short of kind.
pub(super) fn found(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => format!("a number ({number})"),
        Value::String(text) => quoted(text),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
    }
}

/// What a shape wants: "text", "a list of text", "a route", "true or false".
pub(super) fn expected(schema: &Schema, shape: &Shape) -> String {
    let shape = schema.behind(shape);
    if let Some(title) = title(shape) {
        // "a route" is a thing; "timeouts" is only the name of a section.
        return if title.contains(' ') { title.to_owned() } else { format!("a mapping ({title})") };
    }
    let mut kinds = Vec::new();
    let types = shape.types;
    let names: Vec<String> = names(schema, shape).into_iter().map(plain).collect();
    if !names.is_empty() {
        kinds.push(one_of(names.iter().map(String::as_str)));
    } else if types.include(Types::TEXT) {
        kinds.push("text".to_owned());
    }
    if types.include(Types::NUMBER) {
        kinds.push("a number".to_owned());
    } else if types.include(Types::INTEGER) {
        kinds.push("a whole number".to_owned());
    }
    if types.include(Types::BOOLEAN) {
        kinds.push("true or false".to_owned());
    }
    if types.include(Types::LIST) {
        kinds.push(list(schema, shape));
    }
    if types.include(Types::MAPPING) {
        let variants = variants(schema, shape);
        if variants.is_empty() {
            kinds.push("a mapping".to_owned());
        } else {
            kinds.push(format!("a mapping with {}", one_of(variants.iter().map(|(key, _)| *key))));
        }
    }
    if kinds.is_empty() {
        kinds.push("nothing".to_owned());
    }
    kinds.join(" or ")
}

/// The values that are allowed where only named values are.
pub(super) fn names<'s>(schema: &'s Schema, shape: &'s Shape) -> Vec<&'s Value> {
    let behind = choices(schema, shape).filter(|shape| shape.types.overlap(Types::TEXT));
    let lists: Option<Vec<&Vec<Value>>> = behind.map(|shape| shape.allowed.as_ref()).collect();
    lists.unwrap_or_default().into_iter().flatten().collect()
}

/// The keys of which a mapping has exactly one.
fn variants<'s>(schema: &'s Schema, shape: &'s Shape) -> Vec<(&'s str, ShapeId)> {
    choices(schema, shape).filter_map(Shape::variant).collect()
}

/// A shape, or the shapes of which it is one.
fn choices<'s>(schema: &'s Schema, shape: &'s Shape) -> impl Iterator<Item = &'s Shape> {
    let itself = std::iter::once(shape).filter(|shape| shape.choices.is_empty());
    let of = shape.choices.iter().filter_map(|id| schema.shape(*id)).map(|choice| schema.behind(choice));
    itself.chain(of)
}

fn list(schema: &Schema, shape: &Shape) -> String {
    // "Text or a list of text" says what its items are in one of its choices.
    let items = choices(schema, shape).find_map(|shape| shape.items);
    match items.and_then(|items| schema.shape(items)).map(|items| schema.behind(items)) {
        Some(items) if title(items).is_some() => format!("a list, each item {}", title(items).unwrap_or_default()),
        Some(items) if items.types == Types::TEXT => "a list of text".to_owned(),
        Some(items) if items.types == Types::NUMBER || items.types == Types::INTEGER => "a list of numbers".to_owned(),
        Some(items) if items.types == Types::MAPPING => "a list of mappings".to_owned(),
        _ => "a list".to_owned(),
    }
}

/// What to write instead of a value of the wrong type.
pub(super) fn type_help(schema: &Schema, value: &Value, shape: &Shape) -> Option<String> {
    let types = shape.types;
    if let Some(kind) = variant_help(schema, value, shape) {
        return Some(kind);
    }
    match value {
        // In quotes it would still be none of the names.
        Value::Number(_) | Value::Bool(_) if types.include(Types::TEXT) => {
            names(schema, schema.behind(shape)).is_empty().then(|| format!("quote it: \"{value}\""))
        }
        Value::Object(map) if types.include(Types::TEXT) => match map.iter().next() {
            // `{id}` is a mapping with one key and no value to YAML.
            Some((key, Value::Null)) if map.len() == 1 => Some(format!("quote it: \"{{{}}}\"", abbreviated(key))),
            _ => None,
        },
        Value::String(text) => text_help(text, types),
        Value::Null => Some("give it a value, or remove it".to_owned()),
        Value::Object(_) if types.include(Types::LIST) => Some("begin each item with `- `".to_owned()),
        Value::Number(number) if types.include(Types::LIST) => Some(format!("write a list: [{number}]")),
        Value::Number(number) if number.is_f64() && types.include(Types::INTEGER) => {
            Some("write it without a decimal point".to_owned())
        }
        Value::Array(items) if items.len() == 1 => Some("write the value itself, without `- ` or [ ]".to_owned()),
        _ => None,
    }
}

/// `/a` where `{prefix: /a}` is meant: the value is there, its kind is not.
pub(super) fn variant_help(schema: &Schema, value: &Value, shape: &Shape) -> Option<String> {
    let Value::String(text) = value else { return None };
    let takes_text =
        |id: ShapeId| schema.shape(id).is_some_and(|shape| schema.behind(shape).types.overlap(Types::TEXT));
    let variants = variants(schema, schema.behind(shape));
    let (key, _) = variants.into_iter().find(|(_, content)| takes_text(*content))?;
    Some(format!("say what it is, such as {{{key}: {}}}", quoted(text)))
}

fn text_help(text: &str, types: Types) -> Option<String> {
    if types.include(Types::LIST) {
        return Some(format!("write a list: [{}]", quoted(text)));
    }
    if has_variable(text) && !types.include(Types::TEXT) {
        return Some("a variable is always text, and cannot stand here".to_owned());
    }
    if types.include(Types::BOOLEAN) {
        let (yes, no) = (["yes", "on", "true", "y"], ["no", "off", "false", "n"]);
        let is = |words: [&str; 4]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        return if is(yes) { Some("write true".to_owned()) } else { is(no).then(|| "write false".to_owned()) };
    }
    if types.include(Types::INTEGER) {
        return text.parse::<i64>().ok().map(|number| format!("write it without quotes: {number}"));
    }
    if types.include(Types::MAPPING) {
        let (key, rest) = text.split_once(':')?;
        let glued = !key.contains([' ', '/']) && !rest.is_empty() && !rest.starts_with("//");
        return glued.then(|| format!("put a blank after the colon: `{}: {}`", abbreviated(key), abbreviated(rest)));
    }
    None
}

/// The bounds of a number in words.
pub(super) fn bounds(shape: &Shape) -> String {
    match (shape.least, shape.most, shape.above, shape.below) {
        (Some(least), Some(most), _, _) => format!("a number from {least} to {most}"),
        (Some(least), ..) => format!("a number of at least {least}"),
        (_, _, Some(above), _) => format!("a number above {above}"),
        (_, Some(most), ..) => format!("a number of at most {most}"),
        (.., Some(below)) => format!("a number below {below}"),
        _ => "a number".to_owned(),
    }
}

/// Whether a text names variables, which are put in later.
pub(super) fn has_variable(text: &str) -> bool {
    text.contains("${env:") || text.contains("${secret:")
}
