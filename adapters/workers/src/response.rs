//! From the gateway's answer to the host's.

use edge::platform::Background;
use edge::{Made, Passed, Reply};
use http::HeaderValue;
use js_sys::{Promise, Uint8Array};
use router_core::Rejection;
use router_core::respond::problem;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use crate::head::EditText;
use crate::js;
use crate::platform::Workers;

/// The answer as the host sends it.
pub(crate) fn to_host(platform: &Workers, reply: Reply<Workers>) -> Result<Response, JsValue> {
    match reply {
        Reply::Made(Made { status, headers, body }) => {
            js::make(status.as_u16(), EditText::all(&headers).as_str(), &Uint8Array::from(body.as_ref()))
        }
        Reply::Passed(Passed { answer, edits, at_end }) => match (answer.into_response(), at_end) {
            (Some(response), None) => js::pass(&response, EditText::of(&edits).as_str()),
            (Some(response), Some(at_end)) => {
                let watched = js::pass_watched(&response, EditText::of(&edits).as_str())?;
                let ended = JsFuture::from(Promise::resolve(&watched.get(1)));
                platform.defer(async move {
                    ended.await.ok();
                    drop(at_end);
                });
                watched.get(0).dyn_into()
            }
            (None, _) => internal(),
        },
    }
}

/// The answer where there is no gateway to ask: its configuration is broken, or it panicked.
pub(crate) fn internal() -> Result<Response, JsValue> {
    let (status, headers, body) = problem::problem(&Rejection::Internal, &HeaderValue::from_static(""));
    js::make(status.as_u16(), EditText::all(&headers).as_str(), &Uint8Array::from(body.as_slice()))
}
