//! One of several equal jobs of an isolate does the work.
//!
//! What they share is a promise of plain bytes, kept by `host.js`: no Rust waker ever leads from one request to another. The work belongs to the
//! request that began it, which the host keeps for it after its answer and after its client has left.

use bytes::Bytes;
use edge::platform::SingleFlight;
use js_sys::Uint8Array;
use wasm_bindgen::JsCast;

use crate::js;
use crate::platform::Workers;

impl SingleFlight for Workers {
    async fn single_flight(&self, key: &str, work: impl Future<Output = Bytes> + 'static) -> Option<Bytes> {
        if !js::is_under_way(key) {
            // A panic rejects the promise, and whoever waits gets nothing.
            let promise = self.promise(Box::pin(async move {
                let result = work.await;
                Ok(Uint8Array::from(result.as_ref()).into())
            }));
            js::take_off(key, &promise);
        }
        let landed = js::land(key).await.ok()?;
        landed.dyn_ref::<Uint8Array>().map(|bytes| Bytes::from(bytes.to_vec()))
    }
}
