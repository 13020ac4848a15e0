//! Evaluates a checked tree.

use std::rc::Rc;

use super::functions;
use super::operate::{self, operate};
use super::resolve::{Loop, Node};
use super::value::{List, Map, Value};
use crate::authenticate::authorize::variables::Variable;

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// There is no such field or key.
    NoSuchKey,
    /// There is no item at this index.
    NoSuchItem,
    /// An operator or function does not take a value of this type.
    Type,
    /// A number leaves its range.
    Overflow,
    /// Division by zero.
    DivisionByZero,
    /// A text is not what it should be converted to.
    NotConvertible,
    /// A header field is no text, or a parameter is there twice or broken.
    Unreadable,
    /// A map literal has a key twice.
    DuplicateKey,
    /// The budget is spent.
    Spent,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoSuchKey => "there is no such field or key",
            Self::NoSuchItem => "there is no item at that index",
            Self::Type => "a value has not the type that an operator or function wants",
            Self::Overflow => "a number leaves its range",
            Self::DivisionByZero => "a division by zero",
            Self::NotConvertible => "a text is not what it should be converted to",
            Self::Unreadable => "a header field or parameter is broken or there more than once",
            Self::DuplicateKey => "a map has a key twice",
            Self::Spent => "it takes more steps than are allowed",
        })
    }
}

/// Where variables have their values.
pub(in super::super) trait Inputs<'a> {
    /// The value of a variable.
    fn value(&self, variable: &'a Variable) -> Value<'a>;
}

/// What is left of the budget.
pub(super) struct Fuel(u32);

impl Fuel {
    pub(super) fn burn(&mut self, steps: usize) -> Result<(), Failure> {
        let left = u32::try_from(steps).ok().and_then(|steps| self.0.checked_sub(steps));
        self.0 = left.unwrap_or(0);
        left.map(drop).ok_or(Failure::Spent)
    }
}

pub(super) struct Machine<'a, 'i> {
    inputs: &'i dyn Inputs<'a>,
    fuel: Fuel,
    /// The values of names that macros bind, the innermost last.
    locals: Vec<Value<'a>>,
}

type Yield<'a> = Result<Value<'a>, Failure>;

impl<'a, 'i> Machine<'a, 'i> {
    pub(super) fn new(inputs: &'i dyn Inputs<'a>, steps: u32) -> Self {
        Self { inputs, fuel: Fuel(steps), locals: Vec::new() }
    }

    pub(super) fn evaluate(&mut self, node: &'a Node) -> Yield<'a> {
        self.fuel.burn(1)?;
        match node {
            Node::Literal(literal) => Ok(Value::literal(literal)),
            Node::Variable(variable) => Ok(self.inputs.value(variable)),
            Node::Local(index) => self.locals.get(*index).cloned().ok_or(Failure::NoSuchKey),
            Node::Field(of, name) => match self.evaluate(of)? {
                Value::Map(map) => operate::get(&map, &Value::text(name), &mut self.fuel),
                _ => Err(Failure::Type),
            },
            Node::Has(of, name) => match self.evaluate(of)? {
                Value::Map(map) => operate::has(&map, &Value::text(name), &mut self.fuel).map(Value::Bool),
                _ => Err(Failure::Type),
            },
            Node::HasVariable(variable) => Ok(Value::Bool(!matches!(self.inputs.value(variable), Value::Null))),
            Node::Index(parts) => {
                let [of, index] = &**parts;
                self.index(of, index)
            }
            Node::List(items) => {
                let items = items.iter().map(|item| self.evaluate(item)).collect::<Result<Rc<[_]>, _>>()?;
                Ok(Value::List(List::Made(items)))
            }
            Node::Map(entries) => self.map(entries),
            Node::Not(of) => match self.evaluate(of)? {
                Value::Bool(value) => Ok(Value::Bool(!value)),
                _ => Err(Failure::Type),
            },
            Node::Negate(of) => match self.evaluate(of)? {
                Value::Int(number) => number.checked_neg().map(Value::Int).ok_or(Failure::Overflow),
                Value::Double(number) => Ok(Value::Double(-number)),
                Value::Duration(duration) => duration.checked_neg().map(Value::Duration).ok_or(Failure::Overflow),
                _ => Err(Failure::Type),
            },
            Node::Every(operands) => self.row(operands.iter(), false, |machine, node| machine.evaluate(node)),
            Node::Some(operands) => self.row(operands.iter(), true, |machine, node| machine.evaluate(node)),
            Node::Choice(parts) => {
                let [condition, then, otherwise] = &**parts;
                match self.evaluate(condition)? {
                    Value::Bool(true) => self.evaluate(then),
                    Value::Bool(false) => self.evaluate(otherwise),
                    _ => Err(Failure::Type),
                }
            }
            Node::Binary(operator, parts) => {
                let [left, right] = &**parts;
                let (left, right) = (self.evaluate(left)?, self.evaluate(right)?);
                operate(*operator, &left, &right, &mut self.fuel)
            }
            Node::Matches(of, pattern) => match self.evaluate(of)? {
                Value::Text(text) => {
                    // The time of a search grows with text and pattern.
                    let text = text.as_str();
                    self.fuel.burn(text.len().saturating_mul(pattern.as_str().len()) / 64)?;
                    Ok(Value::Bool(pattern.is_match(text)))
                }
                _ => Err(Failure::Type),
            },
            Node::Call(function, arguments) => {
                let arguments =
                    arguments.iter().map(|argument| self.evaluate(argument)).collect::<Result<Vec<_>, _>>()?;
                self.fuel.burn(functions::cost(&arguments))?;
                functions::call(*function, &arguments)
            }
            Node::Loop(each) => self.each(each),
        }
    }

    /// `&&` and `||`: `decisive` decides wherever it stands; else an error stays an error (CEL, "Logical Operators"). A spent budget is no error that
    /// another operand could heal.
    fn row<T>(
        &mut self,
        operands: impl Iterator<Item = T>,
        decisive: bool,
        mut evaluate: impl FnMut(&mut Self, T) -> Yield<'a>,
    ) -> Yield<'a> {
        let mut failed = None;
        for operand in operands {
            match evaluate(self, operand) {
                Ok(Value::Bool(value)) if value == decisive => return Ok(Value::Bool(decisive)),
                Ok(Value::Bool(_)) => {}
                Ok(_) => failed = failed.or(Some(Failure::Type)),
                Err(Failure::Spent) => return Err(Failure::Spent),
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        failed.map_or(Ok(Value::Bool(!decisive)), Err)
    }

    fn index(&mut self, of: &'a Node, index: &'a Node) -> Yield<'a> {
        match (self.evaluate(of)?, self.evaluate(index)?) {
            (Value::List(list), Value::Int(index)) => {
                usize::try_from(index).ok().and_then(|index| list.get(index)).ok_or(Failure::NoSuchItem)
            }
            (Value::Map(map), key) if is_key(&key) => operate::get(&map, &key, &mut self.fuel),
            _ => Err(Failure::Type),
        }
    }

    fn map(&mut self, entries: &'a [(Node, Node)]) -> Yield<'a> {
        let mut made: Vec<(Value<'a>, Value<'a>)> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let key = self.evaluate(key)?;
            if !is_key(&key) {
                return Err(Failure::Type);
            }
            for (known, _) in &made {
                if operate::equal(known, &key, &mut self.fuel)? {
                    return Err(Failure::DuplicateKey);
                }
            }
            made.push((key, self.evaluate(value)?));
        }
        Ok(Value::Map(Map::Made(made.into())))
    }

    fn each(&mut self, each: &'a super::resolve::Each) -> Yield<'a> {
        let items: Vec<Value<'a>> = match self.evaluate(&each.over)? {
            Value::List(list) => {
                self.fuel.burn(list.len())?;
                list.iter().collect()
            }
            Value::Map(map) => {
                self.fuel.burn(map.len())?;
                map.keys()
            }
            _ => return Err(Failure::Type),
        };
        match each.kind {
            Loop::All => self.row(items.into_iter(), false, |machine, item| machine.with(item, &each.body)),
            Loop::Exists => self.row(items.into_iter(), true, |machine, item| machine.with(item, &each.body)),
            Loop::ExistsOne => {
                let mut count = 0_u32;
                for item in items {
                    count += u32::from(self.holds(item, &each.body)?);
                }
                Ok(Value::Bool(count == 1))
            }
            Loop::Filter => {
                let mut kept = Vec::new();
                for item in items {
                    if self.holds(item.clone(), &each.body)? {
                        kept.push(item);
                    }
                }
                Ok(Value::List(List::Made(kept.into())))
            }
            Loop::Map => {
                let mut made = Vec::new();
                for item in items {
                    if match &each.when {
                        Some(condition) => self.holds(item.clone(), condition)?,
                        None => true,
                    } {
                        made.push(self.with(item, &each.body)?);
                    }
                }
                Ok(Value::List(List::Made(made.into())))
            }
        }
    }

    /// The value of `node` while the innermost name stands for `item`.
    fn with(&mut self, item: Value<'a>, node: &'a Node) -> Yield<'a> {
        self.locals.push(item);
        let value = self.evaluate(node);
        self.locals.pop();
        value
    }

    fn holds(&mut self, item: Value<'a>, node: &'a Node) -> Result<bool, Failure> {
        match self.with(item, node)? {
            Value::Bool(value) => Ok(value),
            _ => Err(Failure::Type),
        }
    }
}

/// Whether a value can be a key of a map.
fn is_key(value: &Value<'_>) -> bool {
    matches!(value, Value::Text(_) | Value::Int(_) | Value::Bool(_))
}
