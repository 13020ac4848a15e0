//! Client certificates, seen through the journey.

use std::sync::Arc;

use edge::platform::Body;
use rcgen::{CertificateParams, KeyPair, SanType, string::Ia5String};
use router_core::authenticate::certificate::ClientCertificate;
use router_core::config::variables::NoVariables;
use router_core::config::{PlatformName, Purpose, compile_value};
use serde_json::{Value, json};
use tidegate_memory::{Incoming, Memory, Play, Scripted, executor};

fn certificate(uri: &str) -> Arc<ClientCertificate> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.not_after = rcgen::date_time_ymd(2100, 1, 1);
    params.subject_alt_names = vec![SanType::URI(Ia5String::try_from(uri).unwrap())];
    let der = params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec();
    Arc::new(ClientCertificate::from_der(&der).unwrap())
}

fn document() -> Value {
    json!({
        "upstreams": {"a": {"targets": [{"url": "http://a.test"}]}},
        "authenticate": {"authenticators": {"mtls": {"certificate": {
            "matches": [{"uri": "spiffe://example/billing", "name": "billing", "scopes": ["pay"]}, {"dns": "*.example"}],
            "consumer": "uri",
        }}}},
        "routes": [{"name": "a", "to": {"upstream": "a"}, "authenticate": {
            "any": ["mtls"], "scopes": ["pay"],
            "forward": {"certificate": true, "headers": {"X-Uri": {"claim": "uri"}, "X-Who": {"consumer": "id"}}},
        }}],
    })
}

fn ask(certificate: Option<Arc<ClientCertificate>>) -> (u16, Option<http::HeaderMap>, Value) {
    let memory = Memory::default();
    let current = memory.start(document()).unwrap();
    memory.script().expect(Play::Answer(Scripted::default()));
    let incoming = Incoming { certificate, body: Body::Empty, ..Incoming::get("/") };
    // What a header tells of certificates is nobody's.
    let incoming =
        incoming.with("client-cert", ":AAAA:").with("x-forwarded-client-cert", "URI=spiffe://example/billing");
    let answer = executor::run(memory.answer(&current, incoming)).unwrap();
    let seen = memory.script().take_seen().pop().map(|seen| seen.headers);
    let line = serde_json::from_str(&memory.lines().take().pop().unwrap()).unwrap();
    (answer.status.as_u16(), seen, line)
}

#[test]
fn a_certificate_says_who_asks_and_is_passed_on() {
    let certificate = certificate("spiffe://example/billing");
    let (status, seen, line) = ask(Some(Arc::clone(&certificate)));
    assert_eq!((status, &line["consumer"], &line["authenticator"]), (200, &json!("billing"), &json!("mtls")));
    let seen = seen.unwrap();
    assert!(seen["x-uri"] == "spiffe://example/billing" && seen["x-who"] == "billing");
    let told: Vec<_> = seen.get_all("client-cert").iter().collect();
    assert_eq!(told, [certificate.to_field().as_str()]);
    let read = ClientCertificate::from_field(told[0].to_str().unwrap()).unwrap();
    assert_eq!(read, *certificate);
}

#[test]
fn no_certificate_and_another_one_are_refused() {
    let (status, seen, line) = ask(None);
    assert_eq!((status, seen, &line["problem"]), (401, None, &json!("credentials-missing")));
    let (status, seen, line) = ask(Some(certificate("spiffe://example/other")));
    assert_eq!((status, seen, &line["problem"]), (401, None, &json!("credentials-invalid")));
}

#[test]
fn every_mistake_in_a_pattern_has_its_place() {
    let mut document = document();
    document["authenticate"]["authenticators"]["mtls"]["certificate"]["matches"] = json!([
        {}, {"name": "x"}, {"subject": "billing"}, {"issuer": " "}, {"dns": "*"}, {"uri": "billing"}, {"email": "a"},
        {"fingerprint": "12"}, {"spki": "zz"}, {"uri": "a:b", "name": ""},
    ]);
    let found = Memory::default().start(document).err().unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|one| format!("{} {}", one.code, one.path.to_string().rsplit("matches").next().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            "empty-match [0]",
            "empty-match [1]",
            "distinguished-name [2].subject",
            "distinguished-name [3].issuer",
            "dns-name [4].dns",
            "alternative-name [5].uri",
            "alternative-name [6].email",
            "digest [7].fingerprint",
            "digest [8].spki",
            "consumer-name [9].name",
        ]
    );
}

#[test]
fn a_platform_that_cannot_see_certificates_is_told_at_check() {
    let found = |document: &Value, platform| {
        let mut checked = compile_value(document, &NoVariables, Purpose::Run);
        checked.require(platform);
        checked.diagnostics.iter().map(|one| format!("{} {}", one.code, one.path)).collect::<Vec<_>>()
    };
    let both = [
        "not-on-platform authenticate.authenticators.mtls.certificate",
        "not-on-platform routes[0].authenticate.forward.certificate",
    ];
    assert_eq!(found(&document(), PlatformName::Spin), both);
    assert!(found(&document(), PlatformName::Workers).is_empty());
    // There a listener has to ask for one.
    assert_eq!(found(&document(), PlatformName::Native), both);
    let mut asking = document();
    asking["native"] = json!({"listeners": [{"address": "127.0.0.1:0", "tls": {
        "certificate": "a.pem", "key": "a.key", "client_certificates": {"ca": "ca.pem"},
    }}]});
    assert!(found(&asking, PlatformName::Native).is_empty());
}
