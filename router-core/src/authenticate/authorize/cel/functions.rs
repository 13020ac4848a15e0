//! The functions.

use super::evaluate::Failure;
use super::time::{self, Part};
use super::types::Type;
use super::value::Value;

/// A function of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Size,
    Contains,
    StartsWith,
    EndsWith,
    LowerAscii,
    UpperAscii,
    Int,
    Double,
    String,
    Timestamp,
    Duration,
    Get(Part),
}

/// How a function is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `size(x)`.
    Global,
    /// `x.contains(y)`.
    Method,
    /// Both.
    Both,
}

/// What a function takes and yields.
pub(super) struct Signature {
    pub(super) name: &'static str,
    pub(super) function: Function,
    pub(super) style: Style,
    /// For each argument, the receiver first, the types that it may have.
    pub(super) takes: &'static [&'static [Type]],
    pub(super) yields: Type,
}

const TEXT: &[Type] = &[Type::Text];
const WITH_TIME: &[Type] = &[Type::Timestamp, Type::Duration];
const DAYS: &[Type] = &[Type::Timestamp];

const fn method(name: &'static str, function: Function, takes: &'static [&'static [Type]], yields: Type) -> Signature {
    Signature { name, function, style: Style::Method, takes, yields }
}

const fn global(name: &'static str, function: Function, takes: &'static [&'static [Type]], yields: Type) -> Signature {
    Signature { name, function, style: Style::Global, takes, yields }
}

/// All of them; `matches` is not here, as its pattern is compiled beforehand.
pub(super) static SIGNATURES: [Signature; 21] = [
    Signature {
        name: "size",
        function: Function::Size,
        style: Style::Both,
        takes: &[&[Type::Text, Type::List, Type::Map, Type::Headers]],
        yields: Type::Int,
    },
    method("contains", Function::Contains, &[TEXT, TEXT], Type::Bool),
    method("startsWith", Function::StartsWith, &[TEXT, TEXT], Type::Bool),
    method("endsWith", Function::EndsWith, &[TEXT, TEXT], Type::Bool),
    method("lowerAscii", Function::LowerAscii, &[TEXT], Type::Text),
    method("upperAscii", Function::UpperAscii, &[TEXT], Type::Text),
    global("int", Function::Int, &[&[Type::Int, Type::Double, Type::Text, Type::Timestamp]], Type::Int),
    global("double", Function::Double, &[&[Type::Int, Type::Double, Type::Text]], Type::Double),
    global(
        "string",
        Function::String,
        &[&[Type::Bool, Type::Int, Type::Double, Type::Text, Type::Timestamp]],
        Type::Text,
    ),
    global("timestamp", Function::Timestamp, &[&[Type::Text, Type::Int, Type::Timestamp]], Type::Timestamp),
    global("duration", Function::Duration, &[&[Type::Text, Type::Duration]], Type::Duration),
    method("getFullYear", Function::Get(Part::FullYear), &[DAYS], Type::Int),
    method("getMonth", Function::Get(Part::Month), &[DAYS], Type::Int),
    method("getDate", Function::Get(Part::Date), &[DAYS], Type::Int),
    method("getDayOfMonth", Function::Get(Part::DayOfMonth), &[DAYS], Type::Int),
    method("getDayOfWeek", Function::Get(Part::DayOfWeek), &[DAYS], Type::Int),
    method("getDayOfYear", Function::Get(Part::DayOfYear), &[DAYS], Type::Int),
    method("getHours", Function::Get(Part::Hours), &[WITH_TIME], Type::Int),
    method("getMinutes", Function::Get(Part::Minutes), &[WITH_TIME], Type::Int),
    method("getSeconds", Function::Get(Part::Seconds), &[WITH_TIME], Type::Int),
    method("getMilliseconds", Function::Get(Part::Milliseconds), &[WITH_TIME], Type::Int),
];

/// What a call is worth, in steps: its texts are walked through.
pub(super) fn cost(arguments: &[Value<'_>]) -> usize {
    let length = |value: &Value<'_>| match value {
        Value::Text(text) => text.as_str().len(),
        _ => 0,
    };
    arguments.iter().map(length).sum::<usize>() / 16
}

/// Calls it.
pub(super) fn call<'a>(function: Function, arguments: &[Value<'a>]) -> Result<Value<'a>, Failure> {
    match (function, arguments) {
        (Function::Size, [value]) => size(value),
        (Function::Contains, [Value::Text(text), Value::Text(part)]) => {
            Ok(Value::Bool(text.as_str().contains(part.as_str())))
        }
        (Function::StartsWith, [Value::Text(text), Value::Text(part)]) => {
            Ok(Value::Bool(text.as_str().starts_with(part.as_str())))
        }
        (Function::EndsWith, [Value::Text(text), Value::Text(part)]) => {
            Ok(Value::Bool(text.as_str().ends_with(part.as_str())))
        }
        (Function::LowerAscii, [Value::Text(text)]) => Ok(Value::made(text.as_str().to_ascii_lowercase())),
        (Function::UpperAscii, [Value::Text(text)]) => Ok(Value::made(text.as_str().to_ascii_uppercase())),
        (Function::Int, [value]) => int(value),
        (Function::Double, [value]) => double(value),
        (Function::String, [value]) => string(value),
        (Function::Timestamp, [value]) => match value {
            Value::Timestamp(_) => Ok(value.clone()),
            Value::Text(text) => {
                time::parse_timestamp(text.as_str()).map(Value::Timestamp).ok_or(Failure::NotConvertible)
            }
            Value::Int(seconds) => {
                let timestamp = seconds.checked_mul(1000).and_then(time::timestamp);
                timestamp.map(Value::Timestamp).ok_or(Failure::Overflow)
            }
            _ => Err(Failure::Type),
        },
        (Function::Duration, [value]) => match value {
            Value::Duration(_) => Ok(value.clone()),
            Value::Text(text) => {
                time::parse_duration(text.as_str()).map(Value::Duration).ok_or(Failure::NotConvertible)
            }
            _ => Err(Failure::Type),
        },
        (Function::Get(part), [Value::Timestamp(timestamp)]) => Ok(Value::Int(time::of_timestamp(part, *timestamp))),
        (Function::Get(part), [Value::Duration(duration)]) => {
            time::of_duration(part, *duration).map(Value::Int).ok_or(Failure::Type)
        }
        _ => Err(Failure::Type),
    }
}

/// Characters of a text, items of a list, entries of a map.
fn size<'a>(value: &Value<'a>) -> Result<Value<'a>, Failure> {
    let size = match value {
        Value::Text(text) => text.as_str().chars().count(),
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        _ => return Err(Failure::Type),
    };
    i64::try_from(size).map(Value::Int).map_err(|_| Failure::Overflow)
}

fn int<'a>(value: &Value<'a>) -> Result<Value<'a>, Failure> {
    match value {
        Value::Int(_) => Ok(value.clone()),
        // Both ends are out: the bounds of the spec leave 2^63 - 1 to rounding.
        Value::Double(number) if *number > -9_223_372_036_854_775_808.0 && *number < 9_223_372_036_854_775_808.0 =>
        {
            #[allow(clippy::cast_possible_truncation, reason = "towards zero, as CEL says")]
            Ok(Value::Int(*number as i64))
        }
        Value::Double(_) => Err(Failure::Overflow),
        Value::Text(text) => text.as_str().parse().map(Value::Int).map_err(|_| Failure::NotConvertible),
        Value::Timestamp(timestamp) => Ok(Value::Int(timestamp.div_euclid(1000))),
        _ => Err(Failure::Type),
    }
}

fn double<'a>(value: &Value<'a>) -> Result<Value<'a>, Failure> {
    match value {
        #[allow(clippy::cast_precision_loss, reason = "to the nearest, as CEL says")]
        Value::Int(number) => Ok(Value::Double(*number as f64)),
        Value::Double(_) => Ok(value.clone()),
        Value::Text(text) => text.as_str().parse().map(Value::Double).map_err(|_| Failure::NotConvertible),
        _ => Err(Failure::Type),
    }
}

fn string<'a>(value: &Value<'a>) -> Result<Value<'a>, Failure> {
    Ok(match value {
        Value::Text(_) => value.clone(),
        Value::Bool(value) => Value::made(value.to_string()),
        Value::Int(number) => Value::made(number.to_string()),
        Value::Double(number) => Value::made(number.to_string()),
        Value::Timestamp(timestamp) => Value::made(time::write_timestamp(*timestamp)),
        _ => return Err(Failure::Type),
    })
}
