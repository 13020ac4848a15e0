//! Whether the keys of a `jwt` fit its algorithms.

use super::super::key_set;
use crate::authenticate::jose::Algorithm;
use crate::authenticate::key_set::Source;
use crate::config::compile::context::Context;
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::raw::authenticate as raw;

/// Where the keys come from, if each of `algorithms` can be verified with what comes from there. `path` is that of the `jwt`.
pub(super) fn keys(
    raw: &raw::Jwt,
    algorithms: &[(usize, Algorithm)],
    path: &Place<'_>,
    context: &mut Context,
) -> Option<Source> {
    let at = path.key("keys");
    let symmetric = algorithms.iter().find(|(_, algorithm)| algorithm.is_symmetric());
    let asymmetric = algorithms.iter().find(|(_, algorithm)| !algorithm.is_symmetric());
    match (&raw.keys, symmetric, asymmetric) {
        (raw::Keys::Discovery | raw::Keys::DiscoveryAt(_) | raw::Keys::Jwks(_), Some((_, algorithm)), None) => {
            let name = algorithm.as_str();
            let message =
                format!("`{name}` needs a secret, and what anybody can fetch is none: it never comes from a key set");
            let wrong = Diagnostic::error("key-source", at.path(), message);
            context.found.push(wrong.with_help(
                "write `keys: { secret: \"${secret:NAME}\" }`, or a list of `oct` keys under `keys.inline`",
            ));
            return None;
        }
        (raw::Keys::Secret(_), None, Some((_, algorithm))) => {
            let message = format!("`{}` is verified with a public key, found a secret", algorithm.as_str());
            let wrong = Diagnostic::error("key-source", at.key("secret").path(), message);
            context
                .found
                .push(wrong.with_help("write `keys: { jwks: URL }`, or leave `keys` out to ask the issuer's metadata"));
            return None;
        }
        _ => {}
    }
    let source = key_set::source(&raw.keys, &raw.issuer, &at, context)?;
    if let Source::Inline(list) = &source {
        for (index, algorithm) in algorithms {
            if list.candidates(None, *algorithm).next().is_some() {
                continue;
            }
            let name = algorithm.as_str();
            if let raw::Keys::Secret(_) = raw.keys {
                let bytes = algorithm.digest().len();
                let message = format!(
                    "`{name}` needs a secret of at least {bytes} bytes, as many as its hash has (RFC 7518 section 3.2)"
                );
                context.error("key", at.key("secret"), message);
            } else {
                let message = format!("none of the keys under `keys.inline` can verify `{name}`");
                context.error("key", path.key("algorithms").index(*index), message);
            }
        }
    }
    Some(source)
}
