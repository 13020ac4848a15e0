//! Promise: no bytes break the readers of tokens, of JSON and of key sets, and whatever is read has one spelling: it is written as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use router_core::authenticate::jose::{Jws, Key, KeyList, SigningKey, base64, strict_json, verify};
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        token(text);
        if let Some(bytes) = base64::decode_url(text) {
            assert_eq!(base64::encode_url(&bytes), text);
        }
        if let Some(bytes) = base64::decode_standard(text) {
            assert_eq!(base64::encode_standard(&bytes).trim_end_matches('='), text.trim_end_matches('='));
        }
    }
    if let Some(object) = strict_json::object(data) {
        assert_eq!(serde_json::from_slice::<Value>(data).ok().as_ref().and_then(Value::as_object), Some(&object));
        let again = Value::Object(object.clone()).to_string();
        // Compared by its members: a number of many digits may differ in the last place when it is read back.
        let again = strict_json::object(again.as_bytes());
        assert_eq!(again.map(|again| again.keys().eq(object.keys())), Some(true));
        if let Ok(key) = Key::from_jwk(&object) {
            let public = strict_json::object(key.jwk().as_bytes()).and_then(|jwk| Key::from_jwk(&jwk).ok());
            assert_eq!(public.map(|public| public.thumbprint()), Some(key.thumbprint()));
        }
        if let Ok(key) = SigningKey::from_jwk(&object) {
            token(&key.compact(&object, data));
        }
    }
    if let Some(keys) = KeyList::parse(data) {
        assert!(keys.len() <= 100);
    }
});

fn token(text: &str) {
    let Ok(jws) = Jws::parse(text, 64 * 1024) else { return };
    let (header, _) = text.split_once('.').expect("it was read");
    let bytes = base64::decode_url(header).expect("it was read");
    assert_eq!(strict_json::object(&bytes).as_ref(), Some(&jws.header));
    let again = [base64::encode_url(&bytes), base64::encode_url(&jws.payload), base64::encode_url(&jws.signature)];
    assert_eq!(again.join("."), text);
    assert_eq!(text.strip_prefix(jws.signed), Some(&*format!(".{}", again[2])));
    // A key that a token brings along proves nothing, but checking with it must not panic either.
    if let Some(key) = jws.header.get("jwk").and_then(Value::as_object).and_then(|jwk| Key::from_jwk(jwk).ok()) {
        let _ = verify(jws.algorithm, &key, jws.signed.as_bytes(), &jws.signature);
    }
}
