//! Diagnostics say what was found, and what was found may be a secret that stands in the wrong place.

use serde_json::Value;

use crate::config::diagnostic::Diagnostic;
use crate::config::variables::{Kind, Variables, references};

/// So many characters of a secret in a row are taken for it: messages shorten what they show.
const PROBE: usize = 8;

/// The secrets that a document refers to.
pub(super) struct Secrets {
    /// The reference, the value, and the first characters of it that are looked for.
    known: Vec<(String, String, String)>,
}

impl Secrets {
    pub(super) fn of(document: &Value, variables: &dyn Variables) -> Self {
        let mut known = Vec::new();
        for (kind, name) in references(document) {
            let Some(value) = variables.value(kind, &name).filter(|_| kind == Kind::Secret) else { continue };
            let reference = format!("${{secret:{name}}}");
            let escaped = value.escape_debug().to_string();
            for spelling in [value, escaped] {
                let probe: String = spelling.chars().take(PROBE).collect();
                if !probe.is_empty() {
                    known.push((reference.clone(), spelling, probe));
                }
            }
        }
        Self { known }
    }

    /// With the references in place of what they stand for.
    pub(super) fn masked(&self, diagnostic: Diagnostic) -> Diagnostic {
        let Diagnostic { message, help, related, .. } = diagnostic;
        let related = related.into_iter().map(|(path, remark)| (path, self.text(remark))).collect();
        Diagnostic { message: self.text(message), help: help.map(|help| self.text(help)), related, ..diagnostic }
    }

    fn text(&self, text: String) -> String {
        self.known.iter().fold(text, |text, (reference, secret, probe)| {
            let mut masked = String::with_capacity(text.len());
            let mut rest = text.as_str();
            while let Some((before, found)) = rest.find(probe).and_then(|at| rest.split_at_checked(at)) {
                let pairs = found.chars().zip(secret.chars());
                let length: usize =
                    pairs.take_while(|(left, right)| left == right).map(|(left, _)| left.len_utf8()).sum();
                masked.push_str(before);
                masked.push_str(reference);
                rest = found.get(length..).unwrap_or_default();
            }
            masked + rest
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::diagnostic::Path;
    use crate::config::variables::Known;

    #[test]
    fn a_secret_is_masked_whole_shortened_or_escaped() {
        let mut known = Known::default();
        known.insert(Kind::Secret, "A".into(), "{\"k\":\"0123456789\"}".into());
        known.insert(Kind::Secret, "B".into(), "abc".into());
        known.insert(Kind::Env, "C".into(), "plain text".into());
        let secrets = Secrets::of(&json!(["${secret:A}", "${secret:B}", "${env:C}", "${secret:MISSING}"]), &known);
        for (message, masked) in [
            ("found `{\"k\":\"0123456789\"}`", "found `${secret:A}`"),
            ("found `{\"k\":\"0123…`", "found `${secret:A}…`"),
            (r#"found "{\"k\":\"0123456789\"}""#, r#"found "${secret:A}""#),
            ("found `abc` and abc", "found `${secret:B}` and ${secret:B}"),
            ("found `plain text`", "found `plain text`"),
        ] {
            let masked_one = secrets.masked(Diagnostic::error("x", Path::root(), message));
            assert_eq!(masked_one.message, masked);
        }
    }
}
