//! `introspection:`.

use std::time::Duration;

use super::claims::{Texts, mapping};
use super::key_set::endpoint;
use super::{place, proof};
use crate::authenticate::Place as At;
use crate::authenticate::introspection::{Client, Rules};
use crate::config::compile::context::Context;
use crate::config::diagnostic::Place;
use crate::config::grammar::shorten;
use crate::config::raw::authenticate as raw;

/// A token of more than this is no opaque one as a rule.
const MAX_SIZE: u64 = 8 * 1024;
/// What a request head can hold.
const LARGEST_SIZE: u64 = 64 * 1024;
/// Short enough for a token that was withdrawn, long enough to spare the issuer most questions.
const REMEMBER: Duration = Duration::from_secs(60);
/// Beyond this, withdrawing a token would mean nothing.
const LONGEST_REMEMBER: Duration = Duration::from_secs(3600);
/// Whoever has just got a token may be a moment ahead of the issuer's own replicas.
const REMEMBER_REFUSALS: Duration = Duration::from_secs(10);
const LONGEST_REMEMBER_REFUSALS: Duration = Duration::from_secs(300);
/// The client waits for it.
const TIMEOUT: Duration = Duration::from_secs(2);
const LONGEST_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) fn rules(raw: &raw::Introspection, path: &Place<'_>, context: &mut Context) -> Option<Rules> {
    let endpoint = endpoint(&raw.endpoint, &path.key("endpoint"), context);
    for (text, key) in [(&raw.client_id, "client_id"), (&raw.client_secret, "client_secret")] {
        if text.is_empty() {
            context.error("client", path.key(key), "expected what the issuer knows this gateway by, found nothing");
        }
    }
    let client = match raw.client_authentication {
        raw::ClientAuthentication::Basic => Client::basic(&raw.client_id, &raw.client_secret),
        raw::ClientAuthentication::Post => Client::post(&raw.client_id, &raw.client_secret),
    };
    let at = path.key("audience");
    for (index, audience) in raw.audience.iter().enumerate() {
        if audience.is_empty() {
            context.error("audience", at.index(index), "expected the name that tokens for this gateway have in `aud`");
        }
    }
    if raw.issuer.as_ref().is_some_and(String::is_empty) {
        context.error(
            "issuer",
            path.key("issuer"),
            "expected what `iss` must be, found nothing; leave it out to take any",
        );
    }
    let max_size = context.size_or(raw.max_size.as_deref(), MAX_SIZE, LARGEST_SIZE, &path.key("max_size"));
    let mut within = |text: &Option<String>, default, longest: Duration, key| {
        let at = path.key(key);
        let found = context.duration_or(text.as_deref(), default, &at);
        if found > longest {
            let text = shorten(text.as_deref().unwrap_or_default());
            context.error("duration", at, format!("expected at most `{}s`, found `{text}`", longest.as_secs()));
        }
        found
    };
    let remember = within(&raw.remember, REMEMBER, LONGEST_REMEMBER, "remember");
    let refusals = &raw.remember_refusals;
    let remember_refusals = within(refusals, REMEMBER_REFUSALS, LONGEST_REMEMBER_REFUSALS, "remember_refusals");
    let timeout = within(&raw.timeout, TIMEOUT, LONGEST_TIMEOUT, "timeout");
    if timeout.is_zero() {
        context.error(
            "duration",
            path.key("timeout"),
            "expected more than nothing: a client waits for the issuer's answer",
        );
    }
    let texts = Texts {
        consumer: raw.consumer.as_deref(),
        scopes: raw.scopes.as_deref(),
        roles: raw.roles.as_deref(),
        plan: raw.plan.as_deref(),
    };
    Some(Rules {
        endpoint: endpoint?,
        client,
        issuer: raw.issuer.clone(),
        audience: raw.audience.clone(),
        places: place::places(&raw.places, At::Bearer, &path.key("in"), context),
        max_size: usize::try_from(max_size).unwrap_or(usize::MAX),
        remember,
        remember_refusals,
        timeout,
        claims: mapping(texts, &["sub", "client_id"], &["scope"], path, context),
        proof: proof::rules(&raw.proof, &path.key("proof"), context),
    })
}
