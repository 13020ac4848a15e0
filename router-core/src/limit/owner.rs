//! The count where it is kept: a Durable Object, Redis, or the memory of a single process.
//!
//! One question carries everything that a request needs to have decided, so that each of several requests at once sees what the one before left. The
//! answer is a pure function of the states, the questions and the owner's clock. The script of `adapters/shared/limit/`, which Redis runs, does the same
//! with the same numbers; both are held against one table and against each other.

mod ask;
mod count;
mod decide;
mod held;
mod state;
#[cfg(test)]
mod tests;

pub use ask::{ASK_NUMBERS, Ask, OnOver, Operation, SAID_NUMBERS, Said, Settlement};
pub use count::Count;
pub use decide::{Decided, decide};
pub use held::Held;
pub use state::State;
