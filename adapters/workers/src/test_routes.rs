//! What only tests may ask for. Compiled with the feature `test-routes`, which no deployed worker has.

#[path = "../../shared/probe.rs"]
mod probe;
#[path = "../../shared/probe_cache.rs"]
mod probe_cache;

use edge::Reply;
use edge::platform::{Clock, Crypto};
use router_core::authenticate::jose::{self, Algorithm, Key};
use router_core::{Gateway, RequestHead};

use crate::platform::Workers;

/// How often each way of verifying is gone, so that its time can be read from a clock.
const ROUNDS: u32 = 100;

/// Does what the head asks for and returns what to answer: panics with `x-test-panic`, measures with `x-test-measure`, tries the platform with
/// `x-test-probe`.
#[allow(clippy::panic)]
pub(crate) async fn visit(platform: &Workers, head: &RequestHead) -> Option<String> {
    if head.headers.contains_key("x-test-panic") {
        panic!("a test asked for a panic");
    }
    match head.headers.get("x-test-measure") {
        Some(asked) => Some(measure(platform, asked.to_str().ok()?).await.unwrap_or_else(|| "not measured".to_owned())),
        None => probe::probe(platform, head).await,
    }
}

/// The answer that `x-test-cache` asks for.
pub(crate) async fn cached(
    platform: &Workers,
    gateway: &Gateway,
    head: &RequestHead,
    inbound: &web_sys::Request,
) -> Option<Reply<Workers>> {
    probe_cache::probe(platform, gateway, head, Clone::clone(inbound)).await
}

/// Verifies one signature over and over, by the host and by portable code. Asked by the name of the algorithm and, in base64url, a JWK, a message and a
/// signature. Answers the microseconds of each, by the host first.
async fn measure(platform: &Workers, asked: &str) -> Option<String> {
    let mut words = asked.split(' ');
    let algorithm = Algorithm::from_name(words.next()?)?;
    let mut bytes = || jose::base64::decode_url(words.next()?);
    let (jwk, message, signature) = (bytes()?, bytes()?, bytes()?);
    let key = Key::from_jwk(&serde_json::from_slice(&jwk).ok()?).ok()?;
    // The first time imports the key.
    if !platform.verify(algorithm, &key, &message, &signature).await {
        return None;
    }
    let begun = platform.monotonic();
    for _ in 0..ROUNDS {
        platform.verify(algorithm, &key, &message, &signature).await.then_some(())?;
    }
    let by_host = platform.monotonic().saturating_sub(begun);
    let begun = platform.monotonic();
    for _ in 0..ROUNDS {
        jose::verify(algorithm, &key, &message, &signature).then_some(())?;
    }
    let portably = platform.monotonic().saturating_sub(begun);
    let each = |time: std::time::Duration| time.as_secs_f64() * 1e6 / f64::from(ROUNDS);
    Some(format!("{:.1} {:.1}", each(by_host), each(portably)))
}
