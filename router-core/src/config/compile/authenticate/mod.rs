//! `authenticate:`.

mod api_key;
mod assertion;
mod certificate;
mod claims;
mod forward;
mod introspection;
mod jwt;
mod key_set;
mod place;
mod policy;
mod proof;
mod resource;
mod signature;
mod webhook;

use std::collections::BTreeMap;

use http::HeaderName;

use super::context::Context;
use crate::authenticate::{self, Authenticator, Kind, Policy};
use crate::config::diagnostic::Place;
use crate::config::gateway::{FixedAnswer, Route};
use crate::config::raw::{Document, authenticate as raw};

pub(super) use signature::signing;

/// The section, compiled. An authenticator with mistakes has its index all the same, so that policies with its name are not reported too.
pub(super) struct Authenticate {
    authenticators: BTreeMap<String, Option<Authenticator>>,
    default: Option<Policy>,
    /// Whether there is an assertion, be it one with mistakes.
    states: bool,
    pub(super) assertion: Option<authenticate::assertion::Rules>,
    pub(super) resource: Option<authenticate::resource::Rules>,
}

pub(super) fn authenticate(raw: &raw::Authenticate, path: &Place<'_>, context: &mut Context) -> Authenticate {
    let mut authenticators = BTreeMap::new();
    let at = path.key("authenticators");
    for (name, raw) in &raw.authenticators {
        let at = at.key(name);
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if name.is_empty() || name.len() > 64 || !name.bytes().all(fits) {
            context.error("authenticator-name", at, "expected a name of 1 to 64 letters, digits, `-`, `_` or `.`");
        }
        let kind = match raw {
            raw::Authenticator::Jwt(raw) => {
                jwt::rules(raw, &at.key("jwt"), context).map(|rules| Kind::Jwt(Box::new(rules)))
            }
            raw::Authenticator::Introspection(raw) => {
                let rules = introspection::rules(raw, &at.key("introspection"), context);
                rules.map(|rules| Kind::Introspection(Box::new(rules)))
            }
            raw::Authenticator::ApiKey(raw) => {
                api_key::rules(raw, &at.key("api_key"), context).map(|rules| Kind::ApiKey(Box::new(rules)))
            }
            raw::Authenticator::Certificate(raw) => {
                certificate::rules(raw, &at.key("certificate"), context).map(|rules| Kind::Certificate(Box::new(rules)))
            }
            raw::Authenticator::Signature(raw) => {
                signature::rules(raw, &at.key("signature"), context).map(|rules| Kind::Signature(Box::new(rules)))
            }
            raw::Authenticator::Webhook(raw) => {
                webhook::rules(raw, name, &at.key("webhook"), context).map(|rules| Kind::Webhook(Box::new(rules)))
            }
        };
        authenticators.insert(name.clone(), kind.map(|kind| Authenticator { name: name.clone(), kind }));
    }
    let assertion = raw.assertion.as_ref().and_then(|raw| assertion::rules(raw, &path.key("assertion"), context));
    let resource =
        raw.resource.as_ref().and_then(|resource| self::resource::rules(resource, raw, &path.key("resource"), context));
    let mut compiled =
        Authenticate { authenticators, default: None, states: raw.assertion.is_some(), assertion, resource };
    forward::check_assertion(&compiled, &path.key("assertion").key("header"), context);
    compiled.default =
        raw.default.as_ref().and_then(|raw| policy::policy(raw, &compiled, &path.key("default"), context));
    compiled
}

impl Authenticate {
    /// The policy of a route.
    pub(super) fn policy_of(
        &self,
        raw: Option<&raw::Policy>,
        path: &Place<'_>,
        context: &mut Context,
    ) -> Option<Policy> {
        match raw {
            Some(raw) => policy::policy(raw, self, path, context),
            None => self.default.clone(),
        }
    }

    /// The index of an authenticator.
    fn index_of(&self, name: &str) -> Option<usize> {
        self.authenticators.keys().position(|known| known == name)
    }

    /// All names, for suggestions.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.authenticators.keys().map(String::as_str)
    }

    /// The authenticators in the order of their indices; complete if there were no mistakes.
    pub(super) fn authenticators(&self) -> Vec<Authenticator> {
        self.authenticators.values().flatten().cloned().collect()
    }

    /// What the gateway publishes of all this, by path.
    pub(super) fn own_documents(
        &self,
        routes: &[Route],
        path: &Place<'_>,
        context: &mut Context,
    ) -> Vec<(String, FixedAnswer)> {
        let mut documents: Vec<(String, FixedAnswer)> = Vec::new();
        let policies = routes.iter().filter_map(|route| route.authenticate.as_ref());
        let metadata = |rules: &authenticate::resource::Rules| rules.document(&self.authenticators(), policies);
        let published = [
            self.assertion.as_ref().map(|rules| (path.key("assertion"), rules.document())),
            self.resource.as_ref().map(|rules| (path.key("resource"), metadata(rules))),
        ];
        for (at, (path, document)) in published.into_iter().flatten() {
            if documents.iter().any(|(taken, _)| *taken == path) {
                context.error("duplicate-path", at, format!("another document is published at `{path}`"));
            }
            documents.push((path, document));
        }
        documents
    }

    /// Every field that tells an upstream who asks, on any route.
    pub(super) fn identity_headers(&self, document: &Document) -> Vec<HeaderName> {
        forward::identity_headers(document, self.assertion.as_ref())
    }
}
