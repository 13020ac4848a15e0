//! The functions of `host.js`, typed; those of `cache.js` are in [`cache`].
//!
//! Whatever the host can throw is caught here and becomes a `Result`: an exception that passes through Rust frames would not be ours to contain.

// The glue that `wasm_bindgen` writes is unsafe by nature. Nothing else in this crate is.
#![allow(unsafe_code)]

pub(crate) mod cache;

use js_sys::{Array, Function, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{ReadableStream, Request, Response};

#[wasm_bindgen(module = "/src/host.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = requestHead)]
    pub(crate) fn request_head(request: &Request) -> Result<String, JsValue>;

    #[wasm_bindgen(catch, js_name = clientCertificate)]
    pub(crate) fn client_certificate(request: &Request) -> Result<String, JsValue>;

    #[wasm_bindgen(catch, js_name = clientCountry)]
    pub(crate) fn client_country(request: &Request) -> Result<String, JsValue>;

    #[wasm_bindgen(catch, js_name = responseHead)]
    pub(crate) fn response_head(response: &Response) -> Result<String, JsValue>;

    /// `limits` are those that `host.js` lists.
    #[wasm_bindgen(catch)]
    pub(crate) async fn ask(
        request: &Request,
        url: &str,
        method: &str,
        edits: &str,
        body: &JsValue,
        limits: &[f64],
    ) -> Result<JsValue, JsValue>;

    /// `limits`: milliseconds for all of it, and the most bytes of an answer.
    #[wasm_bindgen(catch)]
    pub(crate) async fn errand(
        url: &str,
        method: &str,
        fields: &str,
        body: &JsValue,
        limits: &[f64],
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = isUnderWay)]
    pub(crate) fn is_under_way(key: &str) -> bool;

    #[wasm_bindgen(js_name = takeOff)]
    pub(crate) fn take_off(key: &str, work: &Promise);

    #[wasm_bindgen(catch)]
    pub(crate) async fn land(key: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) async fn within(work: &Promise, milliseconds: f64) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) async fn sleep(milliseconds: f64) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = knowsKey)]
    pub(crate) fn knows_key(algorithm: &str, thumbprint: &str) -> bool;

    /// `jwk` is empty for a key that is known.
    #[wasm_bindgen(catch)]
    pub(crate) async fn verify(
        algorithm: &str,
        thumbprint: &str,
        jwk: &str,
        message: &Uint8Array,
        signature: &Uint8Array,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) async fn digest(name: &str, bytes: &Uint8Array) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) fn keep(context: &JsValue) -> Result<Function, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) fn objects(env: &JsValue, binding: &str) -> Result<JsValue, JsValue>;

    /// The question is under way when this returns, so that several objects can be asked at once.
    pub(crate) fn decide(objects: &JsValue, name: &str, question: &str, milliseconds: f64) -> Promise;

    #[wasm_bindgen(catch)]
    pub(crate) async fn question(request: &Request) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) async fn limit(env: &JsValue, binding: &str, key: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) fn pass(response: &Response, edits: &str) -> Result<Response, JsValue>;

    /// The answer, and the promise of its end.
    #[wasm_bindgen(catch, js_name = passWatched)]
    pub(crate) fn pass_watched(response: &Response, edits: &str) -> Result<Array, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) fn make(status: u16, edits: &str, bytes: &Uint8Array) -> Result<Response, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) fn discard(response: &Response) -> Result<(), JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) async fn read(stream: &ReadableStream, most: f64) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) fn variable(env: &JsValue, name: &str) -> Result<Option<String>, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) fn namespace(env: &JsValue, binding: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) async fn load(namespace: &JsValue, key: &str, cache_ttl: f64) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) async fn store(
        namespace: &JsValue,
        key: &str,
        bytes: &Uint8Array,
        expiration_ttl: Option<f64>,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) async fn forget(namespace: &JsValue, key: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) fn log(line: &str) -> Result<(), JsValue>;

    pub(crate) fn milliseconds() -> f64;

    pub(crate) fn monotonic() -> f64;

    #[wasm_bindgen(catch)]
    pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), JsValue>;
}

/// What was thrown, for a log.
pub(crate) fn thrown(value: &JsValue) -> String {
    match value.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.to_string()),
        None => value.as_string().unwrap_or_else(|| format!("{value:?}")),
    }
}
