//! What a syntax error probably comes from.
//!
//! A YAML parser says where it gave up, in terms of its grammar. People fall into the same few traps; each gets a
//! sentence of its own, with what to write instead.

use super::lines::Lines;
use super::positions::Bytes;

/// A syntax error in words for people.
pub(super) struct Trap {
    pub(super) message: String,
    pub(super) help: Option<String>,
    pub(super) at: Bytes,
}

impl Trap {
    fn new(message: impl Into<String>, help: impl Into<String>, at: Bytes) -> Self {
        Self { message: message.into(), help: Some(help.into()), at }
    }
}

/// Long values are not repeated in messages.
const LONGEST_SHOWN: usize = 60;

/// A text cut to what a message can hold, on one line.
pub(super) fn abbreviated(text: &str) -> String {
    let mut shown: String =
        text.chars().take(LONGEST_SHOWN).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(LONGEST_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// The text around an error.
struct Around<'t> {
    text: &'t str,
    lines: &'t Lines,
    /// The line of the error without its end, and the byte at which it begins.
    line: &'t str,
    line_start: usize,
    number: usize,
    at: usize,
}

pub(super) fn explain(info: &str, text: &str, lines: &Lines, at: usize) -> Trap {
    let number = lines.line_of(at);
    let (line_start, line) = lines.line(text, number).unwrap_or((at, ""));
    let around = Around { text, lines, line, line_start, number, at };
    around.by_character(info).or_else(|| around.by_message(info)).unwrap_or_else(|| Trap {
        message: format!("this is not valid YAML: {info}"),
        help: None,
        at: around.here(),
    })
}

impl<'t> Around<'t> {
    /// Characters that mean something in YAML at the beginning of a value.
    fn by_character(&self, info: &str) -> Option<Trap> {
        let rest = self.rest();
        if info.contains("tab") && self.line.contains('\t') {
            let tab = self.line.find('\t').map_or(self.at, |tab| self.line_start + tab);
            return Some(Trap::new(
                "a tab in the indentation",
                "indent with blanks; YAML allows no tabs there",
                (tab, tab + 1),
            ));
        }
        match rest.chars().next()? {
            mark @ ('*' | '&') if info.contains("anchor") || info.contains("alias") => {
                let kind = if mark == '*' { "an alias, and no anchor has this name" } else { "an anchor" };
                let word = rest.split([' ', ',', ']', '}']).next().unwrap_or(rest);
                Some(Trap::new(format!("a value that begins with `{mark}` is {kind}"), quote(word), self.over(word)))
            }
            mark @ ('@' | '`' | '%') if info.contains("unexpected character") => {
                let value = without_comment(rest);
                Some(Trap::new(format!("a value cannot begin with `{mark}`"), quote(value), self.over(value)))
            }
            '-' if info.contains("block sequence entries") => Some(Trap::new(
                "a list cannot begin on the line of its key",
                "begin the list on the next line, or write it as [a, b]",
                self.here(),
            )),
            mark @ (']' | '}') if info.contains("misplaced") => Some(Trap::new(
                format!("a `{mark}` that closes nothing"),
                "remove it, or quote the text it belongs to",
                self.here(),
            )),
            _ => None,
        }
    }

    fn by_message(&self, info: &str) -> Option<Trap> {
        if info.contains("mapping values are not allowed") {
            return Some(self.second_colon());
        }
        if info.contains("simple key expect")
            && let Some(trap) = self.missing_blank().or_else(|| self.missing_colon())
        {
            return Some(trap);
        }
        if info.contains("escape") {
            return Some(Trap::new(
                "an unknown escape: in double quotes a backslash begins one",
                "use single quotes, in which a backslash is itself, or write it twice",
                self.here(),
            ));
        }
        if info.contains("trailing content after") {
            return Some(Trap::new(
                "something follows the closing quote",
                "a quote inside single quotes is written twice (''), inside double quotes as \\\"",
                self.here(),
            ));
        }
        if info.contains("quoted scalar") {
            return Some(Trap::new("a quoted text does not end", "close the quote", self.here()));
        }
        if info.contains("recursion limit") {
            return Some(Trap { message: "lists and mappings nest too deep".to_owned(), help: None, at: self.here() });
        }
        if let Some(trap) = self.half_flow() {
            return Some(trap);
        }
        if info.contains("flow") || info.contains("':' indicator") {
            return Some(Trap::new(
                "a list in [ ] or a mapping in { } is not closed or not well separated here",
                "close the bracket, put commas between items, and quote text that contains any of [ ] { } ,",
                self.here(),
            ));
        }
        if info.contains("did not find expected") || info.contains("ndentation") {
            return Some(Trap::new(
                "this line does not go on with anything above it",
                "entries of one list or mapping begin in the same column; check the indentation",
                self.here(),
            ));
        }
        if info.contains("unprintable") {
            let help = "write it as an escape in double quotes, such as \"\\x07\"";
            return Some(Trap::new("a control character", help, self.here()));
        }
        None
    }

    /// `a: b: c`, or what follows from an earlier line.
    fn second_colon(&self) -> Trap {
        let before = self.line.get(..self.at - self.line_start).unwrap_or_default();
        if let Some((_, begun)) = before.split_once(": ") {
            let value = without_comment(self.line.get(before.len() - begun.len()..).unwrap_or_default()).trim();
            let start = self.line_start + (before.len() - begun.len());
            let message = "a second `: ` in one value, which YAML takes for another mapping";
            return Trap::new(message, quote(value), (start, start + value.len()));
        }
        self.missing_blank().unwrap_or_else(|| {
            Trap::new(
                "keys are indented below an entry that already has a value",
                "give the line above no value of its own, or begin this line in the same column",
                self.here(),
            )
        })
    }

    /// `key:value` on the line above, which is one word to YAML.
    fn missing_blank(&self) -> Option<Trap> {
        let (start, line) = self.line_above()?;
        let word = line.trim_start_matches([' ', '-']);
        let (key, value) = word.split_once(':')?;
        let is_key = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        if !is_key || value.is_empty() || value.starts_with([' ', '\t']) {
            return None;
        }
        let start = start + (line.len() - word.len());
        let help = format!("put a blank after the colon: `{key}: {}`", abbreviated(value.trim_end()));
        Some(Trap::new(format!("no blank after the colon of `{key}`"), help, (start, start + key.len() + 1)))
    }

    /// A word alone on the line above.
    fn missing_colon(&self) -> Option<Trap> {
        let (start, line) = self.line_above()?;
        let word = line.trim();
        if word.is_empty() || word.contains(':') {
            return None;
        }
        let start = start + (line.len() - line.trim_start().len());
        let message = format!("`{}` has no colon, so it is neither a key nor a value", abbreviated(word));
        Some(Trap::new(message, "write `key: value`", (start, start + word.len())))
    }

    /// `{id}/x`: YAML reads the braces as a mapping and has no use for the rest.
    fn half_flow(&self) -> Option<Trap> {
        let before = self.line.get(..self.at - self.line_start)?.trim_end();
        if !before.ends_with(['}', ']']) {
            return None;
        }
        let (opening, kind) = if before.ends_with('}') { ('{', "mapping") } else { ('[', "list") };
        let start = before.rfind(opening)?;
        let value = without_comment(self.line.get(start..)?);
        let message = format!("a value that begins with `{opening}` is a {kind}, and something follows its end");
        Some(Trap::new(message, quote(value), (self.line_start + start, self.line_start + start + value.len())))
    }

    fn line_above(&self) -> Option<(usize, &'t str)> {
        let above = (0..self.number).rev().filter_map(|number| self.lines.line(self.text, number));
        above.take(50).find(|(_, line)| !without_comment(line).trim().is_empty())
    }

    fn rest(&self) -> &'t str {
        self.line.get(self.at - self.line_start..).unwrap_or_default()
    }

    fn here(&self) -> Bytes {
        (self.at, self.at + self.rest().chars().next().map_or(0, char::len_utf8))
    }

    fn over(&self, part: &str) -> Bytes {
        (self.at, self.at + part.len())
    }
}

fn without_comment(line: &str) -> &str {
    let line = if line.trim_start().starts_with('#') { "" } else { line };
    line.split(" #").next().unwrap_or(line).trim_end()
}

/// How to write a text that YAML would take for something else.
pub(super) fn quote(value: &str) -> String {
    let shown = abbreviated(value);
    if shown.contains(['"', '\\']) {
        format!("quote it: '{}'", shown.replace('\'', "''"))
    } else {
        format!("quote it: \"{shown}\"")
    }
}
