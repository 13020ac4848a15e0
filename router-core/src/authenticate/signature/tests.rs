//! The promises of signatures, long because the requests and signatures of RFC 9421 appendix B stand here whole.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::atomic::Transition;
use crate::authenticate::Refusal;
use crate::authenticate::jose::{Digest, SigningKey, base64, verify};
use crate::head::Scheme;

/// RFC 9421 appendix B.2: when the examples were created, and their request.
const CREATED: u64 = 1_618_884_473;
const DIGEST: &str =
    "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";
const BODY: &[u8] = br#"{"hello": "world"}"#;

/// RFC 9421 appendix B.1. The RSA key as JWK instead of PEM.
fn keys() -> BTreeMap<String, KnownKey> {
    let known = |keyid: &str, algorithm: Algorithm, jwk: Value| {
        let key = Key::from_jwk(jwk.as_object().unwrap()).unwrap();
        assert!(key.fits(algorithm.jose()));
        let (scopes, roles) = (vec!["read".to_owned()], vec![]);
        (keyid.to_owned(), KnownKey { algorithm, key, consumer: format!("of {keyid}"), scopes, roles })
    };
    [
        known(
            "test-key-rsa-pss",
            Algorithm::RsaPssSha512,
            json!({
                "kty": "RSA", "e": "AQAB",
                "n": "r4tmm3r20Wd_PbqvP1s2-QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct-Lh1GH45x28Rw3Ry53mm-oAXjyQ86OnDkZ5N8lYbggD4O3w6M\
                    6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHqgDsznjPFmTOtCEcN2Z1FpWgchwuYLPL-Wokqltd11nqqzi-bJ9cvSKADYdUAAN5WUtzdpiy6LbTgSxP7\
                    ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4aOT9v6d-nb4bnNkQVklLQ3fVAvJm-xdDOp9LCNCN48V2pnDOkFV6-U9nV5oyc6XI2w",
            }),
        ),
        known(
            "test-key-ecc-p256",
            Algorithm::EcdsaP256Sha256,
            json!({
                "kty": "EC", "crv": "P-256",
                "x": "qIVYZVLCrPZHGHjP17CTW0_-D9Lfw0EkjqF7xB4FivA", "y": "Mc4nN9LTDOBhfoUeg8Ye9WedFRhnZXZJA12Qp0zZ6F0",
            }),
        ),
        known(
            "test-key-ed25519",
            Algorithm::Ed25519,
            json!({"kty": "OKP", "crv": "Ed25519", "x": "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"}),
        ),
        known(
            "test-shared-secret",
            Algorithm::HmacSha256,
            json!({
                "kty": "oct",
                "k": "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ",
            }),
        ),
    ]
    .into()
}

fn rules() -> Rules {
    Rules {
        keys: keys(),
        components: vec![],
        digest: false,
        window: Duration::from_secs(300),
        nonce: false,
        tag: None,
        max_body: 1 << 20,
    }
}

fn usual() -> Rules {
    let components = vec![Component::parse("@method").unwrap(), Component::parse("@target-uri").unwrap()];
    Rules { components, digest: true, ..rules() }
}

/// The private part of `test-key-ed25519`.
static SIGNER: LazyLock<SigningKey> = LazyLock::new(|| {
    let jwk = json!({
        "kty": "OKP", "crv": "Ed25519",
        "d": "n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU", "x": "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs",
    });
    SigningKey::from_jwk(jwk.as_object().unwrap()).unwrap()
});

struct Request {
    method: Method,
    path: String,
    query: Option<String>,
    authority: String,
    headers: HeaderMap,
    body: Vec<u8>,
    now_s: u64,
}

impl Request {
    /// RFC 9421 appendix B.2.
    fn new() -> Self {
        let mut request = Self {
            method: Method::POST,
            path: "/foo".into(),
            query: Some("param=Value&Pet=dog".into()),
            authority: "example.com".into(),
            headers: HeaderMap::new(),
            body: BODY.to_vec(),
            now_s: CREATED,
        };
        for (name, value) in [
            ("host", "example.com"),
            ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
            ("content-type", "application/json"),
            ("content-digest", DIGEST),
            ("content-length", "18"),
        ] {
            request.set(name, value);
        }
        request
    }

    fn signed(input: &str, signature: &str) -> Self {
        let mut request = Self::new();
        request.set("signature-input", input);
        request.set("signature", signature);
        request
    }

    /// Signs `components` with the gateway's own signer, under the key of B.1.4.
    fn sign(&mut self, components: &[&str], change: impl FnOnce(String) -> String) {
        let covered: Vec<Component> = components.iter().map(|name| Component::parse(name).unwrap()).collect();
        let covered: Vec<&str> = covered.iter().map(Component::identifier).collect();
        let list = change(format!("({});created={CREATED};keyid=\"test-key-ed25519\"", covered.join(" ")));
        self.set("signature-input", &format!("s={list}"));
        self.set("signature", "s=:AA==:");
        let (name, rules, now) = ("a", rules(), self.now_s * 1000);
        let base = match rules.find(name, &self.message(), !self.body.is_empty(), now) {
            Ok(Some(found)) => found[0].base.clone(),
            // Not to be had for one that is refused before: no signature could make it good.
            _ => return,
        };
        let signature = base64::encode_standard(&SIGNER.sign(base.as_bytes()));
        self.set("signature", &format!("s=:{signature}:"));
    }

    fn set(&mut self, name: &str, value: &str) {
        self.headers.insert(HeaderName::try_from(name).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }

    fn message(&self) -> Message<'_> {
        Message {
            method: &self.method,
            scheme: Scheme::Https,
            authority: Some(&self.authority),
            path: &self.path,
            query: self.query.as_deref(),
            headers: &self.headers,
        }
    }

    /// What the gateway says: the consumer and its claim, as the edge puts it together.
    fn says(&self, rules: &Rules) -> Result<Option<(String, Option<Transition>)>, Refusal> {
        let found = rules.find("a", &self.message(), !self.body.is_empty(), self.now_s * 1000)?;
        let Some(candidates) = found else { return Ok(None) };
        for candidate in candidates {
            let Candidate { known, base, signature, digests, claim, consumer } = candidate;
            if !verify(known.algorithm.jose(), &known.key, base.as_bytes(), &signature) {
                continue;
            }
            if digests.iter().any(|(digest, expected)| digest.of(&self.body) != *expected) {
                return Err(Refusal::DigestMismatch);
            }
            return Ok(Some((consumer.id, claim.map(|(_, claim)| claim))));
        }
        Err(Refusal::Invalid)
    }
}

const B21: (&str, &str) = (
    r#"sig-b21=();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd""#,
    "sig-b21=:d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG52eSkFxykJ\
        eNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jY\
        zuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==:",
);
const B22: (&str, &str) = (
    r#"sig-b22=("@authority" "content-digest" "@query-param";name="Pet");created=1618884473;keyid="test-key-rsa-pss";tag="header-example""#,
    "sig-b22=:LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4+ECxCmT8rtAmj/0PI\
        Xxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fjBSpqfZUJcsIk4N6wiKYd4je2U/\
        lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQl3/XaVe4bXTugEjHSw==:",
);
const B23: (&str, &str) = (
    r#"sig-b23=("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss""#,
    "sig-b23=:bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59D\
        zYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9\
        BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==:",
);
const B25: (&str, &str) = (
    r#"sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret""#,
    "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:",
);
const B26: (&str, &str) = (
    r#"sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519""#,
    "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
);

#[test]
fn the_examples_of_the_rfc_are_good() {
    for (input, signature) in [B21, B22, B23, B25, B26] {
        let said = Request::signed(input, signature).says(&rules());
        assert!(matches!(&said, Ok(Some((id, _))) if id.starts_with("of test-")), "{input}: {said:?}");
    }
    let claimed = Request::signed(B21.0, B21.1).says(&rules()).unwrap().unwrap().1;
    assert_eq!(claimed, Some(Transition::Claim { lifetime_ms: 305_000 }));
}

/// B.2.4 signs a response, which is nothing to look for in a request; the key and the algorithm are.
#[test]
fn the_ecdsa_example_of_the_rfc_is_good_as_a_signature() {
    let base = "\"@status\": 200\n\"content-type\": application/json\n\"content-digest\": sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJg\
        Jc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:\n\"content-length\": 23\n\"@signature-params\": (\"@status\" \"content-type\" \
        \"content-digest\" \"content-length\");created=1618884473;keyid=\"test-key-ecc-p256\"";
    let signature = base64::decode_standard(
        "wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==",
    );
    let known = &keys()["test-key-ecc-p256"];
    assert!(verify(known.algorithm.jose(), &known.key, base.as_bytes(), &signature.unwrap()));
}

#[test]
fn a_request_without_a_signature_has_none_and_half_of_one_is_malformed() {
    assert_eq!(Request::new().says(&rules()), Ok(None));
    for (name, value) in [("signature-input", B25.0), ("signature", B25.1)] {
        let mut request = Request::new();
        request.set(name, value);
        assert_eq!(request.says(&rules()), Err(Refusal::Malformed), "{name}");
    }
    assert_eq!(Request::signed(B25.0, B26.1).says(&rules()), Err(Refusal::Malformed));
    for input in [
        "",
        "x",
        "a=1",
        "a=?",
        "sig-b25",
        "sig-b25=(\"date\" \"date\");keyid=\"test-shared-secret\";created=1618884473",
    ] {
        assert!(Request::signed(input, B25.1).says(&rules()).is_err(), "{input}");
    }
}

#[test]
fn what_is_signed_cannot_be_changed() {
    type Change = fn(&mut Request);
    let changes: [Change; 7] = [
        |request| request.method = Method::PUT,
        |request| request.path = "/bar".into(),
        |request| request.query = Some("param=value&Pet=dog".into()),
        |request| request.authority = "example.org".into(),
        |request| request.set("date", "Tue, 20 Apr 2021 02:07:56 GMT"),
        |request| request.set("content-length", "19"),
        |request| {
            request.headers.append("content-type", HeaderValue::from_static("x"));
        },
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut request = Request::signed(B23.0, B23.1);
        change(&mut request);
        assert_eq!(request.says(&rules()), Err(Refusal::Invalid), "{index}");
    }
    let mut request = Request::signed(B23.0, B23.1);
    request.body.push(b' ');
    assert_eq!(request.says(&rules()), Err(Refusal::DigestMismatch));
    request.headers.remove("date");
    assert_eq!(request.says(&rules()), Err(Refusal::Malformed));
}

#[test]
fn a_signature_has_its_time() {
    let at = |now_s: u64, change: fn(String) -> String| {
        let mut request = Request::new();
        request.sign(&["@method"], change);
        request.now_s = now_s;
        request.says(&rules()).map(|said| said.is_some())
    };
    assert_eq!(at(CREATED + 300, |list| list), Ok(true));
    assert_eq!(at(CREATED + 301, |list| list), Err(Refusal::Expired));
    assert_eq!(at(CREATED - 30, |list| list), Ok(true));
    assert_eq!(at(CREATED - 31, |list| list), Err(Refusal::NotYetValid));
    let soon = |list| format!("{list};expires={}", CREATED + 10);
    assert_eq!(at(CREATED + 10, soon), Ok(true));
    assert_eq!(at(CREATED + 11, soon), Err(Refusal::Expired));
    let late = |list| format!("{list};expires={}", CREATED + 1000);
    assert_eq!(at(CREATED + 301, late), Err(Refusal::Expired));
    for bad in [
        ";created=1.5",
        ";created=\"1\"",
        ";created=-1",
        ";expires=?1",
        ";nonce=1",
        ";nonce=\"\"",
        ";alg=ed25519",
        ";tag=1",
    ] {
        let mut request = Request::new();
        request.set("signature-input", &format!("s=(\"@method\");created={CREATED};keyid=\"test-key-ed25519\"{bad}"));
        request.set("signature", "s=:AA==:");
        assert_eq!(request.says(&rules()), Err(Refusal::Malformed), "{bad}");
    }
    let mut request = Request::signed("s=();keyid=\"test-key-ed25519\"", "s=:AA==:");
    request.now_s = CREATED;
    assert_eq!(request.says(&rules()), Err(Refusal::Malformed));
}

#[test]
fn the_algorithm_is_the_keys_and_never_the_senders() {
    let mut request = Request::new();
    request.sign(&["@method"], |list| format!("{list};alg=\"ed25519\""));
    assert!(request.says(&rules()).unwrap().is_some());
    for alg in ["hmac-sha256", "rsa-pss-sha512", "none", "Ed25519", ""] {
        let mut request = Request::new();
        request.sign(&["@method"], |list| format!("{list};alg=\"{alg}\""));
        assert_eq!(request.says(&rules()), Err(Refusal::Invalid), "{alg}");
    }
}

#[test]
fn what_must_be_covered_is() {
    let says = |components: &[&str], rules: &Rules, body: &[u8]| {
        let mut request = Request::new();
        request.body = body.to_vec();
        request.set("content-digest", &format!("sha-256=:{}:", base64::encode_standard(&Digest::Sha256.of(body))));
        request.sign(components, |list| list);
        request.says(rules).map(|said| said.is_some())
    };
    assert_eq!(says(&["@method", "@target-uri", "content-digest"], &usual(), BODY), Ok(true));
    assert_eq!(says(&["content-digest;sf", "@target-uri", "@method"], &usual(), BODY), Ok(true));
    assert_eq!(says(&["content-digest;key=\"sha-256\"", "@target-uri", "@method"], &usual(), BODY), Ok(true));
    assert_eq!(says(&["@method", "@target-uri"], &usual(), b""), Ok(true));
    assert_eq!(says(&["@method", "@target-uri"], &usual(), BODY), Err(Refusal::Invalid));
    assert_eq!(says(&["@method", "content-digest"], &usual(), BODY), Err(Refusal::Invalid));
    assert_eq!(says(&[], &usual(), b""), Err(Refusal::Invalid));
    let parameter = Rules { components: vec![Component::parse("@query-param;name=\"Pet\"").unwrap()], ..rules() };
    assert_eq!(says(&["@query-param;name=\"Pet\""], &parameter, b""), Ok(true));
    assert_eq!(says(&["@query-param;name=\"param\""], &parameter, b""), Err(Refusal::Invalid));
}

/// A hash that is not looked at covers nothing: whoever changes the body would write the other hashes anew.
#[test]
fn a_digest_counts_only_if_it_is_of_a_good_algorithm_and_signed() {
    let says = |field: &str, covered: &str| {
        let mut request = Request::new();
        request.set("content-digest", field);
        request.sign(&["@method", "@target-uri", covered], |list| list);
        request.says(&usual()).map(|said| said.is_some())
    };
    let hash = |digest: Digest| base64::encode_standard(&digest.of(BODY));
    let (short, long) = (format!("sha-256=:{}:", hash(Digest::Sha256)), format!("sha-512=:{}:", hash(Digest::Sha512)));
    let wrong = format!("sha-256=:{}:", base64::encode_standard(&[0; 32]));
    assert_eq!(says(&format!("{short}, {long}, md5=:AAAA:"), "content-digest"), Ok(true));
    assert_eq!(says(&format!("{wrong}, {long}"), "content-digest"), Err(Refusal::DigestMismatch));
    assert_eq!(says(&format!("{long}, md5=:AAAA:"), "content-digest;key=\"md5\""), Err(Refusal::Invalid));
    assert_eq!(says("md5=:AAAA:", "content-digest"), Err(Refusal::Malformed));
    assert_eq!(says("sha-256=:AAAA:", "content-digest"), Err(Refusal::Malformed));
    assert_eq!(says("sha-256=x", "content-digest"), Err(Refusal::Malformed));
}

#[test]
fn signatures_for_somebody_else_are_passed_over() {
    let tagged = Rules { tag: Some("ours".into()), ..rules() };
    let mut request = Request::new();
    request.sign(&["@method"], |list| format!("{list};tag=\"ours\""));
    assert!(request.says(&tagged).unwrap().is_some());
    let ours = (request.headers["signature-input"].clone(), request.headers["signature"].clone());
    // A proxy's signature beside it does not hurt.
    for (input, signature) in [("p=(\"date\");keyid=\"unknown\"", "p=:AA==:"), (B25.0, B25.1)] {
        let mut request = Request::signed(input, signature);
        assert_eq!(request.says(&tagged), Err(Refusal::Invalid));
        request.headers.append("signature-input", ours.0.clone());
        request.headers.append("signature", ours.1.clone());
        assert_eq!(request.says(&tagged).unwrap().unwrap().0, "of test-key-ed25519");
    }
    let unknown = Request::signed("p=(\"date\");keyid=\"unknown\";created=1618884473", "p=:AA==:");
    assert_eq!(unknown.says(&rules()), Err(Refusal::Invalid));
}

#[test]
fn a_bad_signature_beside_a_good_one_does_not_spoil_it() {
    let mut request = Request::signed(B26.0, B26.1);
    let hmac = B25.1.replace("pxcQ", "AAAA");
    request.headers.append("signature-input", HeaderValue::from_str(B25.0).unwrap());
    request.headers.append("signature", HeaderValue::from_str(&hmac).unwrap());
    assert_eq!(request.says(&rules()).unwrap().unwrap().0, "of test-key-ed25519");
}

#[test]
fn a_nonce_is_needed_where_the_rules_say_so() {
    let needed = Rules { nonce: true, ..rules() };
    assert_eq!(Request::signed(B25.0, B25.1).says(&needed), Err(Refusal::Invalid));
    assert!(Request::signed(B21.0, B21.1).says(&needed).unwrap().unwrap().1.is_some());
}

#[test]
fn components_have_the_values_that_the_rfc_gives_them() {
    let mut request = Request::new();
    request.authority = "WWW.Example.com:443".into();
    request.path = "/path".into();
    request.query = Some("param=value&foo=bar&baz=batman&qux=&var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something".into());
    request.headers.append("x-ows", HeaderValue::from_static("  leading and trailing \t"));
    request.headers.append("x-list", HeaderValue::from_static("a, b"));
    request.headers.append("x-list", HeaderValue::from_static(" c"));
    request.set("x-dict", r#" a=1,    b=2;x=1;y=2,   c=(a   b   c), d"#);
    request.set("priority", "u=1,  i");
    request.set("x-empty", "");
    request.set("x-bytes", "é");
    let value = |name: &str| Component::parse(name).unwrap().value(&request.message());
    for (name, expected) in [
        ("@method", "POST"),
        ("@authority", "www.example.com"),
        ("@scheme", "https"),
        ("@path", "/path"),
        ("@query-param;name=\"baz\"", "batman"),
        ("@query-param;name=\"qux\"", ""),
        ("@query-param;name=\"var\"", "this%20is%20a%20big%0Amultiline%20value"),
        ("@query-param;name=\"bar\"", "with%20plus%20whitespace"),
        ("@query-param;name=\"fa%C3%A7ade%22%3A%20\"", "something"),
        ("x-ows", "leading and trailing"),
        ("x-list", "a, b, c"),
        ("x-list;bs", ":YSwgYg==:, :Yw==:"),
        ("x-dict", "a=1,    b=2;x=1;y=2,   c=(a   b   c), d"),
        ("x-dict;key=\"a\"", "1"),
        ("x-dict;key=\"b\"", "2;x=1;y=2"),
        ("x-dict;key=\"c\"", "(a b c)"),
        ("x-dict;key=\"d\"", "?1"),
        ("priority;sf", "u=1, i"),
        ("x-empty", ""),
        ("x-bytes;bs", ":w6k=:"),
    ] {
        assert_eq!(value(name).as_deref(), Some(expected), "{name}");
    }
    for name in ["x-none", "x-bytes", "x-dict;key=\"e\"", "x-list;key=\"a b\"", "@query-param;name=\"none\""] {
        assert_eq!(value(name), None, "{name}");
    }
    request.query = Some("a=1&b=2&a=3".into());
    let value = |name: &str| Component::parse(name).unwrap().value(&request.message());
    assert_eq!(value("@query-param;name=\"a\""), None);
    assert_eq!(value("@query").as_deref(), Some("?a=1&b=2&a=3"));
    assert_eq!(value("@target-uri").as_deref(), Some("https://www.example.com/path?a=1&b=2&a=3"));
    assert_eq!(value("@request-target").as_deref(), Some("/path?a=1&b=2&a=3"));
    request.query = None;
    let value = |name: &str| Component::parse(name).unwrap().value(&request.message());
    assert_eq!(value("@query").as_deref(), Some("?"));
    assert_eq!(value("@target-uri").as_deref(), Some("https://www.example.com/path"));
}

#[test]
fn what_is_no_component_of_a_request_is_refused() {
    for name in ["", "@status", "@signature-params", "@nothing", "Date", "a b", "\"", "a\"b", "@query-params"] {
        assert_eq!(Component::parse(name), Err(InvalidComponent::Name), "{name}");
    }
    for name in [
        "@method;req",
        "date;req",
        "date;tr",
        "date;sf",
        "date;bs;sf",
        "date;bs=?0",
        "date;key=1",
        "@query-param",
        "@query-param;name=1",
        "@query;name=\"a\"",
        "date;unknown",
        "date;",
        "@method;name=\"x\"",
        "priority;sf=1",
    ] {
        assert_eq!(Component::parse(name), Err(InvalidComponent::Parameter), "{name}");
    }
}

#[test]
fn what_the_gateway_signs_is_good_and_covers_what_is_there() {
    let components: Vec<Component> =
        ["@method", "@target-uri", "content-digest", "x-none"].map(|name| Component::parse(name).unwrap()).into();
    let keyid = "test-key-ed25519";
    let signing =
        Signing::new(Algorithm::Ed25519, SIGNER.clone(), components, keyid, Some("t"), Duration::from_secs(60))
            .unwrap();
    let mut request = Request::new();
    let fields = signing.sign(&request.message(), CREATED * 1000).unwrap();
    for (name, value) in fields {
        request.headers.insert(name, value);
    }
    let input = r#"tidegate=("@method" "@target-uri" "content-digest");created=1618884473;expires=1618884533;keyid="test-key-ed25519";alg="ed25519";tag="t""#;
    assert_eq!(request.headers["signature-input"], input);
    assert!(request.says(&usual()).unwrap().is_some());
    request.method = Method::GET;
    assert_eq!(request.says(&usual()), Err(Refusal::Invalid));
    assert_eq!(Signing::new(Algorithm::HmacSha256, SIGNER.clone(), vec![], keyid, None, Duration::from_secs(60)), None);
    assert!(!format!("{signing:?}").contains("n4Ni"), "{signing:?}");
}

#[test]
fn what_all_signatures_of_a_request_cover_is_bounded_together() {
    let members: Vec<String> = (0..60).map(|number| format!("m{number}={}", "x".repeat(300))).collect();
    let covered: Vec<String> = (0..60).map(|number| format!("\"x-large\";key=\"m{number}\"")).collect();
    let list = format!("({});created={CREATED};keyid=\"test-key-ed25519\"", covered.join(" "));
    let mut request = Request::signed(&format!("a={list}"), "a=:AA==:");
    request.set("x-large", &members.join(", "));
    let all = Rules { components: Vec::new(), digest: false, ..rules() };
    assert_eq!(request.says(&all), Err(Refusal::Invalid));
    let many: Vec<String> = (0..8).map(|label| format!("s{label}={list}")).collect();
    request.set("signature-input", &many.join(", "));
    let signatures: Vec<String> = (0..8).map(|label| format!("s{label}=:AA==:")).collect();
    request.set("signature", &signatures.join(", "));
    assert_eq!(request.says(&all), Err(Refusal::Malformed));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_mutation_of_a_signed_request_is_accepted(
        place in 0..5, at in any::<prop::sample::Index>(), byte in 0x21_u8..0x7f,
    ) {
        static INPUT: LazyLock<(String, String)> = LazyLock::new(|| {
            let mut request = Request::new();
            request.sign(&["@method", "@target-uri", "content-digest", "date"], |list| list);
            let text = |name: &str| request.headers[name].to_str().unwrap().to_owned();
            (text("signature-input"), text("signature"))
        });
        let mut request = Request::signed(&INPUT.0, &INPUT.1);
        prop_assert!(request.says(&usual()).is_ok());
        let meaning = |text: &str| sfv::Parser::new(text).parse::<sfv::Dictionary>().ok();
        let replace = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            String::from_utf8(bytes).unwrap()
        };
        let (input, signature) = INPUT.clone();
        let changed = match place {
            0 => { request.path = replace("/foo"); request.path != "/foo" }
            1 => { let query = replace("param=Value&Pet=dog"); let changed = query != "param=Value&Pet=dog"; request.query = Some(query); changed }
            2 => { request.body = replace(std::str::from_utf8(BODY).unwrap()).into_bytes(); request.body != BODY }
            3 => { let text = replace(&input); request.set("signature-input", &text); text != input }
            // The last digit of base64 has bits that count for nothing (RFC 9651 section 4.2.7): another text for the same signature is no other one.
            _ => { let text = replace(&signature); request.set("signature", &text); meaning(&text) != meaning(&signature) }
        };
        prop_assume!(changed);
        let refused = request.says(&usual()).is_err();
        prop_assert!(refused);
    }

    #[test]
    fn no_text_makes_it_panic(input in "[ -~]{0,120}", signature in "[ -~]{0,60}", digest in "[ -~]{0,60}") {
        let mut request = Request::signed(&input, &signature);
        request.set("content-digest", &digest);
        let refused = request.says(&rules()).is_err();
        prop_assert!(refused);
    }
}
