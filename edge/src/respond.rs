//! Shape, label and record. Every request ends here.

use http::{HeaderValue, Method, StatusCode, header};
use router_core::receive::told_length;
use router_core::respond::{Shaping, passed_edits, problem};

use crate::exchange::{Ended, Exchange, Made, Passed, Reply};
use crate::platform::{Answer, Platform};
use crate::{cache, limit, receive, record};

pub(crate) fn respond<P: Platform>(mut exchange: Exchange<'_, P>, ended: Ended<P>) -> Reply<P> {
    if exchange.request_id.is_empty() {
        receive::name_request(&mut exchange, false);
    }
    cache::tell(&mut exchange);
    match ended {
        Ended::Passed(answer) => {
            let headers = answer.headers();
            let body_bytes = body_bytes(&exchange, answer.status(), told_length(&headers));
            limit::settle(&exchange, answer.status(), &headers, body_bytes);
            let edits = passed_edits(&shaping(&exchange), &headers);
            drop(headers);
            record::finish(&mut exchange, answer.status(), None);
            let at_end = limit::at_end(&exchange);
            Reply::Passed(Passed { answer, edits, at_end })
        }
        Ended::Made(made) => shape(exchange, made, None),
        Ended::Stored(mut stored) => {
            let length = stored.body.as_ref().map_or(Some(0), |_| told_length(&stored.headers));
            limit::settle(&exchange, stored.status, &stored.headers, length);
            passed_edits(&shaping(&exchange), &stored.headers).apply(&mut stored.headers);
            record::finish(&mut exchange, stored.status, None);
            stored.at_end = limit::at_end(&exchange);
            Reply::Stored(stored)
        }
        Ended::Rejected(rejection) => {
            let (status, headers, body) = problem::problem(&rejection, &exchange.request_id);
            shape(exchange, Made { status, headers, body: body.into() }, Some(rejection.code()))
        }
    }
}

/// The bytes of the body that comes: where there is none, a length is that of a body that could have come (RFC 9110 section 8.6).
fn body_bytes<P: Platform>(exchange: &Exchange<'_, P>, status: StatusCode, declared: Option<u64>) -> Option<u64> {
    let bodiless = bodiless(status) && status != StatusCode::SWITCHING_PROTOCOLS;
    if bodiless || exchange.head.method == Method::HEAD { Some(0) } else { declared }
}

fn shape<P: Platform>(mut exchange: Exchange<'_, P>, mut made: Made, problem: Option<&'static str>) -> Reply<P> {
    let body_bytes = body_bytes(&exchange, made.status, Some(made.body.len() as u64));
    limit::settle(&exchange, made.status, &made.headers, body_bytes);
    // An answer of the gateway's own is whole already.
    drop(limit::at_end(&exchange));
    passed_edits(&shaping(&exchange), &made.headers).apply(&mut made.headers);
    if bodiless(made.status) {
        made.body.clear();
    } else {
        // Not every host counts for us, and the answer to HEAD says how long the body of GET would be (RFC 9110 section 9.3.2).
        made.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(made.body.len()));
        if exchange.head.method == Method::HEAD {
            made.body.clear();
        }
    }
    record::finish(&mut exchange, made.status, problem);
    Reply::Made(made)
}

/// Whether answers with this status never have a body (RFC 9110 section 6.4.1).
pub(crate) fn bodiless(status: StatusCode) -> bool {
    status.is_informational() || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED
}

fn shaping<'e, P: Platform>(exchange: &'e Exchange<'_, P>) -> Shaping<'e> {
    let route = exchange.route();
    let cors = route.and_then(|route| route.cors.as_ref()).or(exchange.gateway.cors.as_ref());
    // An answer to a preflight already has its cross-origin fields.
    let preflight =
        router_core::filter::cors::preflight_method(&exchange.head.method, &exchange.head.headers).is_some();
    Shaping {
        gateway: exchange.gateway,
        route,
        cors: cors.filter(|_| !preflight),
        request: &exchange.head.headers,
        request_id: &exchange.request_id,
        told: &exchange.answer_edits,
    }
}
