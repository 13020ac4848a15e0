//! From a text to a gateway in one call, so that a program and a build script say the same of the same file.

use serde_json::Value;

use super::super::compile::{Checked, Purpose, compile_value};
use super::super::diagnostic::{Diagnostic, Diagnostics, Path, Severity, Step};
use super::super::schema;
use super::super::variables::Variables;
use super::{Source, check_shape};

/// A text and what came of it.
#[derive(Debug)]
pub struct Loaded {
    /// The text with the place of every value, for showing what was found.
    pub source: Source,
    /// The gateway, or why there is none.
    pub checked: Checked,
}

/// Reads YAML or JSON, checks its shape and compiles it. `name` is what messages call it, usually the path of the file.
///
/// Each step reports all that it finds. What an earlier step refused is not judged by a later one, which would only complain about the same again:
/// unknown keys are left out, and the rest is compiled all the same; other mistakes of shape leave nothing that could be.
#[must_use]
pub fn load(name: &str, text: &str, variables: &dyn Variables, purpose: Purpose) -> Loaded {
    let refused =
        |source, diagnostics| Loaded { source, checked: Checked { gateway: None, diagnostics, document: None } };
    let source = match Source::parse(name, text) {
        Ok(source) => source,
        Err(unreadable) => return refused(unreadable.source, unreadable.diagnostics),
    };
    let mut misshapen = check_shape(source.value(), &schema());
    if misshapen.has_errors() {
        misshapen.extend(meaning_beside(&misshapen, source.value().clone(), variables, purpose));
        return refused(source, misshapen);
    }
    let mut checked = compile_value(source.value(), variables, purpose);
    checked.diagnostics.extend(misshapen);
    Loaded { source, checked }
}

/// What is wrong beside the shape: mistakes of meaning that do not follow from a key that was left out.
fn meaning_beside(
    misshapen: &Diagnostics,
    mut value: Value,
    variables: &dyn Variables,
    purpose: Purpose,
) -> Vec<Diagnostic> {
    let unknown: Vec<&Path> =
        misshapen.iter().filter(|found| found.code == "unknown-key").map(|found| &found.path).collect();
    for path in &unknown {
        remove(&mut value, path.steps());
    }
    let found = compile_value(&value, variables, purpose).diagnostics.into_vec();
    if found.iter().any(|found| found.code == "shape") {
        return Vec::new();
    }
    let holders: Vec<Path> = unknown.iter().filter_map(|path| path.parent()).collect();
    let upstreams = Path::root().key("upstreams");
    let upstreams_lost = holders.iter().any(|holder| *holder == Path::root() || *holder == upstreams);
    let follows =
        |found: &Diagnostic| holders.contains(&found.path) || (upstreams_lost && found.code == "unknown-upstream");
    found.into_iter().filter(|found| found.severity == Severity::Error && !follows(found)).collect()
}

fn remove(value: &mut Value, steps: &[Step]) {
    match (steps, value) {
        ([Step::Key(key)], Value::Object(members)) => drop(members.remove(key)),
        ([Step::Key(key), rest @ ..], Value::Object(members)) => {
            if let Some(member) = members.get_mut(key) {
                remove(member, rest);
            }
        }
        ([Step::Index(index), rest @ ..], Value::Array(items)) => {
            if let Some(item) = items.get_mut(*index) {
                remove(item, rest);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::variables::NoVariables;
    use super::*;

    fn codes(text: &str) -> Vec<&'static str> {
        let loaded = load("tidegate.yaml", text, &NoVariables, Purpose::Run);
        assert_eq!(loaded.checked.gateway.is_none(), loaded.checked.diagnostics.has_errors());
        loaded.checked.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
    }

    #[test]
    fn a_sound_text_becomes_a_gateway() {
        assert_eq!(codes("routes: [{name: a, to: {echo: {}}}]"), [""; 0]);
    }

    #[test]
    fn each_step_reports_all_it_finds_and_spares_the_next() {
        assert_eq!(codes("a: 1\na: 2\nrouts: []\n"), ["duplicate-key"]);
        assert_eq!(codes("version: x\nroutes: [{name: a, to: {upstream: b}}]\n"), ["wrong-type"]);
    }

    #[test]
    fn mistakes_of_meaning_are_reported_beside_unknown_keys_but_not_what_follows_from_them() {
        assert_eq!(codes("nam: x\nname: '§'\n"), ["unknown-key", "name"]);
        let misspelt = "upstraems: {b: {targets: [{url: 'http://a'}]}}\nroutes: [{name: a, to: {upstream: b}, filter: {addresses: {alow: [x]}}}]\n";
        assert_eq!(codes(misspelt), ["unknown-key", "unknown-key"]);
    }

    #[test]
    fn meaning_is_judged_step_by_step() {
        assert_eq!(codes("name: '§'\nroutes: [{name: a, to: {upstream: b}}]\n"), ["name", "unknown-upstream"]);
    }
}
