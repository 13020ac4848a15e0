//! Taking tokens apart, and which key verifies what.

use super::{
    super::{base64::encode_url, equal, hmac},
    *,
};
use crate::authenticate::jose::Digest;

fn with_header(header: &str) -> String {
    format!("{}.e30.AAAA", encode_url(header.as_bytes()))
}

#[test]
fn every_algorithm_verifies_what_another_library_signed() {
    for algorithm in Algorithm::ALL {
        let (key, token) = made_elsewhere(algorithm.as_str());
        let jws = parse(&token).unwrap();
        assert_eq!(jws.algorithm, algorithm);
        assert_eq!(jws.kid(), Some(&*format!("k-{}", algorithm.as_str().to_lowercase())));
        assert!(accepts(&key, &token), "{algorithm:?}");
    }
}

#[test]
fn no_key_verifies_the_token_of_another_algorithm() {
    let all = Algorithm::ALL.map(|algorithm| (algorithm, made_elsewhere(algorithm.as_str())));
    for (of_key, (key, _)) in &all {
        for (of_token, (_, token)) in &all {
            // The RSA tokens share one key.
            let both_rsa = [of_key, of_token].iter().all(|one| one.as_str().contains("S") && Rsa::is(**one));
            assert_eq!(accepts(key, token), of_key == of_token || both_rsa, "{of_key:?} {of_token:?}");
        }
    }
}

struct Rsa;

impl Rsa {
    fn is(algorithm: Algorithm) -> bool {
        matches!(algorithm.as_str().get(..2), Some("RS" | "PS"))
    }
}

/// The classic: the public key, known to everybody, taken as the secret of an HMAC.
#[test]
fn a_public_key_is_never_a_secret() {
    for name in ["RS256", "ES256", "EdDSA"] {
        let (key, token) = made_elsewhere(name);
        let payload = token.split('.').nth(1).unwrap();
        let signed = format!("{}.{payload}", encode_url(br#"{"alg":"HS256"}"#));
        for secret in [key.jwk().as_bytes(), &key.thumbprint()] {
            let forged = format!("{signed}.{}", encode_url(&hmac(Digest::Sha256, secret, signed.as_bytes())));
            assert_eq!(parse(&forged).unwrap().algorithm, Algorithm::Hs256);
            assert!(!accepts(&key, &forged), "{name}");
        }
        for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
            assert!(!key.fits(algorithm));
        }
    }
}

#[test]
fn a_pss_salt_of_another_length_than_the_hash_is_refused() {
    let (key, token) = made_elsewhere("PS256 with a salt of 20 bytes");
    assert!(!accepts(&key, &token));
}

#[test]
fn signatures_of_zeros_of_any_length_are_refused() {
    for algorithm in Algorithm::ALL {
        let (key, token) = made_elsewhere(algorithm.as_str());
        let jws = parse(&token).unwrap();
        for length in [0, 1, 31, 32, 33, 48, 63, 64, 65, 96, 131, 132, 133, 255, 256, 257, 512] {
            for byte in [0, 0xff] {
                assert!(!verify(algorithm, &key, jws.signed.as_bytes(), &vec![byte; length]), "{algorithm:?} {length}");
            }
        }
    }
}

#[test]
fn the_form_is_three_parts_of_strict_base64url_with_an_object_in_front() {
    let h = encode_url(br#"{"alg":"HS256"}"#);
    for token in [
        "",
        ".",
        "..",
        &h,
        &format!("{h}.e30"),
        &format!(".e30.AAAA"),
        &format!("{h}.e30.AAAA."),
        &format!("{h}.e30.AAAA.AAAA"),
        &format!("{h}..e30.AAAA"),
        &format!("{h}=.e30.AAAA"),
        &format!("{h}.e30=.AAAA"),
        &format!("{h}.e30.AAAA="),
        &format!("{h}.e30.AA+A"),
        &format!("{h}.e30.AB"),
        &format!("{h}.e31.AAAA"),
        &format!("{h}.e30 .AAAA"),
        &format!("{h}.e30.AAAA\n"),
        &format!(" {h}.e30.AAAA"),
        &format!("{h}.\u{e9}.AAAA"),
        &with_header("[]"),
        &with_header("null"),
        &with_header(r#"{"alg":"HS256"} "#.repeat(2).as_str()),
        &with_header(r#"{"alg":"HS256","alg":"HS256"}"#),
        &with_header(r#"{"alg":"RS256","\u0061lg":"HS256"}"#),
        &with_header(r#"{"alg":"HS256","jwk":{"k":1,"k":2}}"#),
    ] {
        assert_eq!(parse(token).unwrap_err(), InvalidJws::Form, "{token:?}");
    }
    let jws = format!("{h}..AAAA");
    assert_eq!(parse(&jws).unwrap().payload, b"", "an empty payload is one (RFC 7515 section 7.1)");
}

#[test]
fn only_algorithms_of_the_list_exist() {
    for alg in [
        "none",
        "None",
        "NONE",
        "nOnE",
        "",
        "hs256",
        "HS1",
        "HS256 ",
        "RS256\u{0}",
        "ES256K",
        "Ed448",
        "RSA-OAEP",
        "dir",
    ] {
        let header = serde_json::json!({ "alg": alg }).to_string();
        assert_eq!(parse(&with_header(&header)).unwrap_err(), InvalidJws::Algorithm, "{alg}");
    }
    for header in [r"{}", r#"{"alg":null}"#, r#"{"alg":["HS256"]}"#, r#"{"alg":256}"#, r#"{"ALG":"HS256"}"#] {
        assert_eq!(parse(&with_header(header)).unwrap_err(), InvalidJws::Algorithm, "{header}");
    }
    assert_eq!(parse(&with_header(r#"{"alg":"Ed25519"}"#)).unwrap().algorithm, Algorithm::EdDsa);
}

#[test]
fn whatever_is_critical_is_refused() {
    for more in [
        r#""crit":["b64"],"b64":false"#,
        r#""crit":["b64"],"b64":true"#,
        r#""crit":["exp"],"exp":1"#,
        r#""crit":[]"#,
        r#""crit":null"#,
        r#""b64":false"#,
        r#""b64":"true""#,
        r#""b64":null"#,
    ] {
        let header = format!(r#"{{"alg":"HS256",{more}}}"#);
        assert_eq!(parse(&with_header(&header)).unwrap_err(), InvalidJws::Critical, "{header}");
    }
    assert!(parse(&with_header(r#"{"alg":"HS256","b64":true}"#)).is_ok());
}

#[test]
fn a_token_has_at_most_so_many_bytes_and_its_header_eight_kibibytes() {
    let token = with_header(r#"{"alg":"HS256"}"#);
    assert!(Jws::parse(&token, token.len()).is_ok());
    assert_eq!(Jws::parse(&token, token.len() - 1).unwrap_err(), InvalidJws::TooLong);
    let long = with_header(&format!(r#"{{"alg":"HS256","x":"{}"}}"#, "x".repeat(7000)));
    assert_eq!(Jws::parse(&long, 1 << 20).unwrap_err(), InvalidJws::TooLong);
}

#[test]
fn kid_and_typ_are_texts_or_nothing() {
    let token = with_header(r#"{"alg":"HS256","kid":1,"typ":{}}"#);
    let jws = parse(&token).unwrap();
    assert_eq!((jws.kid(), jws.token_type()), (None, None));
}

/// RFC 4231, test cases 2 (a short key) and 6 (one longer than a block).
#[test]
fn hmac_is_that_of_rfc_4231() {
    let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let message = b"what do ya want for nothing?";
    assert_eq!(
        hex(hmac(Digest::Sha256, b"Jefe", message)),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
    assert_eq!(
        hex(hmac(Digest::Sha384, b"Jefe", message)),
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
    );
    let message = b"Test Using Larger Than Block-Size Key - Hash Key First";
    assert_eq!(
        hex(hmac(Digest::Sha256, &[0xaa; 131], message)),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    );
    assert_eq!(
        hex(hmac(Digest::Sha512, &[0xaa; 131], message)),
        "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"
    );
}

#[test]
fn equal_means_the_same_bytes_and_the_same_length() {
    assert!(equal(b"", b"") && equal(b"abc", b"abc"));
    assert!(!equal(b"abc", b"abd") && !equal(b"abc", b"ab") && !equal(b"", b"a"));
}
