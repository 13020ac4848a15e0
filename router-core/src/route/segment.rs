//! One segment of a pattern, and how it matches one segment of a path.

use smallvec::SmallVec;

/// Where the values of parameters stand in a path, in bytes.
pub(super) type Spans = SmallVec<[(u32, u32); 4]>;

/// One segment of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Segment {
    /// This text. Empty after a slash at the end.
    Literal(Box<str>),
    /// Parameters among literal text: `v{major}.{minor}`.
    Affixed(Affixed),
    /// One parameter and nothing else: `{id}`.
    Parameter,
}

/// Parameters among literal text. Each parameter takes one character or more.
///
/// The first literal stands at the start, the last at the end (both may be empty), the others between two parameters (never empty). A
/// parameter ends at the first place where the literal after it can be; only the last one reaches to the end. Looking for the first place
/// finds a match whenever there is one, without going back: whatever a later place would leave to the rest, the first leaves too.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Affixed {
    first: Box<str>,
    between: Box<[Box<str>]>,
    last: Box<str>,
}

impl Affixed {
    pub(super) fn new(first: String, between: Vec<String>, last: String) -> Self {
        Self { first: first.into(), between: between.into_iter().map(Into::into).collect(), last: last.into() }
    }

    /// The literal at the start.
    pub(super) fn first(&self) -> &str {
        &self.first
    }

    /// How much of it is literal, in bytes.
    pub(super) fn literal_bytes(&self) -> usize {
        self.first.len() + self.last.len() + self.between.iter().map(|text| text.len()).sum::<usize>()
    }

    pub(super) fn matches(&self, segment: &str) -> bool {
        self.capture(segment, |_, _| {})
    }

    /// Matches a segment and reports where in it each parameter's value stands.
    pub(super) fn capture(&self, segment: &str, mut found: impl FnMut(usize, usize)) -> bool {
        let Some(end) = segment.len().checked_sub(self.last.len()) else { return false };
        if !segment.starts_with(&*self.first) || !segment.ends_with(&*self.last) || splits_escape(segment, end) {
            return false;
        }
        let mut start = self.first.len();
        for literal in &self.between {
            let Some(at) = first_place(segment, literal, start + 1, end) else { return false };
            found(start, at);
            start = at + literal.len();
        }
        if start >= end {
            return false;
        }
        found(start, end);
        true
    }
}

/// The first place from `from` on where `literal` stands and leaves at least one byte before `end`.
fn first_place(segment: &str, literal: &str, mut from: usize, end: usize) -> Option<usize> {
    loop {
        let at = from + segment.get(from..end)?.find(literal)?;
        if !splits_escape(segment, at) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// Whether a cut here would go through an escape. `{a}2F{b}` must not match inside of `%2F`.
fn splits_escape(segment: &str, at: usize) -> bool {
    let bytes = segment.as_bytes();
    let is_percent = |back: usize| at.checked_sub(back).and_then(|at| bytes.get(at)) == Some(&b'%');
    is_percent(1) || is_percent(2)
}

impl Segment {
    /// Whether it matches one segment of a path.
    pub(super) fn matches(&self, segment: &str) -> bool {
        match self {
            Self::Literal(text) => segment == &**text,
            Self::Affixed(affixed) => affixed.matches(segment),
            Self::Parameter => !segment.is_empty(),
        }
    }
}
