//! Base64 (RFC 4648), strict: one text for one sequence of bytes.

use base64ct::{Base64, Base64Unpadded, Base64UrlUnpadded, Encoding};

/// Decodes base64url without padding (RFC 7515 section 2). Padding, other characters, white space and bits left over are refused.
#[must_use]
pub fn decode_url(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok().filter(|bytes| Base64UrlUnpadded::encode_string(bytes) == text)
}

/// Encodes base64url without padding.
#[must_use]
pub fn encode_url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Decodes base64 with or without padding, as `Basic` and structured fields have it.
#[must_use]
pub fn decode_standard(text: &str) -> Option<Vec<u8>> {
    Base64::decode_vec(text).or_else(|_| Base64Unpadded::decode_vec(text)).ok()
}

/// Encodes base64 with padding.
#[must_use]
pub fn encode_standard(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}
