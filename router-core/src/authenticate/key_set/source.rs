//! Where the keys of an issuer come from.

use sha2::{Digest, Sha256};

use crate::authenticate::endpoint::Endpoint;
use crate::authenticate::jose::KeyList;
use crate::hex::hex;

/// Where the keys of an issuer come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// The configuration has them.
    Inline(KeyList),
    /// A server has them.
    Remote(Box<Remote>),
}

/// A server that has keys.
#[derive(Clone, Debug)]
pub struct Remote {
    asked: Endpoint,
    issuer: Option<String>,
    id: [u8; 32],
}

impl Remote {
    /// The key set (RFC 7517 section 5) at this URL.
    #[must_use]
    pub fn jwks(asked: Endpoint) -> Self {
        let id = Sha256::digest(format!("jwks\n{asked}")).into();
        Self { asked, issuer: None, id }
    }

    /// The key set that the metadata at this URL names (OpenID Connect Discovery, RFC 8414), if it is that of `issuer`.
    #[must_use]
    pub fn discovery(asked: Endpoint, issuer: &str) -> Self {
        let id = Sha256::digest(format!("discovery\n{asked}\n{issuer}")).into();
        Self { asked, issuer: Some(issuer.to_owned()), id }
    }

    /// The URL that is asked first.
    #[must_use]
    pub fn asked(&self) -> &Endpoint {
        &self.asked
    }

    /// The issuer that the metadata must name; `None` where the URL is that of the key set itself.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Names what is remembered of it: a hash of all that it is made of. What is remembered is thus a fact about a server and not about a
    /// configuration, and stays true when the configuration is replaced.
    #[must_use]
    pub fn id(&self) -> &[u8; 32] {
        &self.id
    }

    /// Its key in the key-value store.
    #[must_use]
    pub fn store_key(&self) -> String {
        format!("tidegate/key-set/{}", hex(&self.id))
    }
}
