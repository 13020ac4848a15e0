//! Cryptography by WebCrypto, which verifies RSA and ECDSA ten times as fast as portable code does in Wasm, and spares the worker its bytes.
//!
//! Keys are imported once and kept by the isolate. A MAC is computed here: it takes less time than asking the host.

use edge::platform::Crypto;
use js_sys::Uint8Array;
use router_core::authenticate::jose::{self, Algorithm, Digest, Key};
use wasm_bindgen::JsCast;

use crate::js;
use crate::platform::Workers;

/// From how many bytes on the host hashes: below, asking it takes longer than the hash.
const HASHED_BY_HOST: usize = 4096;

impl Crypto for Workers {
    async fn verify(&self, algorithm: Algorithm, key: &Key, message: &[u8], signature: &[u8]) -> bool {
        if algorithm.is_symmetric() {
            return jose::verify(algorithm, key, message, signature);
        }
        if !key.fits(algorithm) {
            return false;
        }
        let thumbprint = hexadecimal(&key.thumbprint());
        // What crosses is copied, since Wasm memory may move while the host works.
        let (message, signature) = (Uint8Array::from(message), Uint8Array::from(signature));
        let jwk = if js::knows_key(algorithm.as_str(), &thumbprint) { "" } else { key.jwk() };
        // A key that the host does not take, such as a point beside its curve, verifies nothing.
        let verified = js::verify(algorithm.as_str(), &thumbprint, jwk, &message, &signature).await;
        verified.ok().and_then(|verified| verified.as_bool()).unwrap_or(false)
    }

    async fn digest(&self, digest: Digest, bytes: &[u8]) -> Vec<u8> {
        if bytes.len() < HASHED_BY_HOST {
            return digest.of(bytes);
        }
        let name = match digest {
            Digest::Sha256 => "SHA-256",
            Digest::Sha384 => "SHA-384",
            Digest::Sha512 => "SHA-512",
        };
        let hashed = js::digest(name, &Uint8Array::from(bytes)).await.ok();
        let hashed = hashed.and_then(|value| value.dyn_into::<Uint8Array>().ok()).map(|bytes| bytes.to_vec());
        hashed.unwrap_or_else(|| digest.of(bytes))
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_named_by_two_digits_each() {
        assert_eq!(hexadecimal(&[0, 9, 0xab, 0xff]), "0009abff");
    }
}
