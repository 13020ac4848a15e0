//! Asking an upstream, by the host's client.

use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use edge::platform::{Answer, Body, Failure, Question, Read, Upstreams};
use futures_util::future::{Either, select};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use router_core::dispatch::{FailureClass, Phase, RequestSent, Target, Timeouts, Upstream};
use router_core::head::Scheme;
use spin_sdk::wasip3::http::client;
use spin_sdk::wasip3::http::types::{
    ErrorCode, Method as HostMethod, Request, RequestOptions, Response, Scheme as HostScheme,
};
use spin_sdk::wasip3::wit_bindgen::StreamReader;
use spin_sdk::wasip3::wit_future;

use crate::Spin;
use crate::body::{Bounds, Cut, Stream, Trailers, bounded, no_trailers, wait, whole};
use crate::response::fields;

/// An upstream's answer; its body is still the host's.
pub(crate) struct SpinAnswer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: AnswerBody,
}

/// The body of an answer. Only who passes it on carries it, because the host lets nobody read how a body ended that was carried here before.
pub(crate) struct AnswerBody {
    pub(crate) stream: Stream,
    /// How long all of it may take.
    pub(crate) within: Option<Duration>,
}

impl AnswerBody {
    /// The stream for the client. Only one with a deadline is carried.
    pub(crate) fn into_stream(self) -> Stream {
        match self.within {
            None => self.stream,
            within => bounded(self.stream, Bounds { most: None, within }, Rc::default()),
        }
    }
}

impl Answer for SpinAnswer {
    fn status(&self) -> StatusCode {
        self.status
    }

    fn headers(&self) -> Cow<'_, HeaderMap> {
        Cow::Borrowed(&self.headers)
    }
}

impl Upstreams for Spin {
    type Inbound = ();
    type Stream = Stream;
    type Answer = SpinAnswer;

    async fn ask(&self, question: Question<'_, Self>) -> Result<SpinAnswer, Failure> {
        let timeouts = question.timeouts;
        let cut = Rc::new(Cell::new(None));
        let request = compose(question, &cut)?;
        let sent = client::send(request);
        let outcome = match timeouts.total {
            None => sent.await,
            Some(total) => match select(std::pin::pin!(sent), std::pin::pin!(wait(total))).await {
                Either::Left((outcome, _)) => outcome,
                Either::Right(((), _)) => {
                    return Err(failed(FailureClass::Timeout(Phase::Total), RequestSent::Unknown, String::new()));
                }
            },
        };
        match outcome {
            Ok(response) => answer(response, timeouts),
            Err(code) => Err(match cut.get() {
                Some(Cut::TooLarge) => failed(FailureClass::BodyTooLarge, RequestSent::Yes, String::new()),
                Some(Cut::Broken) => failed(FailureClass::ClientBody, RequestSent::Yes, String::new()),
                Some(Cut::TooLate) | None => classify(&code),
            }),
        }
    }

    fn warm(&self, _index: usize, _upstream: &Upstream, _target: &Target) {
        // The host's pool belongs to all instances and has no way to be filled in advance.
    }

    async fn read(&self, body: Body<Stream>, max: usize) -> Result<Read, Failure> {
        let mut stream = match body {
            Body::Empty => return Ok(Read { bytes: Bytes::new(), truncated: false }),
            Body::Bytes(mut bytes) => {
                let truncated = bytes.len() > max;
                bytes.truncate(max);
                return Ok(Read { bytes, truncated });
            }
            Body::Stream(stream) => stream,
        };
        let mut read = Vec::new();
        while let Some(piece) = stream.next().await {
            read.extend_from_slice(&piece);
            if read.len() > max {
                read.truncate(max);
                return Ok(Read { bytes: read.into(), truncated: true });
            }
        }
        Ok(Read { bytes: read.into(), truncated: false })
    }
}

pub(crate) fn failed(class: FailureClass, request_sent: RequestSent, detail: String) -> Failure {
    Failure { class, request_sent, detail }
}

fn compose(question: Question<'_, Spin>, cut: &Rc<Cell<Option<Cut>>>) -> Result<Request, Failure> {
    let Question { target, head, headers, body, max_body, timeouts, .. } = question;
    let mut headers = headers.clone();
    head.edits.apply(&mut headers);
    let (bytes, trailers) = match body {
        Body::Empty => (None, no_trailers()),
        Body::Bytes(bytes) => split(whole(bytes)),
        // A declared length was checked when the head came, and the host holds the body to it.
        Body::Stream(stream) if headers.contains_key(header::CONTENT_LENGTH) => split(stream),
        Body::Stream(stream) => {
            let bounds = Bounds { most: Some(max_body), within: None };
            split(bounded(stream, bounds, Rc::clone(cut)))
        }
    };
    let call = Call { target, method: &head.method, path_and_query: &head.path_and_query, headers: &headers, timeouts };
    call.request(bytes, trailers)
}

/// A request to a server, but for its body.
pub(crate) struct Call<'a> {
    pub(crate) target: &'a Target,
    pub(crate) method: &'a Method,
    pub(crate) path_and_query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) timeouts: Timeouts,
}

impl Call<'_> {
    /// The host's request.
    pub(crate) fn request(&self, bytes: Option<StreamReader<u8>>, trailers: Trailers) -> Result<Request, Failure> {
        let refused =
            |what: &str| failed(FailureClass::Protocol, RequestSent::No, format!("the host refuses the {what}"));
        let fields = fields(self.headers).map_err(|_| refused("header fields"))?;
        let (request, _sent) = Request::new(fields, bytes, trailers, Some(options(self.timeouts)));
        request.set_method(&method(self.method)).map_err(|()| refused("method"))?;
        let scheme = match self.target.scheme() {
            Scheme::Http => HostScheme::Http,
            Scheme::Https => HostScheme::Https,
        };
        request.set_scheme(Some(&scheme)).map_err(|()| refused("scheme"))?;
        request.set_authority(Some(self.target.authority().as_str())).map_err(|()| refused("authority"))?;
        request.set_path_with_query(Some(self.path_and_query)).map_err(|()| refused("path"))?;
        Ok(request)
    }
}

fn split(stream: Stream) -> (Option<StreamReader<u8>>, Trailers) {
    (Some(stream.bytes), stream.trailers)
}

/// The host's own deadlines. Each is always set: the host would wait 600 s where none is, so none is the longest that it can count.
fn options(timeouts: Timeouts) -> RequestOptions {
    let nanoseconds = |limit: Option<Duration>| {
        let limit = limit.unwrap_or(Duration::from_secs(366 * 24 * 3600));
        Some(u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX))
    };
    let options = RequestOptions::new();
    // A host that does not support one of them keeps its own; there is nothing else to be done about it here.
    let _ = options.set_connect_timeout(nanoseconds(timeouts.connect));
    let _ = options.set_first_byte_timeout(nanoseconds(timeouts.first_byte));
    let _ = options.set_between_bytes_timeout(nanoseconds(timeouts.idle));
    options
}

fn method(method: &Method) -> HostMethod {
    match method.as_str() {
        "GET" => HostMethod::Get,
        "HEAD" => HostMethod::Head,
        "POST" => HostMethod::Post,
        "PUT" => HostMethod::Put,
        "DELETE" => HostMethod::Delete,
        "CONNECT" => HostMethod::Connect,
        "OPTIONS" => HostMethod::Options,
        "TRACE" => HostMethod::Trace,
        "PATCH" => HostMethod::Patch,
        other => HostMethod::Other(other.to_owned()),
    }
}

pub(crate) fn answer(response: Response, timeouts: Timeouts) -> Result<SpinAnswer, Failure> {
    let protocol = |detail: &str| failed(FailureClass::Protocol, RequestSent::Yes, detail.to_owned());
    let status =
        StatusCode::from_u16(response.get_status_code()).map_err(|_| protocol("the status is not three digits"))?;
    let list = response.get_headers().copy_all();
    let mut headers = HeaderMap::with_capacity(list.len());
    for (name, value) in list {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| protocol("a field name is not valid"))?;
        let value =
            HeaderValue::from_maybe_shared(Bytes::from(value)).map_err(|_| protocol("a field value is not valid"))?;
        headers.try_append(name, value).map_err(|_| protocol("too many fields"))?;
    }
    let (consumed, result) = wit_future::new(|| Ok(()));
    drop(consumed);
    let (bytes, trailers) = Response::consume_body(response, result);
    let stream = Stream { first: None, bytes, trailers };
    // The time until the head is taken off in favour of the body, which errs on the long side by that.
    Ok(SpinAnswer { status, headers, body: AnswerBody { stream, within: timeouts.total } })
}

pub(crate) fn classify(code: &ErrorCode) -> Failure {
    use FailureClass as Class;
    let (class, sent) = match code {
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) | ErrorCode::DestinationNotFound => {
            (Class::Dns, RequestSent::No)
        }
        ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpUnroutable
        | ErrorCode::ConnectionRefused
        | ErrorCode::ConnectionLimitReached => (Class::Connect, RequestSent::No),
        ErrorCode::DestinationIpProhibited | ErrorCode::HttpRequestDenied => (Class::Denied, RequestSent::No),
        ErrorCode::ConnectionTimeout => (Class::Timeout(Phase::Connect), RequestSent::No),
        ErrorCode::ConnectionReadTimeout | ErrorCode::HttpResponseTimeout => {
            (Class::Timeout(Phase::FirstByte), RequestSent::Unknown)
        }
        ErrorCode::ConnectionWriteTimeout => (Class::Timeout(Phase::Idle), RequestSent::Unknown),
        ErrorCode::ConnectionTerminated => (Class::Reset, RequestSent::Unknown),
        ErrorCode::TlsProtocolError | ErrorCode::TlsCertificateError | ErrorCode::TlsAlertReceived(_) => {
            (Class::Tls, RequestSent::No)
        }
        // A reset and an answer that is not HTTP are the same to the host.
        ErrorCode::HttpProtocolError
        | ErrorCode::HttpResponseIncomplete
        | ErrorCode::HttpResponseHeaderSectionSize(_)
        | ErrorCode::HttpResponseHeaderSize(_)
        | ErrorCode::HttpResponseBodySize(_)
        | ErrorCode::HttpResponseTransferCoding(_)
        | ErrorCode::HttpResponseContentCoding(_) => (Class::Protocol, RequestSent::Unknown),
        _ => (Class::Unknown, RequestSent::Unknown),
    };
    failed(class, sent, format!("{code:?}"))
}
