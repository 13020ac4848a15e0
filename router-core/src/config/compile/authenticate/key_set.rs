//! `keys:` of a `jwt`.

use crate::authenticate::jose::{Key, KeyList};
use crate::authenticate::key_set::Source;
use crate::config::compile::context::Context;
use crate::config::diagnostic::Place;
use crate::config::raw::authenticate as raw;

pub(super) fn source(raw: &raw::Keys, _issuer: &str, path: &Place<'_>, context: &mut Context) -> Option<Source> {
    match raw {
        raw::Keys::Secret(secret) => match Key::from_secret(secret.as_bytes()) {
            Ok(key) => Some(Source::Inline(KeyList::new(vec![key]))),
            Err(why) => {
                context.error("key", path.key("secret"), why.0);
                None
            }
        },
        raw::Keys::Inline(jwks) => {
            let mut keys = Vec::new();
            for (index, jwk) in jwks.iter().enumerate() {
                match jwk.as_object().map(Key::from_jwk) {
                    Some(Ok(key)) => keys.push(key),
                    _ => context.error("key", path.key("inline").index(index), "no key"),
                }
            }
            Some(Source::Inline(KeyList::new(keys)))
        }
        _ => {
            context.error("not-built", *path, "not built");
            None
        }
    }
}
