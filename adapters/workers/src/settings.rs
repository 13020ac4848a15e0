//! `${env:NAME}` and `${secret:NAME}`: on Workers both are properties of the environment, there at once.

use edge::platform::Settings;
use router_core::config::Variables;
use router_core::config::variables::Kind;

use crate::js;
use crate::platform::Workers;

impl Variables for Workers {
    fn value(&self, _: Kind, name: &str) -> Option<String> {
        js::variable(&self.env, name).ok().flatten()
    }
}

impl Settings for Workers {
    async fn setting(&self, kind: Kind, name: &str) -> Option<String> {
        self.value(kind, name)
    }
}
