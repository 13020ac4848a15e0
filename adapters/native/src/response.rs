//! The journey's reply as hyper sends it. What an upstream streams is handed on piece by piece, never copied.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use edge::{AtEnd, Made, Passed, Reply, Stored, StoredBody};
use http::{HeaderMap, HeaderValue, Response, StatusCode, Version, header};
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

#[expect(
    clippy::large_enum_variant,
    reason = "there is one for each answer, and a box would be one more allocation for it"
)]
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
        Reply::Stored(Stored { status, mut headers, body, at_end }) => {
            let body = body.map(StoredBody::into_bytes);
            if let Some(body) = &body {
                keep_true_length(&mut headers, body.len());
            }
            let body = Kind::Whole(body.filter(|body| !body.is_empty()));
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

/// Takes out a length that is not that of the body: a client would wait for the rest, or take it for the next answer. hyper tells the true one.
fn keep_true_length(headers: &mut HeaderMap, length: usize) {
    let is_true = |value: &HeaderValue| value.to_str().is_ok_and(|text| text.parse() == Ok(length));
    if headers.get(header::CONTENT_LENGTH).is_some_and(|value| !is_true(value)) {
        headers.remove(header::CONTENT_LENGTH);
    }
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::convert::Infallible;

    use hyper::server::conn::http1;
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    use serde_json::json;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;

    use super::*;
    use crate::connection::tests::connection;
    use crate::platform::tests::native;

    /// What a client reads that asks hyper for a stored answer.
    async fn sent(method: &str, stored: Stored<Native>) -> String {
        let connection = connection(&native(json!({})).thread);
        let stored = RefCell::new(Some(stored));
        let service = service_fn(|request: http::Request<Incoming>| {
            let turn = Turn::begin(&connection, request.version());
            let reply = Reply::Stored(stored.take().unwrap());
            let response = response(&connection, turn, Traits::of(&request), reply);
            async { Ok::<_, Infallible>(response) }
        });
        let (mut client, server) = tokio::io::duplex(65_536);
        let request = format!("{method} / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
        http1::Builder::new().serve_connection(TokioIo::new(server), service).await.unwrap();
        let mut text = String::new();
        client.read_to_string(&mut text).await.unwrap();
        text
    }

    fn stored(kept: &'static str, slice: Option<(u64, u64)>) -> Stored<Native> {
        let body = Some(StoredBody { kept: Bytes::from_static(kept.as_bytes()), slice });
        Stored { status: StatusCode::OK, headers: HeaderMap::new(), body, at_end: None }
    }

    #[tokio::test]
    async fn a_stored_body_is_sent_with_its_length() {
        for (slice, length, body) in [
            (None, 10, "0123456789"),
            (Some((0, 10)), 10, "0123456789"),
            (Some((0, 1)), 1, "0"),
            (Some((3, 4)), 4, "3456"),
            (Some((9, 1)), 1, "9"),
            (Some((5, 0)), 0, ""),
            // Never beyond its end, whatever is asked for.
            (Some((8, u64::MAX)), 2, "89"),
            (Some((u64::MAX, 1)), 0, ""),
        ] {
            let text = sent("GET", stored("0123456789", slice)).await;
            assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
            assert!(text.contains(&format!("content-length: {length}\r\n")), "{slice:?}: {text}");
            assert_eq!(text.split_once("\r\n\r\n").unwrap().1, body, "{slice:?}");
        }
    }

    #[tokio::test]
    async fn the_length_that_is_there_is_sent_once_and_to_head_without_a_body() {
        let length = || HeaderMap::from_iter([(header::CONTENT_LENGTH, HeaderValue::from_static("5"))]);
        let text = sent("GET", Stored { headers: length(), ..stored("hello", None) }).await;
        assert_eq!(text.matches("content-length").count(), 1, "{text}");
        assert!(text.ends_with("\r\n\r\nhello"), "{text}");
        for length in ["4", "6", "x"] {
            let headers = HeaderMap::from_iter([(header::CONTENT_LENGTH, HeaderValue::from_static(length))]);
            let text = sent("GET", Stored { headers, ..stored("hello", None) }).await;
            assert!(text.contains("content-length: 5\r\n") && text.matches("content-length").count() == 1, "{text}");
        }
        for body in [None, stored("hello", None).body] {
            let text = sent("HEAD", Stored { headers: length(), body, ..stored("", None) }).await;
            assert!(text.contains("content-length: 5\r\n") && text.ends_with("\r\n\r\n"), "{text}");
        }
        let (status, body) = (StatusCode::NOT_MODIFIED, None);
        let text = sent("GET", Stored { status, headers: length(), body, at_end: None }).await;
        assert!(text.starts_with("HTTP/1.1 304 ") && text.ends_with("\r\n\r\n"), "{text}");
    }

    #[tokio::test]
    async fn the_end_of_a_stored_answer_is_told() {
        let (end, mut ended) = oneshot::channel();
        let at_end = Some(AtEnd::new(move || end.send(()).unwrap()));
        let whole = Stored { at_end, ..stored("hello", None) };
        assert!(sent("GET", whole).await.ends_with("hello"));
        ended.try_recv().unwrap();
    }
}
