//! The platform as one request sees it: its thread, and the configuration with which the request began.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use arc_swap::ArcSwap;
use edge::Instance;
use edge::platform::{Platform, Settings};
use router_core::config::variables::Kind;
use router_core::config::{PlatformName, Variables};

use crate::atomic::{Ledger, Link};
use crate::cache::Store;
use crate::coalesce::Leads;
use crate::crypto::Keys;
use crate::drain::Gauge;
use crate::kv::RedbStore;
use crate::loaded::Loaded;
use crate::log::Logger;
use crate::options::Observer;
use crate::single_flight::Flights;
use crate::upstream::Pools;
use crate::variables::Environment;

/// What all requests of a thread share.
pub(crate) struct Thread {
    pub(crate) loaded: Arc<ArcSwap<Loaded>>,
    pub(crate) logger: Logger,
    pub(crate) store: RedbStore,
    pub(crate) ledger: Ledger,
    pub(crate) redis: Link,
    pub(crate) flights: Flights,
    pub(crate) cache: Store,
    pub(crate) leads: Leads,
    pub(crate) instance: Rc<Instance>,
    pub(crate) keys: Keys,
    pub(crate) pools: Rc<RefCell<Pools>>,
    pub(crate) gauge: Gauge,
    pub(crate) observer: Option<Observer>,
}

/// The native platform of one request. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Native {
    pub(crate) thread: Rc<Thread>,
    pub(crate) loaded: Arc<Loaded>,
}

impl Native {
    pub(crate) fn new(thread: Rc<Thread>) -> Self {
        let loaded = thread.loaded.load_full();
        Self { thread, loaded }
    }
}

impl Settings for Native {
    async fn setting(&self, kind: Kind, name: &str) -> Option<String> {
        Environment.value(kind, name)
    }
}

impl Platform for Native {
    const NAME: PlatformName = PlatformName::Native;

    fn instance(&self) -> Rc<Instance> {
        Rc::clone(&self.thread.instance)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::mpsc::channel;

    use router_core::config::{NoVariables, Purpose, compile_value};
    use serde_json::{Value, json};

    use super::*;
    use crate::drain::tide;
    use crate::options::{ConfigSource, LogSink};

    /// The platform as a request to a gateway with these upstreams sees it.
    pub(crate) fn native(upstreams: Value) -> Native {
        let document = json!({"upstreams": upstreams, "routes": [{"name": "all", "to": {"respond": {"body": ""}}}]});
        let gateway = compile_value(&document, &NoVariables, Purpose::Run).gateway.unwrap();
        let loaded = Loaded::load(&ConfigSource::Gateway(Arc::new(gateway))).unwrap();
        let (logger, _writer) = Logger::open(LogSink::Lines(channel().0)).unwrap();
        Native::new(Rc::new(Thread {
            loaded: Arc::new(ArcSwap::from_pointee(loaded)),
            logger,
            store: RedbStore::open(None).unwrap(),
            ledger: Ledger::default(),
            redis: Link::default(),
            flights: Flights::default(),
            cache: Store::new(64 << 20),
            leads: Leads::default(),
            instance: Rc::default(),
            keys: Keys::default(),
            pools: Rc::default(),
            gauge: tide().1,
            observer: None,
        }))
    }
}
