//! Does it pass the rules for everyone?

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use router_core::Rejection;
use router_core::filter::path::{NormalPath, Normalised};
use router_core::filter::{Access, AccessLists, CorsVerdict, Mode, cors};
use router_core::rejection::Malformed;

use crate::exchange::{Ended, Exchange, Made, Step, step};
use crate::platform::Platform;
use crate::receive::Received;

/// Proof: the path is normal, the address may pass, and it is no preflight.
pub(crate) struct Filtered<P: Platform> {
    received: Received<P>,
    path: NormalPath<'static>,
}

impl<P: Platform> Filtered<P> {
    pub(crate) fn received(&self) -> &Received<P> {
        &self.received
    }

    pub(crate) fn received_mut(&mut self) -> &mut Received<P> {
        &mut self.received
    }

    pub(crate) fn path(&self) -> &NormalPath<'static> {
        &self.path
    }

    pub(crate) fn into_parts(self) -> (Received<P>, NormalPath<'static>) {
        (self.received, self.path)
    }
}

pub(crate) fn filter<P: Platform>(exchange: &mut Exchange<'_, P>, received: Received<P>) -> Step<P, Filtered<P>> {
    exchange.record.stage = "filter";
    if let Some(lists) = &exchange.gateway.addresses {
        admit_address(exchange, lists, &received)?;
    }
    let path = normalise(exchange)?;
    answer_preflight(exchange, &received, &path)?;
    Step::Continue(Filtered { received, path })
}

/// Checks the client's address against `lists`: here for everyone, in `route` for one route.
pub(crate) fn admit_address<P: Platform>(
    exchange: &mut Exchange<'_, P>,
    lists: &AccessLists,
    received: &Received<P>,
) -> Step<P, ()> {
    match lists.decide(received.facts().client.address) {
        Access::Allow => Step::Continue(()),
        Access::Deny => step(Err(Rejection::AddressDenied)),
        Access::ShadowDeny => {
            exchange.record.shadow.push(Rejection::AddressDenied.code());
            Step::Continue(())
        }
    }
}

fn normalise<P: Platform>(exchange: &Exchange<'_, P>) -> Step<P, NormalPath<'static>> {
    match NormalPath::parse(&exchange.head.path, &exchange.gateway.path_rules) {
        Ok(Normalised::Path(path)) => Step::Continue(path.into_owned()),
        Ok(Normalised::Redirect(path)) => Step::Break(Ended::Made(redirect(
            StatusCode::PERMANENT_REDIRECT,
            &path.reference(exchange.head.query.as_deref()),
        ))),
        Err(invalid) => step(Err(Rejection::Malformed(Malformed::from(invalid)))),
    }
}

/// A redirect to `location`; a location that is no field value cannot come from a normal path, and is answered without one.
pub(crate) fn redirect(status: StatusCode, location: &str) -> Made {
    let mut headers = HeaderMap::new();
    if let Ok(location) = HeaderValue::from_str(location) {
        headers.insert(header::LOCATION, location);
    }
    Made { status, headers, body: Bytes::new() }
}

fn answer_preflight<P: Platform>(
    exchange: &mut Exchange<'_, P>,
    received: &Received<P>,
    path: &NormalPath<'_>,
) -> Step<P, ()> {
    let Some(method) = cors::preflight_method(&exchange.head.method, &exchange.head.headers) else {
        return Step::Continue(());
    };
    let rules = exchange.gateway.preflight_cors(received.facts(), path, exchange.head.query.as_deref(), &method);
    let Some(rules) = rules.filter(|rules| rules.mode != Mode::Off) else { return Step::Continue(()) };
    match rules.preflight(&method, &exchange.head.headers) {
        CorsVerdict::Allow(headers) => {
            Step::Break(Ended::Made(Made { status: cors::PREFLIGHT_STATUS, headers, body: Bytes::new() }))
        }
        CorsVerdict::Deny if rules.mode == Mode::Shadow => {
            exchange.record.shadow.push(Rejection::OriginNotAllowed.code());
            Step::Continue(())
        }
        CorsVerdict::Deny => step(Err(Rejection::OriginNotAllowed)),
    }
}
