use super::{
    super::{KeyList, base64::encode_url},
    *,
};

fn oct(kid: Option<&str>, byte: u8) -> Value {
    let mut jwk = object(&format!(r#"{{"kty":"oct","k":"{}"}}"#, encode_url(&[byte; 32])));
    jwk.extend(kid.map(|kid| ("kid".to_owned(), kid.into())));
    Value::Object(jwk)
}

fn list(keys: &[Value]) -> KeyList {
    KeyList::parse(serde_json::json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

/// The first byte of each candidate.
fn candidates(list: &KeyList, kid: Option<&str>) -> Vec<u8> {
    list.candidates(kid, Algorithm::Hs256).map(|key| key.secret().unwrap()[0]).collect()
}

#[test]
fn leaves_out_what_cannot_be_used_and_keeps_the_rest() {
    let text = format!(
        r#"{{"keys":[1,null,{{}},{{"kty":"new"}},{{"kty":"oct","k":"AA"}},{},{{"kty":"RSA","use":"enc","n":"AQ","e":"AQAB"}},{}],"more":[{{}}]}}"#,
        oct(Some("a"), 1),
        object(TOKENS)["ES256"]["key"],
    );
    let list = KeyList::parse(text.as_bytes()).unwrap();
    assert_eq!((list.len(), list.is_empty()), (2, false));
    assert_eq!(list.clone().without_secrets().len(), 1);
    assert_eq!(list.candidates(None, Algorithm::Es256).count(), 1);
}

#[test]
fn is_nothing_but_an_object_with_a_list_of_keys() {
    for text in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":null}"#,
        r#"{"Keys":[]}"#,
        r#"{"keys":[]}{}"#,
        r#"{"keys":[],"keys":[]}"#,
    ] {
        assert!(KeyList::parse(text.as_bytes()).is_none(), "{text}");
    }
    let twice = r#"{"keys":[{"kty":"oct","k":"AA","k":"AA"}]}"#;
    assert!(KeyList::parse(twice.as_bytes()).is_none());
    assert!(KeyList::parse(br#"{"keys":[]}"#).unwrap().is_empty());
}

#[test]
fn has_at_most_a_hundred_keys_and_256_kibibytes() {
    let keys: Vec<_> = (0..150).map(|n| oct(None, n)).collect();
    assert_eq!(list(&keys).len(), 100);
    assert_eq!(KeyList::new(vec![Key::from_secret(&[1; 32]).unwrap(); 150]).len(), 100);
    let padded = |length: usize| r#"{"keys":[]}"#.to_owned() + &" ".repeat(length - 11);
    assert!(KeyList::parse(padded(256 * 1024).as_bytes()).is_some());
    assert!(KeyList::parse(padded(256 * 1024 + 1).as_bytes()).is_none());
}

#[test]
fn a_kid_chooses_the_keys_of_that_id() {
    let list = list(&[oct(Some("a"), 1), oct(Some("b"), 2), oct(Some("a"), 3), oct(None, 4)]);
    assert_eq!(candidates(&list, Some("a")), [1, 3]);
    assert_eq!(candidates(&list, Some("b")), [2]);
    assert_eq!(candidates(&list, None), [1, 2, 3, 4]);
    assert!(list.has("a") && !list.has("A") && !list.has(""));
}

#[test]
fn a_kid_that_no_key_has_chooses_the_keys_without_an_id() {
    assert_eq!(candidates(&list(&[oct(Some("a"), 1), oct(None, 2)]), Some("x")), [2]);
    assert!(candidates(&list(&[oct(Some("a"), 1)]), Some("x")).is_empty());
    assert_eq!(candidates(&list(&[oct(None, 1)]), Some("")), [1]);
}

/// A `kid` of a key of another type does not fall back on other keys.
#[test]
fn a_kid_of_a_key_that_does_not_fit_chooses_none() {
    let mut ec = object(TOKENS)["ES256"]["key"].clone();
    ec["kid"] = "a".into();
    let list = list(&[ec, oct(Some("b"), 1), oct(None, 2)]);
    assert!(candidates(&list, Some("a")).is_empty());
}

#[test]
fn one_token_is_tried_with_at_most_eight_keys() {
    let keys: Vec<_> = (0..20).map(|n| oct(Some("a"), n)).collect();
    assert_eq!(candidates(&list(&keys), Some("a")), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(candidates(&list(&keys), None).len(), 8);
}
