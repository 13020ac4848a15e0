//! JSON Object Signing and Encryption, as far as a verifier needs it: signed tokens (RFC 7515), keys (RFC 7517), algorithms (RFC 7518, 8037).

mod algorithm;
pub mod base64;
mod jws;
mod key;
mod key_list;
mod signing;
pub mod strict_json;
mod verify;

pub use algorithm::{Algorithm, Digest};
pub use jws::{InvalidJws, Jws};
pub use key::{InvalidKey, Key};
pub use key_list::KeyList;
pub use signing::SigningKey;
pub use verify::{equal, hmac, verify};

#[cfg(test)]
mod tests;
