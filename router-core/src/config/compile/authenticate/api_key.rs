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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::authenticate::{Authenticator, Kind, Place};
    use crate::config::{Checked, NoVariables, Purpose, compile_value};

    const PEPPER: &str = "0123456789abcdef0123456789abcdef";

    fn checked(rules: Value) -> Checked {
        let document = json!({
            "authenticate": {"authenticators": {"partners": {"api_key": rules}}, "default": {"any": ["partners"]}},
            "routes": [{"name": "a", "to": {"echo": {}}}],
        });
        compile_value(&document, &NoVariables, Purpose::Check)
    }

    /// The codes and places of all that is wrong, the latter from the authenticator on.
    fn found(rules: Value) -> Vec<String> {
        let checked = checked(rules);
        let place = |path: String| path.trim_start_matches("authenticate.authenticators.partners.api_key").to_owned();
        checked.diagnostics.iter().map(|found| format!("{} {}", found.code, place(found.path.to_string()))).collect()
    }

    fn hash(digit: char) -> String {
        digit.to_string().repeat(64)
    }

    #[test]
    fn every_mistake_is_reported_at_its_place() {
        let found = found(json!({
            "prefix": "my_key", "pepper": "short", "in": [{"header": "authorization"}, {"query": ""}], "remember": "2h",
            "keys": [
                {"hash": "xyz", "consumer": "", "created": "2026", "expires": "2026-02-29T00:00:00Z", "scopes": ["a", "b c"],
                 "roles": ["\u{7}"], "plan": "", "metadata": 7},
                {"hash": hash('a'), "consumer": "acme"},
                {"hash": hash('a'), "consumer": "acme"},
            ],
        }));
        let expected = [
            "key-prefix .prefix",
            "key-pepper .pepper",
            "credential-place .in[0].header",
            "credential-place .in[1].query",
            "key-remember .remember",
            "key-record .keys[0].hash",
            "key-record .keys[0].consumer",
            "key-record .keys[0].created",
            "key-record .keys[0].expires",
            "key-record .keys[0].scopes[1]",
            "key-record .keys[0].roles[0]",
            "key-record .keys[0].plan",
            "key-record .keys[0].metadata",
            "duplicate-key .keys[2].hash",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn no_message_shows_the_pepper() {
        let checked = checked(json!({"prefix": "a", "pepper": "s3cret"}));
        let shown: Vec<String> = checked.diagnostics.iter().map(ToString::to_string).collect();
        assert!(shown.concat().contains("found 6") && !shown.concat().contains("s3cret"), "{shown:?}");
    }

    #[test]
    fn a_third_key_that_never_ends_is_too_many() {
        let key = |digit, consumer: &str| json!({"hash": hash(digit), "consumer": consumer});
        let ends = json!({"hash": hash('9'), "consumer": "acme", "expires": "2026-01-01T00:00:00Z"});
        let keys = json!([key('1', "acme"), ends, key('2', "acme"), key('3', "other"), key('4', "acme")]);
        let rules = json!({"prefix": "a", "pepper": PEPPER, "keys": keys});
        assert_eq!(found(rules), ["too-many-keys .keys[4].consumer"]);
    }

    #[test]
    fn a_pepper_without_a_value_is_not_judged() {
        assert_eq!(
            found(json!({"prefix": "a", "pepper": "${secret:TIDEGATE_TEST_NOT_SET}"})),
            ["variable-missing .pepper"]
        );
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let gateway = checked(json!({"prefix": "a", "pepper": PEPPER})).gateway.unwrap();
        let [Authenticator { kind: Kind::ApiKey(rules), .. }] = gateway.authenticators.as_slice() else { panic!() };
        assert_eq!(rules.places, [Place::Header("x-api-key".parse().unwrap())]);
        assert_eq!(rules.remember.as_secs(), 60);
        let zero = checked(json!({"prefix": "a", "pepper": PEPPER, "remember": "0s"})).gateway.unwrap();
        let [Authenticator { kind: Kind::ApiKey(rules), .. }] = zero.authenticators.as_slice() else { panic!() };
        assert!(rules.remember.is_zero());
    }
}
