//! The JSON Schema, compiled: references followed and keywords found once instead of at every value.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

/// A generated schema nests as deep as its types do, two or three levels for each; this only ends a senseless one.
const DEEPEST: usize = 256;

/// Refers to a [`Shape`].
pub(super) type ShapeId = usize;

/// The types of JSON that a shape accepts, a bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Types(u8);

impl Types {
    pub(super) const NULL: Self = Self(1);
    pub(super) const BOOLEAN: Self = Self(2);
    pub(super) const INTEGER: Self = Self(4);
    pub(super) const NUMBER: Self = Self(4 + 8);
    pub(super) const TEXT: Self = Self(16);
    pub(super) const LIST: Self = Self(32);
    pub(super) const MAPPING: Self = Self(64);
    pub(super) const ANY: Self = Self(127);
    pub(super) const NONE: Self = Self(0);

    fn of_name(name: &str) -> Self {
        match name {
            "null" => Self::NULL,
            "boolean" => Self::BOOLEAN,
            "integer" => Self::INTEGER,
            "number" => Self::NUMBER,
            "string" => Self::TEXT,
            "array" => Self::LIST,
            "object" => Self::MAPPING,
            _ => Self::ANY,
        }
    }

    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOLEAN,
            // The deserialiser takes no 3.0 for a whole number, whatever JSON Schema says.
            Value::Number(number) if number.is_f64() => Self(8),
            Value::Number(_) => Self::INTEGER,
            Value::String(_) => Self::TEXT,
            Value::Array(_) => Self::LIST,
            Value::Object(_) => Self::MAPPING,
        }
    }

    pub(super) fn accept(self, value: &Value) -> bool {
        self.overlap(Self::of(value))
    }

    /// Whether null is named among some types, as for an `Option`.
    pub(super) fn accept_null_by_name(self) -> bool {
        self != Self::ANY && self.overlap(Self::NULL)
    }

    pub(super) fn overlap(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn include(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// What becomes of a key that has no shape of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extra {
    Allowed,
    Refused,
    Shaped(ShapeId),
}

/// One schema. Absent keywords allow everything.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) title: Option<String>,
    pub(super) types: Types,
    pub(super) properties: BTreeMap<String, ShapeId>,
    pub(super) required: Vec<String>,
    pub(super) extra: Extra,
    pub(super) items: Option<ShapeId>,
    pub(super) allowed: Option<Vec<Value>>,
    /// Of these one must fit (`oneOf`, `anyOf`).
    pub(super) choices: Vec<ShapeId>,
    /// All of these must fit (`$ref`, `allOf`).
    pub(super) all: Vec<ShapeId>,
    pub(super) least: Option<f64>,
    pub(super) most: Option<f64>,
    pub(super) above: Option<f64>,
    pub(super) below: Option<f64>,
    pub(super) least_length: Option<u64>,
    pub(super) most_length: Option<u64>,
    pub(super) least_items: Option<u64>,
    pub(super) most_items: Option<u64>,
    pub(super) least_entries: Option<u64>,
    pub(super) most_entries: Option<u64>,
}

/// A compiled schema.
#[derive(Debug)]
pub(super) struct Schema {
    shapes: Vec<Shape>,
    root: Option<ShapeId>,
}

impl Schema {
    pub(super) fn compile(document: &Value) -> Self {
        let mut compiler = Compiler { document, shapes: Vec::new(), references: FxHashMap::default() };
        let root = compiler.shape(document, 0);
        let mut schema = Self { shapes: compiler.shapes, root: Some(root) };
        schema.narrow();
        schema
    }

    pub(super) fn root(&self) -> Option<ShapeId> {
        self.root
    }

    pub(super) fn shape(&self, id: ShapeId) -> Option<&Shape> {
        self.shapes.get(id)
    }

    /// The shape that says what a value is: behind references and the wrapping of an `Option`.
    pub(super) fn behind<'s>(&'s self, mut shape: &'s Shape) -> &'s Shape {
        for _ in 0..8 {
            let next = match (shape.all.as_slice(), shape.choices.as_slice()) {
                ([one], []) => Some(*one),
                ([], choices) => {
                    let mut real = choices.iter().filter(|id| self.shape(**id).is_some_and(|s| s.types != Types::NULL));
                    real.next().filter(|_| choices.len() > 1 && real.next().is_none()).copied()
                }
                _ => None,
            };
            match next.and_then(|id| self.shape(id)) {
                Some(next) if shape.title.is_none() => shape = next,
                _ => break,
            }
        }
        shape
    }

    /// Types follow from what a shape refers to, so that a wrong type is seen before anything else. References may go
    /// in circles, so this repeats until nothing changes.
    fn narrow(&mut self) {
        for _ in 0..8 {
            let types: Vec<Types> = self.shapes.iter().map(|shape| self.narrowed(shape)).collect();
            let mut changed = false;
            for (shape, types) in self.shapes.iter_mut().zip(types) {
                changed |= shape.types != types;
                shape.types = types;
            }
            if !changed {
                break;
            }
        }
    }

    fn narrowed(&self, shape: &Shape) -> Types {
        let of = |id: &ShapeId| self.shape(*id).map_or(Types::ANY, |shape| shape.types);
        let mut types = shape.all.iter().map(of).fold(shape.types, Types::both);
        if !shape.choices.is_empty() {
            types = types.both(shape.choices.iter().map(of).fold(Types::NONE, Types::with));
        }
        if let Some(allowed) = &shape.allowed {
            types = types.both(allowed.iter().map(Types::of).fold(Types::NONE, Types::with));
        }
        types
    }
}

struct Compiler<'d> {
    document: &'d Value,
    shapes: Vec<Shape>,
    references: FxHashMap<&'d str, ShapeId>,
}

impl<'d> Compiler<'d> {
    fn shape(&mut self, schema: &'d Value, depth: usize) -> ShapeId {
        let id = self.shapes.len();
        // The place is taken first: a reference back to it finds it.
        self.shapes.push(Shape::anything());
        let shape = match schema {
            Value::Object(keywords) if depth < DEEPEST => self.keywords(keywords, depth + 1),
            Value::Bool(false) => Shape { types: Types::NONE, ..Shape::anything() },
            _ => Shape::anything(),
        };
        if let Some(place) = self.shapes.get_mut(id) {
            *place = shape;
        }
        id
    }

    fn keywords(&mut self, keywords: &'d Map<String, Value>, depth: usize) -> Shape {
        let number = |keyword: &str| keywords.get(keyword).and_then(Value::as_f64);
        let count = |keyword: &str| keywords.get(keyword).and_then(Value::as_u64);
        let (lowest, highest) = keywords.get("format").and_then(Value::as_str).map_or((None, None), of_format);
        let mut shape = Shape {
            title: keywords.get("title").and_then(Value::as_str).map(str::to_owned),
            types: match keywords.get("type") {
                Some(Value::String(name)) => Types::of_name(name),
                Some(Value::Array(names)) => {
                    names.iter().filter_map(Value::as_str).map(Types::of_name).fold(Types::NONE, Types::with)
                }
                _ => Types::ANY,
            },
            required: match keywords.get("required") {
                Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                _ => Vec::new(),
            },
            allowed: match (keywords.get("enum"), keywords.get("const")) {
                (Some(Value::Array(values)), _) => Some(values.clone()),
                (_, Some(value)) => Some(vec![value.clone()]),
                _ => None,
            },
            least: number("minimum").or(lowest),
            most: number("maximum").or(highest),
            above: number("exclusiveMinimum"),
            below: number("exclusiveMaximum"),
            least_length: count("minLength"),
            most_length: count("maxLength"),
            least_items: count("minItems"),
            most_items: count("maxItems"),
            least_entries: count("minProperties"),
            most_entries: count("maxProperties"),
            ..Shape::anything()
        };
        if let Some(Value::Object(properties)) = keywords.get("properties") {
            shape.properties = properties.iter().map(|(key, s)| (key.clone(), self.shape(s, depth))).collect();
        }
        shape.extra = match keywords.get("additionalProperties") {
            Some(Value::Bool(false)) => Extra::Refused,
            Some(schema @ Value::Object(_)) => Extra::Shaped(self.shape(schema, depth)),
            _ => Extra::Allowed,
        };
        shape.items = keywords.get("items").map(|items| self.shape(items, depth));
        for keyword in ["oneOf", "anyOf"] {
            if let Some(Value::Array(choices)) = keywords.get(keyword) {
                shape.choices.extend(choices.iter().map(|choice| self.shape(choice, depth)));
            }
        }
        if let Some(Value::Array(parts)) = keywords.get("allOf") {
            shape.all.extend(parts.iter().map(|part| self.shape(part, depth)));
        }
        if let Some(Value::String(reference)) = keywords.get("$ref") {
            shape.all.extend(self.reference(reference, depth));
        }
        shape
    }

    /// Only references within the document: `#` and `#/$defs/Name`.
    fn reference(&mut self, reference: &'d str, depth: usize) -> Option<ShapeId> {
        if reference == "#" {
            return Some(0);
        }
        if let Some(known) = self.references.get(reference) {
            return Some(*known);
        }
        let target = self.document.pointer(reference.strip_prefix('#')?)?;
        // `shape` will take the next place.
        self.references.insert(reference, self.shapes.len());
        Some(self.shape(target, depth))
    }
}

impl Shape {
    fn anything() -> Self {
        Self {
            title: None,
            types: Types::ANY,
            properties: BTreeMap::new(),
            required: Vec::new(),
            extra: Extra::Allowed,
            items: None,
            allowed: None,
            choices: Vec::new(),
            all: Vec::new(),
            least: None,
            most: None,
            above: None,
            below: None,
            least_length: None,
            most_length: None,
            least_items: None,
            most_items: None,
            least_entries: None,
            most_entries: None,
        }
    }

    /// The only key of a mapping with exactly this one: how serde writes a variant with content.
    pub(super) fn variant(&self) -> Option<(&str, ShapeId)> {
        match (self.required.as_slice(), self.properties.first_key_value()) {
            ([required], Some((key, shape)))
                if self.types == Types::MAPPING
                    && required == key
                    && self.properties.len() == 1
                    && self.extra == Extra::Refused =>
            {
                Some((key, *shape))
            }
            _ => None,
        }
    }
}

/// The bounds of an integer type that schemars names without writing them out.
fn of_format(format: &str) -> (Option<f64>, Option<f64>) {
    let (least, most) = match format {
        "uint8" => (0.0, f64::from(u8::MAX)),
        "uint16" => (0.0, f64::from(u16::MAX)),
        "uint32" => (0.0, f64::from(u32::MAX)),
        "int8" => (f64::from(i8::MIN), f64::from(i8::MAX)),
        "int16" => (f64::from(i16::MIN), f64::from(i16::MAX)),
        "int32" => (f64::from(i32::MIN), f64::from(i32::MAX)),
        "uint64" | "uint" => return (Some(0.0), None),
        _ => return (None, None),
    };
    (Some(least), Some(most))
}
