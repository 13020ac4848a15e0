//! The operators between two values.

use std::cmp::Ordering;

use super::evaluate::{Failure, Fuel};
use super::syntax::Operator;
use super::time;
use super::value::{List, Map, Value};

/// What `operator` makes of two values.
pub(super) fn operate<'a>(
    operator: Operator,
    left: &Value<'a>,
    right: &Value<'a>,
    fuel: &mut Fuel,
) -> Result<Value<'a>, Failure> {
    let ordered = |wanted: fn(Ordering) -> bool, fuel: &mut Fuel| {
        compare(left, right, fuel).map(|ordering| Value::Bool(ordering.is_some_and(wanted)))
    };
    match operator {
        Operator::Equal => equal(left, right, fuel).map(Value::Bool),
        Operator::NotEqual => equal(left, right, fuel).map(|equal| Value::Bool(!equal)),
        Operator::Less => ordered(Ordering::is_lt, fuel),
        Operator::LessEqual => ordered(Ordering::is_le, fuel),
        Operator::Greater => ordered(Ordering::is_gt, fuel),
        Operator::GreaterEqual => ordered(Ordering::is_ge, fuel),
        Operator::In => contains(right, left, fuel).map(Value::Bool),
        Operator::Add => add(left, right, fuel),
        Operator::Subtract => match (left, right) {
            (Value::Timestamp(left), Value::Timestamp(right)) => {
                left.checked_sub(*right).map(Value::Duration).ok_or(Failure::Overflow)
            }
            (Value::Timestamp(left), Value::Duration(right)) => {
                left.checked_sub(*right).and_then(time::timestamp).map(Value::Timestamp).ok_or(Failure::Overflow)
            }
            (Value::Duration(left), Value::Duration(right)) => {
                left.checked_sub(*right).map(Value::Duration).ok_or(Failure::Overflow)
            }
            _ => arithmetic(left, right, i64::checked_sub, |left, right| left - right),
        },
        Operator::Multiply => arithmetic(left, right, i64::checked_mul, |left, right| left * right),
        Operator::Divide if matches!((left, right), (Value::Int(_), Value::Int(0))) => Err(Failure::DivisionByZero),
        Operator::Divide => arithmetic(left, right, i64::checked_div, |left, right| left / right),
        Operator::Remainder => match (left, right) {
            (Value::Int(_), Value::Int(0)) => Err(Failure::DivisionByZero),
            (Value::Int(left), Value::Int(right)) => left.checked_rem(*right).map(Value::Int).ok_or(Failure::Overflow),
            _ => Err(Failure::Type),
        },
    }
}

fn arithmetic<'a>(
    left: &Value<'a>,
    right: &Value<'a>,
    ints: fn(i64, i64) -> Option<i64>,
    doubles: fn(f64, f64) -> f64,
) -> Result<Value<'a>, Failure> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => ints(*left, *right).map(Value::Int).ok_or(Failure::Overflow),
        (Value::Double(left), Value::Double(right)) => Ok(Value::Double(doubles(*left, *right))),
        _ => Err(Failure::Type),
    }
}

fn add<'a>(left: &Value<'a>, right: &Value<'a>, fuel: &mut Fuel) -> Result<Value<'a>, Failure> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => {
            let (left, right) = (left.as_str(), right.as_str());
            fuel.burn((left.len() + right.len()) / 16)?;
            Ok(Value::made([left, right].concat()))
        }
        (Value::List(left), Value::List(right)) => {
            fuel.burn(left.len() + right.len())?;
            Ok(Value::List(List::Made(left.iter().chain(right.iter()).collect())))
        }
        (Value::Timestamp(timestamp), Value::Duration(duration))
        | (Value::Duration(duration), Value::Timestamp(timestamp)) => {
            let sum = timestamp.checked_add(*duration).and_then(time::timestamp);
            sum.map(Value::Timestamp).ok_or(Failure::Overflow)
        }
        (Value::Duration(left), Value::Duration(right)) => {
            left.checked_add(*right).map(Value::Duration).ok_or(Failure::Overflow)
        }
        _ => arithmetic(left, right, i64::checked_add, |left, right| left + right),
    }
}

/// Whether `whole` has `part`: an item of a list, a key of a map.
fn contains<'a>(whole: &Value<'a>, part: &Value<'a>, fuel: &mut Fuel) -> Result<bool, Failure> {
    match whole {
        Value::List(list) => {
            for item in list.iter() {
                if equal(&item, part, fuel)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Value::Map(map) => Ok(has(map, part, fuel)?),
        _ => Err(Failure::Type),
    }
}

/// Whether a map has a key.
pub(super) fn has<'a>(map: &Map<'a>, key: &Value<'a>, fuel: &mut Fuel) -> Result<bool, Failure> {
    match (map, key) {
        (Map::Json(members), Value::Text(key)) => Ok(members.contains_key(key.as_str())),
        (Map::Headers(headers), Value::Text(key)) => Ok(is_lower(key.as_str()) && headers.contains_key(key.as_str())),
        (Map::Parameters(parameters), Value::Text(key)) => Ok(parameters.has(key.as_str())),
        (Map::Made(entries), key) => {
            for (known, _) in entries.iter() {
                if equal(known, key, fuel)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => Ok(false),
    }
}

/// What a map has under a key.
pub(super) fn get<'a>(map: &Map<'a>, key: &Value<'a>, fuel: &mut Fuel) -> Result<Value<'a>, Failure> {
    match (map, key) {
        (Map::Json(members), Value::Text(key)) => members.get(key.as_str()).map(Value::json).ok_or(Failure::NoSuchKey),
        (Map::Headers(headers), Value::Text(key)) if is_lower(key.as_str()) => {
            let name = key.as_str().parse().map_err(|_| Failure::NoSuchKey)?;
            let value = crate::head::joined(headers, &name).ok_or(Failure::NoSuchKey)?;
            fuel.burn(value.len() / 16)?;
            // What is no text is no value to compare with: a guess could let somebody in.
            match value {
                std::borrow::Cow::Borrowed(bytes) => {
                    std::str::from_utf8(bytes).map(Value::text).map_err(|_| Failure::Unreadable)
                }
                std::borrow::Cow::Owned(bytes) => {
                    String::from_utf8(bytes).map(Value::made).map_err(|_| Failure::Unreadable)
                }
            }
        }
        (Map::Parameters(parameters), Value::Text(key)) => match parameters.get(key.as_str()) {
            None => Err(Failure::NoSuchKey),
            Some(None) => Err(Failure::Unreadable),
            Some(Some(text)) => {
                fuel.burn(text.len() / 16)?;
                Ok(Value::made(text.to_owned()))
            }
        },
        (Map::Made(entries), key) => {
            for (known, value) in entries.iter() {
                if equal(known, key, fuel)? {
                    return Ok(value.clone());
                }
            }
            Err(Failure::NoSuchKey)
        }
        _ => Err(Failure::NoSuchKey),
    }
}

fn is_lower(name: &str) -> bool {
    !name.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Whether two values are the same. Values of two types are not; an int and a double are, if they are the same number.
pub(super) fn equal<'a>(left: &Value<'a>, right: &Value<'a>, fuel: &mut Fuel) -> Result<bool, Failure> {
    fuel.burn(1)?;
    Ok(match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Text(left), Value::Text(right)) => {
            let (left, right) = (left.as_str(), right.as_str());
            if left.len() == right.len() {
                fuel.burn(left.len() / 16)?;
            }
            left == right
        }
        (Value::Timestamp(left), Value::Timestamp(right)) | (Value::Duration(left), Value::Duration(right)) => {
            left == right
        }
        (Value::Int(_) | Value::Double(_), Value::Int(_) | Value::Double(_)) => {
            numbers(left, right).is_some_and(Ordering::is_eq)
        }
        (Value::List(left), Value::List(right)) => {
            if left.len() != right.len() {
                return Ok(false);
            }
            for (left, right) in left.iter().zip(right.iter()) {
                if !equal(&left, &right, fuel)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Map(left), Value::Map(right)) => {
            if left.len() != right.len() {
                return Ok(false);
            }
            fuel.burn(left.len())?;
            for key in left.keys() {
                if !has(right, &key, fuel)? || !equal(&get(left, &key, fuel)?, &get(right, &key, fuel)?, fuel)? {
                    return Ok(false);
                }
            }
            true
        }
        _ => false,
    })
}

/// The order of two values; `None` for what has none (a double that is no number).
fn compare<'a>(left: &Value<'a>, right: &Value<'a>, fuel: &mut Fuel) -> Result<Option<Ordering>, Failure> {
    Ok(match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Text(left), Value::Text(right)) => {
            fuel.burn(left.as_str().len().min(right.as_str().len()) / 16)?;
            Some(left.as_str().cmp(right.as_str()))
        }
        (Value::Timestamp(left), Value::Timestamp(right)) | (Value::Duration(left), Value::Duration(right)) => {
            Some(left.cmp(right))
        }
        (Value::Int(_) | Value::Double(_), Value::Int(_) | Value::Double(_)) => numbers(left, right),
        _ => return Err(Failure::Type),
    })
}

fn numbers(left: &Value<'_>, right: &Value<'_>) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Double(left), Value::Double(right)) => left.partial_cmp(right),
        (Value::Int(left), Value::Double(right)) => mixed(*left, *right),
        (Value::Double(left), Value::Int(right)) => mixed(*right, *left).map(Ordering::reverse),
        _ => None,
    }
}

/// Exact: converting the int would lose digits beyond 2^53.
fn mixed(int: i64, double: f64) -> Option<Ordering> {
    if double.is_nan() {
        return None;
    }
    if double >= 9_223_372_036_854_775_808.0 {
        return Some(Ordering::Less);
    }
    if double < -9_223_372_036_854_775_808.0 {
        return Some(Ordering::Greater);
    }
    #[allow(clippy::cast_possible_truncation, reason = "within the range, as was just seen")]
    let whole = double.trunc() as i64;
    Some(int.cmp(&whole).then_with(|| 0.0_f64.partial_cmp(&double.fract()).unwrap_or(Ordering::Equal)))
}
