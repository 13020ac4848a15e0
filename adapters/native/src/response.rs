//! The journey's reply as hyper sends it. What an upstream streams is handed on piece by piece, never copied.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use edge::{AtEnd, Made, Passed, Reply, Stored, StoredBody};
use http::{HeaderValue, Response, StatusCode, Version, header};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::ext::ReasonPhrase;
use router_core::head::members;

use crate::cache::PassingBody;
use crate::connection::{Connection, Turn};
use crate::platform::Native;
use crate::upgrade;
use crate::upstream::BrokenBody;

/// What the answer has to know of the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traits {
    /// The client reads trailers of HTTP/1.1.
    trailers: bool,
}

impl Traits {
    pub(crate) fn of(request: &http::Request<Incoming>) -> Self {
        let http1 = request.version() == Version::HTTP_11;
        let asks = || members(request.headers(), &header::TE).any(|member| member.eq_ignore_ascii_case("trailers"));
        Self { trailers: http1 && asks() }
    }
}

/// The body of an answer. Its turn ends when hyper lets go of it, and what is to be done at the end of an answer is done then.
pub(crate) struct ReplyBody {
    body: Kind,
    _turn: Turn,
    _at_end: Option<AtEnd>,
}

enum Kind {
    /// All of it, if there is any.
    Whole(Option<Bytes>),
    Passed(PassingBody),
}

/// Turns a reply into hyper's answer.
pub(crate) fn response(
    connection: &Rc<Connection>,
    turn: Turn,
    traits: Traits,
    reply: Reply<Native>,
) -> Response<ReplyBody> {
    match reply {
        Reply::Made(Made { status, headers, body }) => {
            let body = Kind::Whole(Some(body).filter(|body| !body.is_empty()));
            let mut response = Response::new(ReplyBody { body, _turn: turn, _at_end: None });
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            response
        }
        Reply::Stored(Stored { status, headers, body, at_end }) => {
            let body = Kind::Whole(body.map(part).filter(|body| !body.is_empty()));
            let mut response = Response::new(ReplyBody { body, _turn: turn, _at_end: at_end });
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            response
        }
        Reply::Passed(Passed { answer, edits, mut at_end }) => {
            let mut headers = answer.headers;
            // It belongs to the connection, so the edits take it out; hyper sends only trailers that it names.
            let announced = headers.get(header::TRAILER).cloned().filter(|_| traits.trailers);
            edits.apply(&mut headers);
            if let Some(announced) = announced {
                headers.insert(header::TRAILER, announced);
            }
            if let Some(tunnel) = answer.tunnel {
                headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
                headers.insert(header::UPGRADE, HeaderValue::from_static(tunnel.protocol.token()));
                upgrade::join(Rc::clone(connection), tunnel, at_end.take());
            }
            let body = ReplyBody { body: Kind::Passed(answer.body), _turn: turn, _at_end: at_end };
            let mut response = Response::new(body);
            *response.status_mut() = answer.status;
            *response.headers_mut() = headers;
            if let Some(reason) = answer.reason.filter(|_| answer.status != StatusCode::SWITCHING_PROTOCOLS) {
                response.extensions_mut().insert::<ReasonPhrase>(reason);
            }
            response
        }
    }
}

/// The bytes of a stored body that are wanted.
fn part(StoredBody { mut kept, slice }: StoredBody<Native>) -> Bytes {
    if let Some((first, count)) = slice {
        let within = |bytes: u64, whole: usize| usize::try_from(bytes).unwrap_or(whole).min(whole);
        drop(kept.split_to(within(first, kept.len())));
        kept.truncate(within(count, kept.len()));
    }
    kept
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = BrokenBody;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenBody>>> {
        match &mut self.get_mut().body {
            Kind::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Kind::Passed(body) => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            Kind::Whole(bytes) => bytes.is_none(),
            Kind::Passed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Kind::Passed(body) => body.size_hint(),
        }
    }
}
