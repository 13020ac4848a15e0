//! Whom a connection leads to, and which other requests may use it.

use std::rc::Rc;

use router_core::dispatch::{Target, Upstream, UpstreamProtocol};

use super::pool::{Key, Place};
use crate::loaded::Loaded;
use crate::tls::ClientTls;

/// A target with all that a connection to it needs.
pub(crate) struct Peer<'a> {
    pub(crate) target: &'a Target,
    pub(crate) protocol: UpstreamProtocol,
    /// What a handshake needs, if the target speaks TLS.
    pub(crate) tls: Option<&'a ClientTls>,
    /// Under which its connections wait.
    pub(crate) key: Key,
}

impl<'a> Peer<'a> {
    /// A target of the upstream at `index`.
    pub(crate) fn of_upstream(loaded: &'a Loaded, index: usize, upstream: &'a Upstream, target: &'a Target) -> Self {
        let number = upstream.targets.iter().position(|one| std::ptr::eq(one, target));
        let place = Place::Target { upstream: index, target: number.unwrap_or(usize::MAX) };
        Self {
            target,
            protocol: upstream.protocol,
            tls: loaded.upstreams.get(index).and_then(Option::as_ref),
            key: Key { generation: loaded.generation, place },
        }
    }

    /// A server that the gateway asks on its own behalf.
    pub(crate) fn of_errand(loaded: &'a Loaded, target: &'a Target, tls: Option<&'a ClientTls>) -> Self {
        // Scheme and authority: two errands to one server share connections, whatever their paths.
        let server = format!("{}://{}", target.scheme().as_str(), target.authority());
        let key = Key { generation: loaded.generation, place: Place::Errands(Rc::from(server)) };
        Self { target, protocol: UpstreamProtocol::Auto, tls, key }
    }
}
