//! `authenticate:` of a route, and the default of all routes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::raw::Mode;

/// Which authenticators a request needs, what its sender must be allowed, and what the upstream learns of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "policy"))]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// What to do with the verdict. `off` lets everyone in: an anonymous route beside a default.
    pub mode: Mode,
    /// Authenticators of which one must know the sender. They are tried in this order.
    pub any: Vec<String>,
    /// Authenticators that must all know the sender. The first of them names the consumer.
    pub all: Vec<String>,
    /// Whether a request without any credential may pass, as nobody. A wrong credential is refused all the same.
    pub optional: bool,
    /// Scopes, all of which the consumer must have.
    pub scopes: Vec<String>,
    /// Roles, one of which the consumer must have.
    pub roles: Vec<String>,
    /// A condition in CEL over `claims`, `consumer`, `request` and `route`. Anything but `true` is a refusal.
    pub allow: Option<String>,
    /// What the upstream learns of the consumer.
    pub forward: Forward,
}

/// What the upstream learns of the consumer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "forward"))]
#[serde(deny_unknown_fields, default)]
pub struct Forward {
    /// Header fields with values from claims. Each is taken out of what any client sends, on every route and in every spelling (`x_user` for `X-User`).
    ///
    /// Texts, numbers and booleans are written as they are; of lists the members, with `,` between. Percent signs, spaces at the ends and all that is not
    /// ASCII are percent-encoded (UTF-8), so that decoding a value once gives the claim back. An object, a control character, a comma in a member of a list
    /// or more than 8 KiB fit no field: the request is refused. An empty text or list counts as absent. Of nobody (`optional`) nothing is told.
    pub headers: BTreeMap<String, ClaimSource>,
    /// Whether the upstream gets the credentials too. Default `drop`.
    pub credentials: Credentials,
    /// Whether the upstream gets the signed assertion of `authenticate.assertion`. Of nobody nothing is stated.
    pub assertion: bool,
    /// Whether the upstream gets the client's certificate in `Client-Cert` (RFC 9440), if it showed one. What clients write there is always taken out.
    pub certificate: bool,
}

/// Whether the upstream gets the credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Credentials {
    /// They are taken out of the request: whatever stands where the authenticators of the policy look, and the proof beside a bound token. One in the
    /// query is always taken out. In `mode: shadow` everything stays.
    #[default]
    Drop,
    /// They are passed on as they came.
    Keep,
}

/// Where a header's value comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClaimSource {
    /// The claim at this path (`sub`, `realm_access.roles`, `["https://example.com/tenant"]`); without it the request is refused.
    Claim(String),
    /// The claim at this path; without it the header is left out.
    OptionalClaim(String),
    /// A fact about the consumer that is no claim: `id`, `authenticator`, `scopes`, `roles` or `plan`. The last three are left out where there are none.
    Consumer(String),
}
