//! What the gateway asks on its own behalf, with `fetch`.

use bytes::Bytes;
use edge::platform::{Errand, Failure, Fetch, Fetched};
use http::{HeaderValue, StatusCode, header};
use js_sys::{Array, Uint8Array};
use router_core::dispatch::{FailureClass, RequestSent};
use wasm_bindgen::{JsCast, JsValue};

use crate::failure::failure;
use crate::head::{self, EditText};
use crate::js;
use crate::platform::Workers;
use crate::upstream::milliseconds;

impl Fetch for Workers {
    async fn fetch(&self, errand: Errand<'_>) -> Result<Fetched, Failure> {
        let Errand { target, method, path_and_query, mut headers, body, timeout, max_answer } = errand;
        let url = format!("{}://{}{path_and_query}", target.scheme().as_str(), target.authority());
        headers.entry(header::ACCEPT_ENCODING).or_insert(HeaderValue::from_static("identity"));
        let fields = EditText::all(&headers);
        let body = if body.is_empty() { JsValue::NULL } else { Uint8Array::from(body.as_ref()).into() };
        let limits = [milliseconds(Some(timeout)), max_answer as f64];
        match js::errand(&url, method.as_str(), fields.as_str(), &body, &limits).await {
            Ok(value) => fetched(value),
            Err(thrown) => Err(failure(&format!("unknown\n{}", js::thrown(&thrown)))),
        }
    }
}

/// Reads what `host.js` made of the answer: its head and its bytes, or the text of a failure.
fn fetched(value: JsValue) -> Result<Fetched, Failure> {
    let pair = value.dyn_into::<Array>().map_err(|word| failure(&word.as_string().unwrap_or_default()))?;
    let text = pair.get(0).as_string().unwrap_or_default();
    let body = pair.get(1).dyn_into::<Uint8Array>().map(|bytes| Bytes::from(bytes.to_vec())).unwrap_or_default();
    let mut lines = text.split('\n');
    let status = lines.next().unwrap_or_default();
    let status = StatusCode::from_bytes(status.as_bytes()).map_err(|_| Failure {
        class: FailureClass::Protocol,
        request_sent: RequestSent::Yes,
        detail: format!("status {status}"),
    })?;
    Ok(Fetched { status, headers: head::fields(lines).0, body })
}
