//! A number that a request comes to, such as what it costs.

use std::sync::Arc;

use super::Asked;
use super::cel::{Failure, InvalidCondition, Program, Value};
use super::variables::{Scope, Values};

/// An expression that yields a whole number, read and checked. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Number {
    text: Arc<str>,
    program: Arc<Program>,
}

impl Number {
    /// Reads and checks an expression.
    ///
    /// # Errors
    /// The first mistake and its place: wrong syntax, an unknown name, types that do not fit, or a limit.
    pub fn parse(text: &str, scope: &Scope<'_>) -> Result<Self, InvalidCondition> {
        Ok(Self { text: text.into(), program: Arc::new(Program::compile_number(text, scope)?) })
    }

    /// The expression as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The number; what is less than 0 counts as 0.
    ///
    /// # Errors
    /// It cannot be told, or takes too long.
    pub fn of(&self, asked: &Asked<'_>) -> Result<u64, Failure> {
        match self.program.evaluate(&Values::new(*asked))? {
            Value::Int(number) => Ok(u64::try_from(number).unwrap_or(0)),
            _ => Err(Failure::Type),
        }
    }
}
