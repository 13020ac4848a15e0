//! The running configuration of an instance, and how a newer one from the key-value store takes its place.
//!
//! A document in the store is checked before it replaces anything. A bad one is reported once and the running one goes on. The swap happens between
//! requests: a request keeps the gateway with which it began.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use router_core::config::variables::{Known, references};
use router_core::config::{self, Checked, DOCUMENT_KEY, Gateway, Purpose};
use serde_json::{Value, json};

use crate::platform::{KvFailure, Platform, Settings};

/// The configuration that an instance serves with.
pub struct Current {
    gateway: RefCell<Arc<Gateway>>,
    /// The document of the store that was looked at last, good or bad.
    seen: RefCell<Option<Bytes>>,
    /// When the store was asked last. Set before asking, so that a look whose request died is simply followed by the next.
    looked: Cell<Option<Duration>>,
    absent: Cell<bool>,
}

impl Current {
    /// Starts with `gateway`.
    #[must_use]
    pub fn new(gateway: Gateway) -> Rc<Self> {
        Rc::new(Self {
            gateway: RefCell::new(Arc::new(gateway)),
            seen: RefCell::default(),
            looked: Cell::default(),
            absent: Cell::default(),
        })
    }

    /// The gateway for the next request.
    ///
    /// The first call of an instance waits for the store, so that a fresh instance never serves an older document than its neighbours. Later ones
    /// return at once and look in the background when the interval has passed.
    pub async fn gateway<P: Platform>(self: &Rc<Self>, platform: &P) -> Arc<Gateway> {
        let now = platform.monotonic();
        let interval = self.running().reload_interval.filter(|_| !self.absent.get());
        match (interval, self.looked.get()) {
            (None, _) => {}
            (Some(_), None) => {
                self.looked.set(Some(now));
                self.look(platform).await;
            }
            (Some(interval), Some(looked)) if now.saturating_sub(looked) >= interval => {
                self.looked.set(Some(now));
                let (current, host) = (Rc::clone(self), platform.clone());
                platform.defer(async move { current.look(&host).await });
            }
            (Some(_), Some(_)) => {}
        }
        self.running()
    }

    fn running(&self) -> Arc<Gateway> {
        Arc::clone(&self.gateway.borrow())
    }

    async fn look<P: Platform>(&self, platform: &P) {
        let found = match platform.get(DOCUMENT_KEY).await {
            Ok(Some(found)) => found,
            Ok(None) => return,
            Err(KvFailure::Absent) => return self.absent.set(true),
            Err(KvFailure::Failed(why)) => {
                return platform.log(json!({"event": "configuration_unread", "reason": why}).to_string());
            }
        };
        if self.seen.borrow().as_ref() == Some(&found) {
            return;
        }
        let mut checked = match serde_json::from_slice(&found) {
            Ok(document) => {
                let known = settings_of(platform, &document).await;
                config::compile_value(&document, &known, Purpose::Run)
            }
            Err(why) => Checked::unreadable(&why.to_string()),
        };
        // What this platform cannot honour is refused here as it is by `check`.
        checked.require(P::NAME);
        self.seen.replace(Some(found));
        match checked.gateway {
            Some(gateway) => {
                platform.log(json!({"event": "configuration_replaced", "epoch": gateway.epoch}).to_string());
                self.gateway.replace(Arc::new(gateway));
            }
            None => platform.log(refusal(&checked, &self.running().epoch)),
        }
    }
}

/// What the references of `document` stand for on `platform`.
pub async fn settings_of<P: Settings>(platform: &P, document: &Value) -> Known {
    let mut known = Known::default();
    for (kind, name) in references(document) {
        if let Some(value) = platform.setting(kind, &name).await {
            known.insert(kind, name, value);
        }
    }
    known
}

/// The log line about a refused document.
#[must_use]
pub fn refusal(checked: &Checked, running: &str) -> String {
    let errors: Vec<String> = checked.diagnostics.iter().map(ToString::to_string).collect();
    json!({"event": "configuration_refused", "running": running, "errors": errors}).to_string()
}
