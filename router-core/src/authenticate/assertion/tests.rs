use serde_json::json;

use super::*;
use crate::authenticate::jose::{Algorithm, Jws, Key, KeyList, verify};

/// The key of RFC 8037 appendix A.1; its thumbprint is in appendix A.3.
const KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const THUMBPRINT: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

fn rules() -> Rules {
    Rules {
        key: SigningKey::from_jwk(&serde_json::from_str(KEY).unwrap()).unwrap(),
        issuer: "https://api.example".into(),
        header: FIELD,
        lifetime: Duration::from_secs(60),
        keys_path: KEYS_PATH.into(),
        published: Vec::new(),
    }
}

fn token(consumer: &Consumer, method: Method, path_and_query: &str) -> String {
    let statement = rules().statement(consumer, "shop", 1_700_000_000_999, [7; 16]);
    let (name, value) = statement.sign(&method, path_and_query).unwrap();
    assert_eq!(name, FIELD);
    value.to_str().unwrap().to_owned()
}

fn claims(token: &str) -> Value {
    serde_json::from_slice(&Jws::parse(token, 8192).unwrap().payload).unwrap()
}

#[test]
fn an_upstream_verifies_a_statement_with_the_published_keys() {
    let token = token(&Consumer { id: "jo".into(), ..Consumer::default() }, Method::GET, "/");
    let (path, document) = rules().document();
    assert_eq!(path, "/.well-known/tidegate/jwks.json");
    assert_eq!(document.headers["content-type"], "application/jwk-set+json");
    assert!(!String::from_utf8_lossy(&document.body).contains("\"d\""));
    let keys = KeyList::parse(&document.body).unwrap();
    let jws = Jws::parse(&token, 8192).unwrap();
    assert_eq!((jws.token_type(), jws.kid()), (Some(TYPE), Some(THUMBPRINT)));
    let key: &Key = keys.candidates(jws.kid(), Algorithm::EdDsa).next().unwrap();
    assert!(verify(Algorithm::EdDsa, key, jws.signed.as_bytes(), &jws.signature));
}

#[test]
fn a_statement_says_who_asks_for_whom_and_how_long() {
    let consumer = Consumer {
        id: "jo".into(),
        authenticator: "main".into(),
        issuer: Some("https://id.example".into()),
        scopes: vec!["read".into()],
        roles: vec!["admin".into()],
        plan: Some("gold".into()),
        ..Consumer::default()
    };
    let mut told = claims(&token(&consumer, Method::GET, "/"));
    told.as_object_mut().unwrap().remove("req");
    let expected = json!({
        "iss": "https://api.example", "sub": "jo", "aud": "shop", "iat": 1_700_000_000, "exp": 1_700_000_060,
        "jti": "BwcHBwcHBwcHBwcHBwcHBw", "authenticator": "main", "scopes": ["read"], "roles": ["admin"], "plan": "gold",
        "client_iss": "https://id.example",
    });
    assert_eq!(told, expected);
    let bare = claims(&token(&Consumer { id: "jo".into(), ..Consumer::default() }, Method::GET, "/"));
    assert!(bare.get("plan").is_none() && bare.get("client_iss").is_none());
}

#[test]
fn a_statement_is_for_one_request() {
    let consumer = Consumer::default();
    let req = |method, target| claims(&token(&consumer, method, target))["req"].clone();
    // printf 'POST /a/b?c=d' | openssl dgst -sha256 -binary | basenc --base64url
    let posted = req(Method::POST, "/a/b?c=d");
    assert_eq!(posted, json!({"htm": "POST", "htp": "/a/b", "hash": "WmEqEuzrRLia-VrYWNsGKfil6dunE86tcvspVz1AMCY"}));
    for other in [req(Method::PUT, "/a/b?c=d"), req(Method::POST, "/a/b"), req(Method::POST, "/a/b?c=e")] {
        assert_ne!(other["hash"], posted["hash"]);
    }
}
