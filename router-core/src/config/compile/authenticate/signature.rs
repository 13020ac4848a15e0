//! `signature:`, and `sign:` of an upstream.

use std::collections::BTreeMap;
use std::time::Duration;

use http::{HeaderName, header};

use crate::authenticate::jose::{Key, SigningKey, strict_json};
use crate::authenticate::signature::{
    Algorithm, CONTENT_DIGEST, Component, KnownKey, Rules, SIGNATURE, SIGNATURE_INPUT, Signing,
};
use crate::config::compile::context::Context;
use crate::config::diagnostic::{Diagnostic, Place, nearest};
use crate::config::grammar::shorten;
use crate::config::raw::authenticate as raw;

/// Long enough for slow networks, short enough that a signature without a nonce is not of use for long.
const WINDOW: Duration = Duration::from_secs(300);
/// The gateway signs when it sends.
const LIFETIME: Duration = Duration::from_secs(60);
/// Beyond this a time says little.
const LONGEST: Duration = Duration::from_secs(3600);
/// What is signed is mostly a call of an interface.
const MAX_BODY: u64 = 1 << 20;
/// A body is held whole: no more than an instance can bear.
const LARGEST_BODY: u64 = 32 << 20;

/// Fields that hosts write, join or take out on the way to an upstream: a signature over what the gateway knew of them would not be good there.
const NOT_THE_GATEWAYS: [HeaderName; 14] = [
    header::ACCEPT_ENCODING,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::COOKIE,
    header::EXPECT,
    header::HOST,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    SIGNATURE,
    SIGNATURE_INPUT,
];

pub(super) fn rules(raw: &raw::Signature, path: &Place<'_>, context: &mut Context) -> Option<Rules> {
    let before = context.found.errors();
    let at = path.key("keys");
    if raw.keys.is_empty() {
        context.error("keys", at, "expected at least one key");
    }
    let mut keys = BTreeMap::new();
    for (keyid, raw) in &raw.keys {
        let at = at.key(keyid);
        if !is_text(keyid) {
            context.error("keyid", at, "expected a `keyid` of 1 to 256 visible ASCII characters");
        }
        keys.extend(known_key(keyid, raw, &at, context).map(|key| (keyid.clone(), key)));
    }
    let (components, digest) = if raw.components.is_empty() {
        (usual(), true)
    } else {
        let all = components(&raw.components, &path.key("components"), context);
        let count = all.len();
        let others: Vec<Component> = all.into_iter().filter(|component| !component.is_plain(&CONTENT_DIGEST)).collect();
        let digest = others.len() < count;
        (others, digest)
    };
    let window = duration(raw.window.as_deref(), WINDOW, &path.key("window"), context);
    tag(raw.tag.as_deref(), &path.key("tag"), context);
    let max_body = context.size_or(raw.max_body.as_deref(), MAX_BODY, LARGEST_BODY, &path.key("max_body"));
    (context.found.errors() == before).then(|| Rules {
        keys,
        components,
        digest,
        window,
        nonce: raw.nonce,
        tag: raw.tag.clone(),
        max_body,
    })
}

/// How requests to an upstream are signed.
pub(in crate::config::compile) fn signing(
    raw: &raw::Signing,
    path: &Place<'_>,
    context: &mut Context,
) -> Option<Signing> {
    let before = context.found.errors();
    let able = [Algorithm::Ed25519, Algorithm::HmacSha256];
    let algorithm = algorithm(&raw.algorithm, &able, &path.key("algorithm"), context);
    let at = path.key("key");
    let key = strict_json::object(raw.key.as_bytes())
        .ok_or_else(|| "expected a JWK (RFC 7517) as JSON text, in which no member stands twice".to_owned())
        .and_then(|jwk| SigningKey::from_jwk(&jwk).map_err(|why| why.0));
    let key = context.ok("key", &at, key);
    if let (Some(algorithm), Some(key)) = (algorithm, &key)
        && key.algorithm() != algorithm.jose()
    {
        context.error("key", at, format!("the key is not one for `{}`", algorithm.as_str()));
    }
    if !is_text(&raw.keyid) {
        context.error("keyid", path.key("keyid"), "expected 1 to 256 visible ASCII characters");
    }
    tag(raw.tag.as_deref(), &path.key("tag"), context);
    let at = path.key("components");
    let components = if raw.components.is_empty() { usual() } else { components(&raw.components, &at, context) };
    for component in &components {
        if let Some(field) = component.field().filter(|field| NOT_THE_GATEWAYS.contains(field)) {
            let own = Diagnostic::error(
                "component",
                at.path(),
                format!("`{field}` is written by the host when it sends the request, so that it cannot be signed here"),
            );
            context.found.push(match *field == header::HOST {
                true => own.with_help("cover `@authority`, which says the same"),
                false => own.with_help("leave it out"),
            });
        }
    }
    let lifetime = duration(raw.lifetime.as_deref(), LIFETIME, &path.key("lifetime"), context);
    if lifetime < Duration::from_secs(1) {
        context.error(
            "duration",
            path.key("lifetime"),
            "expected at least `1s`: times in signatures are whole seconds",
        );
    }
    if context.found.errors() > before {
        return None;
    }
    Signing::new(algorithm?, key?, components, &raw.keyid, raw.tag.as_deref(), lifetime)
}

fn known_key(keyid: &str, raw: &raw::SignatureKey, path: &Place<'_>, context: &mut Context) -> Option<KnownKey> {
    let algorithm = algorithm(&raw.algorithm, &Algorithm::ALL, &path.key("algorithm"), context);
    let at = path.key("key");
    let key = raw.key.as_object().ok_or_else(|| "expected a JWK (RFC 7517): an object".to_owned());
    let key = context.ok("key", &at, key.and_then(|jwk| Key::from_jwk(jwk).map_err(|why| why.0)));
    let consumer = raw.consumer.clone().unwrap_or_else(|| keyid.to_owned());
    if consumer.is_empty() || consumer.len() > 256 || consumer.chars().any(char::is_control) {
        context.error("consumer", path.key("consumer"), "expected 1 to 256 bytes without control characters");
    }
    let (algorithm, key) = (algorithm?, key?);
    if !key.fits(algorithm.jose()) {
        context.error("key", at, format!("the key is not one for `{}`", algorithm.as_str()));
        return None;
    }
    Some(KnownKey { algorithm, key, consumer, scopes: raw.scopes.clone(), roles: raw.roles.clone() })
}

fn algorithm(name: &str, able: &[Algorithm], path: &Place<'_>, context: &mut Context) -> Option<Algorithm> {
    let found = Algorithm::from_name(name).filter(|algorithm| able.contains(algorithm));
    if found.is_none() {
        let names: Vec<&str> = able.iter().map(|algorithm| algorithm.as_str()).collect();
        let message = format!("expected one of `{}`, found `{}`", names.join("`, `"), shorten(name));
        let unknown = Diagnostic::error("algorithm", path.path(), message);
        context.found.push(match nearest(name, names.into_iter()) {
            Some(near) => unknown.with_help(format!("did you mean `{near}`?")),
            None => unknown,
        });
    }
    found
}

fn usual() -> Vec<Component> {
    ["@method", "@target-uri"].into_iter().filter_map(|name| Component::parse(name).ok()).collect()
}

fn components(texts: &[String], path: &Place<'_>, context: &mut Context) -> Vec<Component> {
    let mut components: Vec<Component> = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let at = path.index(index);
        let Some(component) = context.ok("component", &at, Component::parse(text)) else { continue };
        if components.contains(&component) {
            context.error("component", at, format!("`{}` is there already", shorten(text)));
            continue;
        }
        components.push(component);
    }
    components
}

fn duration(text: Option<&str>, default: Duration, path: &Place<'_>, context: &mut Context) -> Duration {
    let found = context.duration_or(text, default, path);
    if found.is_zero() || found > LONGEST {
        context.error("duration", *path, format!("expected more than nothing and at most `{}s`", LONGEST.as_secs()));
    }
    found
}

fn tag(tag: Option<&str>, path: &Place<'_>, context: &mut Context) {
    if tag.is_some_and(|tag| !is_text(tag)) {
        context.error("tag", *path, "expected 1 to 256 visible ASCII characters");
    }
}

/// What a string in a structured field can hold (RFC 9651 section 3.3.3).
fn is_text(text: &str) -> bool {
    (1..=256).contains(&text.len()) && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}
