//! TODO

use http::HeaderName;

/// The field with the next nonce (RFC 9449 section 8).
pub const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
