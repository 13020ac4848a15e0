use std::net::IpAddr;

use http::{HeaderName, HeaderValue};

use super::*;

fn rules() -> ReceiveRules {
    ReceiveRules {
        max_url: 64,
        max_headers: 256,
        max_header_count: 8,
        max_body: 1024,
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()],
        client_address_in: ClientAddressField::XForwardedFor,
        request_id: RequestIdRule::FromClient,
        max_hops: 2,
        name: "tidegate".into(),
    }
}

fn head(fields: &[(&'static str, &str)]) -> RequestHead {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    RequestHead { method: Method::GET, scheme: Scheme::Http, authority: None, path: "/".into(), query: None, headers }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn from(peer: &str) -> Transport {
    Transport { peer: Some(ip(peer)), ..Transport::default() }
}

fn address(peer: &str, fields: &[(&'static str, &str)]) -> String {
    client_of(&rules(), Some(ip(peer)), &head(fields).headers).address.unwrap().to_string()
}

#[test]
fn the_client_is_the_peer_unless_the_peer_is_trusted() {
    assert_eq!(address("192.0.2.1", &[("x-forwarded-for", "1.1.1.1")]), "192.0.2.1");
    assert_eq!(address("10.0.0.1", &[("x-forwarded-for", "1.1.1.1")]), "1.1.1.1");
    assert_eq!(address("10.0.0.1", &[]), "10.0.0.1");
}

#[test]
fn the_client_is_the_right_most_untrusted_hop() {
    assert_eq!(address("10.0.0.1", &[("x-forwarded-for", "6.6.6.6, 1.1.1.1, 10.9.9.9")]), "1.1.1.1");
    assert_eq!(address("10.0.0.1", &[("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "1.1.1.1")]), "1.1.1.1");
    assert_eq!(address("fd00::1", &[("x-forwarded-for", "[2001:db8::5]:4711")]), "2001:db8::5");
    assert_eq!(address("::ffff:10.0.0.1", &[("x-forwarded-for", "::ffff:1.1.1.1")]), "1.1.1.1");
}

#[test]
fn a_hop_that_cannot_be_read_ends_the_walk() {
    assert_eq!(address("10.0.0.1", &[("x-forwarded-for", "1.1.1.1, unknown, 10.2.2.2")]), "10.2.2.2");
}

#[test]
fn only_the_configured_field_is_believed() {
    assert_eq!(address("10.0.0.1", &[("forwarded", "for=6.6.6.6")]), "10.0.0.1");
    let rules = ReceiveRules { client_address_in: ClientAddressField::Forwarded, ..rules() };
    let fields = [
        ("forwarded", "for=6.6.6.6, for=\"[2001:db8::1]:99\";proto=https;host=a.test"),
        ("x-forwarded-for", "5.5.5.5"),
    ];
    let client = client_of(&rules, Some(ip("10.0.0.1")), &head(&fields).headers);
    assert_eq!(client.address, Some(ip("2001:db8::1")));
    assert_eq!(client.told_scheme, Some(Scheme::Https));
    assert_eq!(client.told_host.as_deref(), Some("a.test"));
}

#[test]
fn scheme_and_host_are_believed_from_trusted_proxies_only() {
    let fields = [("host", "inner"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "Outer.Test")];
    let facts = receive(&rules(), &head(&fields), from("10.0.0.1")).unwrap();
    assert_eq!((facts.scheme, facts.host.as_deref()), (Scheme::Https, Some("outer.test")));
    let facts = receive(&rules(), &head(&fields), from("192.0.2.1")).unwrap();
    assert_eq!((facts.scheme, facts.host.as_deref()), (Scheme::Http, Some("inner")));
}

#[test]
fn one_host_is_wanted() {
    let refusal = |fields: &[(&'static str, &str)]| receive(&rules(), &head(fields), from("192.0.2.1")).unwrap_err();
    assert_eq!(refusal(&[]), Rejection::Malformed(Malformed::HostMissing));
    assert_eq!(refusal(&[("host", "a"), ("host", "a")]), Rejection::Malformed(Malformed::HostMissing));
    assert_eq!(refusal(&[("host", "a b")]), Rejection::Malformed(Malformed::Host));
    let optional = Transport { host_optional: true, ..Transport::default() };
    assert_eq!(receive(&rules(), &head(&[]), optional).unwrap().host, None);
}

#[test]
fn sizes_are_limited() {
    let refusal = |head: &RequestHead| receive(&rules(), head, from("192.0.2.1")).unwrap_err();
    let mut long = head(&[("host", "a")]);
    long.path = format!("/{}", "x".repeat(64));
    assert_eq!(refusal(&long), Rejection::UrlTooLong { limit: 64 });
    let big = "x".repeat(300);
    assert_eq!(
        refusal(&head(&[("host", "a"), ("x-a", &big)])),
        Rejection::HeadersTooLarge { limit: HeaderLimit::Bytes(256) }
    );
    let many = [("x-a", "1"); 9];
    assert_eq!(refusal(&head(&many)), Rejection::HeadersTooLarge { limit: HeaderLimit::Count(8) });
}

#[test]
fn a_request_that_came_round_too_often_is_a_loop() {
    let asked = |via: &str| receive(&rules(), &head(&[("host", "a"), ("via", via)]), from("192.0.2.1")).map(|_| ());
    assert_eq!(asked("1.1 tidegate"), Ok(()));
    assert_eq!(asked("1.1 tidegate, 1.1 other (tidegate)"), Ok(()));
    assert_eq!(asked("1.1 tidegate, HTTP/2 tidegate"), Err(Rejection::LoopDetected));
}

#[test]
fn connect_and_trace_are_not_done() {
    for method in [Method::CONNECT, Method::TRACE] {
        let head = RequestHead { method, ..head(&[("host", "a")]) };
        assert_eq!(receive(&rules(), &head, from("192.0.2.1")).unwrap_err(), Rejection::MethodNotImplemented);
    }
    let other = RequestHead { method: Method::from_bytes(b"PROPFIND").unwrap(), ..head(&[("host", "a")]) };
    assert!(receive(&rules(), &other, from("192.0.2.1")).is_ok());
}
