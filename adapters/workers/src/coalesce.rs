//! Requests of an isolate for the same wait for one of them.
//!
//! They share a promise of the one that leads, which holds nothing, and each waits for it with a timer of its own: no Rust waker ever leads from one
//! request to another.

use std::time::Duration;

use edge::AtEnd;
use edge::platform::Coalesce;
use router_core::cache::Key;
use wasm_bindgen::JsValue;

use crate::js;
use crate::platform::Workers;
use crate::upstream::milliseconds;

impl Coalesce for Workers {
    fn lead(&self, key: &Key) -> Option<AtEnd> {
        // A host that refuses the promise lets everybody go on alone.
        let release = js::cache::lead(self.context(), &key.to_string()).ok()??;
        Some(AtEnd::new(move || drop(release.call0(&JsValue::UNDEFINED))))
    }

    async fn follow(&self, key: &Key, patience: Duration) {
        // A promise that only waits cannot fail.
        js::cache::follow(&key.to_string(), milliseconds(Some(patience))).await.ok();
    }
}
