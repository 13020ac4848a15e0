//! The edits of an answer on its way to the client.

use http::{HeaderMap, HeaderValue};

use crate::config::{Gateway, Route};
use crate::dispatch::{compose::X_REQUEST_ID, hop_by_hop};
use crate::edits::HeaderEdits;
use crate::filter::{Cors, Mode};

/// What shapes an answer.
#[derive(Clone, Copy, Debug)]
pub struct Shaping<'a> {
    /// The configuration.
    pub gateway: &'a Gateway,
    /// The route, if one was found.
    pub route: Option<&'a Route>,
    /// The cross-origin rules that hold, if any.
    pub cors: Option<&'a Cors>,
    /// The client's header fields.
    pub request: &'a HeaderMap,
    /// The request id.
    pub request_id: &'a HeaderValue,
    /// What stages have to tell the client beside the answer.
    pub told: &'a HeaderEdits,
}

/// The edits of an upstream's answer with the fields `answer` (only `Connection` and the hop-by-hop names need be in it), or of one made here.
/// The order: what belongs to the connection goes, cross-origin rules speak, then the document's edits, then the route's, then the request id.
#[must_use]
pub fn passed_edits(shaping: &Shaping<'_>, answer: &HeaderMap) -> HeaderEdits {
    let mut edits = HeaderEdits::new();
    hop_by_hop::scrub(answer, &mut edits);
    if let Some(cors) = shaping.cors.filter(|cors| cors.mode == Mode::Enforce) {
        edits.extend(&cors.answer_edits(shaping.request));
    }
    edits.extend(&shaping.gateway.response_edits);
    if let Some(route) = shaping.route {
        edits.extend(&route.response_edits);
    }
    edits.extend(shaping.told);
    edits.set(X_REQUEST_ID, shaping.request_id.clone());
    edits
}
