//! `${env:NAME}` and `${secret:NAME}`: values that never stand in the file.
//!
//! A reference may be a part of any text value. `$${` writes a literal `${`. Both kinds are looked up through [`Variables`]; where they live is the
//! platform's affair: environment variables natively, Workers vars and secrets, Spin variables.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::diagnostic::{Diagnostic, Diagnostics, Path, Severity};

/// Where a reference is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `${env:NAME}`.
    Env,
    /// `${secret:NAME}`.
    Secret,
}

/// A platform's values.
pub trait Variables {
    /// The value of `name`, if there is one.
    fn value(&self, kind: Kind, name: &str) -> Option<String>;
}

/// No values at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoVariables;

impl Variables for NoVariables {
    fn value(&self, _: Kind, _: &str) -> Option<String> {
        None
    }
}

/// Values that were looked up beforehand, for hosts where looking up takes time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known(BTreeMap<(Kind, String), String>);

impl Known {
    /// Adds a value.
    pub fn insert(&mut self, kind: Kind, name: String, value: String) {
        self.0.insert((kind, name), value);
    }
}

impl Variables for Known {
    fn value(&self, kind: Kind, name: &str) -> Option<String> {
        self.0.get(&(kind, name.to_owned())).cloned()
    }
}

/// Every variable that `document` refers to, each once.
#[must_use]
pub fn references(document: &Value) -> BTreeSet<(Kind, String)> {
    struct Collector(RefCell<BTreeSet<(Kind, String)>>);
    impl Variables for Collector {
        fn value(&self, kind: Kind, name: &str) -> Option<String> {
            self.0.borrow_mut().insert((kind, name.to_owned()));
            // A value, so that the references behind it in the same text are seen too.
            Some(String::new())
        }
    }
    let collector = Collector(RefCell::default());
    resolve(&mut document.clone(), &collector, Severity::Warning, &mut Diagnostics::default());
    collector.0.into_inner()
}

/// `document` with every reference replaced as [`resolve`] does. Without one, which is common, nothing is copied.
pub(super) fn resolved<'d>(
    document: &'d Value,
    variables: &dyn Variables,
    missing: Severity,
    diagnostics: &mut Diagnostics,
) -> (Cow<'d, Value>, Vec<Path>) {
    if !has_reference(document) {
        return (Cow::Borrowed(document), Vec::new());
    }
    let mut document = document.clone();
    let unresolved = resolve(&mut document, variables, missing, diagnostics);
    (Cow::Owned(document), unresolved)
}

fn has_reference(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("${"),
        Value::Array(items) => items.iter().any(has_reference),
        Value::Object(members) => members.values().any(has_reference),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Replaces every reference in every text of `document`. Each one that has no value is reported with `missing` as severity, and the text that has it
/// is returned: what follows from it cannot be judged.
fn resolve(
    document: &mut Value,
    variables: &dyn Variables,
    missing: Severity,
    diagnostics: &mut Diagnostics,
) -> Vec<Path> {
    let mut unresolved = Vec::new();
    walk(document, &Path::root(), &mut |text, path| match replace(text, variables) {
        Ok(None) => {}
        Ok(Some(replaced)) => *text = replaced,
        Err(Problem::Syntax(message)) => diagnostics.push(Diagnostic::error("variable-syntax", path.clone(), message)),
        Err(Problem::Missing(reference)) => {
            let diagnostic = Diagnostic {
                severity: missing,
                ..Diagnostic::error("variable-missing", path.clone(), format!("{reference} has no value here"))
            };
            diagnostics.push(diagnostic.with_help("set it before the gateway starts, or correct its name"));
            unresolved.push(path.clone());
        }
    });
    unresolved
}

fn walk(value: &mut Value, path: &Path, visit: &mut dyn FnMut(&mut String, &Path)) {
    match value {
        Value::String(text) => {
            if text.contains("${") {
                visit(text, path);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                if may_refer(item) {
                    walk(item, &path.index(index), visit);
                }
            }
        }
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                if may_refer(member) {
                    walk(member, &path.key(key), visit);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Spares paths of values that cannot have a reference below them.
fn may_refer(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("${"),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

enum Problem {
    Syntax(String),
    Missing(String),
}

/// `text` with its references replaced; `None` where it has none. `${name}` without a kind is left alone: it is a group of a regex substitution.
fn replace(text: &str, variables: &dyn Variables) -> Result<Option<String>, Problem> {
    let mut out = String::new();
    let mut rest = text;
    let mut changed = false;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(literal) = before.strip_suffix('$') {
            out.push_str(literal);
            out.push_str("${");
            rest = after;
            changed = true;
            continue;
        }
        out.push_str(before);
        let Some((reference, behind)) = after.split_once('}') else {
            return Err(Problem::Syntax("`${` is not closed by `}`; write `$${` for a literal `${`".into()));
        };
        match reference.split_once(':') {
            None => {
                out.push_str("${");
                out.push_str(reference);
                out.push('}');
            }
            Some((kind, name)) => {
                let kind = match kind {
                    "env" => Kind::Env,
                    "secret" => Kind::Secret,
                    other => {
                        return Err(Problem::Syntax(format!(
                            "`{other}` is no kind of variable; expected `env` or `secret`"
                        )));
                    }
                };
                if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                    return Err(Problem::Syntax(format!("`{name}` is no variable name; letters, digits and `_` are")));
                }
                let value =
                    variables.value(kind, name).ok_or_else(|| Problem::Missing(format!("`${{{reference}}}`")))?;
                out.push_str(&value);
                changed = true;
            }
        }
        rest = behind;
    }
    out.push_str(rest);
    Ok(changed.then_some(out))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct One;
    impl Variables for One {
        fn value(&self, kind: Kind, name: &str) -> Option<String> {
            (kind == Kind::Env && name == "HOST").then(|| "a.test".to_owned())
        }
    }

    #[test]
    fn references_are_replaced_wherever_they_stand() {
        let mut document = json!({"a": ["http://${env:HOST}/x", 1], "b": "$${env:HOST}", "c": "${group}"});
        let mut diagnostics = Diagnostics::default();
        assert!(resolve(&mut document, &One, Severity::Error, &mut diagnostics).is_empty());
        assert!(diagnostics.is_empty());
        assert_eq!(document, json!({"a": ["http://a.test/x", 1], "b": "${env:HOST}", "c": "${group}"}));
    }

    #[test]
    fn every_reference_is_listed_once() {
        let document = json!({"a": "${env:B}${secret:A}", "b": ["${env:B}", "$${env:C}", "${group}"]});
        let listed: Vec<_> = references(&document).into_iter().collect();
        assert_eq!(listed, [(Kind::Env, "B".to_owned()), (Kind::Secret, "A".to_owned())]);
    }

    #[test]
    fn what_has_no_value_is_named_with_its_place() {
        let mut document = json!({"a": [{"b": "${secret:HOST}"}], "c": "${env:", "d": "${foo:X}", "e": "${env:a-b}"});
        let mut diagnostics = Diagnostics::default();
        let unresolved = resolve(&mut document, &One, Severity::Warning, &mut diagnostics);
        assert_eq!(unresolved, [Path::root().key("a").index(0).key("b")]);
        let codes: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        assert_eq!(codes, ["variable-missing", "variable-syntax", "variable-syntax", "variable-syntax"]);
        assert!(!diagnostics.iter().next().unwrap().message.contains("a.test"));
    }
}
