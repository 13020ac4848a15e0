//! What a change makes worthless (RFC 9111 section 4.4), and what the configuration says that it does.

use http::{HeaderMap, HeaderName, StatusCode, header};
use router_core::cache::asked::CacheRequest;
use router_core::cache::purge::{Name, Purge, same_host};

use super::purge;
use crate::exchange::Exchange;
use crate::platform::Platform;

/// Carries out what the success of the request makes worthless.
pub(super) async fn invalidate<P: Platform>(
    exchange: &mut Exchange<'_, P>,
    request: Option<&CacheRequest>,
    status: StatusCode,
    answer: &HeaderMap,
) {
    if !(status.is_success() || status.is_redirection()) {
        return;
    }
    if let Some(request) = request {
        if let Err(crate::platform::CacheFailure::Failed(why)) = exchange.platform.forget(&request.key).await {
            super::find::failed(exchange, &why);
        }
        let mut names = vec![Name::Path(Some(request.url.host.clone()), request.url.path.clone())];
        for field in [header::LOCATION, header::CONTENT_LOCATION] {
            names.extend(named(&field, &request.url.host, &request.url.path, answer));
        }
        spread(exchange, names);
    }
    let triggered = exchange.triggered.take();
    if let Some(rules) = triggered.filter(|rules| !rules.is_empty()) {
        let names: Vec<Name> = rules.into_iter().map(Name::Rule).collect();
        let host = exchange.platform.clone();
        let purge = Purge { at_ms: exchange.platform.unix_ms(), soft: false };
        purge::note(exchange.platform, &names, purge);
        exchange.platform.defer(async move {
            drop(purge::write(&host, &names, purge).await);
        });
    }
}

/// The URL of a field, if it is of the same host.
fn named(field: &HeaderName, host: &str, path: &str, answer: &HeaderMap) -> Option<Name> {
    let reference = answer.get(field)?.to_str().ok()?;
    same_host(reference, host, path).map(|path| Name::Path(Some(host.to_owned()), path))
}

/// Tells this instance, and others where the key-value store takes as many writes as there are changes.
fn spread<P: Platform>(exchange: &Exchange<'_, P>, names: Vec<Name>) {
    let platform = exchange.platform;
    let purge = Purge { at_ms: platform.unix_ms(), soft: false };
    purge::note(platform, &names, purge);
    if P::NAME.capabilities().kv_takes_changes {
        let host = platform.clone();
        platform.defer(async move {
            drop(purge::write(&host, &names, purge).await);
        });
    }
}
