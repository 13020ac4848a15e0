//! `jwt:`.

mod algorithms;
mod keys;
#[cfg(test)]
mod tests;

use std::time::Duration;

use super::{claims, place, proof};
use crate::authenticate::Place as At;
use crate::authenticate::claims::ClaimPath;
use crate::authenticate::jwt::{Expiry, Rules, TokenType};
use crate::config::compile::context::Context;
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::grammar::shorten;
use crate::config::raw::authenticate as raw;

/// Clocks that follow NTP are within a second; those that do not should not stop anybody at once.
const LEEWAY: Duration = Duration::from_secs(30);
/// A clock that is further off is broken, and every second lets an expired token live.
const LONGEST_LEEWAY: Duration = Duration::from_secs(60);
/// What one header line may have at most hosts; a token with that many claims should rather be a reference.
const SIZE: u64 = 8 << 10;
/// Header sections end somewhere. Keys of 512 bits and a few hundred groups still fit.
const LARGEST_SIZE: u64 = 64 << 10;
/// The smallest token with a signature has more.
const SMALLEST_SIZE: u64 = 128;
/// The longest issuer or audience, in bytes: URLs mostly.
const LONGEST_NAME: usize = 1024;

pub(super) fn rules(raw: &raw::Jwt, path: &Place<'_>, context: &mut Context) -> Option<Rules> {
    let issuer =
        named(&raw.issuer, "issuer", "what `iss` says, such as `https://issuer.example`", &path.key("issuer"), context);
    let audience = audience(&raw.audience, &path.key("audience"), context);
    let audience_claim = match &raw.audience_claim {
        Some(text) => claims::claim_path(text, &path.key("audience_claim"), context),
        None => Some(ClaimPath::member("aud")),
    };
    let algorithms = algorithms::algorithms(&raw.algorithms, &path.key("algorithms"), context);
    let keys = keys::keys(raw, &algorithms, path, context);
    let places = place::places(&raw.places, At::Bearer, &path.key("in"), context);
    let token_type = token_type(raw.token_type.as_deref(), &path.key("type"), context);
    let leeway = leeway(raw.leeway.as_deref(), &path.key("leeway"), context);
    let max_lifetime = max_lifetime(raw, &path.key("max_lifetime"), context);
    let max_size = max_size(raw.max_size.as_deref(), &path.key("max_size"), context);
    let texts = claims::Texts {
        consumer: raw.consumer.as_deref(),
        scopes: raw.scopes.as_deref(),
        roles: raw.roles.as_deref(),
        plan: raw.plan.as_deref(),
    };
    let claims = claims::mapping(texts, &["sub"], &["scope", "scp"], path, context);
    let proof = proof::rules(&raw.proof, &path.key("proof"), context);
    Some(Rules {
        issuer: issuer?,
        audience,
        audience_claim: audience_claim?,
        algorithms: algorithms.into_iter().map(|(_, algorithm)| algorithm).collect(),
        keys: keys?,
        places,
        token_type: token_type?,
        leeway,
        expiry: if raw.without_expiry { Expiry::Optional } else { Expiry::Required },
        max_lifetime,
        max_size,
        claims,
        proof,
    })
}

/// What a claim is compared with: a text as somebody might have meant it.
fn named(text: &str, code: &'static str, expected: &str, path: &Place<'_>, context: &mut Context) -> Option<String> {
    let right =
        !text.is_empty() && text.len() <= LONGEST_NAME && text.trim() == text && !text.chars().any(char::is_control);
    if !right {
        let found = shorten(text).escape_debug().to_string();
        context.error(
            code,
            *path,
            format!("expected {expected}, of 1 to {LONGEST_NAME} bytes without control characters or white space around it, found `{found}`"),
        );
        return None;
    }
    Some(text.to_owned())
}

fn audience(raw: &[String], path: &Place<'_>, context: &mut Context) -> Vec<String> {
    if raw.is_empty() {
        let nobody = Diagnostic::error("audience", path.path(), "expected at least one audience, found none");
        context.found.push(nobody.with_help(
            "name this service as its issuer does; otherwise a token for any other service of that issuer would be taken",
        ));
    }
    let mut audience = Vec::with_capacity(raw.len());
    for (index, text) in raw.iter().enumerate() {
        let at = path.index(index);
        let Some(text) = named(text, "audience", "what `aud` says", &at, context) else { continue };
        if text == "*" {
            context.error("audience", at, "`*` is no pattern here: audiences are compared as they are");
        } else if audience.contains(&text) {
            context.error("duplicate-name", at, format!("`{}` is there already", shorten(&text)));
        } else {
            audience.push(text);
        }
    }
    audience
}

fn token_type(text: Option<&str>, path: &Place<'_>, context: &mut Context) -> Option<TokenType> {
    let Some(text) = text else { return Some(TokenType::Usual) };
    let found = TokenType::parse(text)
        .ok_or_else(|| format!("expected what `typ` says, such as `at+jwt` or `JWT`, found `{}`", shorten(text)));
    context.ok("type", path, found)
}

fn leeway(text: Option<&str>, path: &Place<'_>, context: &mut Context) -> Duration {
    let leeway = context.duration_or(text, LEEWAY, path);
    if leeway > LONGEST_LEEWAY {
        let wrong = Diagnostic::error(
            "duration",
            path.path(),
            format!("expected at most `60s`, found `{}`", text.unwrap_or_default()),
        );
        context.found.push(
            wrong.with_help(
                "a clock that is further off should be set right: so long would every expired token live on",
            ),
        );
    }
    leeway
}

fn max_lifetime(raw: &raw::Jwt, path: &Place<'_>, context: &mut Context) -> Option<Duration> {
    let longest = context.duration(raw.max_lifetime.as_deref(), path)?;
    if longest.is_zero() {
        context.error("duration", *path, "expected more than `0s`: no token would be taken");
    }
    if raw.without_expiry {
        context.error(
            "max-lifetime",
            *path,
            "a token without `exp` has no lifetime: leave `without_expiry` or this out",
        );
    }
    Some(longest)
}

fn max_size(text: Option<&str>, path: &Place<'_>, context: &mut Context) -> usize {
    let size = context.size_or(text, SIZE, LARGEST_SIZE, path);
    if size < SMALLEST_SIZE {
        context.error("size", *path, format!("expected at least `{SMALLEST_SIZE}B`: no token would be taken"));
    }
    usize::try_from(size).unwrap_or(usize::MAX)
}
