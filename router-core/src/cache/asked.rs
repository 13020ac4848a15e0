//! What is asked of the cache: whether it has anything to do with a request, and under which key its answer is.

use http::{HeaderMap, Method, header};

use super::conditions;
use super::directives::Wishes;
use super::entry::{Url, Variants};
use super::key::{Key, KeyMaker};
use super::rule::{Identified, QueryRule, Rule, VaryBy};
use super::storable::StoringRequest;
use super::vary::{add_selected, selecting};
use crate::authenticate::Identity;
use crate::authenticate::authorize;
use crate::filter::path::form_bytes;
use crate::head::{RequestHead, Scheme, joined};

/// The method for questions with a body (RFC 10008).
const QUERY: &str = "QUERY";

/// Why the cache has nothing to do with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bypass {
    /// The rule does not hold for its method.
    Method,
    /// The rule says so.
    Rule,
    /// Whether the rule says so cannot be told.
    Unknown,
    /// It has conditions that only the upstream can judge.
    Condition,
    /// It switches protocols.
    Upgrade,
    /// Whoever is known gets no stored answers.
    Identified,
}

impl Bypass {
    /// The word in `Cache-Status`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::Rule => "rule",
            Self::Unknown => "rule-unknown",
            Self::Condition => "condition",
            Self::Upgrade => "upgrade",
            Self::Identified => "identified",
        }
    }
}

/// A request as the cache sees it.
#[derive(Clone, Debug)]
pub struct CacheRequest {
    /// The key of its answer, where answers do not differ by fields of requests.
    pub key: Key,
    /// What it wishes, as far as the rule heeds it.
    pub wishes: Wishes,
    /// It has `Authorization`, and nobody knows for whom its answer is: the rule does not say, or says that it depends on who asks, and that is not known.
    pub is_authorized: bool,
    /// What it asks for.
    pub url: Url,
    /// The tags of the rule.
    pub tags: Vec<String>,
}

impl CacheRequest {
    /// With the rule, what an answer to it is judged by.
    #[must_use]
    pub fn storing<'r>(&self, rule: &'r Rule, method: &Method) -> StoringRequest<'r> {
        StoringRequest {
            rule,
            wishes: self.wishes,
            is_authorized: self.is_authorized,
            is_head: method == Method::HEAD,
            url: self.url.clone(),
            tags: self.tags.clone(),
        }
    }

    /// The key of the variant for this request among those that differ by fields of these names.
    #[must_use]
    pub fn variant(&self, generation: &str, names: &[String], headers: &HeaderMap) -> Key {
        let mut maker = KeyMaker::new();
        maker.add("variant of", &self.key.0);
        maker.add("generation", generation.as_bytes());
        add_selected(&mut maker, names, headers);
        maker.key()
    }

    /// The keys of the variants that may hold the answer, the likeliest first.
    pub fn variants<'v>(&'v self, variants: &'v Variants, headers: &'v HeaderMap) -> impl Iterator<Item = Key> + 'v {
        variants.sets.iter().map(|names| self.variant(&variants.generation, names, headers))
    }

    /// The key of the part of an answer that is stored while the whole is not.
    #[must_use]
    pub fn part(key: &Key) -> Key {
        let mut maker = KeyMaker::new();
        maker.add("part of", &key.0);
        maker.key()
    }
}

/// What the cache makes of a request by `rule`. `body` is the hash of its body, of a `QUERY`.
///
/// # Errors
/// The cache has nothing to do with it.
pub fn consider(rule: &Rule, asked: &authorize::Asked<'_>, body: Option<&[u8]>) -> Result<CacheRequest, Bypass> {
    let head = asked.head;
    let is_known = asked.identity.consumer().is_some();
    if !rule.methods.contains(&head.method) || (is_question(&head.method) && body.is_none()) {
        return Err(Bypass::Method);
    }
    if head.headers.contains_key(header::UPGRADE) {
        return Err(Bypass::Upgrade);
    }
    if conditions::is_for_the_upstream(&head.headers) {
        return Err(Bypass::Condition);
    }
    if is_known && rule.identified == Some(Identified::Bypass) {
        return Err(Bypass::Identified);
    }
    match rule.bypass.as_ref().map(|condition| condition.holds(asked)) {
        None | Some(Ok(false)) => {}
        Some(Ok(true)) => return Err(Bypass::Rule),
        // Who wants some requests left alone would rather have one too many left alone.
        Some(Err(_)) => return Err(Bypass::Unknown),
    }
    Ok(of(rule, asked, body))
}

/// The same for a request whose own method changes something: the key that a `GET` of the same URL would have.
#[must_use]
pub fn of(rule: &Rule, asked: &authorize::Asked<'_>, body: Option<&[u8]>) -> CacheRequest {
    let head = asked.head;
    let url = Url {
        host: asked.facts.host.clone().unwrap_or_default(),
        path: asked.path.as_str().to_owned(),
        query: query(&rule.vary_by.query, head.query.as_deref()),
    };
    let has_query = head.query.is_some() && !(url.query.is_empty() && rule.vary_by.query != QueryRule::Whole);
    let tags = rule.tags.iter().filter_map(|tag| tag.fill(|name| asked.params.get(asked.path, name))).collect();
    CacheRequest {
        key: key(rule, asked, &url, has_query, body),
        wishes: if rule.client_directives { Wishes::of(&head.headers) } else { Wishes::default() },
        is_authorized: head.headers.contains_key(header::AUTHORIZATION) && !is_settled(rule, asked.identity),
        url,
        tags,
    }
}

/// Whether it is settled for whom an answer is, so that credentials beside that make no difference. Those of somebody whom only the upstream knows do.
fn is_settled(rule: &Rule, identity: &Identity) -> bool {
    match rule.identified {
        Some(Identified::Together) => true,
        Some(Identified::Apart | Identified::Bypass) => identity.consumer().is_some(),
        None => false,
    }
}

/// Everything that can make an answer another one, each with its name.
fn key(rule: &Rule, asked: &authorize::Asked<'_>, url: &Url, has_query: bool, body: Option<&[u8]>) -> Key {
    let mut maker = KeyMaker::new();
    maker.add("rule", rule.name.as_bytes());
    maker.add("route", asked.route.name.as_bytes());
    maker.add(
        "scheme",
        // The one that the client used and the upstream is told, not that of the connection to a proxy in front.
        match asked.facts.scheme {
            Scheme::Http => b"http",
            Scheme::Https => b"https",
        },
    );
    // With its port: another one may be another server's.
    maker.add("authority", asked.facts.authority.as_deref().unwrap_or_default().as_bytes());
    maker.add("path", url.path.as_bytes());
    if has_query {
        maker.add("query", url.query.as_bytes());
    }
    if let Some(body) = body {
        maker.add("body", body);
        // What the body means, its own fields say (RFC 10008).
        for name in [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::CONTENT_LANGUAGE] {
            if let Some(value) = joined(&asked.head.headers, &name) {
                maker.add(name.as_str(), &value);
            }
        }
    }
    let together = rule.identified == Some(Identified::Together);
    // All of them, where a route asks for several: that of a partner's key is the same for all of its users.
    if let Identity::Known(consumers) = asked.identity
        && (!together || rule.vary_by.consumer)
    {
        for consumer in consumers {
            maker.add("authenticator", consumer.authenticator.as_bytes());
            maker.add("consumer", consumer.id.as_bytes());
        }
    }
    vary_by(&rule.vary_by, asked.identity, asked.head, &mut maker);
    maker.key()
}

fn vary_by(vary_by: &VaryBy, identity: &Identity, head: &RequestHead, maker: &mut KeyMaker) {
    let consumer = identity.consumer();
    for name in &vary_by.headers {
        if let Some(value) = selecting(&head.headers, name) {
            maker.add(&format!("header {name}"), &value);
        }
    }
    for name in &vary_by.cookies {
        if let Some(value) = crate::limit::part::cookie(&head.headers, name) {
            maker.add(&format!("cookie {name}"), value);
        }
    }
    for path in &vary_by.claims {
        if let Some(value) = consumer.and_then(|consumer| path.find(&consumer.claims)) {
            maker.add(&format!("claim {path}"), value.to_string().as_bytes());
        }
    }
    if let Some(plan) = consumer.and_then(|consumer| consumer.plan.as_deref()).filter(|_| vary_by.plan) {
        maker.add("plan", plan.as_bytes());
    }
    if vary_by.device {
        maker.add("device", device(&head.headers).as_bytes());
    }
}

/// The query as the rule keeps it apart.
fn query(rule: &QueryRule, query: Option<&str>) -> String {
    let query = query.unwrap_or_default();
    match rule {
        QueryRule::Whole => query.to_owned(),
        // However it is written: the upstream reads `%69d` as `id`, and nobody shall so smuggle it past the key.
        QueryRule::Only(names) => {
            sorted(query, |name| names.iter().any(|known| known == name || form_bytes(name).eq(known.bytes())))
        }
        // As it is written: what is not plainly left out makes a difference.
        QueryRule::Without(names) => sorted(query, |name| !names.iter().any(|known| known == name)),
    }
}

/// The parameters that are kept, sorted by name only: of several values of one parameter the order may mean something.
pub(super) fn sorted(query: &str, keeps: impl Fn(&str) -> bool) -> String {
    let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && keeps(name_of(pair))).collect();
    pairs.sort_by_key(|pair| name_of(pair));
    pairs.join("&")
}

/// The name of a parameter, as it is written.
fn name_of(pair: &str) -> &str {
    pair.split_once('=').map_or(pair, |(name, _)| name)
}

/// What kind of device asks, by the words that all of them have used for years; a hint of the client goes first (`Sec-CH-UA-Mobile`).
fn device(headers: &HeaderMap) -> &'static str {
    if headers.get("sec-ch-ua-mobile").is_some_and(|hint| hint.as_bytes() == b"?1") {
        return "mobile";
    }
    let agent =
        headers.get(header::USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()).to_ascii_lowercase());
    let has = |word: &str| agent.as_deref().is_some_and(|agent| agent.contains(word));
    if has("ipad") || has("tablet") || (has("android") && !has("mobile")) {
        "tablet"
    } else if has("mobi") || has("iphone") {
        "mobile"
    } else {
        "desktop"
    }
}

/// Whether a request with this method asks with its body, which is then a part of the key.
#[must_use]
pub fn is_question(method: &Method) -> bool {
    method.as_str() == QUERY
}

/// Whether the success of a request with this method makes what is stored of its URL worthless (RFC 9111 section 4.4): any method that is not known to be
/// safe.
#[must_use]
pub fn is_unsafe(method: &Method) -> bool {
    !(method.is_safe() || [QUERY, "PROPFIND", "REPORT", "SEARCH"].contains(&method.as_str()))
}

#[cfg(test)]
mod tests;
