//! Signatures that are none, are of another kind, or are true for every message.

use p256::ecdsa::signature::Signer;

use super::*;

/// Made once with the private key that belongs to the modulus.
const RS256: &str = concat!(
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIxIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0IiwiYXVkIjoiYXBpIiwic3ViIjoiYW5uIiwiaWF0IjoxODAwMDAwMDAwLCJleHAi",
    "OjE4MDAwMDM2MDB9.eGTaqa7SPX5AYTZTNJPBJzCuwCGawP0Alw-_o5uSrcjQTHW1RQwE8w8uJSYqdaYPwZ_1tkCCFGYnf1qbPPQUbCZvZ53wJsQSd3jgW7uw2zcPfK9IXi_5COxi",
    "ZgV8Y376LaiCTsPzJplNf1dKS-U95LLhF-H5p6TBSqDD4mUbUhgZtkYqtRCen1P31-ZpY1kmD-SqsoYe86wPcPeBePIZGgS1mslr_1Mg-s31Tsk0YI2OJmAWHX8v0Mt3DS4rCQsW",
    "IFn7SPboF8S_O28D2LJNttxj5-KWDk1RaYwwLeN-MQEg0DZVayU5XWpLrYq9ZGANnpD4DCxsRMJMKK7RZZGsZQ",
);
const PS256: &str = concat!(
    "eyJhbGciOiJQUzI1NiIsImtpZCI6InIxIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0IiwiYXVkIjoiYXBpIiwic3ViIjoiYW5uIiwiaWF0IjoxODAwMDAwMDAwLCJleHAi",
    "OjE4MDAwMDM2MDB9.NN7kIZ2k05FkEpUgL7EeAIrymxE4UQ1mVs_TmZiJVx-zEMgeFUUv5fQjvkA-WGA1OT4uGkICNi6V6jkyxpGs6GGVDeE1XAJTS2Xx0I4Q-WJH6hcT2PDz7y5H",
    "ocSzXC79asfDQ0fmfZm-oNRDxsOxH1zA7hbfm3wwtHMVz4LkirVI4nkjw6yYZFm7jvWoP7Hm5Y63FSUlGG-N6ppFj922Rr8x8f6tTAcsw-uOfZf6527YG9xPFmFDyzsF_bxkZcEJ",
    "EDFDkreetRV3u9mQsV7XQoSC24iuIKCL0pOUzphHVTFdgHv1dB0WppWQEYDfHCWJDSG6VCeb_LEtSG3CVl8HVA",
);
/// The header says RS256, the signature is one of PS256.
const PS256_AS_RS256: &str = concat!(
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIxIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0IiwiYXVkIjoiYXBpIiwic3ViIjoiYW5uIiwiaWF0IjoxODAwMDAwMDAwLCJleHAi",
    "OjE4MDAwMDM2MDB9.ccAcyyk4x1SnFUppbYemmZSIM8ZOjs_MMfupO67M1FxxrSIFPnxveeIOrfM5H83yCWITJqBpxIGhW03aevODDXC69DT0QPze7owrIymYCY7GNQx-gN39NySb",
    "eKDAAfzqaL3D_IeEcGopvmFYyj1L2Lt_OQSYbscoO2puk2DL67ZeA_kq8aeMNISRolpqYQSq3JAZESJVC51yRiW1g54Y2aX1_tGXpENq7nji_ht7xU9fd7GbdCqamQnmv8sqVFu4",
    "kqYC6ZLH7PQqqF7qOB4BGCHPXWZ9jLuHxNRk0f0ox-NGH7PRyBs7o2WSajBv7lKN3ZXaqYuV4Ze-7C9JHy-_0w",
);
/// The public key as its issuer shows it.
const RSA_PEM: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1D8LUMdKBuvKoD1pgFbw
RjSuvqdyWwxmprBReAWwOBKI7y1TnmtXVGdkY+/4zCDGtxRQ7snW0ZPulIcd5Dg4
4ngxoVt1a7JRhBZsrOqRU2KbZOA0zSzNKpTQEmrItp8QALqDyEWN+C89VXjU6Q19
/fPpFtZQS/PCVSX3KOJKN8YxzMI1lLHRB70nNgx3ExrFpF+80WQ36ICe3ESpUh1t
CmgGZVviBZ9/OKu5KrzEOLkAuR/GLU8x6r2ZxjRe6eTX76fK86Blj3BfhKo8qW5d
DHI7B9z3mf0Ka7VXRDGAwc4h1im82CEuGW+w38yF3wd4AZks8Q4xNZXXihfDm9Zf
zwIDAQAB
-----END PUBLIC KEY-----
";

#[test]
fn no_spelling_of_none_is_an_algorithm() {
    let sound = |message: &[u8]| secret().sign(message);
    let claims = good_claims().to_string();
    for alg in ["none", "None", "NONE", "nOnE", "none ", "\\u006eone", "none\\u0000", ""] {
        let header = format!(r#"{{"alg":"{alg}"}}"#);
        let unsigned = compact(&header, claims.as_bytes(), |_| Vec::new());
        let signed = compact(&header, claims.as_bytes(), sound);
        let two_parts = unsigned.trim_end_matches('.').to_owned();
        assert_refused(
            &secret_rules(),
            [
                ("without a signature", unsigned, Refusal::Invalid),
                ("with a signature", signed, Refusal::Invalid),
                ("without the last dot", two_parts, Refusal::Malformed),
            ],
        );
    }
    for header in [
        json!({}),
        json!({"alg": null}),
        json!({"alg": ["HS256"]}),
        json!({"alg": {"alg": "HS256"}}),
        json!({"alg": 0}),
    ] {
        assert_refused(&secret_rules(), [("no alg that is a text", with_header(&header), Refusal::Invalid)]);
    }
    for alg in ["hs256", "HS256 ", "HS257", "HMAC", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"] {
        assert_refused(&secret_rules(), [("almost an algorithm", with_header(&json!({"alg": alg})), Refusal::Invalid)]);
    }
}

#[test]
fn a_public_key_is_never_a_secret() {
    let rsa = rules(&[Algorithm::Rs256], vec![key(rsa_jwk())]);
    assert_good(&rsa, RS256);
    let modulus = base64::decode_url(RSA_MODULUS).unwrap();
    let point = edwards().public().jwk().to_owned();
    let as_secret = |bytes: &[u8]| {
        let forger = secret_of(bytes, None);
        compact(r#"{"alg":"HS256","kid":"r1"}"#, good_claims().to_string().as_bytes(), |message| forger.sign(message))
    };
    assert_refused(
        &rsa,
        [
            ("HS256 with the PEM text", as_secret(RSA_PEM.as_bytes()), Refusal::Invalid),
            (
                "HS256 with the PEM text without its last line end",
                as_secret(RSA_PEM.trim_end().as_bytes()),
                Refusal::Invalid,
            ),
            ("HS256 with the JWK text", as_secret(rsa_jwk().to_string().as_bytes()), Refusal::Invalid),
            ("HS256 with the modulus", as_secret(&modulus), Refusal::Invalid),
        ],
    );
    // Not even where the rules would take the algorithm: the key does not fit it.
    let confused = rules(&[Algorithm::Hs256], vec![key(rsa_jwk()), edwards().public().clone()]);
    assert_refused(
        &confused,
        [
            ("HS256 with the modulus", as_secret(&modulus), Refusal::Invalid),
            ("HS256 with the point of Ed25519", as_secret(point.as_bytes()), Refusal::Invalid),
        ],
    );
}

#[test]
fn an_algorithm_is_not_exchanged_for_its_neighbour() {
    let rsa = |algorithm| rules(&[algorithm], vec![key(rsa_jwk())]);
    assert_good(&rsa(Algorithm::Ps256), PS256);
    assert_refused(
        &rsa(Algorithm::Rs256),
        [
            ("PS256 where RS256 is taken", PS256.into(), Refusal::Invalid),
            ("a signature of PS256 that says RS256", PS256_AS_RS256.into(), Refusal::Invalid),
        ],
    );
    assert_refused(&rsa(Algorithm::Ps256), [("RS256 where PS256 is taken", RS256.into(), Refusal::Invalid)]);
    let hs512 = with_header(&json!({"alg": "HS512"}));
    assert_refused(&secret_rules(), [("HS512 with the secret of HS256", hs512.clone(), Refusal::Invalid)]);
    // 32 bytes are too few for HS512, even where it is taken.
    let long = rules(&[Algorithm::Hs512], vec![secret().public().clone()]);
    assert_refused(&long, [("HS512 with too short a secret", hs512, Refusal::Invalid)]);
}

#[test]
fn no_signature_is_good_for_every_message() {
    let rules = rules(&[Algorithm::Es256], vec![key(curve_jwk())]);
    let signature = |message: &[u8]| {
        let signature: p256::ecdsa::Signature = curve().sign(message);
        signature
    };
    let token = |signature: &dyn Fn(&[u8]) -> Vec<u8>| {
        compact(r#"{"alg":"ES256","kid":"c1"}"#, good_claims().to_string().as_bytes(), signature)
    };
    assert_good(&rules, &token(&|message| signature(message).to_bytes().to_vec()));
    let order = base64::decode_url("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE").unwrap();
    let halves = |r: Option<&[u8]>, s: Option<&[u8]>| {
        token(&|message| {
            let true_one = signature(message).to_bytes();
            let (true_r, true_s) = true_one.split_at(32);
            [r.unwrap_or(true_r), s.unwrap_or(true_s)].concat()
        })
    };
    let zero: &[u8] = &[0; 32];
    assert_refused(
        &rules,
        [
            ("r and s are zero (CVE-2022-21449)", halves(Some(zero), Some(zero)), Refusal::Invalid),
            ("r is zero", halves(Some(zero), None), Refusal::Invalid),
            ("s is zero", halves(None, Some(zero)), Refusal::Invalid),
            ("r and s are the order", halves(Some(&order), Some(&order)), Refusal::Invalid),
            ("r is the order", halves(Some(&order), None), Refusal::Invalid),
            ("all bits are set", halves(Some(&[255; 32]), Some(&[255; 32])), Refusal::Invalid),
            ("written in DER", token(&|message| signature(message).to_der().as_bytes().to_vec()), Refusal::Invalid),
            (
                "a zero in front of both halves",
                token(&|message| {
                    let true_one = signature(message).to_bytes();
                    let (r, s) = true_one.split_at(32);
                    [&[0], r, &[0], s].concat()
                }),
                Refusal::Invalid,
            ),
        ],
    );
    let edwards =
        |signature: &[u8]| compact(r#"{"alg":"EdDSA"}"#, good_claims().to_string().as_bytes(), |_| signature.to_vec());
    let mut neutral = [0_u8; 64];
    neutral[0] = 1;
    assert_refused(
        &edwards_rules(),
        [
            ("Ed25519 of zeros", edwards(&[0; 64]), Refusal::Invalid),
            ("Ed25519 with the neutral point", edwards(&neutral), Refusal::Invalid),
        ],
    );
}

#[test]
fn a_part_of_a_signature_is_none() {
    let token = good_token();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let bytes = base64::decode_url(signature).unwrap();
    let with = |bytes: &[u8]| format!("{signed}.{}", base64::encode_url(bytes));
    assert_good(&secret_rules(), &with(&bytes));
    assert_refused(
        &secret_rules(),
        [
            ("empty", with(&[]), Refusal::Invalid),
            ("its first byte", with(&bytes[..1]), Refusal::Invalid),
            ("its first half", with(&bytes[..16]), Refusal::Invalid),
            ("without its last byte", with(&bytes[..31]), Refusal::Invalid),
            ("with a zero behind it", with(&[&bytes[..], &[0]].concat()), Refusal::Invalid),
            ("twice", with(&[&bytes[..], &bytes].concat()), Refusal::Invalid),
            ("of zeros", with(&[0; 32]), Refusal::Invalid),
        ],
    );
    let other = with_claims(&claims_with(json!({"sub": "bob"})).to_string());
    let moved = format!("{signed}.{}", other.rsplit_once('.').unwrap().1);
    assert_refused(&secret_rules(), [("of another token", moved, Refusal::Invalid)]);
}
