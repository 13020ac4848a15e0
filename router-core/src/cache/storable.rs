//! May an answer be stored? RFC 9111 section 3.

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::directives::{Directives, Extent, Wishes};
use super::entry::{Entry, Part, Url, Validation};
use super::freshness::{Times, initial_age_ms, is_heuristic, lifetime_ms, millis};
use super::purge::REMEMBERED_S;
use super::range::content_range;
use super::rule::{Freshness, Rule, SetCookie};
use super::tags;
use super::vary::{Vary, is_told_apart, vary};
use crate::dispatch::hop_by_hop;
use crate::edits::HeaderEdits;
use crate::time::LAST_MS;

/// What belongs to a proxy on the way and is never stored (RFC 9111 section 3.1), beside what belongs to a connection. `Age` is told anew each time.
const NOT_STORED: [HeaderName; 2] = [HeaderName::from_static("proxy-authentication-info"), header::AGE];

/// Statuses whose meaning is known here (RFC 9110 section 15), for `must-understand`.
const UNDERSTOOD: &[u16] = &[
    200, 203, 204, 206, 300, 301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 413,
    414, 415, 421, 422, 451, 500, 501, 503,
];

/// Statuses of which RFC 6585 says that a cache must not store them: they are about the request and who sent it.
const NEVER_STORED: [u16; 4] = [428, 429, 431, 511];

/// The longest that anything is kept, in milliseconds: not so long that a purge which met it is forgotten.
const LONGEST_KEPT_MS: u64 = (REMEMBERED_S - 86_400) * 1000;

/// How long an answer that can be validated is kept once it is stale: a validation costs less than the answer.
const KEPT_FOR_VALIDATION_MS: u64 = 86_400_000;

/// What an answer is stored for.
#[derive(Clone, Debug)]
pub struct StoringRequest<'a> {
    /// The rule of its route.
    pub rule: &'a Rule,
    /// What the client wishes, as far as the rule heeds it.
    pub wishes: Wishes,
    /// Whether it has `Authorization`, and the rule does not say for whom answers are.
    pub is_authorized: bool,
    /// It is a `HEAD`.
    pub is_head: bool,
    /// What was asked for.
    pub url: Url,
    /// The tags of the rule for this request.
    pub tags: Vec<String>,
}

/// Why an answer is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unstorable {
    /// The client does not want it.
    ClientNoStore,
    /// `no-store`.
    NoStore,
    /// `private`.
    Private,
    /// To a request with `Authorization`, and nothing says that it may be shared (RFC 9111 section 3.5).
    Authorization,
    /// `must-understand`, and the status is not known here.
    NotUnderstood,
    /// `Vary: *`, more names than are kept, or a content coding that requests are not told apart by.
    VaryAny,
    /// It sets cookies.
    SetCookie,
    /// It is larger than the rule allows.
    TooLarge,
    /// Nothing says that it is fresh, and nothing can validate it.
    NoFreshness,
    /// A part whose place is not told or does not go with its length, or several parts.
    Part,
    /// It has no body that could be given to a `GET`.
    Head,
    /// An interim answer, a switch of protocols, 304 to nobody's question, or one of those that are never stored (RFC 6585).
    Status,
}

impl Unstorable {
    /// The word in `Cache-Status` and logs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ClientNoStore => "client-no-store",
            Self::NoStore => "no-store",
            Self::Private => "private",
            Self::Authorization => "authorization",
            Self::NotUnderstood => "must-understand",
            Self::VaryAny => "vary-any",
            Self::SetCookie => "set-cookie",
            Self::TooLarge => "too-large",
            Self::NoFreshness => "no-freshness",
            Self::Part => "part",
            Self::Head => "head",
            Self::Status => "status",
        }
    }
}

/// An answer that may be stored.
#[derive(Clone, Debug)]
pub struct Storable {
    /// What is stored.
    pub entry: Entry,
    /// By which fields of requests it differs from others: lower case, sorted.
    pub vary: Vec<String>,
    /// For how long it can be of use, in milliseconds.
    pub kept_ms: u64,
}

/// What is stored of an answer with this head, which has a body of `length` bytes if that is told.
///
/// # Errors
/// Why it may not be stored.
pub fn storable(
    request: &StoringRequest<'_>,
    status: StatusCode,
    headers: &HeaderMap,
    length: Option<u64>,
    times: Times,
) -> Result<Storable, Unstorable> {
    if request.is_head {
        return Err(Unstorable::Head);
    }
    let rule = request.rule;
    let says = Directives::of(headers);
    let obeys = rule.freshness == Freshness::Respect;
    let is_never_stored = NEVER_STORED.contains(&status.as_u16());
    if status.is_informational() || status == StatusCode::NOT_MODIFIED || is_never_stored {
        return Err(Unstorable::Status);
    }
    let part = part(status, headers, length)?;
    if request.wishes.no_store {
        return Err(Unstorable::ClientNoStore);
    }
    let understood = UNDERSTOOD.contains(&status.as_u16());
    if says.must_understand && !understood {
        return Err(Unstorable::NotUnderstood);
    }
    // With `must-understand` it is for those who do not understand (RFC 9111 section 5.2.2.3).
    if says.no_store && !says.must_understand && obeys {
        return Err(Unstorable::NoStore);
    }
    if says.private.is_all() && obeys {
        return Err(Unstorable::Private);
    }
    if request.is_authorized && !(says.public || says.must_revalidate || says.s_maxage.is_some()) {
        return Err(Unstorable::Authorization);
    }
    if rule.set_cookie == SetCookie::Refuse && headers.contains_key(header::SET_COOKIE) {
        return Err(Unstorable::SetCookie);
    }
    let Vary::By(vary) = vary(headers) else { return Err(Unstorable::VaryAny) };
    let by_coding = vary.iter().any(|name| *name == header::ACCEPT_ENCODING.as_str())
        || rule.vary_by.headers.contains(&header::ACCEPT_ENCODING);
    if by_coding && !is_told_apart(headers) {
        return Err(Unstorable::VaryAny);
    }
    if length.is_some_and(|length| length > rule.max_size) {
        return Err(Unstorable::TooLarge);
    }
    let lifetime_ms = lifetime_ms(rule, status, headers, &says, times);
    let is_allowed = lifetime_ms.is_some() || says.public || is_heuristic(status);
    let lifetime_ms = lifetime_ms.unwrap_or(0);
    let initial_age_ms = initial_age_ms(headers, times);
    let entry = Entry {
        status,
        headers: dated(stored_fields(rule, headers, &says), times),
        stored_ms: times.came_ms,
        initial_age_ms,
        lifetime_ms,
        stale_while_revalidate_ms: stale_ms(&says, obeys, says.stale_while_revalidate, rule.stale_while_revalidate),
        stale_if_error_ms: stale_ms(&says, obeys, says.stale_if_error, rule.stale_if_error),
        validation: validation(&says, obeys),
        tags: tags::all(&request.tags, &rule.tag_fields, headers),
        url: request.url.clone(),
        length,
        part,
        wants_etag: rule.make_etag && status == StatusCode::OK && !headers.contains_key(header::ETAG),
        is_immutable: says.immutable,
    };
    let fresh_ms = lifetime_ms.saturating_sub(initial_age_ms);
    let stale_ms = entry.stale_while_revalidate_ms.max(entry.stale_if_error_ms);
    // Of what is stored: a tag that was made here means nothing to the upstream.
    let is_validated = entry.headers.contains_key(header::ETAG) || entry.headers.contains_key(header::LAST_MODIFIED);
    let valid_ms = if is_validated && part.is_none() { KEPT_FOR_VALIDATION_MS } else { 0 };
    let given_ms = if entry.validation == Validation::Always { 0 } else { fresh_ms.saturating_add(stale_ms) };
    // What is stale already can still be of use to clients that ask for `max-stale`, but not worth its place.
    if !is_allowed || (given_ms == 0 && valid_ms == 0) {
        return Err(Unstorable::NoFreshness);
    }
    // A part has one place for each URL.
    if part.is_some() && !vary.is_empty() {
        return Err(Unstorable::Part);
    }
    let kept_ms = fresh_ms.saturating_add(stale_ms.max(valid_ms)).min(LONGEST_KEPT_MS);
    Ok(Storable { entry, vary, kept_ms })
}

fn part(status: StatusCode, headers: &HeaderMap, length: Option<u64>) -> Result<Option<Part>, Unstorable> {
    match (status, headers.get(header::CONTENT_RANGE)) {
        (StatusCode::PARTIAL_CONTENT, Some(range)) => {
            content_range(range).filter(|part| length == Some(part.length())).map(Some).ok_or(Unstorable::Part)
        }
        (StatusCode::PARTIAL_CONTENT, None) => Err(Unstorable::Part),
        (_, _) => Ok(None),
    }
}

/// A stale answer is never given where that is forbidden. `s-maxage` forbids it too (RFC 9111 section 5.2.2.10), unless the upstream allows it by name.
fn stale_ms(says: &Directives, obeys: bool, told: Option<u64>, ruled: Option<Duration>) -> u64 {
    let forbidden = says.must_revalidate || says.proxy_revalidate || says.no_cache.is_all();
    let by_rule = ruled.filter(|_| says.s_maxage.is_none() || !obeys).map_or(0, millis);
    if forbidden && obeys { 0 } else { told.map_or(by_rule, |seconds| seconds.saturating_mul(1000)) }
}

fn validation(says: &Directives, obeys: bool) -> Validation {
    if says.no_cache == Extent::All && obeys {
        Validation::Always
    } else if says.must_revalidate || says.proxy_revalidate || says.s_maxage.is_some() {
        Validation::WhenStale
    } else {
        Validation::MayBeStale
    }
}

/// The fields that are stored (RFC 9111 section 3.1).
fn stored_fields(rule: &Rule, headers: &HeaderMap, says: &Directives) -> HeaderMap {
    let mut edits = HeaderEdits::new();
    hop_by_hop::scrub(headers, &mut edits);
    let listed = says.no_cache.fields().iter().chain(says.private.fields()).cloned();
    for name in NOT_STORED.into_iter().chain(listed) {
        edits.remove(name);
    }
    if rule.set_cookie == SetCookie::Strip {
        edits.remove(header::SET_COOKIE);
    }
    let mut stored = headers.clone();
    edits.apply(&mut stored);
    stored
}

/// An answer without a date is dated when it comes (RFC 9110 section 6.6.1), so that nobody dates it when it is given.
fn dated(mut headers: HeaderMap, times: Times) -> HeaderMap {
    if !headers.contains_key(header::DATE) {
        // Years beyond 9999 cannot be written.
        let came = UNIX_EPOCH + Duration::from_millis(times.came_ms.min(LAST_MS));
        if let Ok(date) = HeaderValue::from_str(&httpdate::fmt_http_date(came)) {
            drop(headers.try_insert(header::DATE, date));
        }
    }
    headers
}

/// Fields of a stored answer that one of status 304 leaves alone: they are about the body (RFC 9111 section 3.2).
const ABOUT_THE_BODY: [HeaderName; 6] = [
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
    HeaderName::from_static("content-md5"),
    header::CONTENT_RANGE,
    header::ETAG,
    HeaderName::from_static("content-digest"),
];

/// What a 304 makes of a stored answer.
#[derive(Clone, Debug)]
pub enum Freshened {
    /// It is still valid, and is stored anew with what is new of its fields.
    Stored(Box<Storable>),
    /// It is still valid, and may be given this once; by its new fields it may not be stored.
    Once(Box<Entry>),
}

/// What a 304 with the fields `told` makes of a stored answer (RFC 9111 section 4.3.4). It was asked about this one only, so that it is about this one, even
/// where it names another entity tag.
#[must_use]
pub fn freshened(request: &StoringRequest<'_>, entry: &Entry, told: &HeaderMap, times: Times) -> Freshened {
    // What is stored is for a `GET`, whoever has asked now.
    let request = &StoringRequest { is_head: false, ..request.clone() };
    let mut headers = entry.headers.clone();
    let mut fresh = stored_fields(request.rule, told, &Directives::of(told));
    for name in ABOUT_THE_BODY {
        fresh.remove(name);
    }
    let names: Vec<HeaderName> = fresh.keys().cloned().collect();
    for name in &names {
        headers.remove(name);
        for value in fresh.get_all(name) {
            // A map that is full keeps what it has.
            drop(headers.try_append(name.clone(), value.clone()));
        }
    }
    let once = Entry {
        headers: headers.clone(),
        stored_ms: times.came_ms,
        initial_age_ms: initial_age_ms(told, times),
        ..entry.clone()
    };
    // How old it is now, the 304 says. One without a date is of now (RFC 9110 section 6.6.1).
    for age in told.get_all(header::AGE) {
        drop(headers.try_append(header::AGE, age.clone()));
    }
    if !told.contains_key(header::DATE) {
        headers.remove(header::DATE);
    }
    let made = if entry.wants_etag { headers.remove(header::ETAG) } else { None };
    let Ok(mut found) = storable(request, entry.status, &headers, entry.length, times) else {
        return Freshened::Once(Box::new(once));
    };
    if let Some(made) = made {
        found.entry.wants_etag = true;
        drop(found.entry.headers.try_insert(header::ETAG, made));
    }
    Freshened::Stored(Box::new(found))
}

#[cfg(test)]
mod tests;
