//! Stored answers, in the Cache API: each data centre keeps its own.
//!
//! An item is a Response under a URL that is made of its key. Its head is a text in one field, since the host has rules of its own for what a Response
//! may say: it refuses a 206 and `Vary: *`, drops cookies, and decodes what says that it is encoded. The body is the bytes as they came.
//!
//! A body is gathered before it is stored, so that its length and hash are known and nothing that broke off is ever seen. Only one that is too large for
//! that is stored on the way. It never enters Wasm.

use std::cell::Cell;
use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use edge::AtEnd;
use edge::platform::{Answer, Background, Cache, CacheFailure, Found, Log};
use http::header;
use js_sys::{Array, Uint8Array};
use router_core::cache::entry::Url;
use router_core::cache::{Entry, Item, Key};
use router_core::receive::told_length;
use serde_json::json;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ReadableStream, Response};

use crate::js;
use crate::platform::Workers;
use crate::upstream::UpstreamAnswer;

/// The longest head, in bytes. The host would take more in one field, but not all that passes it by would.
const LONGEST_HEAD: usize = 16 * 1024;

/// The longest body that is gathered, in bytes. All requests of an isolate share 128 MB.
const LONGEST_GATHERED: u64 = 8 * 1024 * 1024;

/// The longest lifetime, in seconds.
const LONGEST_LIFETIME: u64 = i32::MAX as u64;

/// The body of a stored answer. The host hands its bytes out once.
#[derive(Clone)]
pub(crate) struct Kept(Rc<Unread>);

/// A Response whose body nobody has read yet.
struct Unread(Cell<Option<Response>>);

impl Kept {
    fn new(response: Response) -> Self {
        Self(Rc::new(Unread(Cell::new(Some(response)))))
    }

    /// The Response, to be read; `None` if it was taken before.
    pub(crate) fn take(&self) -> Option<Response> {
        self.0.0.take()
    }

    fn put_back(&self, response: Response) {
        self.0.0.set(Some(response));
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        if let Some(response) = self.0.take() {
            js::discard(&response).ok();
        }
    }
}

/// An answer on its way into the store.
struct Incoming {
    key: Key,
    entry: Entry,
    /// `None` if there is no body.
    body: Option<ReadableStream>,
    /// The declared length of the body.
    length: Option<u64>,
    most: u64,
    lifetime: Duration,
}

/// Why an answer was not stored.
enum Unstored {
    /// Its body is too long, or broke off.
    Body(String),
    /// The store.
    Store(CacheFailure),
}

impl From<CacheFailure> for Unstored {
    fn from(failure: CacheFailure) -> Self {
        Self::Store(failure)
    }
}

impl From<Unstored> for CacheFailure {
    fn from(unstored: Unstored) -> Self {
        match unstored {
            Unstored::Body(why) => Self::Failed(why),
            Unstored::Store(failure) => failure,
        }
    }
}

impl Cache for Workers {
    type Kept = Kept;

    async fn find(&self, key: &Key) -> Result<Option<Found<Kept>>, CacheFailure> {
        let found = js::cache::find(&key.to_string()).await.map_err(|thrown| failed(&thrown))?;
        if found.is_undefined() {
            return Err(CacheFailure::Absent);
        }
        let Ok(pair) = found.dyn_into::<Array>() else { return Ok(None) };
        let Ok(response) = pair.get(1).dyn_into::<Response>() else { return Ok(None) };
        let body = Kept::new(response);
        // What another version of the gateway has written counts as nothing.
        let item = Item::read(pair.get(0).as_string().unwrap_or_default().as_bytes());
        Ok(item.map(|item| Found { item: Arc::new(item), body }))
    }

    async fn store(&self, key: &Key, item: Item, body: Bytes, lifetime: Duration) -> Result<(), CacheFailure> {
        self.put(key, &item, &Uint8Array::from(body.as_ref()), lifetime).await
    }

    fn store_passing(
        &self,
        key: &Key,
        entry: Entry,
        mut answer: UpstreamAnswer,
        most: u64,
        lifetime: Duration,
        end: AtEnd,
    ) -> UpstreamAnswer {
        let length = told_length(&answer.headers());
        if length.is_some_and(|length| length > most) {
            return answer;
        }
        let body = match answer.part() {
            Ok(body) => body,
            Err(thrown) => {
                self.unstored(&entry.url, &js::thrown(&thrown));
                return answer;
            }
        };
        let incoming = Incoming { key: *key, entry, body, length, most, lifetime };
        let own = self.clone();
        self.defer(async move {
            own.take_in_background(incoming).await;
            drop(end);
        });
        answer
    }

    async fn store_whole(
        &self,
        key: &Key,
        entry: Entry,
        answer: UpstreamAnswer,
        most: u64,
        lifetime: Duration,
    ) -> Result<(), CacheFailure> {
        let length = told_length(&answer.headers());
        if length.is_some_and(|length| length > most) {
            return Err(CacheFailure::Failed(too_long(most)));
        }
        let body = answer.into_response().and_then(|response| response.body());
        Ok(self.take_in(Incoming { key: *key, entry, body, length, most, lifetime }).await?)
    }

    async fn renew(&self, key: &Key, entry: Entry, body: Kept, lifetime: Duration) -> Result<Kept, CacheFailure> {
        let response = body.take().ok_or_else(|| CacheFailure::Failed("its body was read before".to_owned()))?;
        let (response, stream) = match js::cache::halves(&response) {
            Ok(halves) => halves,
            Err(thrown) => {
                body.put_back(response);
                return Err(failed(&thrown));
            }
        };
        let length = entry.length;
        let incoming = Incoming { key: *key, entry, body: stream, length, most: u64::MAX, lifetime };
        let own = self.clone();
        self.defer(async move { own.take_in_background(incoming).await });
        Ok(Kept::new(response))
    }

    async fn forget(&self, key: &Key) -> Result<(), CacheFailure> {
        present(js::cache::forget(&key.to_string()).await)
    }
}

impl Workers {
    /// Stores what comes, and has the log say if the store fails. What becomes of a body is its upstream's matter.
    async fn take_in_background(&self, incoming: Incoming) {
        let url = incoming.entry.url.clone();
        if let Err(Unstored::Store(CacheFailure::Failed(why))) = self.take_in(incoming).await {
            self.unstored(&url, &why);
        }
    }

    fn unstored(&self, url: &Url, why: &str) {
        self.log(json!({"event": "cache_unstored", "host": url.host, "path": url.path, "reason": why}).to_string());
    }

    async fn take_in(&self, incoming: Incoming) -> Result<(), Unstored> {
        let Incoming { key, mut entry, body, length, most, lifetime } = incoming;
        let bytes = match (body, length) {
            (None, _) => Uint8Array::new_with_length(0),
            (Some(body), Some(length)) if length > LONGEST_GATHERED => {
                // Its bytes are never seen, so it gets no entity tag.
                entry.length = Some(length);
                let head = head(&Item::Answer(entry))?;
                let key = key.to_string();
                let put = js::cache::put_stream(&key, &head, seconds(lifetime), &body, length as f64);
                return Ok(present(put.await)?);
            }
            (Some(body), length) => gather(&body, length, most.min(LONGEST_GATHERED)).await?,
        };
        complete(&mut entry, &bytes).await;
        Ok(self.put(&key, &Item::Answer(entry), &bytes, lifetime).await?)
    }

    async fn put(&self, key: &Key, item: &Item, bytes: &Uint8Array, lifetime: Duration) -> Result<(), CacheFailure> {
        present(js::cache::put(&key.to_string(), &head(item)?, seconds(lifetime), bytes).await)
    }
}

/// All bytes of a body.
async fn gather(body: &ReadableStream, length: Option<u64>, most: u64) -> Result<Uint8Array, Unstored> {
    let length = length.map_or(-1.0, |length| length as f64);
    let gathered = js::cache::gather(body, length, most as f64).await;
    let gathered = gathered.map_err(|thrown| Unstored::Body(js::thrown(&thrown)))?;
    gathered.dyn_into().map_err(|_| Unstored::Body(too_long(most)))
}

fn too_long(most: u64) -> String {
    format!("the body is longer than {most} bytes")
}

/// Tells an entry of its body.
async fn complete(entry: &mut Entry, bytes: &Uint8Array) {
    let wants_hash = entry.wants_etag && !entry.headers.contains_key(header::ETAG);
    let hash = if wants_hash { js::digest("SHA-256", bytes).await.ok() } else { None };
    let hash = hash.and_then(|hash| <[u8; 32]>::try_from(hash.dyn_ref::<Uint8Array>()?.to_vec()).ok());
    entry.wants_etag &= hash.is_some();
    entry.complete(u64::from(bytes.length()), || hash.unwrap_or_default());
}

/// The head of an item as the value of a field: JSON in ASCII.
fn head(item: &Item) -> Result<String, CacheFailure> {
    let json = item.write();
    let mut text = String::with_capacity(json.len());
    for sign in String::from_utf8_lossy(&json).chars() {
        if (' '..='~').contains(&sign) {
            text.push(sign);
        } else {
            for unit in sign.encode_utf16(&mut [0; 2]) {
                // Writing to a text cannot fail.
                write!(text, "\\u{unit:04x}").ok();
            }
        }
    }
    if text.len() > LONGEST_HEAD {
        let length = text.len();
        return Err(CacheFailure::Failed(format!("its head has {length} bytes, and may have {LONGEST_HEAD}")));
    }
    Ok(text)
}

/// Whole seconds, rounded down: it may not live longer. The host keeps nothing for less than one.
fn seconds(lifetime: Duration) -> f64 {
    lifetime.as_secs().clamp(1, LONGEST_LIFETIME) as f64
}

/// What the host says of a deed: whether there is a Cache API, or what it threw.
fn present(said: Result<JsValue, JsValue>) -> Result<(), CacheFailure> {
    match said {
        Ok(present) if present.is_truthy() => Ok(()),
        Ok(_) => Err(CacheFailure::Absent),
        Err(thrown) => Err(failed(&thrown)),
    }
}

fn failed(thrown: &JsValue) -> CacheFailure {
    CacheFailure::Failed(js::thrown(thrown))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn entry() -> Entry {
        Entry { stored_ms: 1, lifetime_ms: 1000, ..Entry::default() }
    }

    #[test]
    fn a_head_is_a_field_of_printable_ascii_and_reads_as_it_was() {
        let mut entry = entry();
        entry.headers.insert("x-name", HeaderValue::from_bytes("caf\u{e9} \"\\".as_bytes()).unwrap());
        entry.tags = vec!["\u{1f980}".into(), "\u{7f}\n".into()];
        entry.url.path = "/\u{20ac}".into();
        let item = Item::Answer(entry);
        let text = head(&item).unwrap();
        assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{text}");
        assert_eq!(Item::read(text.as_bytes()), Some(item));
    }

    #[test]
    fn a_head_that_is_too_long_is_refused() {
        let mut entry = entry();
        entry.tags = vec!["t".repeat(LONGEST_HEAD)];
        assert!(matches!(head(&Item::Answer(entry)), Err(CacheFailure::Failed(why)) if why.contains("16384")));
    }

    #[test]
    fn a_lifetime_is_whole_seconds_and_never_none() {
        assert_eq!(seconds(Duration::from_millis(1999)), 1.0);
        assert_eq!(seconds(Duration::ZERO), 1.0);
        assert_eq!(seconds(Duration::MAX), 2_147_483_647.0);
    }
}
