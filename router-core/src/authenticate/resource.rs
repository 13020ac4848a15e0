//! What clients can learn about getting access: protected resource metadata (RFC 9728).

use std::collections::BTreeSet;

use http::{HeaderValue, header};
use serde_json::{Map, Value, json};

use super::{Authenticator, Place, Policy};
use crate::config::FixedAnswer;
use crate::route::well_known;

/// What stands between host and path of an identifier in the URL of its metadata (RFC 9728 section 3).
pub const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// The resource, compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The resource identifier, as it was written.
    pub identifier: String,
    /// Where the metadata is published: a normalised path.
    pub path: String,
    /// The URL of the metadata, for `resource_metadata` in challenges (RFC 9728 section 5.1).
    pub metadata_url: String,
    /// The issuers that can give access.
    pub authorization_servers: Vec<String>,
    /// The name that people are shown.
    pub name: Option<String>,
    /// Where people can read on.
    pub documentation: Option<String>,
}

impl Rules {
    /// The metadata document and its path. Every policy's scopes are in it: a client learns what there is to ask for, and not for which route.
    #[must_use]
    pub fn document<'p>(
        &self,
        authenticators: &[Authenticator],
        policies: impl Iterator<Item = &'p Policy>,
    ) -> (String, FixedAnswer) {
        let scopes: BTreeSet<&str> = policies.flat_map(|policy| policy.scopes.iter().map(String::as_str)).collect();
        let tokens = || authenticators.iter().filter(|authenticator| authenticator.is_token());
        let places = || tokens().flat_map(Authenticator::places);
        let mut methods = Vec::new();
        if places().any(|place| *place == Place::Bearer) {
            methods.push("header");
        }
        // The parameter's name is part of the method (RFC 6750 section 2.3).
        if places().any(|place| matches!(place, Place::Query(name) if name == "access_token")) {
            methods.push("query");
        }
        let algorithms: BTreeSet<&str> = tokens()
            .filter_map(Authenticator::proof)
            .flat_map(|rules| rules.dpop.algorithms.iter().map(|algorithm| algorithm.as_str()))
            .collect();
        let mut metadata = Map::new();
        let mut put = |name: &str, value: Value| metadata.insert(name.to_owned(), value);
        put("resource", json!(self.identifier));
        // Zero elements are left out, as the RFC says of every list but `bearer_methods_supported` (section 2).
        if !self.authorization_servers.is_empty() {
            put("authorization_servers", json!(self.authorization_servers));
        }
        if !scopes.is_empty() {
            put("scopes_supported", json!(scopes));
        }
        put("bearer_methods_supported", json!(methods));
        if !algorithms.is_empty() {
            put("dpop_signing_alg_values_supported", json!(algorithms));
        }
        if let Some(name) = &self.name {
            put("resource_name", json!(name));
        }
        if let Some(documentation) = &self.documentation {
            put("resource_documentation", json!(documentation));
        }
        let mut answer = well_known::document("application/json", &Value::Object(metadata));
        // Applications in browsers look it up too, and there is nothing secret in it.
        answer.headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        (self.path.clone(), answer)
    }
}
