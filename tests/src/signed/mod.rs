//! What clients sign in cases: tokens, proofs and signatures, made when the case needs them, because a time stands in them.
//!
//! It is made with `ring`, so that what the gateway verifies was not made by the code that verifies.

mod keys;
mod makes;
mod replace;

pub use keys::{Key, key, public_set};
pub use makes::{Makes, SignedText, TextEncoding, Token};
pub(crate) use replace::{jwk_of, replaced, text};
