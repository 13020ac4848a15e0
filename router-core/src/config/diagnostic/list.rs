//! All that is wrong, at once, but never without end.

use std::fmt;

use super::{Diagnostic, Severity};

/// More than anybody reads. A document that is wrong in one way ten thousand times says it this often and then a number.
pub const MOST_SHOWN: usize = 200;

/// The collected diagnostics of one document.
///
/// Keeps the first [`MOST_SHOWN`] and counts the rest. An error that comes after the list is full takes the place of a
/// warning, so that warnings never hide why a document was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    kept: Vec<Diagnostic>,
    errors: usize,
    warnings: usize,
}

impl Diagnostics {
    /// Nothing wrong yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        match diagnostic.severity {
            Severity::Error => self.errors = self.errors.saturating_add(1),
            Severity::Warning => self.warnings = self.warnings.saturating_add(1),
        }
        self.keep(diagnostic);
    }

    /// Adds all of another list, those it only counted included.
    pub fn extend(&mut self, others: impl Into<Self>) {
        let others = others.into();
        self.errors = self.errors.saturating_add(others.errors);
        self.warnings = self.warnings.saturating_add(others.warnings);
        for diagnostic in others.kept {
            self.keep(diagnostic);
        }
    }

    /// Whether the document is refused.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.errors == 0 && self.warnings == 0
    }

    /// How many errors there are, those not kept included.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// How many warnings there are, those not kept included.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.warnings
    }

    /// How many were only counted.
    #[must_use]
    pub fn omitted(&self) -> usize {
        self.errors.saturating_add(self.warnings).saturating_sub(self.kept.len())
    }

    /// Those that were kept.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.kept.iter()
    }

    /// Those that were kept.
    #[must_use]
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.kept
    }

    fn keep(&mut self, diagnostic: Diagnostic) {
        if self.kept.len() < MOST_SHOWN {
            self.kept.push(diagnostic);
        } else if diagnostic.severity == Severity::Error
            && let Some(doubt) = self.kept.iter().rposition(|d| d.severity == Severity::Warning)
        {
            self.kept.remove(doubt);
            self.kept.push(diagnostic);
        }
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(diagnostics: I) -> Self {
        let mut list = Self::new();
        for diagnostic in diagnostics {
            list.push(diagnostic);
        }
        list
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::from_iter([diagnostic])
    }
}

impl From<Vec<Diagnostic>> for Diagnostics {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Self::from_iter(diagnostics)
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One after the other, without a source; at the end how many were left out.
impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, diagnostic) in self.kept.iter().enumerate() {
            if position > 0 {
                writeln!(f)?;
            }
            write!(f, "{diagnostic}")?;
        }
        match self.omitted() {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for Diagnostics {}

#[cfg(test)]
mod tests {
    use super::super::Path;
    use super::*;

    fn error(number: usize) -> Diagnostic {
        Diagnostic::error("wrong", Path::root().index(number), "wrong")
    }

    fn warning(number: usize) -> Diagnostic {
        Diagnostic::warning("doubtful", Path::root().index(number), "doubtful")
    }

    #[test]
    fn keeps_the_first_two_hundred_and_counts_the_rest() {
        let list: Diagnostics = (0..250).map(error).collect();
        assert_eq!((list.iter().count(), list.errors(), list.omitted()), (MOST_SHOWN, 250, 50));
        assert!(list.to_string().ends_with("error[wrong] at [199]: wrong\nand 50 more"));
    }

    #[test]
    fn an_error_is_kept_before_any_warning() {
        let mut list: Diagnostics = (0..250).map(warning).collect();
        assert!(!list.has_errors());
        list.push(error(7));
        assert!(list.has_errors());
        assert_eq!(list.iter().filter(|d| d.severity == Severity::Error).count(), 1);
        assert_eq!((list.iter().count(), list.warnings(), list.omitted()), (MOST_SHOWN, 250, 51));
    }

    #[test]
    fn extending_keeps_what_the_other_only_counted() {
        let mut list: Diagnostics = (0..2).map(warning).collect();
        list.extend((0..230).map(error).collect::<Diagnostics>());
        assert_eq!((list.errors(), list.warnings(), list.omitted()), (230, 2, 32));
        assert!(!Diagnostics::from(error(0)).is_empty());
        assert!(Diagnostics::new().is_empty());
    }
}
