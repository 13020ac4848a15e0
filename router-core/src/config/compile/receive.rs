//! `receive:`.

use super::context::Context;
use crate::config::diagnostic::Place;
use crate::config::raw;
use crate::receive::{ClientAddressField, ReceiveRules, RequestIdRule};

/// 8 KiB: what RFC 9110 section 4.1 asks everyone to support, and what most servers behind accept by default.
const MAX_URL: u64 = 8 << 10;
/// 32 KiB: room for a few large cookies and a token, a quarter of what Workers accepts.
const MAX_HEADERS: u64 = 32 << 10;
/// 100 fields: browsers send about 20, and common servers stop at 100.
const MAX_HEADER_COUNT: u32 = 100;
/// 100 MiB: what the plans of Workers accept at least.
const MAX_BODY: u64 = 100 << 20;
/// The largest body limit that can be set: 1 TiB.
const MOST_BODY: u64 = 1 << 40;
/// Three times round is no honest topology.
const MAX_HOPS: u32 = 3;

pub(super) fn receive(raw: &raw::Receive, name: String, path: &Place<'_>, context: &mut Context) -> ReceiveRules {
    let max_header_count = raw.max_header_count.unwrap_or(MAX_HEADER_COUNT);
    if !(1..=1000).contains(&max_header_count) {
        context.error("limit", path.key("max_header_count"), format!("expected 1 to 1000, found {max_header_count}"));
    }
    let max_hops = raw.max_hops.unwrap_or(MAX_HOPS);
    if !(1..=100).contains(&max_hops) {
        context.error("limit", path.key("max_hops"), format!("expected 1 to 100, found {max_hops}"));
    }
    ReceiveRules {
        max_url: context.size_or(raw.max_url.as_deref(), MAX_URL, 64 << 10, &path.key("max_url")),
        max_headers: context.size_or(raw.max_headers.as_deref(), MAX_HEADERS, 1 << 20, &path.key("max_headers")),
        max_header_count,
        max_body: max_body(raw.max_body.as_deref(), path, context).unwrap_or(MAX_BODY),
        trusted_proxies: context.networks(&raw.trusted_proxies, &path.key("trusted_proxies")),
        client_address_in: match raw.client_address_in {
            raw::ClientAddressField::Forwarded => ClientAddressField::Forwarded,
            raw::ClientAddressField::XForwardedFor => ClientAddressField::XForwardedFor,
        },
        request_id: match raw.request_id {
            raw::RequestId::FromClient => RequestIdRule::FromClient,
            raw::RequestId::FromTrustedProxy => RequestIdRule::FromTrustedProxy,
            raw::RequestId::New => RequestIdRule::New,
        },
        max_hops,
        name,
    }
}

/// The body limit of the document or of a route.
pub(super) fn max_body(raw: Option<&str>, receive: &Place<'_>, context: &mut Context) -> Option<u64> {
    raw.map(|text| context.size_or(Some(text), MAX_BODY, MOST_BODY, &receive.key("max_body")))
}
