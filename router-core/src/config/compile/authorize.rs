//! `allow:` a condition in CEL.

use super::context::Context;
use crate::authenticate::authorize::{Condition, InvalidCondition, Scope};
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::grammar::shorten;

/// A condition on requests of consumers of these authenticators; what is wrong with it is reported under `code`.
pub(super) fn condition(
    code: &'static str,
    raw: Option<&str>,
    authenticators: &[&str],
    path: &Place<'_>,
    context: &mut Context,
) -> Option<Condition> {
    let text = raw?;
    match Condition::parse(text, &Scope { authenticators }) {
        Ok(condition) => Some(condition),
        Err(found) => {
            context.found.push(invalid(code, text, found, path));
            None
        }
    }
}

/// What is wrong with an expression.
pub(super) fn invalid(code: &'static str, text: &str, found: InvalidCondition, path: &Place<'_>) -> Diagnostic {
    let message = format!("{}: {}", place(text, &found), found.message);
    let error = Diagnostic::error(code, path.path(), message);
    match found.help {
        Some(help) => error.with_help(help),
        None => error,
    }
}

/// Where in the expression: the document's positions end at the text as a whole.
fn place(text: &str, invalid: &InvalidCondition) -> String {
    let before = text.get(..invalid.at.start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    let line = match before.matches('\n').count() {
        0 => String::new(),
        above => format!("line {}, ", above + 1),
    };
    match text.get(invalid.at.clone()).filter(|part| !part.trim().is_empty()) {
        Some(part) => {
            format!("{line}column {column}, `{}`", shorten(&part.split_whitespace().collect::<Vec<_>>().join(" ")))
        }
        None => format!("{line}column {column}"),
    }
}
