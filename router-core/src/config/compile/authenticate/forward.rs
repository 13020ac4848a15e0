//! `forward:`.

use http::{HeaderName, header};

use super::Authenticate;
use super::claims::claim_path;
use crate::authenticate::forward::{CLIENT_CERT, CLIENT_CERT_CHAIN, Forward, Source, Withheld, folded};
use crate::authenticate::{Authenticator, Place as At, assertion};
use crate::config::compile::context::Context;
use crate::config::diagnostic::{Diagnostic, Place, nearest};
use crate::config::raw;
use crate::config::raw::authenticate::{ClaimSource, Credentials, Policy};

/// What the gateway, its hosts or HTTP itself use, and what starts so. Identity in one of them would be taken for something else, or be overwritten.
const RESERVED: [HeaderName; 26] = [
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::AUTHORIZATION,
    header::CACHE_CONTROL,
    header::CONNECTION,
    header::COOKIE,
    header::DATE,
    header::EXPECT,
    header::FORWARDED,
    header::HOST,
    header::ORIGIN,
    header::RANGE,
    header::REFERER,
    header::SET_COOKIE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::USER_AGENT,
    header::VIA,
    HeaderName::from_static("dpop"),
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("signature"),
    HeaderName::from_static("signature-input"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("x-request-id"),
];
const RESERVED_STARTS: [&str; 7] = ["access-control-", "cf-", "content-", "if-", "proxy-", "sec-", "x-forwarded-"];

/// The facts about a consumer that are no claims.
const FACTS: [(&str, Source); 5] = [
    ("id", Source::Id),
    ("authenticator", Source::Authenticator),
    ("scopes", Source::Scopes),
    ("roles", Source::Roles),
    ("plan", Source::Plan),
];

pub(super) fn forward(
    policy: &Policy,
    authenticate: &Authenticate,
    path: &Place<'_>,
    context: &mut Context,
) -> Forward {
    let raw = &policy.forward;
    let mut headers: Vec<(HeaderName, Source)> = Vec::with_capacity(raw.headers.len());
    let fields = path.key("headers");
    for (name, source) in &raw.headers {
        let at = fields.key(name);
        let (name, source) = (identity_header(name, &at, context), self::source(source, &at, context));
        let Some(name) = name else { continue };
        let taken = [CLIENT_CERT, CLIENT_CERT_CHAIN].contains(&folded(&name))
            || authenticate.assertion.as_ref().is_some_and(|rules| folded(&rules.header) == folded(&name));
        if taken {
            context.error("identity-header", at, format!("`{name}` tells something else already"));
        } else if is_credential(&name, authenticate) {
            context.error("identity-header", at, CREDENTIAL);
        } else if headers.iter().any(|(other, _)| folded(other) == folded(&name)) {
            context.error("identity-header", at, format!("`{name}` is there already, in another spelling"));
        } else if let Some(source) = source {
            headers.push((name, source));
        }
    }
    if raw.assertion && !authenticate.states {
        let none = Diagnostic::error("no-assertion", path.key("assertion").path(), "there is no assertion to forward");
        context.found.push(none.with_help("say in `authenticate.assertion` which key signs it"));
    }
    let needed = policy.any.iter().chain(&policy.all);
    let known = needed.filter_map(|name| authenticate.authenticators.get(name)?.as_ref());
    let places = known.flat_map(Authenticator::places);
    let withheld = Withheld::at(places, raw.credentials == Credentials::Keep);
    Forward { headers, withheld, assertion: raw.assertion, certificate: raw.certificate }
}

fn source(raw: &ClaimSource, path: &Place<'_>, context: &mut Context) -> Option<Source> {
    match raw {
        ClaimSource::Claim(text) => claim_path(text, &path.key("claim"), context).map(Source::Claim),
        ClaimSource::OptionalClaim(text) => {
            claim_path(text, &path.key("optional_claim"), context).map(Source::OptionalClaim)
        }
        ClaimSource::Consumer(text) => {
            if let Some((_, source)) = FACTS.into_iter().find(|(fact, _)| fact == text) {
                return Some(source);
            }
            let unknown = Diagnostic::error(
                "consumer-fact",
                path.key("consumer").path(),
                format!("expected `id`, `authenticator`, `scopes`, `roles` or `plan`, found `{text}`"),
            );
            context.found.push(match nearest(text, FACTS.iter().map(|(fact, _)| *fact)) {
                Some(near) => unknown.with_help(format!("did you mean `{near}`?")),
                None => unknown.with_help("for anything else that was told about the consumer write `claim`"),
            });
            None
        }
    }
}

/// The field of the assertion must not be one in which clients bring credentials.
pub(super) fn check_assertion(authenticate: &Authenticate, path: &Place<'_>, context: &mut Context) {
    if authenticate.assertion.as_ref().is_some_and(|rules| is_credential(&rules.header, authenticate)) {
        context.error("identity-header", *path, CREDENTIAL);
    }
}

const CREDENTIAL: &str =
    "an authenticator looks for credentials in this field, which is taken out of every request before";

fn is_credential(name: &HeaderName, authenticate: &Authenticate) -> bool {
    let places = authenticate.authenticators.values().flatten().flat_map(Authenticator::places);
    let mut fields = places.filter_map(|place| match place {
        At::Header(field) => Some(folded(field)),
        At::Bearer | At::Basic | At::Cookie(_) | At::Query(_) => None,
    });
    fields.any(|field| field == folded(name))
}

/// A field in which the gateway may tell of identity.
pub(super) fn identity_header(text: &str, path: &Place<'_>, context: &mut Context) -> Option<HeaderName> {
    let name = context.header_name(text, path)?;
    let plain = folded(&name);
    if RESERVED.contains(&plain) || RESERVED_STARTS.iter().any(|start| plain.as_str().starts_with(start)) {
        let reserved = Diagnostic::error(
            "identity-header",
            path.path(),
            format!("`{name}` has a meaning of its own and cannot tell who asks"),
        );
        context.found.push(reserved.with_help("use a field of your own, such as `X-User-Id`"));
        return None;
    }
    Some(name)
}

/// Every field that tells an upstream who asks, on any route: also those of policies that are off or in shadow, since whoever believes a field believes
/// it on every route. The certificate's are among them always, as RFC 9440 section 4 asks.
pub(super) fn identity_headers(document: &raw::Document, assertion: Option<&assertion::Rules>) -> Vec<HeaderName> {
    let routes = document.routes.iter().filter_map(|route| route.authenticate.as_ref());
    let policies = document.authenticate.default.iter().chain(routes);
    let mapped = policies.flat_map(|policy| policy.forward.headers.keys()).filter_map(|name| name.parse().ok());
    let mut headers = vec![CLIENT_CERT, CLIENT_CERT_CHAIN];
    headers.extend(assertion.map(|rules| folded(&rules.header)));
    headers.extend(mapped.map(|name| folded(&name)));
    headers.sort_by(|left, right| left.as_str().cmp(right.as_str()));
    headers.dedup();
    headers
}
