//! What only tests may ask of a platform's cache, beside `probe.rs`.
//!
//! `x-test-cache` holds words. A KEY is any text, and the upstream is the first one of the configuration:
//!
//! * `store KEY SECONDS TEXT`, `way KEY` (to variants), `long KEY` (an item with a head of a megabyte), `forget KEY`: `done`, `absent` or `failed REASON`.
//! * `find KEY`: `nothing`, `way`, or `item` with the length of its body, its entity tag and its mark (`-` for none).
//! * `pass KEY MOST PATH`: the upstream's answer, stored on its way. `tag KEY MOST PATH`: with an entity tag. Both lead for the key until that is done.
//! * `whole KEY MOST PATH`: stores it and gives it to nobody; told as above.
//! * `give KEY`, `give KEY FIRST LENGTH`: the stored answer, or a part of it; 404 if there is none.
//! * `renew KEY MARK`: the stored answer under a head with this mark, stored anew.
//! * `lead KEY PATH`: `led` when the upstream has answered, or `followed` when another request no longer leads. `wait KEY`: `done` when nobody leads.

use std::time::Duration;

use bytes::Bytes;
use edge::platform::{Answer, Body, CacheFailure, Failure, Found, Platform, Question};
use edge::{AtEnd, Made, Passed, Reply, Stored, StoredBody};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use router_core::cache::entry::{Url, Validation};
use router_core::cache::key::KeyMaker;
use router_core::cache::{Entry, Item, Key, Variants};
use router_core::dispatch::UpstreamHead;
use router_core::{Gateway, HeaderEdits, RequestHead};

/// How long whatever is stored lasts, unless it is said.
const LIFETIME: Duration = Duration::from_secs(3600);

/// How long another request is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// The field by which a renewed head is known.
const MARK: HeaderName = HeaderName::from_static("x-mark");

/// Does what the head asks for; `None` if it asks for nothing.
pub(crate) async fn probe<P: Platform>(
    platform: &P,
    gateway: &Gateway,
    head: &RequestHead,
    inbound: P::Inbound,
) -> Option<Reply<P>> {
    let asked = head.headers.get("x-test-cache")?.to_str().ok()?.to_owned();
    let words: Vec<&str> = asked.split(' ').collect();
    let told = match words.as_slice() {
        ["store", name, seconds, text] => {
            let lifetime = Duration::from_secs(seconds.parse().ok()?);
            let mut entry = entry(StatusCode::OK, HeaderMap::new());
            entry.complete(text.len() as u64, || [0; 32]);
            let item = Item::Answer(entry);
            done(platform.store(&key(name), item, Bytes::from((*text).to_owned()), lifetime).await)
        }
        ["way", name] => {
            let sets = vec![vec!["accept".to_owned()]];
            let variants = Variants { generation: "g\u{e9}".to_owned(), sets, stored_ms: 1 };
            done(platform.store(&key(name), Item::Variants(variants), Bytes::new(), LIFETIME).await)
        }
        ["long", name] => {
            let mut entry = entry(StatusCode::OK, HeaderMap::new());
            entry.tags = vec!["t".repeat(1_000_000)];
            done(platform.store(&key(name), Item::Answer(entry), Bytes::new(), LIFETIME).await)
        }
        ["find", name] => match platform.find(&key(name)).await {
            Ok(None) => "nothing".to_owned(),
            Ok(Some(found)) => shown(&found.item),
            Err(failure) => done(Err(failure)),
        },
        ["forget", name] => done(platform.forget(&key(name)).await),
        [how @ ("pass" | "tag" | "whole"), name, most, path] => {
            let answer = match ask(platform, gateway, head, inbound, path).await {
                Ok(answer) => answer,
                Err(failure) => return Some(made(format!("failed {}", failure.detail))),
            };
            let mut entry = entry(answer.status(), answer.headers().into_owned());
            entry.wants_etag = *how == "tag";
            let (key, most) = (key(name), most.parse().ok()?);
            if *how != "whole" {
                let end = platform.lead(&key).unwrap_or_else(|| AtEnd::new(|| ()));
                let answer = platform.store_passing(&key, entry, answer, most, LIFETIME, end);
                return Some(Reply::Passed(Passed { answer, edits: HeaderEdits::new(), at_end: None }));
            }
            done(platform.store_whole(&key, entry, answer, most, LIFETIME).await)
        }
        ["give", name] => return Some(give(found(platform, name).await, None)),
        ["give", name, first, length] => {
            let slice = (first.parse().ok()?, length.parse().ok()?);
            return Some(give(found(platform, name).await, Some(slice)));
        }
        ["renew", name, mark] => {
            let (mut entry, body) = found(platform, name).await?;
            entry.headers.insert(MARK, HeaderValue::from_str(mark).ok()?);
            match platform.renew(&key(name), entry.clone(), body, LIFETIME).await {
                Ok(body) => return Some(give(Some((entry, body)), None)),
                Err(failure) => done(Err(failure)),
            }
        }
        ["lead", name, path] => {
            let key = key(name);
            match platform.lead(&key) {
                Some(lead) => {
                    let asked = ask(platform, gateway, head, inbound, path).await;
                    drop(lead);
                    asked.map_or_else(|failure| format!("failed {}", failure.detail), |_| "led".to_owned())
                }
                None => {
                    platform.follow(&key, PATIENCE).await;
                    "followed".to_owned()
                }
            }
        }
        ["wait", name] => {
            platform.follow(&key(name), PATIENCE).await;
            "done".to_owned()
        }
        _ => format!("no such probe: {asked}"),
    };
    Some(made(told))
}

fn made<P: Platform>(told: String) -> Reply<P> {
    Reply::Made(Made { status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::from(told) })
}

fn key(name: &str) -> Key {
    let mut maker = KeyMaker::new();
    maker.add("test", name.as_bytes());
    maker.key()
}

fn entry(status: StatusCode, mut headers: HeaderMap) -> Entry {
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::TRANSFER_ENCODING);
    headers.remove(header::CONNECTION);
    headers.insert("x-name", HeaderValue::from_static("stored"));
    Entry {
        status,
        headers,
        stored_ms: 1,
        lifetime_ms: 1000,
        tags: vec!["caf\u{e9}".to_owned()],
        url: Url { host: "a.test".to_owned(), path: "/".to_owned(), query: String::new() },
        ..Entry::default()
    }
}

fn done(outcome: Result<(), CacheFailure>) -> String {
    match outcome {
        Ok(()) => "done".to_owned(),
        Err(CacheFailure::Absent) => "absent".to_owned(),
        Err(CacheFailure::Failed(why)) => format!("failed {why}"),
    }
}

fn shown(item: &Item) -> String {
    let Item::Answer(entry) = item else { return "way".to_owned() };
    let field = |name| entry.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or("-");
    let length = entry.length.map_or_else(|| "-".to_owned(), |length| length.to_string());
    format!("item {length} {} {}", field(header::ETAG), field(MARK))
}

async fn found<P: Platform>(platform: &P, name: &str) -> Option<(Entry, P::Kept)> {
    let Found { item, body } = platform.find(&key(name)).await.ok()??;
    match &*item {
        Item::Answer(entry) => Some((entry.clone(), body)),
        Item::Variants(_) => None,
    }
}

/// The stored answer as the cache stage would give it.
fn give<P: Platform>(found: Option<(Entry, P::Kept)>, slice: Option<(u64, u64)>) -> Reply<P> {
    let Some((entry, kept)) = found else {
        return Reply::Made(Made { status: StatusCode::NOT_FOUND, headers: HeaderMap::new(), body: Bytes::new() });
    };
    let mut headers = entry.headers;
    let length = slice.map(|(_, length)| length).or(entry.length);
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    let status = if slice.is_some() { StatusCode::PARTIAL_CONTENT } else { entry.status };
    let body = (length != Some(0)).then_some(StoredBody { kept, slice });
    Reply::Stored(Stored { status, headers, body, at_end: Some(AtEnd::new(|| ())) })
}

async fn ask<P: Platform>(
    platform: &P,
    gateway: &Gateway,
    head: &RequestHead,
    inbound: P::Inbound,
    path: &str,
) -> Result<P::Answer, Failure> {
    let missing = || Failure {
        class: router_core::dispatch::FailureClass::Unknown,
        request_sent: router_core::dispatch::RequestSent::No,
        detail: "the configuration has no upstream".to_owned(),
    };
    let upstream = gateway.upstreams.first().ok_or_else(missing)?;
    let target = upstream.targets.first().ok_or_else(missing)?;
    let question = Question {
        index: 0,
        upstream,
        target,
        head: UpstreamHead {
            method: Method::GET,
            path_and_query: path.to_owned(),
            edits: HeaderEdits::new(),
            upgrade: None,
        },
        host: None,
        headers: &head.headers,
        inbound,
        body: Body::Empty,
        max_body: 0,
        timeouts: upstream.timeouts,
    };
    platform.ask(question).await
}
