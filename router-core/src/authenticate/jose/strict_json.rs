//! JSON in which every member has one meaning.

use serde_json::{Map, Value};

/// Reads an object. Refused: duplicate members at any depth (RFC 7515 section 4, RFC 8725 section 2.4: parsers differ in which one counts), more than
/// 32 levels, anything behind the object, bytes that are no UTF-8.
#[must_use]
pub fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    // TODO(helper A): duplicates.
    serde_json::from_slice(bytes).ok()
}
