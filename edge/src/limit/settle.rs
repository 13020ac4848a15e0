//! What limits still have to learn when the answer is there.

use http::{HeaderMap, StatusCode};
use router_core::limit::key::LocalKey;
use router_core::limit::owner::Ask;
use router_core::limit::settle::{self, Answered, Place};
use router_core::limit::tally::Item;

use super::{now, remembered, store};
use crate::exchange::{AtEnd, Exchange};
use crate::platform::Platform;

/// Settles what the head of the answer tells: whether the request counts, and what it took on top.
pub(crate) fn settle<P: Platform>(
    exchange: &Exchange<'_, P>,
    status: StatusCode,
    headers: &HeaderMap,
    body_bytes: Option<u64>,
) {
    if !exchange.limits.iter().any(settle::is_open) {
        return;
    }
    let (platform, limits) = (exchange.platform, &exchange.gateway.limits);
    let answered = Answered { status, headers, body_bytes };
    let (freed, asks): (Vec<LocalKey>, Vec<(String, Ask)>) = remembered::with(platform, limits, |memory| {
        let open = exchange.limits.iter().filter(|item| settle::is_open(item));
        let told = |item: &Item<'_>| {
            settle::settle(memory, item, &answered, now(platform)).map(|ask| (item.wanted.local, ask))
        };
        open.filter_map(told).unzip()
    });
    store::defer(platform, limits.patience, asks, freed);
}

/// What gives places back when the answer has ended. Nothing where none is held.
pub(crate) fn at_end<P: Platform>(exchange: &Exchange<'_, P>) -> Option<AtEnd> {
    let places: Vec<Place> = exchange.limits.iter().filter_map(Place::of).collect();
    if places.is_empty() {
        return None;
    }
    let (platform, patience) = (exchange.platform.clone(), exchange.gateway.limits.patience);
    Some(AtEnd::new(move || {
        let instance = platform.instance();
        let now_ms = platform.unix_ms();
        let asks = match &mut *instance.limits.borrow_mut() {
            Some(memory) => places.into_iter().filter_map(|place| place.give_back(memory, now_ms)).collect(),
            None => Vec::new(),
        };
        store::defer(&platform, patience, asks, Vec::new());
    }))
}
