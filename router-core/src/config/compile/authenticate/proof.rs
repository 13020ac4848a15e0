//! `proof:`.

use std::time::Duration;

use crate::authenticate::dpop::{NonceRules, ProofRules, Rules};
use crate::authenticate::jose::Algorithm;
use crate::config::compile::context::Context;
use crate::config::diagnostic::{Diagnostic, Place, nearest};
use crate::config::grammar::shorten;
use crate::config::raw::authenticate as raw;

/// Long enough for a slow network and a clock that is a little wrong, short enough for the replay store.
const WINDOW: Duration = Duration::from_secs(60);
/// Beyond this a stolen proof would be of use for too long, and the replay store too large.
const LONGEST_WINDOW: Duration = Duration::from_secs(300);
/// A client that asks now and then keeps its nonce between two requests.
const LIFETIME: Duration = Duration::from_secs(300);
/// Below this, clients would need a second try for most requests.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(10);
/// A nonce is there to bound how far ahead proofs can be made.
const LONGEST_LIFETIME: Duration = Duration::from_secs(3600);
/// What every library signs with: small keys and small signatures.
const ALGORITHMS: [Algorithm; 2] = [Algorithm::Es256, Algorithm::EdDsa];

/// The rules. Mistakes are reported, and the defaults stand in for what is wrong.
pub(super) fn rules(raw: &raw::Proof, path: &Place<'_>, context: &mut Context) -> ProofRules {
    let path = path.key("dpop");
    let window = duration(raw.dpop.window.as_deref(), WINDOW, LONGEST_WINDOW, &path.key("window"), context);
    let dpop = Rules {
        algorithms: algorithms(&raw.dpop.algorithms, &path.key("algorithms"), context),
        window,
        nonce: raw.dpop.nonce.as_ref().and_then(|raw| nonce(raw, &path.key("nonce"), context)),
    };
    ProofRules { always: raw.rule == raw::ProofRule::Always, dpop }
}

/// A duration of more than nothing.
fn duration(
    text: Option<&str>,
    default: Duration,
    longest: Duration,
    path: &Place<'_>,
    context: &mut Context,
) -> Duration {
    let found = context.duration_or(text, default, path);
    if found.is_zero() || found > longest {
        context.error(
            "duration",
            *path,
            format!(
                "expected more than nothing and at most `{}s`, found `{}`",
                longest.as_secs(),
                shorten(text.unwrap_or_default())
            ),
        );
        return default;
    }
    found
}

fn algorithms(names: &[String], path: &Place<'_>, context: &mut Context) -> Vec<Algorithm> {
    if names.is_empty() {
        return ALGORITHMS.to_vec();
    }
    let asymmetric = || Algorithm::ALL.into_iter().filter(|algorithm| !algorithm.is_symmetric());
    let mut algorithms = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        let at = path.index(index);
        let Some(algorithm) = Algorithm::from_name(name) else {
            let unknown = Diagnostic::error(
                "algorithm",
                at.path(),
                format!("there is no signature algorithm `{}`", shorten(name)),
            );
            context.found.push(match nearest(name, asymmetric().map(Algorithm::as_str)) {
                Some(near) => unknown.with_help(format!("did you mean `{near}`?")),
                None => unknown.with_help("the usual ones are `ES256` and `EdDSA`"),
            });
            continue;
        };
        if algorithm.is_symmetric() {
            let message =
                format!("`{name}` needs a shared key; a proof has its public key in it (RFC 9449 section 4.2)");
            context.error("algorithm", at, message);
        } else if algorithms.contains(&algorithm) {
            context.error("algorithm", at, format!("`{name}` is there already"));
        } else {
            algorithms.push(algorithm);
        }
    }
    algorithms
}

fn nonce(raw: &raw::DpopNonce, path: &Place<'_>, context: &mut Context) -> Option<NonceRules> {
    let at = path.key("lifetime");
    let lifetime = duration(raw.lifetime.as_deref(), LIFETIME, LONGEST_LIFETIME, &at, context);
    if lifetime < SHORTEST_LIFETIME {
        context.error("duration", at, format!("expected at least `{}s`", SHORTEST_LIFETIME.as_secs()));
        return None;
    }
    let rules = NonceRules::new(raw.secret.as_bytes(), lifetime);
    if rules.is_none() {
        let short = Diagnostic::error(
            "secret",
            path.key("secret").path(),
            format!("expected at least 32 bytes, found {}", raw.secret.len()),
        );
        context.found.push(short.with_help("make one with `openssl rand -hex 32` and refer to it as `${secret:NAME}`"));
    }
    rules
}
