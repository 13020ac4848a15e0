//! What `check` can say of API keys beside the mistakes: how long a revoked one may work, and which are too many today.

use std::time::Duration;

use super::diagnostic::{Diagnostic, Diagnostics, Path, Severity};
use super::{PlatformName, grammar, raw};
use crate::authenticate::api_key::{MOST_LIVE, REMEMBER, crowded};
use crate::time;

/// How long a revoked key of an authenticator may work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The authenticator's name.
    pub authenticator: String,
    /// How long an instance remembers a look-up.
    pub remember: Duration,
}

/// How long a store needs until every instance sees a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreDelay {
    /// At most so long.
    AtMost(Duration),
    /// As long as whoever runs the store says.
    Provider,
}

impl PlatformName {
    /// How long its key-value store needs until every instance sees a change.
    #[must_use]
    pub fn store_delay(self) -> StoreDelay {
        match self {
            Self::Memory | Self::Native => StoreDelay::AtMost(Duration::ZERO),
            // Workers KV caches what was read at each place for 60 s.
            Self::Workers => StoreDelay::AtMost(Duration::from_secs(60)),
            // Spin leaves it to the provider: its SQLite file shows a change at once, what a hosted service runs may not.
            Self::Spin => StoreDelay::Provider,
        }
    }
}

impl Revocation {
    /// How long a revoked key may work on `platform`, and whether what the store's provider needs comes on top.
    #[must_use]
    pub fn on(&self, platform: PlatformName) -> (Duration, bool) {
        match platform.store_delay() {
            StoreDelay::AtMost(delay) => (self.remember.saturating_add(delay), false),
            StoreDelay::Provider => (self.remember, true),
        }
    }
}

/// The API-key authenticators of `document` by name. A duration that cannot be read counts as the default; it is reported elsewhere.
#[must_use]
pub fn revocations(document: &raw::Document) -> Vec<Revocation> {
    api_keys(document)
        .map(|(name, keys)| {
            let remember = keys.remember.as_deref().and_then(|text| grammar::duration(text).ok()).unwrap_or(REMEMBER);
            Revocation { authenticator: name.to_owned(), remember }
        })
        .collect()
}

/// The keys in `document` that are too many for their consumer at `now_ms`. A warning, since it passes with time; that they are too many for ever is an
/// error of the document, which is not repeated here.
#[must_use]
pub fn crowded_today(document: &raw::Document, now_ms: u64) -> Diagnostics {
    let mut found = Diagnostics::new();
    for (name, keys) in api_keys(document) {
        let path = Path::root().key("authenticate").key("authenticators").key(name).key("api_key").key("keys");
        let end = |record: &raw::authenticate::ApiKeyRecord| {
            record.expires.as_deref().and_then(|text| time::parse(text).ok())
        };
        let ends: Vec<_> = keys.keys.iter().map(|record| (record.consumer.as_str(), end(record))).collect();
        let for_ever = crowded(ends.iter().copied(), u64::MAX);
        for index in crowded(ends.iter().copied(), now_ms) {
            if let Some((consumer, _)) = ends.get(index).filter(|_| !for_ever.contains(&index)) {
                found.push(too_many(Severity::Warning, consumer, path.index(index)));
            }
        }
    }
    found
}

fn api_keys(document: &raw::Document) -> impl Iterator<Item = (&str, &raw::authenticate::ApiKey)> {
    document.authenticate.authenticators.iter().filter_map(|(name, kind)| match kind {
        raw::authenticate::Authenticator::ApiKey(keys) => Some((name.as_str(), keys)),
        _ => None,
    })
}

/// Says that the key at `path` is one too many for its consumer.
pub(super) fn too_many(severity: Severity, consumer: &str, path: Path) -> Diagnostic {
    let message = format!("`{}` has more than {MOST_LIVE} keys that work", grammar::shorten(consumer));
    let found = match severity {
        Severity::Error => Diagnostic::error("too-many-keys", path.key("consumer"), message),
        Severity::Warning => Diagnostic::warning("too-many-keys", path.key("consumer"), message),
    };
    found.with_help("take one out, or say in `expires` when it ends")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    fn document(keys: Value) -> raw::Document {
        let rules = json!({"prefix": "a", "pepper": "p", "remember": "30s", "keys": keys});
        let document = json!({"authenticate": {"authenticators": {"partners": {"api_key": rules}}}});
        raw::Document::deserialize(document).unwrap()
    }

    #[test]
    fn a_revoked_key_works_for_as_long_as_it_is_remembered_and_the_store_needs() {
        let all = revocations(&document(json!([])));
        let [revocation] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!(revocation.authenticator, "partners");
        assert_eq!(revocation.on(PlatformName::Native), (Duration::from_secs(30), false));
        assert_eq!(revocation.on(PlatformName::Workers), (Duration::from_secs(90), false));
        assert_eq!(revocation.on(PlatformName::Spin), (Duration::from_secs(30), true));
    }

    #[test]
    fn a_third_key_is_too_many_for_as_long_as_it_works() {
        let document = document(json!([
            {"hash": "1", "consumer": "acme"}, {"hash": "2", "consumer": "acme"},
            {"hash": "3", "consumer": "acme", "expires": "1970-01-01T00:00:10Z"},
            {"hash": "4", "consumer": "acme"},
        ]));
        let paths = |now_ms| -> Vec<String> {
            crowded_today(&document, now_ms).iter().map(|found| found.path.to_string()).collect()
        };
        // The fourth is too many for ever, which the document's own check says.
        assert_eq!(paths(9_999), ["authenticate.authenticators.partners.api_key.keys[2].consumer"]);
        assert!(paths(10_000).is_empty());
    }
}
