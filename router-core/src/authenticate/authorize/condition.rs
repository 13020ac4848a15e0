//! A condition of a policy.

use std::sync::Arc;

use super::Asked;
use super::cel::{Failure, InvalidCondition, Program, Value};
use super::variables::{Scope, Values};

/// A condition, read and checked. Cheap to clone, as routes share that of the default policy.
#[derive(Clone, Debug)]
pub struct Condition {
    text: Arc<str>,
    program: Arc<Program>,
}

impl Condition {
    /// Reads and checks an expression.
    ///
    /// # Errors
    /// The first mistake and its place: wrong syntax, an unknown name, types that do not fit, or a limit.
    pub fn parse(text: &str, scope: &Scope<'_>) -> Result<Self, InvalidCondition> {
        Ok(Self { text: text.into(), program: Arc::new(Program::compile(text, scope)?) })
    }

    /// The expression as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// It cannot be told, or takes too long; whoever asks refuses then.
    pub fn holds(&self, asked: &Asked<'_>) -> Result<bool, Failure> {
        // Everything is borrowed for as long as the shortest of what is asked for and the program.
        match self.program.evaluate(&Values::new(*asked))? {
            Value::Bool(holds) => Ok(holds),
            _ => Err(Failure::Type),
        }
    }
}
