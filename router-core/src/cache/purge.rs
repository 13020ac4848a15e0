//! Purging: making stored answers worthless without finding them.
//!
//! A store need not be able to list what it holds. Instead of the answers the purge is written down, under a name that answers can be purged by, and an
//! answer that was stored before it does not count. So a purge is one write, however many answers it meets, and reaches every place that the key-value store
//! reaches. A second key tells when the last purge of any kind was: answers that are younger need no further look.

mod memory;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::asked::sorted;
use super::entry::Url;
use crate::filter::path::{NormalPath, Normalised, PathRules};
use crate::hex::hex;
use crate::receive::split_authority;
use crate::route::normal_host;

pub use memory::Memory;

/// The key that tells when the last purge was.
pub const LAST: &str = "tidegate/purge/last";

/// Clocks of instances differ by no more than this, as far as it matters here: answers that are younger than a purge by less are looked at closely.
const SKEW_MS: u64 = 10_000;

/// Segments of a path by which it can be purged; deeper prefixes cannot be named.
pub const DEEPEST: usize = 8;

/// Names of one request for a purge.
pub const MOST_NAMES: usize = 256;

/// The longest name.
pub const LONGEST_NAME: usize = 2048;

/// How long a purge is remembered, in seconds: longer than anything that it could meet is kept.
pub const REMEMBERED_S: u64 = 400 * 86_400;

/// A purge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purge {
    /// When, in milliseconds since 1970.
    #[serde(rename = "ms")]
    pub at_ms: u64,
    /// Answers are not gone, only stale.
    #[serde(default)]
    pub soft: bool,
}

impl Purge {
    /// As it is written down.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// What [`Purge::write`] wrote.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

/// Under what answers are purged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// Everything.
    Everything,
    /// All answers of a rule.
    Rule(String),
    /// All with a tag.
    Tag(String),
    /// All of a path and what is below it, of one host or of all.
    Prefix(Option<String>, String),
    /// All of a path, whatever the query, of one host or of all.
    Path(Option<String>, String),
    /// All of a path and a query, of one host or of all.
    Query(Option<String>, String, String),
}

impl Name {
    /// The key of the key-value store under which a purge by this name is.
    #[must_use]
    pub fn key(&self) -> String {
        let host = |host: &Option<String>| host.clone().unwrap_or_default();
        let text = match self {
            Self::Everything => "everything".to_owned(),
            Self::Rule(rule) => format!("rule\n{rule}"),
            Self::Tag(tag) => format!("tag\n{tag}"),
            Self::Prefix(of, path) => format!("prefix\n{}\n{path}", host(of)),
            Self::Path(of, path) => format!("path\n{}\n{path}", host(of)),
            Self::Query(of, path, query) => format!("query\n{}\n{path}\n{query}", host(of)),
        };
        let hash: [u8; 32] = Sha256::digest(text).into();
        let (half, _) = hash.split_at(16);
        format!("tidegate/purge/{}", hex(half))
    }
}

/// The names by which an answer can be purged.
#[must_use]
pub fn names(rule: &str, url: &Url, tags: &[String]) -> Vec<Name> {
    let mut names = vec![Name::Everything, Name::Rule(rule.to_owned())];
    for host in [None, Some(url.host.clone())] {
        names.push(Name::Path(host.clone(), url.path.clone()));
        names.push(Name::Query(host.clone(), url.path.clone(), url.query.clone()));
        names.extend(prefixes(&url.path).map(|prefix| Name::Prefix(host.clone(), prefix.to_owned())));
    }
    names.extend(tags.iter().cloned().map(Name::Tag));
    names
}

/// The path and those above it, each without a slash at its end: of `/a/b` the empty text, `/a` and `/a/b`.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    let slashes = path.match_indices('/').map(|(at, _)| at);
    let ends = slashes.chain(std::iter::once(path.len())).take(DEEPEST + 1);
    ends.filter_map(|end| path.get(..end)).filter(|prefix| !prefix.ends_with('/'))
}

/// Whether an answer that was stored at `stored_ms` is so much younger than the last purge that none can mean it.
#[must_use]
pub fn is_younger(stored_ms: u64, last: Option<Purge>) -> bool {
    last.is_none_or(|last| stored_ms > last.at_ms.saturating_add(SKEW_MS))
}

/// What purges make of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purged {
    /// Nothing.
    #[default]
    No,
    /// It is stale since then.
    Softly(u64),
    /// It is gone.
    Gone,
}

/// What the purges by its names make of an answer that was stored at `stored_ms`.
#[must_use]
pub fn purged(stored_ms: u64, purges: impl IntoIterator<Item = Purge>) -> Purged {
    let mut found = Purged::No;
    for purge in purges.into_iter().filter(|purge| purge.at_ms >= stored_ms) {
        found = match (found, purge.soft) {
            (_, false) => return Purged::Gone,
            (Purged::Softly(since), true) => Purged::Softly(since.min(purge.at_ms)),
            (_, true) => Purged::Softly(purge.at_ms),
        };
    }
    found
}

/// What an operator wants purged, as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Order {
    /// Tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Paths such as `/v1/products`, with all their queries; with `?…` only that query; with `https://host` in front only of that host.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// Paths, with all that is below them: `/v1`; with `https://host` in front only of that host.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<String>,
    /// Names of rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// Everything.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub everything: bool,
    /// Answers are kept, and stale from now on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub soft: bool,
}

impl Order {
    /// An order as JSON.
    ///
    /// # Errors
    /// What is wrong with it, for whoever sent it.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|why| {
            format!("expected JSON such as {{\"tags\": [\"a\"], \"urls\": [\"/x\"], \"prefixes\": [\"/v1\"], \"everything\": false, \"soft\": false}}: {why}")
        })
    }

    /// The names that it purges by.
    ///
    /// # Errors
    /// It names nothing, too much, or what is no URL.
    pub fn names(&self) -> Result<Vec<Name>, String> {
        let all = [&self.tags, &self.urls, &self.prefixes, &self.rules];
        if all.iter().map(|list| list.len()).sum::<usize>() > MOST_NAMES {
            return Err(format!("at most {MOST_NAMES} things can be purged at once"));
        }
        if let Some(long) =
            all.iter().flat_map(|list| list.iter()).find(|name| name.is_empty() || name.len() > LONGEST_NAME)
        {
            let start: String = long.chars().take(40).collect();
            return Err(format!("expected a name of 1 to {LONGEST_NAME} bytes, found `{start}`"));
        }
        let mut names: Vec<Name> = self.tags.iter().cloned().map(Name::Tag).collect();
        names.extend(self.rules.iter().cloned().map(Name::Rule));
        for url in &self.urls {
            let Target { host, paths, query } = Target::parse(url)?;
            for path in paths {
                let Some(query) = &query else {
                    names.push(Name::Path(host.clone(), path));
                    continue;
                };
                // As it is written, and as rules keep it that leave parameters out.
                let sorted = sorted(query, |_| true);
                if sorted != *query {
                    names.push(Name::Query(host.clone(), path.clone(), sorted));
                }
                names.push(Name::Query(host.clone(), path, query.clone()));
            }
        }
        for prefix in &self.prefixes {
            let Target { host, paths, query } = Target::parse(prefix)?;
            for path in paths {
                let path = path.trim_end_matches('/').to_owned();
                if query.is_some() || path.matches('/').count() > DEEPEST {
                    return Err(format!(
                        "`{prefix}` is no prefix: a path of at most {DEEPEST} segments without a query"
                    ));
                }
                names.push(Name::Prefix(host.clone(), path));
            }
        }
        if self.everything {
            names.push(Name::Everything);
        }
        if names.len() > MOST_NAMES {
            return Err(format!("at most {MOST_NAMES} things can be purged at once, and these are {}", names.len()));
        }
        if names.is_empty() {
            return Err(
                "it names nothing to purge: give `tags`, `urls`, `prefixes`, `rules` or `everything: true`".to_owned()
            );
        }
        Ok(names)
    }
}

/// What a URL or a path names.
struct Target {
    host: Option<String>,
    /// The normalised path; where it has empty segments, with and without them, as gateways may merge them or not.
    paths: Vec<String>,
    query: Option<String>,
}

impl Target {
    fn parse(url: &str) -> Result<Self, String> {
        Self::read(url).ok_or_else(|| {
            format!(
                "`{url}` is neither a path such as `/v1/products` nor a URL such as `https://api.example.com/v1/products`"
            )
        })
    }

    fn read(url: &str) -> Option<Self> {
        if url.contains(['\n', '#']) {
            return None;
        }
        let (host, rest) = if url.starts_with('/') {
            (None, url)
        } else {
            let (authority, rest) = authority(url)?;
            split_authority(authority).ok()?;
            (Some(normal_host(authority)?.into_owned()), rest)
        };
        let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query.to_owned())));
        let path = if path.is_empty() { "/" } else { path };
        let mut paths = vec![normal(path, true)?, normal(path, false)?];
        paths.dedup();
        Some(Self { host, paths, query })
    }
}

/// The authority of an absolute URL of HTTP, and what is behind it.
fn authority(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let is_http = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    is_http.then(|| rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())))
}

fn normal(path: &str, merge_slashes: bool) -> Option<String> {
    let rules = PathRules { merge_slashes, ..PathRules::default() };
    match NormalPath::parse(path, &rules).ok()? {
        Normalised::Path(path) | Normalised::Redirect(path) => Some(path.as_str().to_owned()),
    }
}

/// The normalised path that a reference in the answer to a request for `path` of `host` means, if it is one of that host (RFC 9111 section 4.4).
#[must_use]
pub fn same_host(reference: &str, host: &str, path: &str) -> Option<String> {
    let reference = reference.split(['?', '#']).next().unwrap_or_default();
    // A colon in the first segment ends a scheme (RFC 3986 section 4.2).
    let is_absolute = reference.split('/').next().is_some_and(|first| first.contains(':'));
    let found = if is_absolute || reference.starts_with("//") {
        let full;
        let reference = if is_absolute {
            reference
        } else {
            full = format!("https:{reference}");
            &full
        };
        let (authority, path) = authority(reference)?;
        if normal_host(authority)? != host {
            return None;
        }
        if path.is_empty() { "/".to_owned() } else { path.to_owned() }
    } else if reference.starts_with('/') {
        reference.to_owned()
    } else if reference.is_empty() {
        path.to_owned()
    } else {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{folder}/{reference}")
    };
    normal(&found, true)
}

#[cfg(test)]
mod tests;
