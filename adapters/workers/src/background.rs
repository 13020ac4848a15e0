//! Work after the response: the host grants it 30 seconds.

use std::panic::AssertUnwindSafe;

use edge::platform::Background;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::future_to_promise;

use crate::platform::Workers;

impl Background for Workers {
    fn defer(&self, work: impl Future<Output = ()> + 'static) {
        // A panic rejects the promise, which the host logs. Nothing half-done can be seen: what requests share is replaced whole.
        let promise = future_to_promise(AssertUnwindSafe(async move {
            work.await;
            Ok(JsValue::UNDEFINED)
        }));
        // Best effort: a host that does not wait lets the work run as long as the request does.
        self.context().wait_until(&promise).ok();
    }
}
