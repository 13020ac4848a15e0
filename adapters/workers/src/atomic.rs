//! The atomic store: Durable Objects of the class `TidegateAtomic`, bound as `TIDEGATE_ATOMIC`.

mod counts;
mod object;
mod shares;
mod wire;

use std::time::Duration;

use edge::platform::{Atomic, AtomicFailure};
use router_core::atomic::{Outcome, Transition};
use router_core::authenticate::jose::Digest;
use router_core::limit::owner::{Ask, Said};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::js;
use crate::platform::Workers;

const BINDING: &str = "TIDEGATE_ATOMIC";

/// How many objects share the keys. One object decides about a thousand times a second, and decisions on different keys have nothing to do with each
/// other, so keys are spread by their hash: 32 objects carry what a large site asks. More would each be asked less often, and an object that was not
/// asked for ten seconds has to be started again. Another number here would let every nonce of the time of deployment be used once more.
const OBJECTS: u8 = 32;

/// How long a decision may take. An object far away that has to be started takes some hundreds of milliseconds.
const PATIENCE: Duration = Duration::from_secs(3);

impl Atomic for Workers {
    async fn decide(&self, key: &str, transition: Transition) -> Result<Outcome, AtomicFailure> {
        let name = format!("atomic-{}", object_of(key));
        // An overloaded object, and one that is being moved, throws; whether it had decided is then not known, so it is not asked again.
        let answer = self.objects()?.ask(&name, &wire::question(key, &transition), PATIENCE).text().await?;
        wire::outcome(&answer).ok_or(AtomicFailure::Failed(answer))
    }

    async fn count(&self, asked: &[(String, Ask)], patience: Duration) -> Result<Vec<Said>, AtomicFailure> {
        self.count_in(self.objects()?, asked, patience).await
    }
}

impl Workers {
    fn objects(&self) -> Result<Objects, AtomicFailure> {
        let objects = js::objects(&self.env, BINDING).map_err(|thrown| failed(&thrown))?;
        if objects.is_undefined() { Err(AtomicFailure::Absent) } else { Ok(Objects(objects)) }
    }
}

/// The objects of the store.
struct Objects(JsValue);

/// A question that is under way.
struct Asked(JsFuture);

impl Objects {
    /// Asks the object of this name.
    fn ask(&self, name: &str, question: &str, patience: Duration) -> Asked {
        Asked(JsFuture::from(js::decide(&self.0, name, question, patience.as_millis() as f64)))
    }
}

impl Asked {
    async fn text(self) -> Result<String, AtomicFailure> {
        let answer = self.0.await.map_err(|thrown| failed(&thrown))?;
        Ok(answer.as_string().unwrap_or_default())
    }
}

/// Which of the objects decides on what has this text as its key.
fn object_of(key: &str) -> u8 {
    Digest::Sha256.of(key.as_bytes()).first().copied().unwrap_or_default() % OBJECTS
}

fn failed(thrown: &JsValue) -> AtomicFailure {
    AtomicFailure::Failed(js::thrown(thrown))
}
