//! The request as it goes over the wire to an upstream.

use edge::platform::{Failure, Question};
use http::request::Parts;
use http::uri::{Authority, PathAndQuery, Scheme as UriScheme, Uri};
use http::{HeaderMap, HeaderValue, Method, Request, Version, header};
use router_core::dispatch::{FailureClass, RequestSent, Target};
use router_core::head::{Scheme, members};

use crate::platform::Native;

/// How the wire wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// HTTP/1.1, with a body of unknown length or not.
    Http1 {
        /// Whether the body is sent in chunks.
        chunked: bool,
    },
    /// HTTP/2.
    Http2,
}

/// A head without its fields.
#[derive(Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path_and_query: &'a str,
    pub(crate) target: &'a Target,
    /// The `Host` to tell, where it is not the target's.
    pub(crate) host: Option<&'a HeaderValue>,
}

/// Method, target and fields for an upstream.
pub(crate) fn compose(question: &Question<'_, Native>, shape: Shape) -> Result<Parts, Failure> {
    let mut headers: HeaderMap = question.headers.clone();
    let trailers = || members(question.headers, &header::TE).any(|member| member.eq_ignore_ascii_case("trailers"));
    let wants_trailers = shape == Shape::Http2 && trailers();
    question.head.edits.apply(&mut headers);
    if wants_trailers {
        // The one member of `TE` that HTTP/2 knows; gRPC insists on it (RFC 9113 section 8.2.2).
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
    }
    let head = Head {
        method: &question.head.method,
        path_and_query: &question.head.path_and_query,
        target: question.target,
        host: question.host.as_ref(),
    };
    head.on_the_wire(headers, shape)
}

impl Head<'_> {
    /// The head with these fields, in the shape of the connection.
    pub(crate) fn on_the_wire(&self, mut headers: HeaderMap, shape: Shape) -> Result<Parts, Failure> {
        let path: PathAndQuery = self.path_and_query.parse().map_err(|why| unsendable(format!("path: {why}")))?;
        let authority = self.target.authority();
        let uri = match shape {
            Shape::Http1 { chunked } => {
                let host = match self.host {
                    Some(host) => host.clone(),
                    None => {
                        HeaderValue::from_str(authority.as_str()).map_err(|why| unsendable(format!("host: {why}")))?
                    }
                };
                headers.insert(header::HOST, host);
                if chunked {
                    // Else hyper takes it that a GET has no body.
                    headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
                }
                Uri::from(path)
            }
            Shape::Http2 => {
                let authority: Authority = match self.host {
                    Some(host) => host.as_bytes().try_into().map_err(|why| unsendable(format!("host: {why}")))?,
                    None => authority.clone(),
                };
                let mut parts = http::uri::Parts::default();
                parts.scheme = Some(match self.target.scheme() {
                    Scheme::Http => UriScheme::HTTP,
                    Scheme::Https => UriScheme::HTTPS,
                });
                parts.authority = Some(authority);
                parts.path_and_query = Some(path);
                Uri::from_parts(parts).map_err(|why| unsendable(why.to_string()))?
            }
        };
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.method = self.method.clone();
        parts.uri = uri;
        parts.headers = headers;
        parts.version = if shape == Shape::Http2 { Version::HTTP_2 } else { Version::HTTP_11 };
        Ok(parts)
    }
}

/// Whether asking twice has the effect of asking once (RFC 9110 section 9.2.2).
pub(crate) fn idempotent(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS, Method::PUT, Method::DELETE].contains(method)
}

fn unsendable(detail: String) -> Failure {
    Failure { class: FailureClass::Unknown, request_sent: RequestSent::No, detail }
}
