//! A place while it is walked to: a chain on the stack that costs nothing, and becomes a [`Path`] only where something is wrong.

use super::Path;

/// A place in the document, borrowed from the places above it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place<'p> {
    pub(crate) above: Option<&'p Place<'p>>,
    pub(crate) step: Option<Below<'p>>,
}

/// The last step to a place.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Below<'p> {
    Key(&'p str),
    Index(usize),
}

impl<'p> Place<'p> {
    /// The document itself.
    pub(crate) fn root() -> Self {
        Self::default()
    }

    /// The member of this name.
    pub(crate) fn key(&'p self, key: &'p str) -> Self {
        Self { above: Some(self), step: Some(Below::Key(key)) }
    }

    /// The item at this index.
    pub(crate) fn index(&'p self, index: usize) -> Self {
        Self { above: Some(self), step: Some(Below::Index(index)) }
    }

    /// The place as a value of its own.
    pub(crate) fn path(&self) -> Path {
        let above = self.above.map(Place::path).unwrap_or_default();
        match self.step {
            None => above,
            Some(Below::Key(key)) => above.key(key),
            Some(Below::Index(index)) => above.index(index),
        }
    }
}
