//! `keys:` of a `jwt`, and the URLs that the gateway itself asks.

use serde_json::{Map, Value};

use crate::authenticate::Endpoint;
use crate::authenticate::jose::{Key, KeyList};
use crate::authenticate::key_set::{Remote, Source};
use crate::config::compile::context::Context;
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::raw::authenticate as raw;

/// Keys that stand in the configuration: as many as a key set may have.
const MAX_INLINE: usize = 100;

/// Where the keys of `issuer` come from. `path` is that of `keys`, beside `issuer`.
pub(super) fn source(raw: &raw::Keys, issuer: &str, path: &Place<'_>, context: &mut Context) -> Option<Source> {
    match raw {
        raw::Keys::Discovery => {
            // What is wrong here is wrong with the issuer's name.
            let beside = path.above.copied().unwrap_or_default();
            let at = beside.key("issuer");
            let url = well_known(issuer, &at, context)?;
            let asked = endpoint(&url, &at, context)?;
            Some(Source::Remote(Box::new(Remote::discovery(asked, issuer))))
        }
        raw::Keys::DiscoveryAt(url) => {
            let asked = endpoint(url, &path.key("discovery_at"), context)?;
            Some(Source::Remote(Box::new(Remote::discovery(asked, issuer))))
        }
        raw::Keys::Jwks(url) => {
            let asked = endpoint(url, &path.key("jwks"), context)?;
            Some(Source::Remote(Box::new(Remote::jwks(asked))))
        }
        raw::Keys::Inline(keys) => inline(keys, &path.key("inline"), context).map(Source::Inline),
        raw::Keys::Secret(secret) => {
            let key = Key::from_secret(secret.as_bytes()).map_err(|invalid| invalid.0);
            context.ok("key", &path.key("secret"), key).map(|key| Source::Inline(KeyList::new(vec![key])))
        }
    }
}

/// A URL that the gateway asks with or for something that others must not change.
pub(super) fn endpoint(url: &str, path: &Place<'_>, context: &mut Context) -> Option<Endpoint> {
    let endpoint = context.ok("endpoint", path, Endpoint::parse(url))?;
    if endpoint.is_plain() && !endpoint.is_loopback() {
        context.found.push(
            Diagnostic::warning(
                "plain-endpoint",
                path.path(),
                "this URL is asked without TLS: whoever is between can read what is sent, answer in its place, and so decide who is let in",
            )
            .with_help("write `https://`"),
        );
    }
    Some(endpoint)
}

/// OpenID Connect Discovery section 4: a slash at the end of the issuer is taken off first.
fn well_known(issuer: &str, at: &Place<'_>, context: &mut Context) -> Option<String> {
    let lower = issuer.to_ascii_lowercase();
    if !(lower.starts_with("https://") || lower.starts_with("http://")) || issuer.contains(['?', '#']) {
        context.found.push(
            Diagnostic::error(
                "endpoint",
                at.path(),
                "expected an `https://` URL without query and fragment, because the keys are to be found by it",
            )
            .with_help("or say in `keys` where they are: `discovery_at`, `jwks`, `inline` or `secret`"),
        );
        return None;
    }
    Some(format!("{}/.well-known/openid-configuration", issuer.strip_suffix('/').unwrap_or(issuer)))
}

fn inline(raw: &[Value], path: &Place<'_>, context: &mut Context) -> Option<KeyList> {
    if raw.is_empty() || raw.len() > MAX_INLINE {
        context.error("key", *path, format!("expected 1 to {MAX_INLINE} keys, found {}", raw.len()));
        return None;
    }
    let mut keys = Vec::with_capacity(raw.len());
    for (index, value) in raw.iter().enumerate() {
        let at = path.index(index);
        let Some(jwk) = value.as_object() else {
            context.error(
                "key",
                at,
                "expected a JWK (RFC 7517): a mapping with `kty` and the members of that key type",
            );
            continue;
        };
        warn_of_private_part(jwk, &at, context);
        keys.extend(context.ok("key", &at, Key::from_jwk(jwk).map_err(|invalid| invalid.0)));
    }
    (keys.len() == raw.len()).then(|| KeyList::new(keys))
}

fn warn_of_private_part(jwk: &Map<String, Value>, at: &Place<'_>, context: &mut Context) {
    if jwk.get("kty").and_then(Value::as_str) != Some("oct") && jwk.contains_key("d") {
        context.found.push(
            Diagnostic::warning(
                "private-key",
                at.path(),
                "this key has its private part, which signs; verifying needs the public part only",
            )
            .with_help("leave out `d`, `p`, `q`, `dp`, `dq` and `qi`"),
        );
    }
}
