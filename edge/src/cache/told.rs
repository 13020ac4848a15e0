//! What clients and operators learn of what the cache did.

use router_core::cache::status::CACHE_STATUS;

use crate::exchange::Exchange;
use crate::platform::Platform;

/// Adds `Cache-Status` to the answer and a word to the log.
pub(crate) fn tell<P: Platform>(exchange: &mut Exchange<'_, P>) {
    let Some(told) = &exchange.told else { return };
    exchange.record.cache = Some(told.word());
    let caches = &exchange.gateway.caches;
    if caches.tells_status
        && let Some(member) = told.member(&caches.name)
    {
        exchange.answer_edits.append(CACHE_STATUS, member);
    }
    exchange.platform.instance().count_cache(told.word());
}
