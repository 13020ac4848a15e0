//! The four kinds of path patterns, compiled into one shape.
//!
//! An exact path and a template are a row of segments that ends (*closed*); a prefix and a template with `{*rest}` are a row of segments
//! that goes on (*open*). Regular expressions stand apart.

use std::fmt;

use super::{
    params::MAX_PARAMETERS,
    precedence::Step,
    regex::{InvalidRegex, WholeRegex},
    segment::{Segment, Spans},
    template::Template,
};
use crate::filter::path::{NotNormal, Prefix, configured};

/// The paths a route answers for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    text: Box<str>,
    names: Box<[Box<str>]>,
    pub(super) shape: Shape,
}

/// What a pattern is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Segments { segments: Box<[Segment]>, end: End },
    Regex { regex: WholeRegex, groups: Box<[usize]> },
}

/// How a row of segments ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum End {
    /// Nothing may follow.
    Closed,
    /// Something must follow.
    Rest,
    /// Anything may follow.
    Prefix,
}

/// Whether the literal segments of a path are known to be right.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Literals {
    Compared,
    Known,
}

/// A path pattern that cannot be used, with the place of the fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPattern {
    /// Where it is, in bytes from the start of the pattern.
    pub at: usize,
    /// What it is.
    pub fault: PatternFault,
}

/// What can be wrong with a path pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternFault {
    /// The path is none, or none in normal form.
    Path(NotNormal),
    /// Two slashes in a row.
    EmptySegment,
    /// `.` or `..`.
    DotSegment,
    /// `{` or `}` without its partner.
    LoneBrace,
    /// Not a name.
    BadName(String),
    /// The same name twice.
    DuplicateName(String),
    /// Two parameters with nothing between them.
    Adjacent,
    /// `{*rest}` with more after it.
    RestNotLast,
    /// `{*rest}` with text in its segment.
    RestNotAlone,
    /// More parameters than [`MAX_PARAMETERS`].
    TooManyParameters,
    /// The regular expression is wrong.
    Regex(InvalidRegex),
}

impl PatternFault {
    pub(super) fn at(self, at: usize) -> InvalidPattern {
        InvalidPattern { at, fault: self }
    }
}

impl PathPattern {
    /// This path and no other.
    pub fn exact(text: &str) -> Result<Self, InvalidPattern> {
        let path = configured(text).map_err(not_normal)?;
        let segments = path.segments().map(|segment| Segment::Literal(segment.into())).collect();
        Ok(Self::of(path.as_str(), Vec::new(), segments, End::Closed))
    }

    /// This path and all below it, by whole segments: `/foo` matches `/foo`, `/foo/` and `/foo/bar`, and not `/foobar`.
    pub fn prefix(text: &str) -> Result<Self, InvalidPattern> {
        let prefix = Prefix::parse(text).map_err(not_normal)?;
        let segments = prefix.segments().map(|segment| Segment::Literal(segment.into())).collect();
        Ok(Self::of(prefix.as_str(), Vec::new(), segments, End::Prefix))
    }

    /// A path with parameters; see the module `template`.
    pub fn template(text: &str) -> Result<Self, InvalidPattern> {
        let Template { segments, names, has_rest } = Template::parse(text)?;
        Ok(Self::of(text, names, segments, if has_rest { End::Rest } else { End::Closed }))
    }

    /// Paths that match a regular expression as a whole. Its named groups are parameters.
    pub fn regex(text: &str) -> Result<Self, InvalidPattern> {
        let regex = WholeRegex::parse(text).map_err(|invalid| {
            let at = if let InvalidRegex::Syntax { at, .. } = &invalid { *at } else { 0 };
            PatternFault::Regex(invalid).at(at)
        })?;
        let (groups, names): (Vec<usize>, Vec<Box<str>>) =
            regex.named_groups().map(|(group, name)| (group, name.into())).unzip();
        if names.len() > MAX_PARAMETERS {
            return Err(PatternFault::TooManyParameters.at(0));
        }
        Ok(Self { text: text.into(), names: names.into(), shape: Shape::Regex { regex, groups: groups.into() } })
    }

    /// All paths: the prefix `/`.
    pub(super) fn any() -> Self {
        Self::of("/", Vec::new(), Vec::new(), End::Prefix)
    }

    fn of(text: &str, names: Vec<Box<str>>, segments: Vec<Segment>, end: End) -> Self {
        Self { text: text.into(), names: names.into(), shape: Shape::Segments { segments: segments.into(), end } }
    }

    /// The pattern as text, for people.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The names of its parameters.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    pub(super) fn name_list(&self) -> &[Box<str>] {
        &self.names
    }

    /// The same pattern with a slash at its end, or without, where a slash at the end makes a difference.
    pub(super) fn with_slash_toggled(&self) -> Option<Self> {
        let Shape::Segments { segments, end: End::Closed } = &self.shape else { return None };
        let mut segments = segments.to_vec();
        match segments.last() {
            Some(Segment::Literal(last)) if last.is_empty() => {
                segments.pop();
                if segments.is_empty() {
                    return None;
                }
            }
            _ => segments.push(Segment::Literal("".into())),
        }
        let shape = Shape::Segments { segments: segments.into(), end: End::Closed };
        Some(Self { text: self.text.clone(), names: self.names.clone(), shape })
    }

    /// What precedence compares.
    pub(super) fn steps(&self) -> Box<[Step]> {
        match &self.shape {
            Shape::Segments { segments, end } => {
                segments.iter().map(Step::of).chain(std::iter::once(Step::end(*end))).collect()
            }
            Shape::Regex { .. } => Box::new([Step::Regex]),
        }
    }

    /// Whether a normal path matches. Finding does not use this; explaining does.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.capture(path).is_some()
    }

    /// Where the values of the parameters stand in a path, in the order of the names; `None` if the path does not match.
    pub(super) fn capture(&self, path: &str) -> Option<Spans> {
        self.places(path, Literals::Compared)
    }

    /// As [`Self::capture`], for a path of which a walk has shown that it matches. Looks at no text that it need not look at.
    pub(super) fn capture_matching(&self, path: &str) -> Option<Spans> {
        if self.names.is_empty() { Some(Spans::new()) } else { self.places(path, Literals::Known) }
    }

    fn places(&self, path: &str, literals: Literals) -> Option<Spans> {
        let mut spans = Spans::new();
        match &self.shape {
            Shape::Segments { segments, end } => {
                let mut at = 1;
                for segment in segments {
                    let found = path.get(at..)?.split('/').next()?;
                    let matches = match segment {
                        Segment::Literal(_) => literals == Literals::Known || segment.matches(found),
                        Segment::Parameter => {
                            spans.push(span(at, at + found.len()));
                            !found.is_empty()
                        }
                        Segment::Affixed(affixed) => {
                            affixed.capture(found, |start, end| spans.push(span(at + start, at + end)))
                        }
                    };
                    if !matches {
                        return None;
                    }
                    at += found.len() + 1;
                }
                let is_whole = match end {
                    End::Closed => at > path.len(),
                    End::Prefix => true,
                    End::Rest => {
                        spans.push(span(at, path.len()));
                        at < path.len()
                    }
                };
                is_whole.then_some(spans)
            }
            Shape::Regex { regex, groups } => {
                if groups.is_empty() {
                    return regex.matches(path).then_some(spans);
                }
                // A group that took no part has an empty value.
                let matches = regex.capture(path, groups, |found| {
                    spans.push(found.map_or((0, 0), |(start, end)| span(start, end)));
                });
                matches.then_some(spans)
            }
        }
    }
}

/// Paths are far shorter than 4 GiB; one that is not has no value here rather than a wrong one.
fn span(start: usize, end: usize) -> (u32, u32) {
    match (u32::try_from(start), u32::try_from(end)) {
        (Ok(start), Ok(end)) => (start, end),
        _ => (0, 0),
    }
}

fn not_normal(fault: NotNormal) -> InvalidPattern {
    let at = match &fault {
        NotNormal::NotOnlyAPath(at) | NotNormal::Brace(at) => *at,
        NotNormal::Invalid(_) | NotNormal::WouldBe(_) => 0,
    };
    PatternFault::Path(fault).at(at)
}

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.fault {
            // These say themselves where, or it is all of it.
            PatternFault::Regex(invalid) => invalid.fmt(f),
            PatternFault::Path(fault) if self.at == 0 => fault.fmt(f),
            fault => write!(f, "at byte {}: {fault}", self.at),
        }
    }
}

impl fmt::Display for PatternFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(fault) => fault.fmt(f),
            Self::EmptySegment => f.write_str("two slashes in a row; no path has an empty segment in its middle"),
            Self::DotSegment => f.write_str("`.` and `..` are removed from every path before it is matched"),
            Self::LoneBrace => f.write_str("a brace without its partner; write the character itself as `{{` or `}}`"),
            Self::BadName(name) => write!(
                f,
                "`{name}` cannot be the name of a parameter; use letters, digits and `_`, not starting with a digit, for example `{{id}}`"
            ),
            Self::DuplicateName(name) => write!(f, "there is another parameter `{name}`; give each its own name"),
            Self::Adjacent => f.write_str(
                "two parameters with nothing between them; nobody could tell where one ends, so put text between them",
            ),
            Self::RestNotLast => f.write_str("something follows `{*…}`, which takes all that is left of the path"),
            Self::RestNotAlone => f.write_str("`{*…}` takes whole segments; it cannot share its own with text"),
            Self::TooManyParameters => write!(f, "more than {MAX_PARAMETERS} parameters"),
            Self::Regex(invalid) => invalid.fmt(f),
        }
    }
}

impl std::error::Error for InvalidPattern {}
