//! `algorithms:` of a `jwt`.

use crate::authenticate::jose::Algorithm;
use crate::config::compile::context::Context;
use crate::config::diagnostic::{Diagnostic, Place, nearest};
use crate::config::grammar::shorten;

/// The algorithms, each with its index in the list.
pub(super) fn algorithms(raw: &[String], path: &Place<'_>, context: &mut Context) -> Vec<(usize, Algorithm)> {
    if raw.is_empty() {
        let nothing = Diagnostic::error("algorithm", path.path(), "expected at least one algorithm, found none");
        context.found.push(nothing.with_help(
            "most issuers sign with `RS256` or `ES256`; theirs is what `alg` in the header of their tokens says",
        ));
    }
    let mut algorithms: Vec<(usize, Algorithm)> = Vec::with_capacity(raw.len());
    for (index, name) in raw.iter().enumerate() {
        let at = path.index(index);
        match Algorithm::from_name(name) {
            None => context.found.push(unknown(name, &at)),
            Some(known) if algorithms.iter().any(|(_, other)| *other == known) => {
                context.error("duplicate-name", at, format!("`{name}` is there already"));
            }
            Some(known) => algorithms.push((index, known)),
        }
    }
    let symmetric = algorithms.iter().filter(|(_, algorithm)| algorithm.is_symmetric()).count();
    if symmetric != 0 && symmetric != algorithms.len() {
        let mixed = "found algorithms with a shared secret (`HS…`) beside others: one key must never serve both, or whoever knows a public key could sign with it";
        context.found.push(
            Diagnostic::error("algorithm-mix", path.path(), mixed)
                .with_help("configure two authenticators, each with its own keys"),
        );
    }
    algorithms
}

fn unknown(name: &str, path: &Place<'_>) -> Diagnostic {
    if name.eq_ignore_ascii_case("none") {
        let message = "`none` means that nothing is signed: anybody could write such a token, so it cannot be accepted";
        return Diagnostic::error("algorithm", path.path(), message)
            .with_help("for a route that everyone may use write `mode: off` in its policy");
    }
    let unknown =
        Diagnostic::error("algorithm", path.path(), format!("`{}` is no algorithm that is known here", shorten(name)));
    let names = || Algorithm::ALL.into_iter().map(Algorithm::as_str);
    let other_case = names().find(|known| known.eq_ignore_ascii_case(name));
    match other_case.or_else(|| nearest(name, names())) {
        Some(near) => unknown.with_help(format!("did you mean `{near}`?")),
        None => unknown.with_help(format!("expected one of {}", names().collect::<Vec<_>>().join(", "))),
    }
}
