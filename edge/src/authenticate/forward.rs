//! What the upstream learns of who asks.

use router_core::Rejection;
use router_core::authenticate::forward::Telling;
use router_core::authenticate::{Identity, Policy};
use router_core::config::{Action, Route};
use router_core::rejection::Forbidden;

use super::Asking;
use crate::platform::Platform;

/// What the upstream of `route` is told.
pub(super) fn forward<P: Platform>(
    asking: &Asking<'_, P>,
    policy: &Policy,
    route: &Route,
    identity: &Identity,
) -> Result<Telling, Rejection> {
    let rules = &policy.forward;
    let edits = rules
        .edits(identity, asking.facts.certificate.as_deref())
        .map_err(|missing| Rejection::Forbidden(Box::new(Forbidden { missing, challenges: Vec::new() })))?;
    let assertion = asking.gateway.assertion.as_ref().filter(|_| rules.assertion);
    let statement = match (assertion, identity.consumer(), audience(asking, route)) {
        (Some(assertion), Some(consumer), Some(audience)) => {
            let mut random = [0; 16];
            asking.platform.fill(&mut random);
            Some(assertion.statement(consumer, audience, asking.now_ms, random))
        }
        _ => None,
    };
    Ok(Telling { edits, statement })
}

/// For whom a statement is: nobody, where no upstream is asked.
fn audience<'g, P: Platform>(asking: &Asking<'g, P>, route: &Route) -> Option<&'g str> {
    match &route.action {
        Action::Upstream { upstream, .. } => {
            asking.gateway.upstreams.get(*upstream).map(|upstream| upstream.name.as_str())
        }
        Action::Echo { .. } => Some("echo"),
        Action::Redirect(_) | Action::Respond(_) | Action::Purge => None,
    }
}
