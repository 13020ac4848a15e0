//! How an answer is shaped, labelled and recorded.

pub mod problem;
pub mod record;
mod shape;

pub use record::{AccessLog, Record};
pub use shape::{Shaping, passed_edits};
