//! The parameters of a found route: which pieces of the path its names stand for.

use std::sync::Arc;

use super::{pattern::PathPattern, segment::Spans};
use crate::filter::path::NormalPath;

/// Most parameters a path pattern may have. More than anybody needs, and it bounds what is kept for a request.
pub const MAX_PARAMETERS: usize = 16;

/// Names and the places of their values in the path that was matched. Values are in the spelling of the path: escapes are not decoded.
#[derive(Clone, Debug)]
pub struct Params {
    pattern: Arc<PathPattern>,
    spans: Spans,
}

impl Params {
    pub(super) fn new(pattern: Arc<PathPattern>, spans: Spans) -> Self {
        Self { pattern, spans }
    }

    /// The parameters of a path under a pattern, or `None` where it does not match.
    #[must_use]
    pub fn of(pattern: &Arc<PathPattern>, path: &NormalPath<'_>) -> Option<Self> {
        Some(Self::new(Arc::clone(pattern), pattern.capture(path.as_str())?))
    }

    /// The value of a parameter. `path` is the path that was matched.
    #[must_use]
    pub fn get<'p>(&self, path: &'p NormalPath<'_>, name: &str) -> Option<&'p str> {
        self.iter(path).find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Names and values in the order of the path. `path` is the path that was matched.
    pub fn iter<'s, 'p>(&'s self, path: &'p NormalPath<'_>) -> impl Iterator<Item = (&'s str, &'p str)> {
        let text = path.as_str();
        self.pattern
            .name_list()
            .iter()
            .zip(&self.spans)
            .map(move |(name, &(start, end))| (&**name, text.get(start as usize..end as usize).unwrap_or_default()))
    }

    /// The pattern that matched.
    #[must_use]
    pub fn pattern(&self) -> &PathPattern {
        &self.pattern
    }
}
