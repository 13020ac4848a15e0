//! `authenticate:` who asks, and may they?

mod api_key;
mod assertion;
mod certificate;
mod introspection;
mod jwt;
mod policy;
mod proof;
mod resource;
mod signature;
mod webhook;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use api_key::{ApiKey, ApiKeyRecord};
pub use assertion::Assertion;
pub use certificate::{Certificate, CertificateConsumer, CertificateMatch};
pub use introspection::{ClientAuthentication, Introspection};
pub use jwt::{Jwt, Keys};
pub use policy::{ClaimSource, Credentials, Forward, Policy};
pub use proof::{Dpop, DpopNonce, Proof, ProofRule};
pub use resource::ProtectedResource;
pub use signature::{Signature, SignatureKey, Signing};
pub use webhook::{Webhook, WebhookEncoding, WebhookForm, WebhookPreset, WebhookReplay};

/// Who asks, and may they?
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "authenticate"))]
#[serde(deny_unknown_fields, default)]
pub struct Authenticate {
    /// The named ways to learn who asks. Routes use them by name.
    pub authenticators: BTreeMap<String, Authenticator>,
    /// The policy of every route that has none of its own. Left out: everyone may.
    pub default: Option<Policy>,
    /// A signed statement of who asks, for upstreams that do not trust the network.
    pub assertion: Option<Assertion>,
    /// What clients can learn about getting access (RFC 9728).
    pub resource: Option<ProtectedResource>,
}

/// One way to learn who asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Authenticator {
    /// A JSON Web Token (RFC 7519).
    Jwt(Jwt),
    /// An opaque token that its issuer explains (RFC 7662).
    Introspection(Introspection),
    /// A key that this gateway issued.
    ApiKey(ApiKey),
    /// The certificate of the client's TLS connection.
    Certificate(Certificate),
    /// A signature over the request (RFC 9421).
    Signature(Signature),
    /// A signature over the body with a shared secret, as webhooks have it.
    Webhook(Webhook),
}

/// Where a credential stands in a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In `Authorization`, with this scheme: `bearer` takes `Bearer` and, for bound tokens, `DPoP`; `basic` takes the password of `Basic`.
    Authorization(Scheme),
    /// A header field with nothing else in it.
    Header(String),
    /// A cookie.
    Cookie(String),
    /// A query parameter. It is taken out before the request goes on; still, URLs end up in logs and histories.
    Query(String),
}

/// A scheme of `Authorization`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// `Bearer` (RFC 6750); `DPoP` (RFC 9449) where proofs are taken.
    Bearer,
    /// `Basic` (RFC 7617): the password is the credential, the user name is not looked at.
    Basic,
}
