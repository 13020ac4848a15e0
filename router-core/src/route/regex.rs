//! Regular expressions of an operator: linear time, bounded size, errors with a position.

use std::fmt;

use regex_lite::{Regex, RegexBuilder};

/// Longest pattern text. Patterns are written by hand; whoever needs more wants several routes.
pub const MAX_REGEX_LENGTH: usize = 1024;

/// Largest compiled form, in bytes. Matching takes time in proportion to it and to the text, so it bounds the cost of one request:
/// `\w{1,64}` is far below it, `(\w{100}){100}` far beyond.
const MAX_COMPILED: usize = 128 * 1024;

/// How `regex-lite` says that an expression is too large; its errors carry nothing but a text.
const SIZE_PROBLEM: &str = "compiled regex exceeded size limit";

/// A regular expression that the whole of a text must match.
///
/// What every match plainly starts with is taken off and compared as text. That is faster by far, and tells most texts apart already.
#[derive(Clone, Debug)]
pub struct WholeRegex {
    text: Box<str>,
    beginning: Box<str>,
    rest: Regex,
}

/// A regular expression that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidRegex {
    /// It cannot be read.
    Syntax {
        /// Where reading failed, in bytes.
        at: usize,
        /// What is wrong there.
        problem: String,
    },
    /// Its text is too long; holds the length.
    TooLong(usize),
    /// It is too costly.
    TooLarge,
}

/// Compiles an expression that may match any part of a text.
pub(crate) fn compile(text: &str) -> Result<Regex, InvalidRegex> {
    if text.len() > MAX_REGEX_LENGTH {
        return Err(InvalidRegex::TooLong(text.len()));
    }
    limited(text)
        .map_err(|problem| if problem == SIZE_PROBLEM { InvalidRegex::TooLarge } else { located(text, problem) })
}

impl WholeRegex {
    /// Compiles an expression that must match the whole text, as if between `^` and `$`.
    pub fn parse(text: &str) -> Result<Self, InvalidRegex> {
        // By itself first: `a)(b` is wrong, and would be right between parentheses.
        compile(text)?;
        let (beginning, rest) = split_beginning(text);
        // The line break ends a comment of verbose mode; outside of it, it must not become part of the expression.
        let regex = limited(&format!("^(?:{rest})$"))
            .or_else(|_| limited(&format!("^(?:{rest}\n)$")))
            .map_err(|_| InvalidRegex::TooLarge)?;
        Ok(Self { text: text.into(), beginning: beginning.into(), rest: regex })
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the whole of `text` matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        text.strip_prefix(&*self.beginning).is_some_and(|rest| self.rest.is_match(rest))
    }

    /// The groups that have names, by number.
    pub(super) fn named_groups(&self) -> impl Iterator<Item = (usize, &str)> {
        self.rest.capture_names().enumerate().filter_map(|(group, name)| Some((group, name?)))
    }

    /// Matches, and tells where each of the groups stands in the text; one that took no part stands nowhere.
    pub(super) fn capture(&self, text: &str, groups: &[usize], mut found: impl FnMut(Option<(usize, usize)>)) -> bool {
        let Some(captures) = text.strip_prefix(&*self.beginning).and_then(|rest| self.rest.captures(rest)) else {
            return false;
        };
        let before = self.beginning.len();
        for &group in groups {
            found(captures.get(group).map(|group| (before + group.start(), before + group.end())));
        }
        true
    }

    /// What every match starts with, as far as it is plain to see. May be empty, never too long.
    pub(super) fn beginning(&self) -> &str {
        &self.beginning
    }
}

impl PartialEq for WholeRegex {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for WholeRegex {}

fn limited(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text).size_limit(MAX_COMPILED).build().map_err(|error| error.to_string())
}

/// Finds the place of an error, which the parser does not tell.
///
/// The parser reads from left to right and stops at the first error. So the place is where the shortest beginning ends from which on all
/// beginnings fail in the same way; for a group that is never closed this is its opening.
fn located(text: &str, problem: String) -> InvalidRegex {
    let at = text
        .char_indices()
        .rev()
        .map(|(start, _)| start)
        .find(|&start| text.get(..start).is_none_or(|beginning| limited(beginning).err().as_ref() != Some(&problem)))
        .unwrap_or(0);
    InvalidRegex::Syntax { at, problem }
}

/// Splits an expression into the text that every match starts with and the expression for what follows it.
fn split_beginning(text: &str) -> (String, &str) {
    let whole = (String::new(), text);
    // An alternative at the top level starts afresh. Cautiously, one anywhere counts.
    if text.contains('|') {
        return whole;
    }
    let mut beginning = String::new();
    let mut rest = text.strip_prefix('^').unwrap_or(text);
    loop {
        let mut characters = rest.chars();
        let literal = match characters.next() {
            Some('\\') => match characters.next() {
                Some(escaped) if escaped.is_ascii_punctuation() && !matches!(escaped, '<' | '>') => escaped,
                _ => break,
            },
            None | Some('.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$') => break,
            Some(plain) => plain,
        };
        let after = characters.as_str();
        // A character that may be repeated or left out is not certain.
        if after.starts_with(['*', '+', '?', '{']) {
            break;
        }
        beginning.push(literal);
        rest = after;
    }
    // What looks back at the text before it would miss it: `^`, `\A`, `\b` and their like.
    let looks_back = rest.replace("[^", "").contains('^')
        || ["\\A", "\\b", "\\B", "\\<", "\\>"].iter().any(|look| rest.contains(look));
    if looks_back { whole } else { (beginning, rest) }
}

impl fmt::Display for InvalidRegex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { at, problem } => write!(f, "the regular expression cannot be read at byte {at}: {problem}"),
            Self::TooLong(length) => {
                write!(f, "the regular expression has {length} bytes; the limit is {MAX_REGEX_LENGTH}")
            }
            Self::TooLarge => f.write_str("the regular expression is too large when compiled; use smaller repetitions"),
        }
    }
}

impl std::error::Error for InvalidRegex {}
