//! Paths to claims, and which of them say what.

use crate::authenticate::claims::{ClaimPath, Mapping};
use crate::config::compile::context::Context;
use crate::config::diagnostic::Place;

/// The texts of a mapping, as every authenticator that reads claims has them.
#[derive(Clone, Copy, Default)]
pub(super) struct Texts<'r> {
    pub(super) consumer: Option<&'r str>,
    pub(super) scopes: Option<&'r str>,
    pub(super) roles: Option<&'r str>,
    pub(super) plan: Option<&'r str>,
}

/// The mapping, with these claims where the texts name none for the consumer and the scopes. `path` is where the keys of the texts stand.
pub(super) fn mapping(
    texts: Texts<'_>,
    consumer: &[&str],
    scopes: &[&str],
    path: &Place<'_>,
    context: &mut Context,
) -> Mapping {
    Mapping {
        consumer: one_or(texts.consumer, consumer, &path.key("consumer"), context),
        scopes: one_or(texts.scopes, scopes, &path.key("scopes"), context),
        roles: texts.roles.and_then(|text| claim_path(text, &path.key("roles"), context)),
        plan: texts.plan.and_then(|text| claim_path(text, &path.key("plan"), context)),
    }
}

/// A path to a claim.
pub(super) fn claim_path(text: &str, path: &Place<'_>, context: &mut Context) -> Option<ClaimPath> {
    context.ok("claim-path", path, ClaimPath::parse(text))
}

fn one_or(text: Option<&str>, default: &[&str], path: &Place<'_>, context: &mut Context) -> Vec<ClaimPath> {
    match text {
        Some(text) => claim_path(text, path, context).into_iter().collect(),
        None => default.iter().map(|name| ClaimPath::member(name)).collect(),
    }
}
