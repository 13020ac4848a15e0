//! Promise: no bytes in the fields of DPoP proofs, webhooks and message signatures break their readers, and none of them makes a good signature.
#![no_main]

use std::collections::BTreeMap;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;
use router_core::authenticate::dpop::{self, Expected, NonceRules, Proof};
use router_core::authenticate::jose::{self, Key};
use router_core::authenticate::signature::{self, Component, KnownKey, Message};
use router_core::authenticate::webhook::{self, Content, Form, Secret};
use router_core::head::Scheme;

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const NOW: u64 = 1_767_225_600_000;
const WINDOW: Duration = Duration::from_secs(300);

/// The lines of the input are the values of these fields, in order; what is behind them is the body.
const FIELDS: [&str; 9] = [
    "dpop",
    "signature-input",
    "signature",
    "content-digest",
    "stripe-signature",
    "x-slack-signature",
    "x-slack-request-timestamp",
    "webhook-signature",
    "webhook-id",
];

fuzz_target!(|data: &[u8]| {
    let mut lines = data.splitn(FIELDS.len() + 1, |byte| *byte == b'\n');
    let mut headers = HeaderMap::new();
    for name in FIELDS {
        if let Some(value) =
            lines.next().filter(|line| !line.is_empty()).and_then(|line| HeaderValue::from_bytes(line).ok())
        {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers.insert("webhook-timestamp", HeaderValue::from_static("1767225600"));
    let body = lines.next().unwrap_or_default();
    proof(&headers);
    webhooks(&headers, body);
    signatures(&headers, body);
    if let Ok(text) = std::str::from_utf8(body) {
        if let Ok(component) = Component::parse(text) {
            assert_eq!(Component::parse(&component.identifier().replacen('"', "", 2)).as_ref(), Ok(&component));
        }
        let _ = Content::parse(text);
    }
});

fn proof(headers: &HeaderMap) {
    let rules = dpop::Rules {
        algorithms: vec![jose::Algorithm::Es256, jose::Algorithm::EdDsa],
        window: WINDOW,
        nonce: NonceRules::new(SECRET, WINDOW),
    };
    let expected = Expected {
        method: &Method::GET,
        scheme: Scheme::Https,
        authority: Some("a.test"),
        path: "/",
        token: "token",
        thumbprint: &[0; 32],
        now_ms: NOW,
    };
    assert!(Proof::read(&rules, headers, &expected).is_err(), "nobody has a key with this thumbprint");
}

fn webhooks(headers: &HeaderMap, body: &[u8]) {
    for form in [Form::Stripe, Form::Slack, Form::Standard] {
        let rules = webhook::Rules {
            form,
            secrets: vec![Secret::new(SECRET)],
            window: WINDOW,
            once: true,
            max_body: 1 << 20,
            consumer: "a".to_owned(),
        };
        assert!(!matches!(rules.judge("a", headers, body, NOW), Ok(Some(_))), "a signature was guessed");
    }
}

fn signatures(headers: &HeaderMap, body: &[u8]) {
    let Ok(key) = Key::from_secret(SECRET) else { return };
    let known = KnownKey {
        algorithm: signature::Algorithm::HmacSha256,
        key,
        consumer: "a".to_owned(),
        scopes: Vec::new(),
        roles: Vec::new(),
    };
    let rules = signature::Rules {
        keys: BTreeMap::from([("k".to_owned(), known)]),
        components: Vec::new(),
        digest: true,
        window: WINDOW,
        nonce: false,
        tag: None,
        max_body: 1 << 20,
    };
    let message = Message {
        method: &Method::POST,
        scheme: Scheme::Https,
        authority: Some("a.test"),
        path: "/",
        query: Some("a=b&c"),
        headers,
    };
    let Ok(Some(candidates)) = rules.find("a", &message, !body.is_empty(), NOW) else { return };
    for candidate in candidates {
        let algorithm = candidate.known.algorithm.jose();
        assert!(!jose::verify(algorithm, &candidate.known.key, candidate.base.as_bytes(), &candidate.signature));
    }
}
