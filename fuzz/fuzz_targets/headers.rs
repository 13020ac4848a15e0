//! Promise: whatever the fields say, reading them never fails otherwise than by a rejection, and what is told upstream is well-formed.
#![no_main]

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;
use router_core::dispatch::{ForwardedHeaders, forwarded, hop_by_hop};
use router_core::filter::cors::preflight_method;
use router_core::head::Scheme;
use router_core::receive::{ClientAddressField, ReceiveRules, RequestIdRule, Transport, receive};
use router_core::{HeaderEdits, RequestHead};

fuzz_target!(|data: &[u8]| {
    let [choice, rest @ ..] = data else { return };
    let mut headers = HeaderMap::new();
    for line in rest.split(|byte| *byte == b'\n').take(200) {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else { continue };
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    let rules = ReceiveRules {
        max_url: 8192,
        max_headers: 32_768,
        max_header_count: 100,
        max_body: 1 << 20,
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        client_address_in: if choice & 1 == 0 {
            ClientAddressField::Forwarded
        } else {
            ClientAddressField::XForwardedFor
        },
        request_id: RequestIdRule::FromClient,
        max_hops: 3,
        name: "tidegate".into(),
    };
    let head = RequestHead {
        method: Method::OPTIONS,
        scheme: Scheme::Http,
        authority: None,
        path: "/".into(),
        query: None,
        headers,
    };
    let peer: IpAddr = if choice & 2 == 0 { "10.1.1.1".parse().unwrap() } else { "2001:db8::1".parse().unwrap() };
    let _ = preflight_method(&head.method, &head.headers);
    let Ok(facts) = receive(
        &rules,
        &head,
        Transport { peer: Some(peer), host_optional: choice & 4 == 0, certificate: None, country: None },
    ) else {
        return;
    };
    let mut edits = HeaderEdits::new();
    hop_by_hop::scrub(&head.headers, &mut edits);
    forwarded::strip(&head.headers, &mut edits);
    forwarded::tell(ForwardedHeaders::Both, &head.headers, &facts, &mut edits);
    let mut told = head.headers.clone();
    edits.apply(&mut told);
    assert!(!told.contains_key("connection"));
    assert_eq!(told.get_all("x-forwarded-for").iter().count(), 1);
    let last = told["x-forwarded-for"].to_str().unwrap().rsplit(", ").next().unwrap().to_owned();
    assert_eq!(last.parse::<IpAddr>().unwrap(), peer);
});
