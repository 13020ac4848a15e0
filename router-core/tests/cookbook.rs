//! The JOSE cookbook (RFC 7520, RFC 7797, RFC 8037): what other people signed, read from `../shared/suites/jose-cookbook`. Where that folder is
//! absent, the tests are reported as ignored.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

use std::{fs, path::PathBuf, process::ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use router_core::authenticate::jose::{Algorithm, InvalidJws, Jws, Key, verify};
use serde_json::Value;

/// Signed in compact form by a key that is given: valid.
const VALID: [&str; 6] = [
    "jws/4_1.rsa_v15_signature.json",
    "jws/4_2.rsa-pss_signature.json",
    "jws/4_3.ecdsa_signature.json",
    "jws/4_4.hmac-sha2_integrity_protection.json",
    "jws/4_5.signature_with_detached_content.json",
    "curve25519/jws.json",
];
/// Payloads that are not in base64url, which `crit` says: refused.
const UNENCODED: [&str; 2] = ["rfc7797/4.2.hmac-sha2_b64_false.json", "rfc7797/hmac-sha2_b64_false.json"];
/// Keys for signatures.
const KEYS: [&str; 5] = [
    "jwk/3_1.ec_public_key.json",
    "jwk/3_2.ec_private_key.json",
    "jwk/3_3.rsa_public_key.json",
    "jwk/3_4.rsa_private_key.json",
    "jwk/3_5.symmetric_key_mac_computation.json",
];

fn main() -> ExitCode {
    let absent = !folder().is_dir();
    let trial = |name: &str, test: fn(&str) -> Result<(), Failed>, file: &'static str| {
        let seen = if absent { " (../shared/suites/jose-cookbook is absent)" } else { "" };
        Trial::test(format!("{name}: {file}{seen}"), move || test(file)).with_ignored_flag(absent)
    };
    let trials = VALID
        .into_iter()
        .map(|file| trial("is valid", is_valid, file))
        .chain(UNENCODED.into_iter().map(|file| trial("is refused", is_refused, file)))
        .chain(KEYS.into_iter().map(|file| trial("is a key", is_key, file)))
        .chain([trial("is no key for signatures", is_no_key, "jwk/3_6.symmetric_key_encryption.json")])
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/suites/jose-cookbook")
}

fn read(file: &str) -> Result<Value, Failed> {
    Ok(serde_json::from_slice(&fs::read(folder().join(file))?)?)
}

fn key(jwk: &Value) -> Result<Key, Failed> {
    Key::from_jwk(jwk.as_object().ok_or("the key is no object")?).map_err(|why| why.0.into())
}

fn is_valid(file: &str) -> Result<(), Failed> {
    let example = read(file)?;
    let signing = &example["signing"];
    // 4.5 has its content elsewhere; what is signed is the same.
    let token = format!("{}.{}", signing["sig-input"].as_str().unwrap(), signing["sig"].as_str().unwrap());
    if !file.contains("detached") {
        assert_eq!(example["output"]["compact"], Value::from(&*token));
    }
    // The payload is given as text in an encoding that the file does not name; the token has the bytes.
    let jws = Jws::parse(&token, 8192).map_err(|why| format!("{why:?}"))?;
    assert_eq!(jws.algorithm.as_str(), example["input"]["alg"]);
    assert_eq!(std::str::from_utf8(&jws.payload)?, example["input"]["payload"]);
    let key = key(&example["input"]["key"])?;
    assert_eq!(key.id(), jws.kid());
    assert!(verify(jws.algorithm, &key, jws.signed.as_bytes(), &jws.signature));
    for other in Algorithm::ALL.into_iter().filter(|other| *other != jws.algorithm) {
        assert!(!verify(other, &key, jws.signed.as_bytes(), &jws.signature), "{other:?}");
    }
    Ok(())
}

fn is_refused(file: &str) -> Result<(), Failed> {
    let output = &read(file)?["output"];
    let flat = &output["json_flat"];
    let [protected, payload, signature] =
        ["protected", "payload", "signature"].map(|name| flat[name].as_str().unwrap());
    let token = format!("{protected}.{payload}.{signature}");
    if let Some(compact) = output["compact"].as_str() {
        assert_eq!(compact, token);
    }
    assert_eq!(Jws::parse(&token, 8192).unwrap_err(), InvalidJws::Form, "the payload is no base64url");
    let encoded = format!("{protected}.AAAA.{signature}");
    assert_eq!(Jws::parse(&encoded, 8192).unwrap_err(), InvalidJws::Critical);
    Ok(())
}

fn is_key(file: &str) -> Result<(), Failed> {
    let jwk = read(file)?;
    let key = key(&jwk)?;
    assert_eq!(key.id(), jwk["kid"].as_str());
    assert!(Algorithm::ALL.into_iter().any(|algorithm| key.fits(algorithm)));
    Ok(())
}

fn is_no_key(file: &str) -> Result<(), Failed> {
    match key(&read(file)?) {
        Ok(_) => Err("it was taken".into()),
        Err(_) => Ok(()),
    }
}
