//! A stored answer without its body, and what stands in a store for it.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};

use crate::hex::hex;

/// A stored answer without its body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The status.
    pub status: StatusCode,
    /// The header fields that are stored (RFC 9111 section 3.1).
    pub headers: HeaderMap,
    /// When it came or was validated last, in milliseconds since 1970 by the clock of who stored it.
    pub stored_ms: u64,
    /// How old it was then, in milliseconds (RFC 9111 section 4.2.3, `corrected_initial_age`).
    pub initial_age_ms: u64,
    /// For how long it is fresh, counted from its making, in milliseconds.
    pub lifetime_ms: u64,
    /// For how long it may be given while a new one is fetched, once it is stale.
    pub stale_while_revalidate_ms: u64,
    /// For how long it may be given where the upstream fails, once it is stale.
    pub stale_if_error_ms: u64,
    /// How far it has to be validated before it is given.
    pub validation: Validation,
    /// The names under which it can be purged.
    pub tags: Vec<String>,
    /// Host and normalised path, by which it can be purged.
    pub url: Url,
    /// The length of its body in bytes, if it is known.
    pub length: Option<u64>,
    /// Which part of the whole it is, of a 206.
    pub part: Option<Part>,
    /// Whether it is given an entity tag when its body is known.
    pub wants_etag: bool,
    /// Whether it does not change while it is fresh (RFC 8246).
    pub is_immutable: bool,
}

/// How far an answer has to be validated before it is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Validation {
    /// It may be given stale where that is allowed otherwise.
    #[default]
    MayBeStale,
    /// Never stale: `must-revalidate`, `proxy-revalidate` or `s-maxage`.
    WhenStale,
    /// Always: `no-cache`.
    Always,
}

/// What was asked for, for purging.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Url {
    /// Host, lower case, without a port.
    pub host: String,
    /// The normalised path.
    pub path: String,
    /// The query, as the rule keeps it apart.
    pub query: String,
}

/// A part of a whole: bytes from `first` to `last`, both included, of `whole`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The first byte.
    pub first: u64,
    /// The last byte.
    pub last: u64,
    /// How many there are.
    pub whole: u64,
}

/// What stands in a store under a key.
#[allow(
    clippy::large_enum_variant,
    reason = "nearly all of them are answers; where pointers are small it is not large"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// An answer.
    Answer(Entry),
    /// The way to the answers of a URL that differ by fields of requests.
    Variants(Variants),
}

/// By which fields of requests the answers of a URL differ (RFC 9111 section 4.1). It has no body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variants {
    /// A part of the keys of all variants; another one makes them unreachable.
    pub generation: String,
    /// Sets of names, lower case and sorted, the newest first.
    pub sets: Vec<Vec<String>>,
    /// When it was written, in milliseconds since 1970.
    pub stored_ms: u64,
}

/// Sets of names that are kept for a URL: an upstream that gives more of them cannot be cached well anyway.
const MOST_SETS: usize = 4;

impl Variants {
    /// With `set` in front.
    pub fn add(&mut self, set: Vec<String>) {
        self.sets.retain(|known| *known != set);
        self.sets.insert(0, set);
        self.sets.truncate(MOST_SETS);
    }
}

impl Entry {
    /// The body has come whole: so many bytes, with this hash (SHA-256) of them.
    pub fn complete(&mut self, length: u64, hash: impl FnOnce() -> [u8; 32]) {
        self.length = Some(length);
        if self.wants_etag && !self.headers.contains_key(header::ETAG) {
            let hash = hash();
            let (half, _) = hash.split_at(16);
            if let Ok(value) = HeaderValue::from_str(&format!("\"{}\"", hex(half))) {
                self.headers.insert(header::ETAG, value);
            }
        }
    }

    /// About how many bytes it takes in memory beside its body.
    #[must_use]
    pub fn weight(&self) -> u64 {
        let fields: usize = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 64).sum();
        let tags: usize = self.tags.iter().map(|tag| tag.len() + 32).sum();
        (fields + tags + self.url.host.len() + self.url.path.len() + 512) as u64
    }
}

/// As it is written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Written {
    Answer(WrittenEntry),
    Variants(Variants),
}

#[derive(Serialize, Deserialize)]
struct WrittenEntry {
    status: u16,
    /// Names and values, each byte of a value one sign.
    fields: Vec<(String, String)>,
    stored_ms: u64,
    age_ms: u64,
    life_ms: u64,
    swr_ms: u64,
    sie_ms: u64,
    #[serde(default)]
    validation: Validation,
    #[serde(default)]
    tags: Vec<String>,
    url: Url,
    length: Option<u64>,
    part: Option<Part>,
    #[serde(default)]
    wants_etag: bool,
    #[serde(default)]
    is_immutable: bool,
}

impl Item {
    /// As bytes, for stores that keep no Rust values.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let written = match self {
            Self::Variants(variants) => Written::Variants(variants.clone()),
            Self::Answer(entry) => Written::Answer(WrittenEntry {
                status: entry.status.as_u16(),
                fields: entry
                    .headers
                    .iter()
                    .map(|(name, value)| {
                        (name.as_str().to_owned(), value.as_bytes().iter().map(|byte| char::from(*byte)).collect())
                    })
                    .collect(),
                stored_ms: entry.stored_ms,
                age_ms: entry.initial_age_ms,
                life_ms: entry.lifetime_ms,
                swr_ms: entry.stale_while_revalidate_ms,
                sie_ms: entry.stale_if_error_ms,
                validation: entry.validation,
                tags: entry.tags.clone(),
                url: entry.url.clone(),
                length: entry.length,
                part: entry.part,
                wants_etag: entry.wants_etag,
                is_immutable: entry.is_immutable,
            }),
        };
        serde_json::to_vec(&written).unwrap_or_default()
    }

    /// What [`Item::write`] wrote; `None` for anything else, also of another version of the gateway.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let written = match serde_json::from_slice(bytes).ok()? {
            Written::Variants(variants) => return Some(Self::Variants(variants)),
            Written::Answer(written) => written,
        };
        let mut headers = HeaderMap::new();
        for (name, value) in written.fields {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            let value: Option<Vec<u8>> = value.chars().map(|sign| u8::try_from(u32::from(sign)).ok()).collect();
            headers.try_append(name, HeaderValue::from_bytes(&value?).ok()?).ok()?;
        }
        Some(Self::Answer(Entry {
            status: StatusCode::from_u16(written.status).ok()?,
            headers,
            stored_ms: written.stored_ms,
            initial_age_ms: written.age_ms,
            lifetime_ms: written.life_ms,
            stale_while_revalidate_ms: written.swr_ms,
            stale_if_error_ms: written.sie_ms,
            validation: written.validation,
            tags: written.tags,
            url: written.url,
            length: written.length,
            part: written.part,
            wants_etag: written.wants_etag,
            is_immutable: written.is_immutable,
        }))
    }
}

#[cfg(test)]
mod tests;
