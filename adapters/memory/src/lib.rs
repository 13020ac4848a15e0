//! Tidegate on a platform where nothing happens by chance: the clock is moved by hand, randomness comes from a seed, the upstream plays a script.
//!
//! It serves tests, fuzzing and anything that replays a decision. It needs no runtime and opens no socket: its futures complete when they are
//! polled, because where a real host would wait, this one moves its clock. A question that nobody will ever answer and that has no deadline is
//! found out by [`executor::run`] instead of hanging.
//!
//! ```
//! use tidegate_memory::{Incoming, Memory, executor};
//!
//! let document = serde_json::json!({"routes": [{"name": "hello", "to": {"respond": {"body": "hello"}}}]});
//! let memory = Memory::default();
//! let current = memory.start(document).unwrap();
//! let answer = executor::run(memory.answer(&current, Incoming::get("/"))).unwrap();
//! assert_eq!((answer.status.as_u16(), &answer.body()[..]), (200, &b"hello"[..]));
//! ```
#![forbid(unsafe_code)]

mod atomic;
mod background;
mod cache;
mod clock;
mod coalesce;
mod crypto;
pub mod executor;
mod fetch;
mod kv;
mod log;
mod random;
mod rate_limiter;
mod request;
mod response;
mod settings;
mod single_flight;
mod sleep;
mod upstream;
mod variables;

use std::collections::BTreeMap;
use std::rc::Rc;

use edge::platform::Platform;
use edge::{Current, Instance, journey, refuse};
use http::Method;
use router_core::config::{Diagnostics, PlatformName, Purpose, compile_value};

pub use atomic::Ledger;
pub use cache::Shelf;
pub use clock::ManualClock;
pub use kv::Store;
pub use log::Lines;
pub use random::SplitMix64;
pub use rate_limiter::Bindings;
pub use request::{Incoming, Unreadable};
pub use response::Outgoing;
pub use upstream::{Play, Script, Scripted, ScriptedBody, Seen};

/// The platform. Clones share everything.
#[derive(Clone, Default)]
pub struct Memory {
    state: Rc<State>,
}

#[derive(Default)]
struct State {
    background: background::Queue,
    bindings: Bindings,
    clock: ManualClock,
    flights: single_flight::Flights,
    instance: Rc<Instance>,
    leads: coalesce::Leads,
    ledger: Ledger,
    lines: Lines,
    random: SplitMix64,
    script: Script,
    shelf: Shelf,
    store: Store,
    variables: BTreeMap<String, String>,
    verified: crypto::Verified,
}

impl Memory {
    /// A platform with these variables, and with randomness from this seed.
    #[must_use]
    pub fn new(seed: u64, variables: BTreeMap<String, String>) -> Self {
        Self { state: Rc::new(State { random: SplitMix64::new(seed), variables, ..State::default() }) }
    }

    /// The clock, for moving it.
    #[must_use]
    pub fn clock(&self) -> &ManualClock {
        &self.state.clock
    }

    /// The key-value store, for filling it and for making it fail.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.state.store
    }

    /// The atomic store, for making it fail.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.state.ledger
    }

    /// The store of answers, for emptying it and for making it fail.
    #[must_use]
    pub fn shelf(&self) -> &Shelf {
        &self.state.shelf
    }

    /// The host's own limiters, for binding some.
    #[must_use]
    pub fn bindings(&self) -> &Bindings {
        &self.state.bindings
    }

    /// The log.
    #[must_use]
    pub fn lines(&self) -> &Lines {
        &self.state.lines
    }

    /// What upstreams will do, and what they have seen.
    #[must_use]
    pub fn script(&self) -> &Script {
        &self.state.script
    }

    /// Compiles `document` and begins to serve with it.
    ///
    /// # Errors
    /// All that is wrong with the document.
    pub fn start(&self, document: serde_json::Value) -> Result<Rc<Current>, Diagnostics> {
        let mut checked = compile_value(&document, self, Purpose::Run);
        checked.require(Self::NAME);
        checked.gateway.map(Current::new).ok_or(checked.diagnostics)
    }

    /// Takes one request through the gateway, as a server would: what cannot even be read as a request is refused.
    pub async fn answer(&self, current: &Rc<Current>, incoming: Incoming) -> Outgoing {
        let gateway = current.gateway(self).await;
        let is_head = incoming.method == Method::HEAD.as_str();
        let reply = match incoming.into_request() {
            Ok(request) => journey(&gateway, self, request).await,
            Err(unreadable) => {
                let Unreadable { head, rejection } = *unreadable;
                refuse(&gateway, self, head, rejection)
            }
        };
        Outgoing::of(reply, is_head)
    }

    /// Runs the work that was left for after the answer, and what that work leaves in turn.
    pub async fn run_background(&self) {
        while let Some(work) = self.state.background.next() {
            work.await;
        }
    }
}

impl Platform for Memory {
    const NAME: PlatformName = PlatformName::Memory;

    fn instance(&self) -> Rc<Instance> {
        Rc::clone(&self.state.instance)
    }
}
