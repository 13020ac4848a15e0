//! The log: lines in the order in which they were written.

use std::cell::RefCell;

use edge::platform::Log;

use crate::Memory;

/// The lines that nobody has taken yet.
#[derive(Debug, Default)]
pub struct Lines(RefCell<Vec<String>>);

impl Lines {
    /// Takes the lines written since the last time.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

impl Log for Memory {
    fn log(&self, line: String) {
        self.state.lines.0.borrow_mut().push(line);
    }
}
