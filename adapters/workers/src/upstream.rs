//! Asking an upstream with `fetch`.
//!
//! Deadlines: `fetch` has no phases, so connecting and waiting for the head share one deadline, the sum of both. It starts when the upstream has
//! taken the body, so that a long upload is not cut. `total` also ends the body of the answer. `idle` makes each piece of a body a matter of
//! JavaScript, 1.5 ms of CPU a mebibyte, while a body that passes by costs nothing; so its default of 60 s is left to Cloudflare, and any other
//! value is kept here.
//!
//! What Cloudflare itself vouches for (`CF-Ray`, `CF-IPCountry` and their like) reaches the upstream as it came: no client can write it. The client's
//! address is told as on every platform, in `X-Forwarded-For` and `Forwarded`.

use std::borrow::Cow;
use std::time::Duration;

use edge::platform::{Answer, Body, Failure, Question, Read, Upstreams};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use router_core::dispatch::{FailureClass, RequestSent, Target, Timeouts, Upstream};
use router_core::receive::told_length;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ReadableStream, Request, Response};

use crate::failure::failure;
use crate::head::EditText;
use crate::platform::Workers;
use crate::{body, head, js};

/// The longest time that a timer of the host takes, in milliseconds.
pub(crate) const LONGEST: u64 = i32::MAX as u64;

impl Upstreams for Workers {
    type Inbound = Request;
    type Stream = ReadableStream;
    type Answer = UpstreamAnswer;

    async fn ask(&self, question: Question<'_, Self>) -> Result<UpstreamAnswer, Failure> {
        let Question { target, head, headers, inbound, body, max_body, timeouts, .. } = question;
        let url = format!("{}://{}{}", target.scheme().as_str(), target.authority(), head.path_and_query);
        let mut edits = EditText::of(&head.edits);
        if let Some(upgrade) = head.upgrade {
            edits.set(&header::UPGRADE, &HeaderValue::from_static(upgrade.token()));
        }
        // A length that cannot be read was refused long before.
        let length = told_length(headers).map_or(-1.0, |length| length as f64);
        let body = body::to_host(body);
        let limits = [
            length,
            max_body as f64,
            milliseconds(until_head(timeouts)),
            milliseconds(between_pieces(timeouts)),
            milliseconds(timeouts.total),
        ];
        let asked = js::ask(&inbound, &url, head.method.as_str(), edits.as_str(), &body, &limits);
        match asked.await {
            Ok(value) => UpstreamAnswer::of(value),
            Err(thrown) => Err(failure(&format!("unknown\n{}", js::thrown(&thrown)))),
        }
    }

    fn warm(&self, _index: usize, _upstream: &Upstream, _target: &Target) {
        // Connections are Cloudflare's: a worker neither sees nor opens them, and a request sent only to open one would reach the upstream.
    }

    async fn read(&self, body: Body<ReadableStream>, max: usize) -> Result<Read, Failure> {
        body::read(body, max).await
    }
}

/// From the last byte of the body to the head of the answer.
fn until_head(timeouts: Timeouts) -> Option<Duration> {
    timeouts.first_byte.map(|first_byte| first_byte.saturating_add(timeouts.connect.unwrap_or_default()))
}

/// Between two pieces of the answer's body.
fn between_pieces(timeouts: Timeouts) -> Option<Duration> {
    timeouts.idle.filter(|_| timeouts.idle != Timeouts::default().idle)
}

/// Infinity for none.
pub(crate) fn milliseconds(deadline: Option<Duration>) -> f64 {
    deadline.map_or(f64::INFINITY, |deadline| deadline.as_millis().min(u128::from(LONGEST)) as f64)
}

/// An upstream's answer. Its body is let go unless the answer is sent.
pub(crate) struct UpstreamAnswer {
    status: StatusCode,
    headers: HeaderMap,
    response: Option<Response>,
}

impl UpstreamAnswer {
    fn of(value: JsValue) -> Result<Self, Failure> {
        let response = value.dyn_into::<Response>().map_err(|word| failure(&word.as_string().unwrap_or_default()))?;
        match read_head(&response) {
            Ok((status, headers)) => Ok(Self { status, headers, response: Some(response) }),
            Err(detail) => {
                js::discard(&response).ok();
                Err(Failure { class: FailureClass::Protocol, request_sent: RequestSent::Yes, detail })
            }
        }
    }

    /// Parts the body in two: one half stays, the other is returned, if there is a body.
    pub(crate) fn part(&mut self) -> Result<Option<ReadableStream>, JsValue> {
        let Some(response) = &self.response else { return Ok(None) };
        let (response, half) = js::cache::halves(response)?;
        self.response = Some(response);
        Ok(half)
    }

    /// The host's object, to be sent.
    pub(crate) fn into_response(mut self) -> Option<Response> {
        self.response.take()
    }
}

/// A field that cannot be carried into the core stays in the host's own object and is passed on from there.
fn read_head(response: &Response) -> Result<(StatusCode, HeaderMap), String> {
    let text = js::response_head(response).map_err(|thrown| js::thrown(&thrown))?;
    let mut lines = text.split('\n');
    let status = lines.next().unwrap_or_default();
    let status = StatusCode::from_bytes(status.as_bytes()).map_err(|_| format!("status {status}"))?;
    Ok((status, head::fields(lines).0))
}

impl Answer for UpstreamAnswer {
    fn status(&self) -> StatusCode {
        self.status
    }

    fn headers(&self) -> Cow<'_, HeaderMap> {
        Cow::Borrowed(&self.headers)
    }
}

impl Drop for UpstreamAnswer {
    fn drop(&mut self) {
        if let Some(response) = self.response.take() {
            js::discard(&response).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connecting_and_waiting_share_one_deadline() {
        let seconds = |connect, first_byte| Timeouts {
            connect: Some(Duration::from_secs(connect)),
            first_byte: Some(Duration::from_secs(first_byte)),
            idle: None,
            total: None,
        };
        assert_eq!(until_head(seconds(5, 30)), Some(Duration::from_secs(35)));
        assert_eq!(until_head(Timeouts { connect: None, ..seconds(5, 30) }), Some(Duration::from_secs(30)));
        assert_eq!(until_head(Timeouts { first_byte: None, ..seconds(5, 30) }), None);
    }

    #[test]
    fn only_an_idle_time_of_ones_own_is_watched_here() {
        assert_eq!(between_pieces(Timeouts::default()), None);
        let own = Timeouts { idle: Some(Duration::from_secs(5)), ..Timeouts::default() };
        assert_eq!(between_pieces(own), Some(Duration::from_secs(5)));
    }

    #[test]
    fn a_deadline_fits_into_a_timer() {
        assert_eq!(milliseconds(Some(Duration::from_millis(1500))), 1500.0);
        assert_eq!(milliseconds(Some(Duration::MAX)), 2_147_483_647.0);
        assert!(milliseconds(None).is_infinite());
    }
}
