//! `receive:` limits of a well-formed request, trusted proxies, request ids.

use serde::{Deserialize, Serialize};

/// What makes a request well-formed, and who sent it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "receive"))]
#[serde(deny_unknown_fields, default)]
pub struct Receive {
    /// The longest request target (path and query) that is accepted, else 414. Default `8KiB`, at most `64KiB`.
    pub max_url: Option<String>,
    /// The most bytes of all request header names and values together, else 431. Default `32KiB`, at most `1MiB`.
    pub max_headers: Option<String>,
    /// The most request header fields, else 431. Default 100, at most 1000.
    pub max_header_count: Option<u32>,
    /// The largest request body, else 413. Default `100MiB`. A route may say otherwise.
    pub max_body: Option<String>,
    /// Proxies in front of the gateway that are believed in `Forwarded` and `X-Forwarded-For`: addresses and CIDR networks.
    pub trusted_proxies: Vec<String>,
    /// The field in which trusted proxies tell the client's address. Only this one is believed. Default `x_forwarded_for`.
    pub client_address_in: ClientAddressField,
    /// Whose `X-Request-Id` is kept.
    pub request_id: RequestId,
    /// How often a request may pass gateways of this name (counted in `Via`) before it is refused as a loop with 508. Default 3.
    pub max_hops: Option<u32>,
}

/// The field in which trusted proxies tell the client's address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClientAddressField {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// Whose `X-Request-Id` is kept; everybody else gets a new one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RequestId {
    /// Any client's, if it is well-formed.
    #[default]
    FromClient,
    /// Only that of a trusted proxy.
    FromTrustedProxy,
    /// Nobody's: each request gets a new one.
    New,
}
