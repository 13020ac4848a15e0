//! What is left to do when the upstream has answered.

use router_core::cache::asked::CacheRequest;
use router_core::cache::{Entry, Variants};

use super::find::Held;
use crate::exchange::AtEnd;
use crate::platform::Platform;

/// What is left to do when the upstream has answered.
pub(crate) enum Plan<P: Platform> {
    /// If the request succeeds, what is stored of its URL is worthless.
    Change(Box<Change>),
    /// The answer may be worth storing, or what is stored may be given after all.
    Look(Box<Look<P>>),
}

/// A request that is to change something.
pub(crate) struct Change {
    /// The rule, by its index.
    pub(super) rule: usize,
    /// As a `GET` of the same URL would be.
    pub(super) request: CacheRequest,
}

/// A request for which nothing was found that could be given at once.
pub(crate) struct Look<P: Platform> {
    /// The rule, by its index.
    pub(super) rule: usize,
    pub(super) request: CacheRequest,
    /// What is stored and could not be given.
    pub(super) held: Option<Held<P>>,
    /// What is known of the variants of the URL.
    pub(super) variants: Option<Variants>,
    /// The upstream is asked whether what is stored is still valid.
    pub(super) validates: bool,
    /// Others wait for this one until it is dropped.
    pub(super) lead: Option<AtEnd>,
    /// When the upstream was asked, in milliseconds since 1970.
    pub(super) asked_ms: u64,
}

impl<P: Platform> Look<P> {
    /// What is stored and could not be given.
    pub(super) fn stored(&self) -> Option<(&Held<P>, &Entry)> {
        let held = self.held.as_ref()?;
        Some((held, held.entry()?))
    }
}
