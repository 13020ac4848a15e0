//! What went wrong, as far as Workers says.
//!
//! The host has one message for a connection that was refused, one that broke and an answer that was not HTTP, and another for a name that was not
//! found and TLS that was not agreed. Neither tells whether the request was sent. So most failures are honestly of the class `unknown`; only what
//! `host.js` ended itself has a class of its own.

use edge::platform::Failure;
use router_core::dispatch::{FailureClass, Phase, RequestSent};

/// Reads a word of `host.js` and what the host says.
pub(crate) fn failure(text: &str) -> Failure {
    let (word, detail) = text.split_once('\n').unwrap_or((text, ""));
    let (class, request_sent) = match word {
        "client" => (FailureClass::ClientBody, RequestSent::Unknown),
        // The host refused to send it.
        "denied" => (FailureClass::Denied, RequestSent::No),
        "first-byte" => (FailureClass::Timeout(Phase::FirstByte), RequestSent::Unknown),
        // A head had come.
        "protocol" => (FailureClass::Protocol, RequestSent::Yes),
        "too-large" => (FailureClass::BodyTooLarge, RequestSent::Unknown),
        "total" => (FailureClass::Timeout(Phase::Total), RequestSent::Unknown),
        _ => (FailureClass::Unknown, RequestSent::Unknown),
    };
    // A deadline's error is our own word over again.
    let detail = if detail == word { String::new() } else { detail.to_owned() };
    Failure { class, request_sent, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_claimed_only_where_it_is_known() {
        let lost = failure("unknown\nNetwork connection lost.");
        assert_eq!((lost.class, lost.request_sent), (FailureClass::Unknown, RequestSent::Unknown));
        assert_eq!(lost.detail, "Network connection lost.");
        assert_eq!(failure("first-byte\nfirst-byte").class, FailureClass::Timeout(Phase::FirstByte));
        assert_eq!(failure("first-byte\nfirst-byte").detail, "");
        assert_eq!(failure("total\nx").class, FailureClass::Timeout(Phase::Total));
        assert_eq!(failure("too-large").class, FailureClass::BodyTooLarge);
        assert_eq!(failure("denied\nWorkers cannot").request_sent, RequestSent::No);
        assert_eq!(failure("").class, FailureClass::Unknown);
    }
}
