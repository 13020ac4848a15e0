//! What an error of hyper, rustls, h2 or the system means.

use std::error::Error;
use std::io;

use edge::platform::Failure;
use router_core::dispatch::{FailureClass, RequestSent};

/// The failure behind `error`, found along its chain of sources.
pub(crate) fn failed(error: &(dyn Error + 'static), request_sent: RequestSent) -> Failure {
    let mut chain = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        chain.push(error);
        // What an error of the system wraps is not its source but itself.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    // The innermost cause says most, so it is asked first.
    let class = chain.iter().rev().find_map(|error| class_of(*error)).unwrap_or(FailureClass::Unknown);
    let unseen = chain.iter().any(|error| {
        error.downcast_ref::<h2::Error>().is_some_and(|why| why.reason() == Some(h2::Reason::REFUSED_STREAM))
    });
    // REFUSED_STREAM promises that the request was not looked at (RFC 9113 section 8.7).
    let request_sent = if unseen { RequestSent::No } else { request_sent };
    Failure { class, request_sent, detail: words(&chain) }
}

fn class_of(error: &(dyn Error + 'static)) -> Option<FailureClass> {
    if let Some(why) = error.downcast_ref::<rustls::Error>() {
        // A truncated or garbled record after the handshake is a broken connection; the handshake itself is classified where it is done.
        return Some(match why {
            rustls::Error::AlertReceived(_) | rustls::Error::InvalidCertificate(_) => FailureClass::Tls,
            _ => FailureClass::Reset,
        });
    }
    if let Some(why) = error.downcast_ref::<h2::Error>() {
        return match why.reason() {
            Some(h2::Reason::PROTOCOL_ERROR | h2::Reason::FRAME_SIZE_ERROR | h2::Reason::COMPRESSION_ERROR) => {
                Some(FailureClass::Protocol)
            }
            Some(_) => Some(FailureClass::Reset),
            None => None,
        };
    }
    if let Some(why) = error.downcast_ref::<hyper::Error>() {
        if why.is_parse() {
            return Some(FailureClass::Protocol);
        }
        let broken = why.is_incomplete_message() || why.is_closed() || why.is_canceled() || why.is_body_write_aborted();
        return broken.then_some(FailureClass::Reset);
    }
    match error.downcast_ref::<io::Error>()?.kind() {
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::NotConnected
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::TimedOut => Some(FailureClass::Reset),
        // How hyper words chunks that are none.
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Some(FailureClass::Protocol),
        _ => None,
    }
}

/// The chain as one sentence. A link that only repeats what stands before it is left out.
fn words(chain: &[&(dyn Error + 'static)]) -> String {
    let mut text = String::new();
    for error in chain {
        let words = error.to_string();
        if text.contains(&words) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&words);
    }
    text
}
