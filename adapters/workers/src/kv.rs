//! The key-value store: the namespace that is bound as `TIDEGATE_KV`.

use std::time::Duration;

use bytes::Bytes;
use edge::platform::{Kv, KvFailure};
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};

use crate::js;
use crate::platform::Workers;

const BINDING: &str = "TIDEGATE_KV";

/// How long a data centre may serve a value from its cache, in seconds. The least that every account may use; a miss is cached as long.
const CACHE_SECONDS: f64 = 60.0;

/// Workers KV keeps no value for a shorter time.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(60);

impl Workers {
    fn namespace(&self) -> Result<JsValue, KvFailure> {
        let namespace = js::namespace(&self.env, BINDING).map_err(|thrown| failed(&thrown))?;
        if namespace.is_undefined() { Err(KvFailure::Absent) } else { Ok(namespace) }
    }
}

impl Kv for Workers {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, KvFailure> {
        let value = js::load(&self.namespace()?, key, CACHE_SECONDS).await.map_err(|thrown| failed(&thrown))?;
        Ok(value.dyn_ref::<Uint8Array>().map(|bytes| Bytes::from(bytes.to_vec())))
    }

    async fn put(&self, key: &str, value: Bytes, lifetime: Option<Duration>) -> Result<(), KvFailure> {
        if lifetime.is_some_and(|lifetime| lifetime < SHORTEST_LIFETIME) {
            let shortest = SHORTEST_LIFETIME.as_secs();
            return Err(KvFailure::Failed(format!(
                "Workers KV keeps values for at least {shortest} s, and `{key}` may not live so long"
            )));
        }
        // Whole seconds, rounded down: it may not live longer.
        let seconds = lifetime.map(|lifetime| lifetime.as_secs() as f64);
        let bytes = Uint8Array::from(value.as_ref());
        js::store(&self.namespace()?, key, &bytes, seconds).await.map(drop).map_err(|thrown| failed(&thrown))
    }

    async fn delete(&self, key: &str) -> Result<(), KvFailure> {
        js::forget(&self.namespace()?, key).await.map(drop).map_err(|thrown| failed(&thrown))
    }
}

fn failed(thrown: &JsValue) -> KvFailure {
    KvFailure::Failed(js::thrown(thrown))
}
