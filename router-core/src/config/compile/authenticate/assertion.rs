//! `assertion:`.

use std::time::Duration;

use serde_json::{Map, Value};

use super::forward::identity_header;
use crate::authenticate::assertion::{FIELD, KEYS_PATH, Rules, published};
use crate::authenticate::jose::{Algorithm, Key, SigningKey};
use crate::config::compile::context::Context;
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::raw::authenticate as raw;
use crate::filter::path::configured;

/// Long enough for a slow connection and clocks that differ, too short to be worth stealing.
const LIFETIME: Duration = Duration::from_secs(60);
/// The longest.
const LONGEST: Duration = Duration::from_secs(300);

pub(super) fn rules(raw: &raw::Assertion, path: &Place<'_>, context: &mut Context) -> Option<Rules> {
    let key = signing_key(&raw.key, &path.key("key"), context);
    let published = others(&raw.published, key.as_ref(), &path.key("published"), context);
    let scheme = ["https://", "http://"].iter().find_map(|scheme| raw.issuer.strip_prefix(scheme));
    if scheme.is_none_or(str::is_empty) || !raw.issuer.bytes().all(|byte| byte.is_ascii_graphic()) {
        context.error("issuer", path.key("issuer"), "expected the URL of this gateway, such as `https://api.example`");
    }
    let header = match &raw.header {
        Some(name) => identity_header(name, &path.key("header"), context),
        None => Some(FIELD),
    };
    let lifetime = context.duration_or(raw.lifetime.as_deref(), LIFETIME, &path.key("lifetime"));
    if lifetime < Duration::from_secs(1) || lifetime > LONGEST || lifetime.subsec_nanos() != 0 {
        context.error(
            "lifetime",
            path.key("lifetime"),
            "expected whole seconds, 1 to 300: a statement is made for each request",
        );
    }
    let keys_path = raw.keys_path.as_deref().unwrap_or(KEYS_PATH);
    let keys_path = context.ok("path", &path.key("keys_path"), configured(keys_path));
    Some(Rules {
        key: key?,
        issuer: raw.issuer.clone(),
        header: header?,
        lifetime,
        keys_path: keys_path?.to_string(),
        published,
    })
}

fn signing_key(text: &str, path: &Place<'_>, context: &mut Context) -> Option<SigningKey> {
    let wrong = |context: &mut Context, why: &str| {
        let wrong = Diagnostic::error("signing-key", path.path(), why);
        context.found.push(wrong.with_help(
            "expected the private JWK of an Ed25519 key as text: `{\"kty\": \"OKP\", \"crv\": \"Ed25519\", \"x\": …, \"d\": …}`, best from `${secret:NAME}`",
        ));
    };
    // What serde says may quote the text.
    let Ok(jwk) = serde_json::from_str::<Map<String, Value>>(text) else {
        wrong(context, "this is no JSON object");
        return None;
    };
    match SigningKey::from_jwk(&jwk) {
        Ok(key) if key.algorithm() == Algorithm::EdDsa => Some(key),
        Ok(_) => {
            wrong(context, "this is a shared key; what everyone can verify with it everyone can forge");
            None
        }
        Err(invalid) => {
            wrong(context, &invalid.0);
            None
        }
    }
}

fn others(raw: &[Value], own: Option<&SigningKey>, path: &Place<'_>, context: &mut Context) -> Vec<Value> {
    let mut seen: Vec<[u8; 32]> = own.iter().map(|own| own.public().thumbprint()).collect();
    let mut others = Vec::with_capacity(raw.len());
    for (index, jwk) in raw.iter().enumerate() {
        let at = path.index(index);
        let Value::Object(jwk) = jwk else {
            context.error("published-key", at, "expected a public key (JWK): an object with `kty`, `crv` and `x`");
            continue;
        };
        if Key::is_secret(jwk) {
            let secret =
                Diagnostic::error("published-key", at.path(), "this has the private part, and everyone could read it");
            context.found.push(secret.with_help("take `d` out; if this file was seen by others, make a new key"));
            continue;
        }
        let key = match Key::from_jwk(jwk) {
            Ok(key) if key.fits(Algorithm::EdDsa) => key,
            Ok(_) => {
                context.error(
                    "published-key",
                    at,
                    "statements are signed with Ed25519 keys only, and this is another kind",
                );
                continue;
            }
            Err(invalid) => {
                context.error("published-key", at, invalid.0);
                continue;
            }
        };
        let thumbprint = key.thumbprint();
        if seen.contains(&thumbprint) {
            context.error("duplicate-key", at, "this key is published already");
            continue;
        }
        seen.push(thumbprint);
        others.extend(published(key.jwk(), &thumbprint));
    }
    others
}
