//! Bodies: the host's own stream where there is one.

use bytes::Bytes;
use edge::platform::{Body, Failure, Read};
use js_sys::Uint8Array;
use router_core::dispatch::{FailureClass, RequestSent};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::ReadableStream;

use crate::js;

/// The body as `fetch` takes it.
pub(crate) fn to_host(body: Body<ReadableStream>) -> JsValue {
    match body {
        Body::Empty => JsValue::NULL,
        Body::Bytes(bytes) => Uint8Array::from(bytes.as_ref()).into(),
        Body::Stream(stream) => stream.into(),
    }
}

/// At most `most` bytes. This is the one way by which a body's bytes enter Wasm; only the echo upstream takes it.
pub(crate) async fn read(body: Body<ReadableStream>, most: usize) -> Result<Read, Failure> {
    let stream = match body {
        Body::Empty => return Ok(Read { bytes: Bytes::new(), truncated: false }),
        Body::Bytes(bytes) => return Ok(cut(bytes, most)),
        Body::Stream(stream) => stream,
    };
    let value = js::read(&stream, most as f64).await.map_err(|thrown| Failure {
        class: FailureClass::ClientBody,
        request_sent: RequestSent::No,
        detail: js::thrown(&thrown),
    })?;
    Ok(cut(value.dyn_ref::<Uint8Array>().map(|bytes| Bytes::from(bytes.to_vec())).unwrap_or_default(), most))
}

fn cut(mut bytes: Bytes, most: usize) -> Read {
    let truncated = bytes.len() > most;
    bytes.truncate(most);
    Read { bytes, truncated }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_longer_is_cut_and_says_so() {
        assert_eq!(cut(Bytes::from_static(b"abc"), 3), Read { bytes: Bytes::from_static(b"abc"), truncated: false });
        assert_eq!(cut(Bytes::from_static(b"abcd"), 3), Read { bytes: Bytes::from_static(b"abc"), truncated: true });
    }
}
