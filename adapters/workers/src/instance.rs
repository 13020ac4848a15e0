//! What the requests of an isolate share: the running configuration.
//!
//! It is compiled in the first request: outside of one, Workers has neither a clock nor the variables. Plain data, swapped whole between requests.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use edge::platform::Log;
use edge::{Current, reload};
use router_core::config::{Checked, PlatformName, Purpose, Variables, compile_value, variables::Kind};
use serde_json::json;

use crate::platform::Workers;

/// The configuration that the build checked.
const EMBEDDED: &str = include_str!(concat!(env!("OUT_DIR"), "/gateway.json"));

/// The variable whose text, if it is set, is the configuration instead.
const VARIABLE: &str = "TIDEGATE_CONFIG";

thread_local! {
    static INSTANCE: OnceCell<Result<Rc<Current>, Broken>> = const { OnceCell::new() };
}

/// A configuration that cannot be served. Nothing mends it but a new deployment, and that starts new isolates.
struct Broken {
    requests: Cell<u64>,
}

/// The running configuration; `None` if it is broken, which the log then says.
pub(crate) fn current(platform: &Workers) -> Option<Rc<Current>> {
    INSTANCE.with(|instance| match instance.get_or_init(|| start(platform)) {
        Ok(current) => Some(Rc::clone(current)),
        Err(broken) => {
            broken.count(platform);
            None
        }
    })
}

fn start(platform: &Workers) -> Result<Rc<Current>, Broken> {
    let given = platform.value(Kind::Env, VARIABLE);
    let mut checked = match serde_json::from_str(given.as_deref().unwrap_or(EMBEDDED)) {
        Ok(document) => compile_value(&document, platform, Purpose::Run),
        Err(why) => Checked::unreadable(&why.to_string()),
    };
    checked.require(PlatformName::Workers);
    if let Some(gateway) = checked.gateway.take() {
        return Ok(Current::new(gateway));
    }
    platform.log(reload::refusal(&checked, "none"));
    Err(Broken { requests: Cell::new(0) })
}

impl Broken {
    /// Says that requests fail, at the first, second, fourth, eighth and so on: never silent, and never a flood.
    fn count(&self, platform: &Workers) {
        let requests = self.requests.get().saturating_add(1);
        self.requests.set(requests);
        if requests.is_power_of_two() {
            platform.log(json!({"event": "configuration_missing", "requests_refused": requests}).to_string());
        }
    }
}
