//! hyper refuses a head that it cannot read by itself, with an empty 400, 414 or 431. The gateway's answers are problems, have an id and a log line; so
//! what hyper writes is recognised here and worded anew.

use std::cell::RefCell;
use std::rc::Rc;

use edge::Reply;
use http::{HeaderMap, Method, StatusCode};
use router_core::config::Gateway;
use router_core::head::Scheme;
use router_core::rejection::{HeaderLimit, Malformed};
use router_core::{Rejection, RequestHead};

use crate::platform::{Native, Thread};

/// hyper's refusals are a status line, `Connection`, `Content-Length` and `Date`.
const LONGEST: usize = 256;

thread_local! {
    /// hyper wants sockets that could move to another thread, so a socket cannot hold what belongs to its own.
    static THREAD: RefCell<Option<Rc<Thread>>> = const { RefCell::new(None) };
}

/// Makes `thread` the one that words the refusals of this thread.
pub(crate) fn settle(thread: &Rc<Thread>) {
    THREAD.set(Some(Rc::clone(thread)));
}

/// What to write instead of `written`, if that is a refusal by hyper. `head_bytes` of the head had come.
pub(crate) fn reword(written: &[u8], head_bytes: u64) -> Option<Vec<u8>> {
    let (status, date) = refusal(written)?;
    let thread = THREAD.with_borrow(Clone::clone)?;
    let platform = Native::new(thread);
    let gateway = &platform.loaded.gateway;
    let head = RequestHead {
        method: Method::from_bytes(b"-").unwrap_or_default(),
        scheme: Scheme::Http,
        authority: None,
        path: String::new(),
        query: None,
        headers: HeaderMap::new(),
    };
    match edge::refuse(gateway, &platform, head, rejection(status, gateway, head_bytes)) {
        Reply::Made(made) => {
            let mut out = format!("HTTP/1.1 {}\r\n", made.status).into_bytes();
            for (name, value) in &made.headers {
                out.extend_from_slice(name.as_str().as_bytes());
                out.extend_from_slice(b": ");
                out.extend_from_slice(value.as_bytes());
                out.extend_from_slice(b"\r\n");
            }
            // `respond` has counted the body.
            out.extend_from_slice(format!("connection: close\r\n{date}\r\n\r\n").as_bytes());
            out.extend_from_slice(&made.body);
            Some(out)
        }
        Reply::Passed(_) | Reply::Stored(_) => None,
    }
}

/// Status and `Date` line of a refusal by hyper. An answer of the gateway, which always has an id, is none.
fn refusal(written: &[u8]) -> Option<(StatusCode, &str)> {
    let text = std::str::from_utf8(written).ok().filter(|text| text.len() <= LONGEST)?;
    let head = text.strip_suffix("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
    let mut date = None;
    for line in lines {
        match line.split_once(':')?.0 {
            "date" => date = Some(line),
            "connection" | "content-length" => {}
            _ => return None,
        }
    }
    let refused = [StatusCode::BAD_REQUEST, StatusCode::URI_TOO_LONG, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE];
    Some((status, date?)).filter(|(status, _)| refused.contains(status))
}

fn rejection(status: StatusCode, gateway: &Gateway, head_bytes: u64) -> Rejection {
    let rules = &gateway.receive;
    match status {
        StatusCode::URI_TOO_LONG => Rejection::UrlTooLong { limit: rules.max_url },
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE if head_bytes > rules.max_url + rules.max_headers => {
            Rejection::HeadersTooLarge { limit: HeaderLimit::Bytes(rules.max_headers) }
        }
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            Rejection::HeadersTooLarge { limit: HeaderLimit::Count(rules.max_header_count) }
        }
        _ => Rejection::Malformed(Malformed::Head),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hyper_refuses_is_told_from_what_the_gateway_answers() {
        let date = "date: Sun, 06 Nov 1994 08:49:37 GMT";
        let hyper = format!("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n{date}\r\n\r\n");
        assert_eq!(refusal(hyper.as_bytes()), Some((StatusCode::BAD_REQUEST, date)));
        let ours = format!("HTTP/1.1 400 Bad Request\r\nx-request-id: 1\r\ncontent-length: 0\r\n{date}\r\n\r\n");
        assert_eq!(refusal(ours.as_bytes()), None);
        for other in ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "", "\r\n\r\n"] {
            assert_eq!(refusal(other.as_bytes()), None, "{other:?}");
        }
    }
}
