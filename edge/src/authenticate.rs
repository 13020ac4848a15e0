//! Who asks, and may they?
//!
//! Each file of `authenticate/` is one way to learn it. They gather what a rule of the core needs, some by asking a key server, an issuer or a store.

mod api_key;
mod certificate;
mod errand;
mod forward;
mod introspection;
mod jwt;
mod keys;
mod proof;
mod signature;
mod webhook;

use std::future::poll_fn;
use std::pin::pin;

use bytes::Bytes;
use futures_util::future::join_all;
use http::{HeaderName, HeaderValue};
use router_core::authenticate::authorize::{Asked, authorize};
use router_core::authenticate::forward::Telling;
use router_core::authenticate::{
    Attempt, Authenticator, Identity, Kind, Need, Policy, Refusal, Tally, Verdict, challenge,
};
use router_core::filter::Mode;
use router_core::receive::{BodyLength, Facts};
use router_core::rejection::{Forbidden, Missing, Unauthenticated};
use router_core::{Gateway, Rejection, RequestHead};

use crate::balance;
use crate::exchange::{Exchange, Step, step};
use crate::platform::{Body, Platform};
use crate::route::Routed;

/// Proof: it is known who asks as far as the route wants to know it, and they may.
pub(crate) struct Identified<'a, P: Platform> {
    routed: Routed<'a, P>,
    identity: Identity,
    /// What the upstream learns.
    tell_upstream: Telling,
}

impl<'a, P: Platform> Identified<'a, P> {
    pub(crate) fn routed(&self) -> &Routed<'a, P> {
        &self.routed
    }

    pub(crate) fn routed_mut(&mut self) -> &mut Routed<'a, P> {
        &mut self.routed
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What rules about the request are made of.
    pub(crate) fn asked<'e>(&'e self, head: &'e RequestHead, now_ms: u64) -> Asked<'e> {
        self.routed.asked(&self.identity, head, now_ms)
    }

    pub(crate) fn into_parts(self) -> (Routed<'a, P>, Identity, Telling) {
        (self.routed, self.identity, self.tell_upstream)
    }
}

/// What an authenticator may look at.
pub(crate) struct Asking<'e, P: Platform> {
    pub(crate) gateway: &'e Gateway,
    pub(crate) platform: &'e P,
    pub(crate) head: &'e RequestHead,
    pub(crate) facts: &'e Facts,
    /// The whole body, where an authenticator of the policy wants it.
    pub(crate) body: Option<&'e Bytes>,
    /// Milliseconds since 1970, the same for the whole stage.
    pub(crate) now_ms: u64,
}

pub(crate) async fn authenticate<'a, P: Platform>(
    exchange: &mut Exchange<'a, P>,
    mut routed: Routed<'a, P>,
) -> Step<P, Identified<'a, P>> {
    exchange.record.stage = "authenticate";
    let Some(policy) = &routed.route().authenticate else {
        return Step::Continue(Identified { routed, identity: Identity::Anonymous, tell_upstream: Telling::default() });
    };
    let body = match hold_body(exchange, policy, &mut routed).await? {
        Held::Body(body) => body,
        Held::TooLarge(limit) if policy.mode == Mode::Shadow => {
            exchange.record.shadow.push(Rejection::BodyTooLarge { limit }.code());
            return Step::Continue(Identified {
                routed,
                identity: Identity::Anonymous,
                tell_upstream: Telling::default(),
            });
        }
        Held::TooLarge(limit) => return step(Err(Rejection::BodyTooLarge { limit })),
    };
    let judged = judge(exchange, policy, &routed, body.as_ref()).await;
    let identity = judged.identity;
    exchange.record.consumer = identity.consumer().map(|consumer| consumer.id.clone());
    exchange.record.authenticator = identity.consumer().map(|consumer| consumer.authenticator.clone());
    if let Some(reason) = judged.reason {
        exchange.record.failure_detail = Some(reason);
    }
    for (name, value) in judged.tell_client {
        exchange.answer_edits.set(name, value);
    }
    if let Some(rejection) = judged.rejection {
        if policy.mode != Mode::Shadow {
            return step(Err(rejection));
        }
        // In shadow nobody is turned away. Whom it knows, the upstream is told.
        exchange.record.shadow.push(rejection.code());
    }
    Step::Continue(Identified { routed, identity, tell_upstream: judged.tell_upstream })
}

/// What came of a policy.
struct Judged {
    identity: Identity,
    tell_upstream: Telling,
    tell_client: Vec<(HeaderName, HeaderValue)>,
    rejection: Option<Rejection>,
    /// Why it could not be decided, for the log.
    reason: Option<String>,
}

async fn judge<P: Platform>(
    exchange: &Exchange<'_, P>,
    policy: &Policy,
    routed: &Routed<'_, P>,
    body: Option<&Bytes>,
) -> Judged {
    let asking = Asking {
        gateway: exchange.gateway,
        platform: exchange.platform,
        head: &exchange.head,
        facts: routed.facts(),
        body,
        now_ms: exchange.platform.unix_ms(),
    };
    let mut judged = Judged {
        identity: Identity::Anonymous,
        tell_upstream: Telling::default(),
        tell_client: Vec::new(),
        rejection: None,
        reason: None,
    };
    let warm = || balance::warm(exchange, routed.route());
    match beside(identify(&asking, policy), warm).await {
        Ok(Verdict::Identified(identity, tell)) => (judged.identity, judged.tell_client) = (identity, tell),
        Ok(Verdict::Unauthenticated(refusal)) => {
            judged.rejection = Some(unauthenticated(&asking, policy, refusal));
            return judged;
        }
        Ok(Verdict::Undecided { reason, retry_after }) => {
            judged.reason = Some(reason);
            judged.rejection = Some(Rejection::IdentityUnavailable { retry_after });
            return judged;
        }
        Err(rejection) => {
            judged.rejection = Some(rejection);
            return judged;
        }
    }
    let asked = routed.asked(&judged.identity, asking.head, asking.now_ms);
    if let Err(denied) = authorize(policy, &asked) {
        judged.reason = denied.reason;
        judged.rejection = Some(match judged.identity {
            Identity::Known(_) => forbidden(&asking, policy, denied.missing),
            // Whoever has not said who they are may try again with credentials.
            Identity::Anonymous => unauthenticated(&asking, policy, None),
        });
    }
    match forward::forward(&asking, policy, routed.route(), &judged.identity) {
        Ok(telling) => judged.tell_upstream = telling,
        Err(rejection) => judged.rejection = judged.rejection.or(Some(rejection)),
    }
    judged
}

/// Awaits `work`. Should it have to wait for something, `meanwhile` is called, once.
async fn beside<T>(work: impl Future<Output = T>, meanwhile: impl FnOnce()) -> T {
    let mut work = pin!(work);
    let mut meanwhile = Some(meanwhile);
    poll_fn(|context| {
        let polled = work.as_mut().poll(context);
        if polled.is_pending()
            && let Some(meanwhile) = meanwhile.take()
        {
            meanwhile();
        }
        polled
    })
    .await
}

fn unauthenticated<P: Platform>(asking: &Asking<'_, P>, policy: &Policy, refusal: Option<Refusal>) -> Rejection {
    let challenges = challenge::unauthenticated(asking.gateway, policy, refusal.as_ref());
    Rejection::Unauthenticated(Box::new(Unauthenticated { refusal, challenges }))
}

fn forbidden<P: Platform>(asking: &Asking<'_, P>, policy: &Policy, missing: Missing) -> Rejection {
    let challenges = challenge::forbidden(asking.gateway, policy, &missing);
    Rejection::Forbidden(Box::new(Forbidden { missing, challenges }))
}

/// Asks the authenticators: of `any` one after the other until one knows, of `all` all at once.
async fn identify<P: Platform>(asking: &Asking<'_, P>, policy: &Policy) -> Result<Verdict, Rejection> {
    let mut tally = Tally::new(&policy.need, policy.optional);
    let known = |index: &usize| asking.gateway.authenticators.get(*index);
    match &policy.need {
        Need::Any(indices) => {
            for authenticator in indices.iter().filter_map(known) {
                if tally.add(attempt(asking, authenticator).await) {
                    break;
                }
            }
        }
        Need::All(indices) => {
            let attempts = indices.iter().filter_map(known).map(|authenticator| attempt(asking, authenticator));
            for attempt in join_all(attempts).await {
                tally.add(attempt);
            }
        }
    }
    Ok(tally.verdict())
}

async fn attempt<P: Platform>(asking: &Asking<'_, P>, authenticator: &Authenticator) -> Attempt {
    let name = &authenticator.name;
    match &authenticator.kind {
        Kind::Jwt(rules) => jwt::attempt(asking, name, rules).await,
        Kind::Introspection(rules) => introspection::attempt(asking, name, rules).await,
        Kind::ApiKey(rules) => api_key::attempt(asking, name, rules).await,
        Kind::Certificate(rules) => certificate::attempt(asking, name, rules).await,
        Kind::Signature(rules) => signature::attempt(asking, name, rules).await,
        Kind::Webhook(rules) => webhook::attempt(asking, name, rules).await,
    }
}

/// What there is of a body for a policy to look at.
enum Held {
    /// All of it, where an authenticator wants it.
    Body(Option<Bytes>),
    /// It is, or may be, larger than this many bytes, and has not been touched unless it was to be refused.
    TooLarge(u64),
}

/// Reads the body where a signature over it has to be checked; it then goes on as bytes.
async fn hold_body<P: Platform>(
    exchange: &mut Exchange<'_, P>,
    policy: &Policy,
    routed: &mut Routed<'_, P>,
) -> Step<P, Held> {
    let known = |index: &usize| exchange.gateway.authenticators.get(*index);
    let needed = |authenticator: &Authenticator| authenticator.body_needed(&exchange.head.headers);
    let needed = policy.need.indices().iter().filter_map(known).filter_map(needed).max();
    let Some(needed) = needed else { return Step::Continue(Held::Body(None)) };
    let limit = needed.min(routed.max_body());
    match routed.facts().body {
        BodyLength::Exactly(length) if length > limit => return Step::Continue(Held::TooLarge(limit)),
        // What has been read cannot be put back in front of the rest, and a policy in shadow takes nothing away.
        BodyLength::Unknown if policy.mode == Mode::Shadow => return Step::Continue(Held::TooLarge(limit)),
        BodyLength::Exactly(_) | BodyLength::Unknown => {}
    }
    let read = exchange.platform.read(routed.take_body(), usize::try_from(limit).unwrap_or(usize::MAX)).await;
    match read {
        Ok(read) if read.truncated => Step::Continue(Held::TooLarge(limit)),
        Ok(read) => {
            routed.put_body(if read.bytes.is_empty() { Body::Empty } else { Body::Bytes(read.bytes.clone()) });
            Step::Continue(Held::Body(Some(read.bytes)))
        }
        Err(failure) => {
            exchange.record.failure = Some(failure.class.as_str());
            step(Err(failure.class.rejection(limit)))
        }
    }
}
