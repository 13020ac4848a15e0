use std::sync::Arc;

use proptest::prelude::*;
use rcgen::{CertificateParams, DnType, KeyPair, SanType, string::Ia5String};

use super::*;

fn certificate(fill: impl FnOnce(&mut CertificateParams)) -> ClientCertificate {
    ClientCertificate::from_der(&der(fill)).unwrap()
}

fn der(fill: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.not_after = rcgen::date_time_ymd(2030, 1, 1);
    fill(&mut params);
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
}

fn ia5(text: &str) -> Ia5String {
    Ia5String::try_from(text).unwrap()
}

/// `O=Example\, Inc.,CN=billing`, with names of every kind.
fn billing() -> ClientCertificate {
    certificate(|params| {
        params.distinguished_name.push(DnType::CommonName, "billing");
        params.distinguished_name.push(DnType::OrganizationName, "Example, Inc.");
        params.subject_alt_names = vec![
            SanType::DnsName(ia5("Billing.Example")),
            SanType::IpAddress([192, 0, 2, 1].into()),
            SanType::URI(ia5("spiffe://example/billing")),
            SanType::Rfc822Name(ia5("Billing@Example")),
            SanType::DnsName(ia5("a.b.example")),
        ];
    })
}

fn name(text: &str) -> DistinguishedName {
    DistinguishedName::parse(text).unwrap()
}

/// 2029-12-31.
const IN_TIME: u64 = 1_893_369_600_000;

#[test]
fn a_certificate_tells_its_names_and_hashes() {
    let certificate = billing();
    assert_eq!(certificate.subject.as_str(), "O=Example\\, Inc.,CN=billing");
    assert_eq!(certificate.issuer, certificate.subject);
    assert_eq!(certificate.common_name.as_deref(), Some("billing"));
    assert_eq!(certificate.dns, ["billing.example", "a.b.example"]);
    assert_eq!(certificate.uris, ["spiffe://example/billing"]);
    assert_eq!(certificate.emails, ["Billing@Example"]);
    assert_eq!(certificate.expires_ms, IN_TIME + 86_400_000);
    assert_eq!(ClientCertificate::from_field(&certificate.to_field()), Ok(certificate));
}

/// The example of RFC 9440 appendix A, whose subject has no name but `CN=` and one mail address beside it.
#[test]
fn the_example_of_rfc_9440_is_read_and_written() {
    let field = ":MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBBdXRoZW50aWNhdGUxGzAZBgNVBAMMEkxBIEludGVybWVkaWF0ZSBDQTAeFw0yMDAxMTQyMjU1MzNaFw0yMTAxMjMyMjU1MzNaMA0xCzAJBgNVBAMMAkJDMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8YnXXfaUgmnMtOXU/IncWalRhebrXmckC8vdgJ1p5Be5F/3YC8OthxM4+k1M6aEAEFcGzkJiNy6J84y7uzo9M6NyMHAwCQYDVR0TBAIwADAfBgNVHSMEGDAWgBRm3WjLa38lbEYCuiCPct0ZaSED2DAOBgNVHQ8BAf8EBAMCBsAwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYDVR0RAQH/BBMwEYEPYmRjQGV4YW1wbGUuY29tMAoGCCqGSM49BAMCA0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK0Q6bMjeSkC3dFCOOB8TAiEAx/kHSB4urmiZ0NX5r5XarmPk0wmuydBVoU4hBVZ1yhk=:";
    let certificate = ClientCertificate::from_field(field).unwrap();
    assert_eq!(
        (certificate.subject.as_str(), certificate.issuer.as_str()),
        ("CN=BC", "CN=LA Intermediate CA,O=Let's Authenticate")
    );
    assert_eq!(
        (certificate.emails.as_slice(), certificate.serial.as_str()),
        (&["bdc@example.com".to_owned()][..], "07")
    );
    assert_eq!(certificate.to_field(), field);
}

#[test]
fn what_is_no_certificate_is_refused() {
    let good = der(|_| {});
    for bad in [&b""[..], b"0", &good[1..], &good[..good.len() - 1], &[&good[..], b"x"].concat()] {
        assert!(ClientCertificate::from_der(bad).is_err());
    }
    for bad in ["", ":", "::", "MIIB", ":MIIB", ":*:"] {
        assert_eq!(ClientCertificate::from_field(bad), Err(InvalidCertificate), "{bad}");
    }
}

#[test]
fn a_name_with_a_null_byte_is_not_read_as_another_one() {
    let mut der = der(|params| params.subject_alt_names = vec![SanType::DnsName(ia5("billing.example.evil.test"))]);
    let dot = der.windows(6).position(|bytes| bytes == b".evil.").unwrap();
    der[dot] = 0;
    assert_eq!(ClientCertificate::from_der(&der), Err(InvalidCertificate));
}

#[test]
fn a_distinguished_name_has_one_spelling() {
    // RFC 4514 section 4.
    let known = [
        ("UID=jsmith,DC=example,DC=net", "UID=jsmith,DC=example,DC=net"),
        ("OU=Sales+CN=J.  Smith,DC=example,DC=net", "CN=J.  Smith+OU=Sales,DC=example,DC=net"),
        (r#"CN=James \"Jim\" Smith\, III,DC=example,DC=net"#, r#"CN=James \"Jim\" Smith\, III,DC=example,DC=net"#),
        (r"CN=Before\0dAfter,DC=example,DC=net", r"CN=Before\0dAfter,DC=example,DC=net"),
        ("1.3.6.1.4.1.1466.0=#04024869", "1.3.6.1.4.1.1466.0=#04024869"),
        (r"CN=Lu\C4\8Di\C4\87", "CN=Lučić"),
        // Others.
        ("cn = a , oid.2.5.4.10 = b ", "CN=a,O=b"),
        ("2.5.4.3=#0c0161", "CN=a"),
        (r"CN=\ a\ ,O=\#b", r"CN=\ a\ ,O=\#b"),
        ("E=a@b", "emailAddress=a@b"),
        ("CN=", "CN="),
    ];
    for (text, spelling) in known {
        assert_eq!(name(text).as_str(), spelling);
        assert_eq!(name(spelling).as_str(), spelling);
    }
}

#[test]
fn what_is_no_distinguished_name_is_told() {
    for text in [
        "CN", "CN=a,", "CN=a,O", ",CN=a", "X=a", "CN=a;O=b", r"CN=a\", r"CN=\zz", r"CN=\ff", "CN=#0", "CN=#zz",
        "CN=\"a\"",
    ] {
        assert!(DistinguishedName::parse(text).is_err(), "{text}");
    }
}

#[test]
fn all_that_a_pattern_gives_must_hold() {
    let certificate = billing();
    let dns = |text: &str| Pattern { dns: Some(DnsPattern::parse(text).unwrap()), ..Pattern::default() };
    let fits = |pattern: Pattern| pattern.matches(&certificate);
    assert!(fits(Pattern { subject: Some(name("O=Example\\, Inc., CN=billing")), ..dns("BILLING.example") }));
    assert!(!fits(Pattern { subject: Some(name("CN=billing")), ..dns("billing.example") }));
    assert!(!fits(Pattern { subject: Some(name("CN=billing,O=Example\\, Inc.")), ..Pattern::default() }));
    assert!(!fits(Pattern { uri: Some("spiffe://example/billin".into()), ..Pattern::default() }));
    assert!(fits(Pattern { email: Some("Billing@EXAMPLE".into()), ..Pattern::default() }));
    assert!(!fits(Pattern { email: Some("billing@example".into()), ..Pattern::default() }));
    assert!(fits(Pattern { spki: Some(certificate.spki), ..Pattern::default() }));
    assert!(!fits(Pattern { spki: Some(certificate.fingerprint), ..Pattern::default() }));
    assert!(fits(Pattern { fingerprint: digest(&hex(&certificate.fingerprint)), ..Pattern::default() }));
}

#[test]
fn a_wildcard_is_one_label() {
    let fits = |pattern: &str, san: &str| {
        let certificate = certificate(|params| params.subject_alt_names = vec![SanType::DnsName(ia5(san))]);
        Pattern { dns: Some(DnsPattern::parse(pattern).unwrap()), ..Pattern::default() }.matches(&certificate)
    };
    assert!(fits("*.example", "Billing.Example"));
    assert!(!fits("*.example", "a.b.example") && !fits("*.example", "example") && !fits("*.example", "*.example"));
    assert!(!fits("*.example", "billing.exampl") && !fits("*.example", ".example"));
    for bad in ["*", "a.*", "*a.example", "", ".a", "a..b", "a b", "**.a", "é.test"] {
        assert!(DnsPattern::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_digest_is_64_digits_with_or_without_colons() {
    let plain = "ab".repeat(32);
    let colons = vec!["AB"; 32].join(":");
    assert_eq!(digest(&plain), Some([0xab; 32]));
    assert_eq!(digest(&colons), Some([0xab; 32]));
    for bad in [&plain[1..], "", &"zz".repeat(32), &format!("a:b{}", "ab".repeat(31)), &"ab".repeat(33)] {
        assert_eq!(digest(bad), None, "{bad}");
    }
}

fn rules(known: Vec<Known>, named_by: NamedBy) -> Rules {
    Rules { known, named_by }
}

fn consumer(rules: &Rules, certificate: &ClientCertificate) -> Result<Arc<Consumer>, Refusal> {
    match attempt(rules, "mtls", Some(certificate), IN_TIME) {
        Attempt::Proven(proven) => Ok(proven.consumer),
        Attempt::Refused(refusal) => Err(refusal),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_pattern_that_fits_says_who_it_is() {
    let known = |uri: &str, name: Option<&str>| Known {
        pattern: Pattern { uri: Some(uri.into()), ..Pattern::default() },
        name: name.map(str::to_owned),
        scopes: vec![uri.into()],
        roles: Vec::new(),
    };
    let uri = "spiffe://example/billing";
    let rules = rules(
        vec![known("spiffe://example/other", Some("other")), known(uri, Some("bill")), known(uri, None)],
        NamedBy::Uri,
    );
    let found = consumer(&rules, &billing()).unwrap();
    assert_eq!(
        (found.id.as_str(), found.scopes.as_slice(), found.authenticator.as_str()),
        ("bill", &[uri.to_owned()][..], "mtls")
    );
    assert_eq!(found.claims["dns"], json!(["billing.example", "a.b.example"]));
    assert_eq!(consumer(&rules, &certificate(|_| {})), Err(Refusal::Invalid));
}

#[test]
fn a_consumer_is_named_by_what_was_chosen() {
    let id = |named_by| consumer(&rules(Vec::new(), named_by), &billing()).unwrap().id.clone();
    assert_eq!(id(NamedBy::Subject), "O=Example\\, Inc.,CN=billing");
    assert_eq!(id(NamedBy::CommonName), "billing");
    assert_eq!(id(NamedBy::Dns), "billing.example");
    assert_eq!(id(NamedBy::Uri), "spiffe://example/billing");
    assert_eq!(id(NamedBy::Email), "Billing@Example");
    assert_eq!(id(NamedBy::Fingerprint).len(), 64);
    // Nobody is called by nothing.
    let nameless = certificate(|_| {});
    for named_by in [NamedBy::Subject, NamedBy::CommonName, NamedBy::Dns, NamedBy::Uri, NamedBy::Email] {
        assert_eq!(consumer(&rules(Vec::new(), named_by), &nameless), Err(Refusal::Invalid), "{named_by:?}");
    }
}

#[test]
fn a_certificate_that_has_ended_is_refused_and_none_is_absent() {
    let rules = rules(Vec::new(), NamedBy::Fingerprint);
    assert_eq!(attempt(&rules, "a", Some(&billing()), IN_TIME + 86_400_000), Attempt::Refused(Refusal::Expired));
    assert_eq!(attempt(&rules, "a", None, IN_TIME), Attempt::Absent);
}

proptest! {
    #[test]
    fn any_value_survives_being_written_and_read(values in proptest::collection::vec("\\PC{0,8}|[ #+,;<>\\\\\"=\u{0}-\u{1f}]{0,6}", 1..4)) {
        let certificate = certificate(|params| {
            let types = [DnType::CommonName, DnType::OrganizationName, DnType::LocalityName];
            for (kind, value) in types.into_iter().zip(&values) {
                params.distinguished_name.push(kind, value.as_str());
            }
        });
        let text = certificate.subject.as_str();
        prop_assert!(!text.chars().any(char::is_control));
        prop_assert_eq!(&name(text), &certificate.subject);
        prop_assert_eq!(certificate.common_name.as_ref(), values.first());
    }

    #[test]
    fn no_bytes_and_no_text_are_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64), at in any::<prop::sample::Index>(), text in "\\PC{0,20}|[CNO=,+#\\\\ 0-9a-f]{0,20}") {
        let mut der = der(|params| params.subject_alt_names = vec![SanType::DnsName(ia5("a"))]);
        let from = at.index(der.len());
        let to = (from + bytes.len()).min(der.len());
        der.splice(from..to, bytes);
        let _ = ClientCertificate::from_der(&der);
        if let Ok(name) = DistinguishedName::parse(&text) {
            prop_assert_eq!(DistinguishedName::parse(name.as_str()), Ok(name));
        }
    }
}
