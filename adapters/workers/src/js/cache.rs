//! The functions of `cache.js`, typed.

use js_sys::{Array, Function, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{ReadableStream, Response};

/// Parts a body in two: the Response with one half, and the other half, if there is a body.
pub(crate) fn halves(response: &Response) -> Result<(Response, Option<ReadableStream>), JsValue> {
    let halves = part(response)?;
    Ok((halves.get(0).dyn_into()?, halves.get(1).dyn_into().ok()))
}

#[wasm_bindgen(module = "/src/cache.js")]
extern "C" {
    /// Head and Response, null for nothing, undefined where there is no Cache API.
    #[wasm_bindgen(catch)]
    pub(crate) async fn find(key: &str) -> Result<JsValue, JsValue>;

    /// Whether there is a Cache API.
    #[wasm_bindgen(catch)]
    pub(crate) async fn put(key: &str, head: &str, seconds: f64, bytes: &Uint8Array) -> Result<JsValue, JsValue>;

    /// Whether there is a Cache API.
    #[wasm_bindgen(catch, js_name = putStream)]
    pub(crate) async fn put_stream(
        key: &str,
        head: &str,
        seconds: f64,
        stream: &ReadableStream,
        length: f64,
    ) -> Result<JsValue, JsValue>;

    /// Whether there is a Cache API.
    #[wasm_bindgen(catch)]
    pub(crate) async fn forget(key: &str) -> Result<JsValue, JsValue>;

    /// A Response and a stream, or null if there is no body.
    #[wasm_bindgen(catch)]
    fn part(response: &Response) -> Result<Array, JsValue>;

    /// Bytes, or undefined if they are too many. `length` is -1 where it is not known.
    #[wasm_bindgen(catch)]
    pub(crate) async fn gather(stream: &ReadableStream, length: f64, most: f64) -> Result<JsValue, JsValue>;

    /// The answer, and the promise of its end. `slice`: the first byte, -1 for all, and how many.
    #[wasm_bindgen(catch)]
    pub(crate) fn give(status: u16, edits: &str, stored: &Response, slice: &[f64]) -> Result<Array, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) fn lead(context: &JsValue, key: &str) -> Result<Option<Function>, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) async fn follow(key: &str, milliseconds: f64) -> Result<JsValue, JsValue>;
}
