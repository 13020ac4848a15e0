//! `Content-Digest` (RFC 9530 section 2).

use sfv::{Dictionary, ListEntry, Parser};

use super::{CONTENT_DIGEST, Message};
use crate::authenticate::jose::Digest;
use crate::head::joined;

/// The hashes that the body must have: at least one. `None` if there is none of an algorithm that is good enough, or if one has not its form.
///
/// Others are passed over, as RFC 9530 section 5 says of those that are insecure: `md5`, `sha`, `adler` prove nothing.
pub(super) fn expected(message: &Message<'_>) -> Option<Vec<(Digest, Vec<u8>)>> {
    let field = joined(message.headers, &CONTENT_DIGEST)?;
    let members = Parser::new(field.as_ref()).parse::<Dictionary>().ok()?;
    let mut digests = Vec::new();
    for (name, digest) in [("sha-256", Digest::Sha256), ("sha-512", Digest::Sha512)] {
        let Some(member) = members.get(name) else { continue };
        let ListEntry::Item(item) = member else { return None };
        let hash = item.bare_item.as_byte_sequence().filter(|hash| hash.len() == digest.len())?;
        digests.push((digest, hash.to_vec()));
    }
    if digests.is_empty() { None } else { Some(digests) }
}
