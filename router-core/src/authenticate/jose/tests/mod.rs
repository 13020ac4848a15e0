mod key_lists;
mod keys;
mod mutations;
mod rfc;
mod signing;
mod tokens;

use serde_json::{Map, Value};

use super::{Algorithm, InvalidJws, Jws, Key, verify};

/// One token for each algorithm, all made by OpenSSL.
const TOKENS: &str = include_str!("tokens.json");

fn object(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap()
}

fn key(text: &str) -> Key {
    Key::from_jwk(&object(text)).unwrap()
}

/// What is wrong with a JWK.
fn why(text: &str) -> String {
    Key::from_jwk(&object(text)).unwrap_err().0
}

/// The key and token of this name.
fn made_elsewhere(name: &str) -> (Key, String) {
    let all = object(TOKENS);
    let key = Key::from_jwk(all[name]["key"].as_object().unwrap()).unwrap();
    (key, all[name]["token"].as_str().unwrap().to_owned())
}

fn parse(token: &str) -> Result<Jws<'_>, InvalidJws> {
    Jws::parse(token, 8 * 1024)
}

/// Whether a token can be read and its signature is one of `key`.
fn accepts(key: &Key, token: &str) -> bool {
    parse(token).is_ok_and(|jws| verify(jws.algorithm, key, jws.signed.as_bytes(), &jws.signature))
}
