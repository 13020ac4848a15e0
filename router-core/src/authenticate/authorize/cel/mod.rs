//! A subset of CEL, the Common Expression Language: read and checked once at load, evaluated within a budget.
//!
//! What is in: all operators with CEL's meaning, `&&` and `||` that absorb errors, literals but for bytes and unsigned numbers, lists, maps, fields,
//! indices, `has`, the macros `all`, `exists`, `exists_one`, `filter` and `map`, `size`, `contains`, `startsWith`, `endsWith`, `matches`,
//! `lowerAscii`, `upperAscii`, `int`, `double`, `string`, timestamps and durations of whole milliseconds.
//!
//! Own code, as the crates do not fit an edge (measured with `cel` 0.15 without features): it adds 250 KB of gzipped wasm; three nested `all` over a
//! list of 300 take 14 s, as evaluation has no budget; and `1+1+…` of 4 KiB overflows a stack of 1 MiB. Tests hold this one against that one.
//!
//! Whatever a document says, reading ends: the text, its nesting and every pattern have a limit. Whatever a request says, evaluating ends: each step
//! costs, what is long costs more, and the budget is fixed. No step can overflow the stack, as no tree is higher than [`MAX_HEIGHT`] and no JSON
//! text deeper than what `serde_json` reads.

mod evaluate;
mod functions;
mod operate;
mod parse;
mod resolve;
mod syntax;
mod text;
mod time;
mod token;
mod types;
mod value;

use std::ops::Range;

pub use evaluate::Failure;
pub(super) use evaluate::Inputs;
pub(super) use types::Type;
pub(super) use value::{List, Map, Value};

use super::variables::Scope;

/// The longest expression, in bytes. Whoever needs more wants several routes, or a service that decides.
pub const MAX_LENGTH: usize = 4096;

/// How deep an expression may nest. People write far less; it bounds the stack of reading, checking, evaluating and dropping.
pub const MAX_HEIGHT: u16 = 48;

/// How many steps one evaluation may take: about a millisecond. A look through 2000 groups takes a fifth.
pub const MAX_STEPS: u32 = 50_000;

/// An expression that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidCondition {
    /// Where, in bytes of the expression.
    pub at: Range<usize>,
    /// What is wrong there.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl InvalidCondition {
    fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), help: None }
    }

    fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

type Checked<T> = Result<T, InvalidCondition>;

/// An expression, read and checked.
#[derive(Debug)]
pub(super) struct Program {
    root: resolve::Node,
}

impl Program {
    /// Reads and checks `text`, which must yield a boolean.
    ///
    /// # Errors
    /// The first mistake.
    pub(super) fn compile(text: &str, scope: &Scope<'_>) -> Checked<Self> {
        Self::yielding(Type::Bool, text, scope, |found| format!("a condition is true or false, and this is {found}"))
    }

    /// Reads and checks `text`, which must yield a whole number.
    ///
    /// # Errors
    /// The first mistake.
    pub(super) fn compile_number(text: &str, scope: &Scope<'_>) -> Checked<Self> {
        Self::yielding(Type::Int, text, scope, |found| format!("a cost is an int, and this is {found}"))
    }

    fn yielding(wanted: Type, text: &str, scope: &Scope<'_>, other: impl Fn(&str) -> String) -> Checked<Self> {
        let tree = parse::parse(text)?;
        let (root, kind) = resolve::Resolver::new(scope).resolve(&tree)?;
        if kind.may_be(wanted) {
            Ok(Self { root })
        } else {
            Err(InvalidCondition::new(tree.span.clone(), other(kind.name())))
        }
    }

    /// Its value.
    ///
    /// # Errors
    /// What went wrong: as CEL says, or the budget is spent.
    pub(super) fn evaluate<'a>(&'a self, inputs: &dyn Inputs<'a>) -> Result<Value<'a>, Failure> {
        evaluate::Machine::new(inputs, MAX_STEPS).evaluate(&self.root)
    }
}

#[cfg(test)]
mod tests;
