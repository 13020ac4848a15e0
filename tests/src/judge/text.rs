//! Texts and fields.

use std::collections::BTreeMap;

use super::Mismatch;
use crate::case::exchange::{Expected, Rule};
use crate::case::{Texts, latin1};
use crate::observed::{Fields, field, separator};

/// Judges the fields of a message.
pub(super) fn fields(
    whose: &str,
    expected: &BTreeMap<String, Expected>,
    absent: &[String],
    found: &Fields,
    texts: &Texts,
    wrong: &mut Vec<Mismatch>,
) {
    for (name, expected) in expected {
        let name = name.to_ascii_lowercase();
        let value = field(found, &name);
        if !value.as_ref().is_some_and(|value| fits(expected, &name, value, texts)) {
            let found = value.map_or_else(|| "absent".to_owned(), |value| shown(&value));
            wrong.push(Mismatch::new(format!("{whose} field `{name}`"), describe(expected, &name, texts), found));
        }
    }
    for name in absent {
        let name = name.to_ascii_lowercase();
        if let Some(value) = field(found, &name) {
            wrong.push(Mismatch::new(format!("{whose} field `{name}`"), "absent", shown(&value)));
        }
    }
}

fn fits(expected: &Expected, name: &str, value: &[u8], texts: &Texts) -> bool {
    let text = || String::from_utf8_lossy(value);
    match expected {
        Expected::Text(wanted) => texts.replace(wanted).as_bytes() == value,
        Expected::Lines(lines) => joined(lines, name, texts) == value,
        Expected::Rule(Rule::Matches(expression)) => {
            regex_lite::Regex::new(expression).is_ok_and(|regex| regex.is_match(&text()))
        }
        Expected::Rule(Rule::Contains(part)) => text().contains(&texts.replace(part)),
        Expected::Rule(Rule::OneOf(choices)) => choices.iter().any(|choice| texts.replace(choice).as_bytes() == value),
        Expected::Rule(Rule::Latin1(wanted)) => latin1(wanted).as_deref() == Some(value),
    }
}

fn joined(lines: &[String], name: &str, texts: &Texts) -> Vec<u8> {
    let lines: Vec<Vec<u8>> = lines.iter().map(|line| texts.replace(line).into_bytes()).collect();
    lines.join(separator(name))
}

fn describe(expected: &Expected, name: &str, texts: &Texts) -> String {
    match expected {
        Expected::Text(text) => shown(texts.replace(text).as_bytes()),
        Expected::Lines(lines) => shown(&joined(lines, name, texts)),
        Expected::Rule(Rule::Matches(expression)) => format!("something that matches {expression}"),
        Expected::Rule(Rule::Contains(part)) => {
            format!("something with {} in it", shown(texts.replace(part).as_bytes()))
        }
        Expected::Rule(Rule::OneOf(choices)) => format!("one of {}", choices.join(" | ")),
        Expected::Rule(Rule::Latin1(text)) => shown(&latin1(text).unwrap_or_default()),
    }
}

/// How much of a long text is shown.
const SHOWN: usize = 600;

/// Bytes for people: text as it is, other bytes escaped, long ones cut.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let start = bytes.get(..SHOWN).unwrap_or(bytes);
    let text = match std::str::from_utf8(start) {
        Ok(text) => text.to_owned(),
        Err(_) => start.escape_ascii().to_string(),
    };
    if bytes.len() > SHOWN { format!("{text}… ({} bytes in all)", bytes.len()) } else { text }
}
