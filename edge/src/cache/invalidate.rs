//! What a change makes worthless (RFC 9111 section 4.4), and what the configuration says that it does.

use http::{HeaderMap, HeaderName, StatusCode, header};
use router_core::cache::asked::CacheRequest;
use router_core::cache::purge::{Name, Purge, same_host};

use super::find::done;
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
        let forgotten = exchange.platform.forget(&request.key).await;
        done(exchange, forgotten);
        let mut names = vec![Name::Path(Some(request.url.host.clone()), request.url.path.clone())];
        for field in [header::LOCATION, header::CONTENT_LOCATION] {
            names.extend(named(&field, &request.url.host, &request.url.path, answer));
        }
        spread(exchange, names, P::NAME.capabilities().kv_takes_changes);
    }
    let rules = std::mem::take(&mut exchange.triggered);
    if !rules.is_empty() {
        spread(exchange, rules.into_iter().map(Name::Rule).collect(), true);
    }
}

/// The URL of a field, if it is of the same host.
fn named(field: &HeaderName, host: &str, path: &str, answer: &HeaderMap) -> Option<Name> {
    let reference = answer.get(field)?.to_str().ok()?;
    same_host(reference, host, path).map(|path| Name::Path(Some(host.to_owned()), path))
}

/// Tells this instance, and through the key-value store all others if they are to know.
fn spread<P: Platform>(exchange: &Exchange<'_, P>, names: Vec<Name>, to_all: bool) {
    let platform = exchange.platform;
    let purge = Purge { at_ms: platform.unix_ms(), soft: false };
    purge::note(platform, &names, purge);
    if to_all {
        let host = platform.clone();
        platform.defer(async move {
            drop(purge::write(&host, &names, purge).await);
        });
    }
}
