//! From the gateway's answer to the host's.

use edge::platform::{Background, Log};
use edge::{AtEnd, Made, Passed, Reply, Stored, StoredBody};
use http::HeaderValue;
use js_sys::{Array, Promise, Uint8Array};
use router_core::Rejection;
use router_core::respond::problem;
use serde_json::json;
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
                when_ended(platform, &watched, at_end);
                watched.get(0).dyn_into()
            }
            (None, _) => internal(),
        },
        Reply::Stored(stored) => give(platform, stored),
    }
}

fn give(platform: &Workers, stored: Stored<Workers>) -> Result<Response, JsValue> {
    let Stored { status, headers, body, at_end } = stored;
    let edits = EditText::all(&headers);
    let Some(StoredBody { kept, slice }) = body else {
        return js::make(status.as_u16(), edits.as_str(), &Uint8Array::new_with_length(0));
    };
    let Some(kept) = kept.take() else {
        platform.log(json!({"event": "answer_lost", "reason": "a stored body was wanted twice"}).to_string());
        return internal();
    };
    let slice = slice.map_or([-1.0, 0.0], |(first, length)| [first as f64, length as f64]);
    let given = js::cache::give(status.as_u16(), edits.as_str(), &kept, &slice)?;
    if let Some(at_end) = at_end {
        when_ended(platform, &given, at_end);
    }
    given.get(0).dyn_into()
}

/// Keeps `at_end` until the body of an answer has ended. The answer comes with the promise of that.
fn when_ended(platform: &Workers, watched: &Array, at_end: AtEnd) {
    let ended = JsFuture::from(Promise::resolve(&watched.get(1)));
    platform.defer(async move {
        ended.await.ok();
        drop(at_end);
    });
}

/// The answer where there is no gateway to ask: its configuration is broken, or it panicked.
pub(crate) fn internal() -> Result<Response, JsValue> {
    let (status, headers, body) = problem::problem(&Rejection::Internal, &HeaderValue::from_static(""));
    js::make(status.as_u16(), EditText::all(&headers).as_str(), &Uint8Array::from(body.as_slice()))
}
