//! Which keys are taken.

use super::{super::base64::encode_url, *};

/// An RSA key of so many bits: its modulus is no product of two primes, but of the right shape.
fn rsa(bits: usize, e: &str) -> String {
    let mut n = vec![0xa5; bits.div_ceil(8)];
    n[0] = (0xff_u8 >> (n.len() * 8 - bits)) & 0xbf | (0x80 >> (n.len() * 8 - bits));
    format!(r#"{{"kty":"RSA","n":"{}","e":"{e}"}}"#, encode_url(&n))
}

fn oct(bytes: usize, more: &str) -> String {
    format!(r#"{{"kty":"oct","k":"{}"{more}}}"#, encode_url(&vec![7; bytes]))
}

fn ec(crv: &str, x: &[u8], y: &[u8]) -> String {
    format!(r#"{{"kty":"EC","crv":"{crv}","x":"{}","y":"{}"}}"#, encode_url(x), encode_url(y))
}

fn okp(x: &[u8]) -> String {
    format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, encode_url(x))
}

/// A P-256 point (RFC 7515 appendix A.3) with more members.
fn p256(more: &str) -> String {
    format!(
        r#"{{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"{more}}}"#
    )
}

#[test]
fn takes_rsa_keys_of_2048_to_8192_bits() {
    for bits in [2048, 2049, 3072, 4096, 7680, 8191, 8192] {
        assert!(key(&rsa(bits, "AQAB")).fits(Algorithm::Ps512), "{bits}");
    }
    for bits in [512, 1024, 1536, 2040, 2047, 8193, 16_384] {
        assert_eq!(why(&rsa(bits, "AQAB")), format!("this RSA key has {bits} bits; 2048 to 8192 are accepted"));
    }
}

#[test]
fn takes_odd_exponents_from_3_to_32_bits() {
    for e in ["Aw", "BQ", "EQ", "AQAB", "_____w"] {
        key(&rsa(2048, e));
    }
    // 1, 2, 65536, 2^32 + 1, 2^64 + 1.
    for e in ["AQ", "Ag", "AQAA", "AQAAAAE", "AQAAAAAAAAAB"] {
        assert!(why(&rsa(2048, e)).contains("\"e\" is not an odd number from 3"), "{e}");
    }
    for (e, expected) in
        [("", "is empty"), ("AA", "begins with a zero"), ("AAEAAQ", "begins with a zero"), ("AQAB=", "no base64url")]
    {
        assert!(why(&rsa(2048, e)).contains(expected), "{e}");
    }
}

#[test]
fn refuses_weak_and_broken_rsa_moduli() {
    let modulus = |n: &[u8]| format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, encode_url(n));
    let mut even = vec![0xa5; 256];
    even[255] = 2;
    assert!(why(&modulus(&even)).contains("\"n\" is even"));
    assert!(why(&modulus(&[&[0], &*vec![0xa5; 256]].concat())).contains("zero byte"));
    assert!(why(&modulus(&[0; 256])).contains("zero byte"));
    assert!(why(&modulus(&[])).contains("\"n\" is empty"));
    assert!(why(r#"{"kty":"RSA","e":"AQAB"}"#).contains("\"n\" is missing"));
    assert!(why(r#"{"kty":"RSA","n":1,"e":"AQAB"}"#).contains("\"n\" is no text"));
}

#[test]
fn refuses_points_that_are_not_on_their_curve() {
    for (crv, size) in [("P-256", 32), ("P-384", 48), ("P-521", 66)] {
        for (x, y) in
            [(vec![0; size], vec![0; size]), (vec![1; size], vec![1; size]), (vec![0xff; size], vec![0xff; size])]
        {
            assert!(why(&ec(crv, &x, &y)).contains(&format!("no point of {crv}")), "{crv}");
        }
        for wrong in [0, 1, size - 1, size + 1, 2 * size] {
            let expected = format!("has {wrong} bytes instead of {size}");
            assert!(why(&ec(crv, &vec![1; wrong], &vec![1; size])).contains(&expected), "{crv} {wrong}");
            assert!(why(&ec(crv, &vec![1; size], &vec![1; wrong])).contains(&expected), "{crv} {wrong}");
        }
    }
    // A point of P-256 said to be of another curve.
    assert!(why(&p256("").replace("P-256", "P-384")).contains("32 bytes instead of 48"));
    assert!(why(&p256("").replace("P-256", "secp256k1")).contains("\"crv\" is \"secp256k1\""));
    assert!(why(&p256("").replace("P-256", "Ed25519")).contains("an EC key has P-256, P-384 or P-521"));
}

#[test]
fn refuses_ed25519_points_of_small_order_and_what_is_no_point() {
    // The neutral element, the points of order 2, 4 and 8, and the same written without reduction.
    let order_8 = [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ];
    let first = |byte| [&[byte][..], &[0; 31]].concat();
    let order_2 = [&[0xec][..], &[0xff; 30], &[0x7f]].concat();
    for x in [first(1), first(0), order_2, order_8.to_vec()] {
        assert!(why(&okp(&x)).contains("small order"), "{x:?}");
    }
    assert!(why(&okp(&first(2))).contains("no point of Ed25519"));
    assert!(why(&okp(&[1; 31])).contains("31 bytes instead of 32"));
    assert!(why(&okp(&[1; 32]).replace("Ed25519", "X25519")).contains("\"crv\" is \"X25519\""));
    assert!(why(&okp(&[1; 32]).replace("Ed25519", "Ed448")).contains("\"crv\" is \"Ed448\""));
}

#[test]
fn takes_hmac_keys_that_are_as_long_as_the_hash() {
    assert!(why(&oct(31, "")).contains("the HMAC key has 31 bytes; it needs 32"));
    assert!(why(&oct(0, "")).contains("0 bytes"));
    assert!(Key::from_secret(&[7; 31]).is_err());
    for (bytes, fitting) in [(32, 1), (47, 1), (48, 2), (63, 2), (64, 3), (200, 3)] {
        for key in [key(&oct(bytes, "")), Key::from_secret(&vec![7; bytes]).unwrap()] {
            let fits: Vec<_> = Algorithm::ALL.into_iter().filter(|algorithm| key.fits(*algorithm)).collect();
            assert_eq!(fits, &Algorithm::ALL[..fitting], "{bytes}");
            assert_eq!(key.secret().unwrap(), vec![7; bytes]);
        }
    }
    assert!(why(&oct(32, r#","alg":"HS512""#)).contains("\"alg\" is HS512, which an HMAC key cannot verify"));
}

#[test]
fn a_key_fits_the_algorithms_of_its_type_or_the_one_that_alg_names() {
    let fitting = |text: &str| {
        let key = key(text);
        Algorithm::ALL.into_iter().filter(|one| key.fits(*one)).map(Algorithm::as_str).collect::<Vec<_>>().join(" ")
    };
    let rsa_with = |more: &str| rsa(2048, "AQAB").replace(r#""kty""#, &format!(r#"{more}"kty""#));
    assert_eq!(fitting(&rsa_with("")), "RS256 RS384 RS512 PS256 PS384 PS512");
    assert_eq!(fitting(&rsa_with(r#""alg":"PS384","#)), "PS384");
    assert_eq!(fitting(&p256("")), "ES256");
    assert_eq!(fitting(&p256(r#","alg":"ES256""#)), "ES256");
    let (edwards, _) = made_elsewhere("EdDSA");
    assert!(edwards.fits(Algorithm::EdDsa) && !edwards.fits(Algorithm::Es256));
    assert!(why(&rsa_with(r#""alg":"ES256","#)).contains("\"alg\" is ES256, which an RSA key cannot verify"));
    assert!(why(&p256(r#","alg":"ES384""#)).contains("a P-256 key cannot"));
    assert!(why(&p256(r#","alg":"none""#)).contains("which is none of HS256"));
    assert!(why(&p256(r#","alg":"ECDH-ES""#)).contains("\"ECDH-ES\""));
    assert!(why(&p256(r#","alg":7"#)).contains("\"alg\" is no text"));
}

#[test]
fn use_and_key_ops_must_allow_verifying() {
    for more in ["", r#","use":"sig""#, r#","key_ops":["verify"]"#, r#","use":"sig","key_ops":["sign","verify"]"#] {
        key(&p256(more));
    }
    for (more, expected) in [
        (r#","use":"enc""#, "\"use\" is \"enc\""),
        (r#","use":"""#, "\"use\" is \"\""),
        (r#","use":null"#, "\"use\" is no text"),
        (r#","key_ops":[]"#, "without \"verify\""),
        (r#","key_ops":["sign"]"#, "without \"verify\""),
        (r#","key_ops":["Verify"]"#, "without \"verify\""),
        (r#","key_ops":["encrypt","decrypt"]"#, "without \"verify\""),
        (r#","key_ops":"verify""#, "no list of texts"),
        (r#","key_ops":["verify",1]"#, "no list of texts"),
        (r#","key_ops":["verify","verify"]"#, "twice"),
        (r#","kid":1"#, "\"kid\" is no text"),
    ] {
        assert!(why(&p256(more)).contains(expected), "{more}: {}", why(&p256(more)));
    }
}

#[test]
fn refuses_other_key_types() {
    assert!(why("{}").contains("\"kty\" is missing"));
    for kty in ["rsa", "ec", "OCT", "AKP", ""] {
        assert!(why(&format!(r#"{{"kty":"{kty}"}}"#)).contains("keys are RSA, EC, OKP or oct"), "{kty}");
    }
    let long = why(&format!(r#"{{"kty":"{}\n"}}"#, "x\\n".repeat(500)));
    assert!(long.len() < 200 && !long.contains('\n'), "{long}");
}

/// A mistake in a secret is told without the secret.
#[test]
fn messages_and_debug_hold_nothing_secret() {
    for jwk in [r#"{"kty":"oct","k":"not base64url!"}"#, r#"{"kty":"oct","k":"aHVudGVyMg"}"#] {
        let why = why(jwk);
        assert!(!why.contains("not base64url!") && !why.contains("hunter2") && !why.contains("aHVudGVyMg"), "{why}");
    }
    let shown = format!("{:?}", key(&oct(32, r#","kid":"mine""#)));
    assert_eq!(shown, "Key { kind: \"an HMAC key\", id: Some(\"mine\"), algorithm: None, .. }");
}

#[test]
fn the_text_for_importing_has_the_required_members_only() {
    let public = r#"{"crv":"P-256","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    let more =
        r#","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI","kid":"\"","use":"sig","key_ops":["verify"],"x5c":[]"#;
    assert_eq!(key(&p256(more)).jwk(), public);
    assert_eq!(key(&oct(32, "")).jwk(), format!(r#"{{"k":"{}","kty":"oct"}}"#, encode_url(&[7; 32])));
    for algorithm in Algorithm::ALL {
        let (one, _) = made_elsewhere(algorithm.as_str());
        let again = key(one.jwk());
        assert_eq!((again.jwk(), again.thumbprint()), (one.jwk(), one.thumbprint()));
    }
}

#[test]
fn tells_jwks_with_something_secret_in_them() {
    assert!(!Key::is_secret(&object(&p256(""))));
    assert!(Key::is_secret(&object(&p256(r#","d":"x""#))));
    assert!(Key::is_secret(&object(&oct(32, ""))));
    assert!(Key::is_secret(&object(&rsa(2048, "AQAB").replace(r#""kty""#, r#""p":"x","kty""#))));
}
