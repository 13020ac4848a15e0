//! Host patterns.

use proptest::prelude::*;

use super::*;

#[test]
fn reads_hosts_into_one_form() {
    for (text, expected) in [
        ("Example.COM", "example.com"),
        ("example.com.", "example.com"),
        ("*.Example.com", "*.example.com"),
        ("192.0.2.1", "192.0.2.1"),
        ("[2001:DB8:0:0::1]", "[2001:db8::1]"),
        ("localhost", "localhost"),
        ("a_b.example", "a_b.example"),
    ] {
        assert_eq!(HostPattern::parse(text).map(|host| host.to_string()).as_deref(), Ok(expected));
    }
}

#[test]
fn says_what_is_wrong_with_a_host() {
    for (text, expected) in [
        ("", "cannot be empty"),
        ("*", "leave `hosts` out"),
        ("a.*.com", "whole first label"),
        ("*a.com", "whole first label"),
        ("example.com:443", "write `example.com`, which matches on every port"),
        ("[::1]:80", "write `[::1]`"),
        ("::1", "in brackets"),
        ("[::g]", "in brackets"),
        ("https://example.com", "no scheme"),
        ("example.com/", "no path"),
        ("b\u{fc}cher.example", "xn--"),
        ("a..b", "two dots"),
        (".a", "at its start"),
        ("a b", "` ` cannot stand"),
        (&"a".repeat(64), "limit of DNS is 63"),
        (&"a.".repeat(128), "limit of DNS is 253"),
    ] {
        let said = HostPattern::parse(text).unwrap_err().to_string();
        assert!(said.contains(expected), "{text}: {said}");
    }
}

#[test]
fn wildcards_stand_for_one_label_or_more() {
    let pattern = HostPattern::parse("*.b.test").unwrap();
    for (host, expected) in
        [("a.b.test", true), ("x.a.b.test", true), ("b.test", false), (".b.test", false), ("ab.test", false)]
    {
        assert_eq!(pattern.matches(host), expected, "{host}");
        assert_eq!(answer(&table(&["*.b.test"]), &format!("GET {host}/"), &[]), if expected { "0" } else { "404" });
    }
}

proptest! {
    #[test]
    fn the_case_of_a_host_never_matters(host in "[a-z]{1,3}(\\.[a-z]{1,3}){0,3}", upper in any::<u16>()) {
        let mixed: String = host.chars().enumerate().map(|(at, c)| if upper >> (at % 16) & 1 == 1 { c.to_ascii_uppercase() } else { c }).collect();
        prop_assert_eq!(normal_host(&mixed), normal_host(&host));
        prop_assert_eq!(HostPattern::parse(&mixed), HostPattern::parse(&host));
        prop_assert_eq!(answer(&table(&[&host]), &format!("GET {mixed}/"), &[]), "0");
    }

    #[test]
    fn normal_hosts_are_normal(authority in "\\PC{0,12}|\\[[0-9a-f:]{0,12}\\](:[0-9]*)?|[A-Za-z.]{0,9}:?[0-9]{0,3}") {
        if let Some(host) = normal_host(&authority) {
            prop_assert!(!host.is_empty() && !host.bytes().any(|byte| byte.is_ascii_uppercase()));
        }
        let _ = HostPattern::parse(&authority);
    }
}
