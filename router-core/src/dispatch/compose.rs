//! What an upstream is asked: method, path and the edits that make the client's head the gateway's.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use super::{Target, forwarded, hop_by_hop};
use crate::authenticate::forward::Telling;
use crate::authenticate::signature::{Message, SIGNATURE, SIGNATURE_INPUT, Signing};
use crate::config::{Gateway, Route, Upgrade};
use crate::edits::HeaderEdits;
use crate::filter::Mode;
use crate::filter::path::{NormalPath, join_base};
use crate::head::RequestHead;
use crate::receive::Facts;
use crate::rejection::{Malformed, Rejection};
use crate::route::Params;

/// The name of the field that carries the request id.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// All that a question to an upstream is made of.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The configuration.
    pub gateway: &'a Gateway,
    /// The route that was found.
    pub route: &'a Route,
    /// Its parameters.
    pub params: &'a Params,
    /// The client's head.
    pub head: &'a RequestHead,
    /// What is known of the request.
    pub facts: &'a Facts,
    /// The normalised path, which the route matched.
    pub path: &'a NormalPath<'static>,
    /// The request id.
    pub request_id: &'a HeaderValue,
    /// What earlier stages have to tell the upstream. It wins over the route's own edits.
    pub tell_upstream: &'a Telling,
    /// Fields that the client sent and only the gateway may set ([`crate::authenticate::forward::claimed`]). They are taken out on every route.
    pub claimed: &'a [HeaderName],
}

/// The head for an upstream, as edits of the client's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamHead {
    /// The client's method, untouched.
    pub method: Method,
    /// Path and query, percent-encoded, starting with `/`.
    pub path_and_query: String,
    /// Edits of the client's header fields. `Host` is always removed: the platform sets its own where it can.
    pub edits: HeaderEdits,
    /// The protocol to switch to, if the client asked and the route allows.
    pub upgrade: Option<Upgrade>,
}

impl UpstreamHead {
    /// Signs it as `target` will see it: with `host` where that is not the target's own, and with what the edits make of the client's `headers`.
    pub fn sign(
        &mut self,
        signing: &Signing,
        target: &Target,
        host: Option<&HeaderValue>,
        headers: &HeaderMap,
        now_ms: u64,
    ) {
        let mut headers = headers.clone();
        self.edits.apply(&mut headers);
        let (path, query) = match self.path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (self.path_and_query.as_str(), None),
        };
        let authority = host.and_then(|host| host.to_str().ok()).unwrap_or(target.authority().as_str());
        let message = Message {
            method: &self.method,
            scheme: target.scheme(),
            authority: Some(authority),
            path,
            query,
            headers: &headers,
        };
        let signed = signing.sign(&message, now_ms);
        // The client's own signatures were for this gateway; the upstream must not take them for the gateway's.
        for name in [SIGNATURE_INPUT, SIGNATURE] {
            self.edits.remove(name);
        }
        for (name, value) in signed.into_iter().flatten() {
            self.edits.set(name, value);
        }
    }
}

/// The path after the route's rewrite, and the prefix that was stripped.
///
/// # Errors
/// [`Malformed::PathEscape`] where the rewritten path would climb.
pub fn upstream_path(asking: &Asking<'_>) -> Result<(NormalPath<'static>, Option<String>), Rejection> {
    let Some(rewrite) = &asking.route.rewrite else { return Ok((asking.path.clone(), None)) };
    let path = rewrite.apply(asking.path, asking.params).map_err(|_| Rejection::Malformed(Malformed::PathEscape))?;
    let stripped = rewrite.stripped_prefix().filter(|prefix| asking.path.strip_prefix_segments(prefix).is_some());
    let stripped = stripped.map(|prefix| prefix.as_str().to_owned());
    Ok((path, stripped))
}

/// Composes the question for `target`; without one (the echo upstream) the path has no base.
///
/// # Errors
/// [`Malformed::PathEscape`] where the rewritten path would climb.
pub fn compose(asking: &Asking<'_>, target: Option<&Target>) -> Result<UpstreamHead, Rejection> {
    let (path, stripped) = upstream_path(asking)?;
    let mut path_and_query = join_base(target.map_or("", Target::base), &path);
    // In shadow a route is as if it had no policy, and what was a credential for the upstream all along is that.
    let enforced = asking.route.authenticate.as_ref().filter(|policy| policy.mode == Mode::Enforce);
    let query = match enforced {
        Some(policy) => policy.forward.withheld.query(asking.head).map(Cow::Owned),
        None => asking.head.query.as_deref().map(Cow::Borrowed),
    };
    if let Some(query) = query {
        path_and_query.push('?');
        path_and_query.push_str(&query);
    }
    let headers = &asking.head.headers;
    let mut edits = HeaderEdits::new();
    hop_by_hop::scrub(headers, &mut edits);
    edits.remove(header::HOST);
    // The server side of the gateway answers the expectation; the upstream gets the body at once.
    if headers.contains_key(header::EXPECT) {
        edits.remove(header::EXPECT);
    }
    for name in asking.claimed {
        edits.remove(name.clone());
    }
    if let Some(policy) = enforced {
        policy.forward.withheld.scrub(headers, &mut edits);
    }
    forwarded::strip(headers, &mut edits);
    forwarded::tell(asking.gateway.forwarded, headers, asking.facts, &mut edits);
    if let Some(prefix) = stripped.and_then(|prefix| HeaderValue::from_str(&prefix).ok()) {
        edits.set(forwarded::X_FORWARDED_PREFIX, prefix);
    }
    edits.set(X_REQUEST_ID, asking.request_id.clone());
    edits.append(header::VIA, asking.gateway.via.clone());
    edits.extend(&asking.route.request_edits);
    edits.extend(&asking.tell_upstream.edits);
    let statement = asking.tell_upstream.statement.as_ref();
    if let Some((name, value)) = statement.and_then(|statement| statement.sign(&asking.head.method, &path_and_query)) {
        edits.set(name, value);
    }
    let upgrade =
        asking.route.upgrades.iter().copied().find(|upgrade| hop_by_hop::asks_for_upgrade(headers, upgrade.token()));
    Ok(UpstreamHead { method: asking.head.method.clone(), path_and_query, edits, upgrade })
}
