//! What a case cannot ask of every platform, so that its `platforms` must leave some out.

use router_core::config::{Diagnostic, Diagnostics, Path as At};

use super::exchange::{Build, Exchange, PlatformWord, Step};

/// Refuses a case that would run where nothing like it exists.
pub(super) fn check(exchange: &Exchange, found: &mut Diagnostics) {
    let mut refuse = |at: At, platform: PlatformWord, why: &str| {
        if exchange.platforms.is_empty() || exchange.platforms.contains(&platform) {
            let platform = platform.as_str();
            found.push(
                Diagnostic::error("platforms", at, format!("{platform} {why}"))
                    .with_help(format!("name the `platforms` of the case, without {platform}")),
            );
        }
    };
    if exchange.build == Build::Test {
        let at = At::root().key("build");
        refuse(at.clone(), PlatformWord::Memory, "has no build for tests");
        refuse(at, PlatformWord::Spin, "has no build for tests: a component cannot survive a panic");
    }
    if !exchange.limiters.is_empty() {
        let at = At::root().key("limiters");
        refuse(at.clone(), PlatformWord::Native, "has no rate limiter of its own");
        refuse(at, PlatformWord::Spin, "has no rate limiter of its own");
    }
    for (index, step) in exchange.steps.iter().enumerate() {
        let at = At::root().key("steps").index(index);
        if step.client.as_ref().is_some_and(|client| client.country.is_some()) {
            let at = at.key("client").key("country");
            refuse(at.clone(), PlatformWord::Native, "does not know where a client is");
            refuse(at, PlatformWord::Spin, "does not know where a client is");
        }
        if !step.meanwhile.as_slice().is_empty() {
            refuse(at.key("meanwhile"), PlatformWord::Memory, "takes one request at a time");
        }
        if speaks_websocket(step) {
            refuse(at.clone(), PlatformWord::Memory, "has no connection that could become a WebSocket");
            refuse(at, PlatformWord::Spin, "cannot pass WebSocket: wasi:http knows no upgrades");
        }
    }
}

fn speaks_websocket(step: &Step) -> bool {
    step.upstream.as_slice().iter().any(|upstream| upstream.answers.websocket.is_some())
}
