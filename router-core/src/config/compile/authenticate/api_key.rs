//! `api_key:`.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use rustc_hash::FxHashMap;

use super::place;
use crate::authenticate::Place as At;
use crate::authenticate::api_key::{
    KeyHash, LONGEST_REMEMBER, Pepper, Prefix, REMEMBER, Record, Rules, SHORTEST_PEPPER, crowded,
};
use crate::config::api_keys::too_many;
use crate::config::compile::context::Context;
use crate::config::diagnostic::{Diagnostic, Place, Severity};
use crate::config::raw::authenticate as raw;

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

pub(super) fn rules(raw: &raw::ApiKey, path: &Place<'_>, context: &mut Context) -> Option<Rules> {
    let prefix = Prefix::new(&raw.prefix);
    if prefix.is_none() {
        let expected = "expected 1 to 32 letters and digits, such as the name of your product";
        context.error("key-prefix", path.key("prefix"), expected);
    }
    let pepper = Pepper::new(&raw.pepper);
    if pepper.is_none() {
        let short = format!("expected a secret of at least {SHORTEST_PEPPER} bytes, found {}", raw.pepper.len());
        let short = Diagnostic::error("key-pepper", path.key("pepper").path(), short);
        context.found.push(short.with_help("make one with `openssl rand -hex 32`, and name it as `${secret:NAME}`"));
    }
    let places = place::places(&raw.places, At::Header(X_API_KEY), &path.key("in"), context);
    let remember = remember(raw, path, context);
    let keys = keys(&raw.keys, &path.key("keys"), context);
    Some(Rules { places, prefix: prefix?, pepper: pepper?, remember, keys })
}

fn remember(raw: &raw::ApiKey, path: &Place<'_>, context: &mut Context) -> Duration {
    let path = path.key("remember");
    let remember = context.duration_or(raw.remember.as_deref(), REMEMBER, &path);
    if remember > LONGEST_REMEMBER {
        let long = "a look-up is remembered for an hour at most: a revoked key works for as long";
        context.error("key-remember", path, long);
    }
    remember
}

fn keys(raw: &[raw::ApiKeyRecord], path: &Place<'_>, context: &mut Context) -> FxHashMap<KeyHash, Arc<Record>> {
    let mut keys: FxHashMap<KeyHash, Arc<Record>> = FxHashMap::default();
    // The good ones, with where they stand.
    let mut good = Vec::with_capacity(raw.len());
    for (index, raw) in raw.iter().enumerate() {
        let at = path.index(index);
        match Record::new(raw) {
            Ok(record) if keys.contains_key(&record.hash) => {
                context.error("duplicate-key", at.key("hash"), "this key is there already");
            }
            Ok(record) => {
                let record = Arc::new(record);
                keys.insert(record.hash, Arc::clone(&record));
                good.push((index, record));
            }
            Err(wrong) => {
                for wrong in wrong {
                    let field = at.key(wrong.field);
                    match wrong.index {
                        Some(index) => context.error("key-record", field.index(index), wrong.why),
                        None => context.error("key-record", field, wrong.why),
                    }
                }
            }
        }
    }
    // There is no clock here: what is too many at the end of time is too many for ever. `check` also looks at today.
    let ends = good.iter().map(|(_, record)| (record.consumer.as_str(), record.expires_ms));
    for (index, record) in crowded(ends, u64::MAX).into_iter().filter_map(|index| good.get(index)) {
        context.found.push(too_many(Severity::Error, &record.consumer, path.index(*index).path()));
    }
    keys
}
