//! Base64 (RFC 4648), strict: one text for one sequence of bytes, so that a token cannot be spelled in two ways (RFC 4648 section 3.5).

use base64ct::{Base64, Base64Unpadded, Base64UrlUnpadded, Encoding};

/// Decodes base64url without padding (RFC 7515 section 2). Padding, other characters, white space and bits left over are refused.
#[must_use]
pub fn decode_url(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}

/// Encodes base64url without padding.
#[must_use]
pub fn encode_url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Decodes base64 with or without padding, as `Basic` and structured fields have it. Wrong padding, other characters, white space and bits left over
/// are refused.
#[must_use]
pub fn decode_standard(text: &str) -> Option<Vec<u8>> {
    if text.ends_with('=') { Base64::decode_vec(text).ok() } else { Base64Unpadded::decode_vec(text).ok() }
}

/// Encodes base64 with padding.
#[must_use]
pub fn encode_standard(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn refuses_padding_white_space_other_alphabets_and_bits_left_over() {
        for text in
            ["TQ==", "TQ=", "TWE=", "TR", "TWF", "T", "TWFuT", "TWFu ", " TWFu", "TW\nFu", "+w", "/w", "TWFu.", "Zé"]
        {
            assert_eq!(decode_url(text), None, "{text}");
        }
        assert_eq!(decode_url(""), Some(Vec::new()));
        assert_eq!(decode_url("TQ"), Some(b"M".to_vec()));
        assert_eq!(decode_url("-_8"), Some(vec![0xfb, 0xff]));
    }

    #[test]
    fn reads_standard_base64_with_the_right_padding_or_none() {
        for text in ["TQ==", "TQ"] {
            assert_eq!(decode_standard(text), Some(b"M".to_vec()), "{text}");
        }
        for text in
            ["TQ=", "TR==", "TR", "TQ===", "T===", "=", "====", "TWFu=", "TWFu====", "T=Q=", "-_8=", "TQ== ", "TQ\n=="]
        {
            assert_eq!(decode_standard(text), None, "{text}");
        }
    }

    /// Every text up to four characters over an alphabet with everything that could go wrong.
    #[test]
    fn no_two_short_texts_mean_the_same_bytes() {
        let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain("-_+/=. \n".chars()).collect();
        let mut meanings = std::collections::HashMap::new();
        for a in &alphabet {
            for b in &alphabet {
                for c in alphabet.iter().map(Some).chain([None]) {
                    let text: String = [a, b].into_iter().chain(c).collect();
                    if let Some(bytes) = decode_url(&text) {
                        assert_eq!(encode_url(&bytes), text);
                        assert_eq!(meanings.insert(bytes, text), None);
                    }
                }
            }
        }
        assert_eq!(meanings.len(), 256 + 65_536);
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(decode_url(&encode_url(&bytes)), Some(bytes.clone()));
            prop_assert_eq!(decode_standard(&encode_standard(&bytes)), Some(bytes));
        }

        #[test]
        fn what_is_decoded_has_this_text_only(text in "[A-Za-z0-9_=+/-]{0,40}") {
            if let Some(bytes) = decode_url(&text) {
                prop_assert_eq!(encode_url(&bytes), text);
            }
        }
    }
}
