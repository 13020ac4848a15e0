//! Spin variables. Names are lower case there, so `${env:SHOP_URL}` and `${secret:SHOP_URL}` are both the variable `shop_url`.

use edge::platform::Settings;
use router_core::config::variables::Kind;
use spin_sdk::variables;

use crate::Spin;

impl Settings for Spin {
    async fn setting(&self, _: Kind, name: &str) -> Option<String> {
        variables::get(name.to_ascii_lowercase()).await.ok()
    }
}
