//! What `check` can say of limits beside the mistakes: how exact each of them is.

use super::compile::limit;
use super::diagnostic::Place;
use super::{PlatformName, raw};
use crate::limit::bound::Bound;
use crate::limit::limits::LimitsPlace;

/// The bound of every limit of `document` on `platform`, by name. A limit with mistakes has none; they are reported elsewhere.
#[must_use]
pub fn limit_bounds(document: &raw::Document, platform: PlatformName) -> Vec<Bound> {
    let names: Vec<&str> = document.authenticate.authenticators.keys().map(String::as_str).collect();
    let limits = limit::declared(&document.limit, &names, &Place::root().key("limit")).into_limits();
    let store = if document.native.redis.is_some() { LimitsPlace::Redis } else { LimitsPlace::Process };
    limits.limits.iter().map(|limit| Bound::of(limit, platform, store)).collect()
}
