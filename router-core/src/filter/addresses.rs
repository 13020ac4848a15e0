//! Allow and deny lists of client addresses.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::Mode;

/// Compiled address lists. Look-ups are a binary search over disjoint, sorted ranges, so that a list of thousands costs a few comparisons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessLists {
    allow: Option<Networks>,
    deny: Networks,
    mode: Mode,
}

/// The verdict on an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It may pass.
    Allow,
    /// It may not, and is refused.
    Deny,
    /// It may not, but the rule only records.
    ShadowDeny,
}

impl AccessLists {
    /// Lists of networks. Without `allow` everyone is allowed who is not denied.
    #[must_use]
    pub fn new(allow: Vec<IpNet>, deny: Vec<IpNet>, mode: Mode) -> Self {
        let allow = if allow.is_empty() { None } else { Some(Networks::new(allow)) };
        Self { allow, deny: Networks::new(deny), mode }
    }

    /// Whether the rule looks at addresses at all.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.mode != Mode::Off
    }

    /// The verdict on `address`. Deny goes before allow. An address that is not known passes only where nothing is listed that it could fail.
    #[must_use]
    pub fn decide(&self, address: Option<IpAddr>) -> Access {
        let allowed = match address.map(|address| address.to_canonical()) {
            Some(address) => {
                !self.deny.contains(address) && self.allow.as_ref().is_none_or(|allow| allow.contains(address))
            }
            None => self.allow.is_none() && self.deny.is_empty(),
        };
        match (allowed, self.mode) {
            (true, _) | (_, Mode::Off) => Access::Allow,
            (false, Mode::Enforce) => Access::Deny,
            (false, Mode::Shadow) => Access::ShadowDeny,
        }
    }
}

/// Networks, aggregated and sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Networks {
    v4: Vec<Ipv4Net>,
    v6: Vec<Ipv6Net>,
}

impl Networks {
    fn new(networks: Vec<IpNet>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for network in networks {
            match network {
                IpNet::V4(network) => v4.push(network.trunc()),
                IpNet::V6(network) => v6.push(network.trunc()),
            }
        }
        let (mut v4, mut v6) = (Ipv4Net::aggregate(&v4), Ipv6Net::aggregate(&v6));
        v4.sort_unstable();
        v6.sort_unstable();
        Self { v4, v6 }
    }

    fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Aggregated networks are disjoint, so only the last one that starts at or before the address can have it.
    fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => {
                let after = self.v4.partition_point(|network| network.network() <= address);
                after
                    .checked_sub(1)
                    .and_then(|last| self.v4.get(last))
                    .is_some_and(|network| network.contains(&address))
            }
            IpAddr::V6(address) => {
                let after = self.v6.partition_point(|network| network.network() <= address);
                after
                    .checked_sub(1)
                    .and_then(|last| self.v6.get(last))
                    .is_some_and(|network| network.contains(&address))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn nets(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn decide(allow: &[&str], deny: &[&str], address: &str) -> Access {
        AccessLists::new(nets(allow), nets(deny), Mode::Enforce).decide(Some(address.parse().unwrap()))
    }

    #[test]
    fn a_denied_address_is_refused_even_if_allowed() {
        assert_eq!(decide(&["10.0.0.0/8"], &["10.1.0.0/16"], "10.1.2.3"), Access::Deny);
        assert_eq!(decide(&["10.0.0.0/8"], &["10.1.0.0/16"], "10.2.2.3"), Access::Allow);
    }

    #[test]
    fn with_an_allow_list_everyone_else_is_refused() {
        assert_eq!(decide(&["2001:db8::/32"], &[], "2001:db8::1"), Access::Allow);
        assert_eq!(decide(&["2001:db8::/32"], &[], "192.0.2.1"), Access::Deny);
        assert_eq!(decide(&[], &["192.0.2.0/24"], "198.51.100.1"), Access::Allow);
    }

    #[test]
    fn an_ipv4_address_in_ipv6_is_the_ipv4_address() {
        assert_eq!(decide(&[], &["192.0.2.0/24"], "::ffff:192.0.2.1"), Access::Deny);
    }

    #[test]
    fn an_unknown_address_fails_every_list() {
        assert_eq!(AccessLists::new(vec![], nets(&["10.0.0.0/8"]), Mode::Enforce).decide(None), Access::Deny);
        assert_eq!(AccessLists::new(nets(&["10.0.0.0/8"]), vec![], Mode::Shadow).decide(None), Access::ShadowDeny);
        assert_eq!(AccessLists::new(vec![], vec![], Mode::Enforce).decide(None), Access::Allow);
    }

    proptest! {
        #[test]
        fn the_search_agrees_with_asking_every_network(
            networks in prop::collection::vec((any::<u32>(), 0u8..=32), 0..40),
            address in any::<u32>(),
            near in any::<prop::sample::Index>(),
        ) {
            let networks: Vec<IpNet> =
                networks.into_iter().map(|(bits, length)| Ipv4Net::new(bits.into(), length).unwrap().into()).collect();
            let mut addresses = vec![IpAddr::V4(address.into())];
            if !networks.is_empty() {
                addresses.push(networks[near.index(networks.len())].broadcast());
            }
            let searched = Networks::new(networks.clone());
            for address in addresses {
                prop_assert_eq!(searched.contains(address), networks.iter().any(|network| network.contains(&address)));
            }
        }
    }
}
