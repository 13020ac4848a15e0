//! Policies and the lines of their 401 and 403.

use serde_json::{Value, json};

use super::line::tests::parse;
use super::*;
use crate::config::{NoVariables, Purpose, compile_value};

fn gateway(authenticators: Value, policy: Value, resource: bool) -> Gateway {
    let mut document = json!({
        "name": "edge-1",
        "authenticate": {"authenticators": authenticators},
        "routes": [{"name": "a", "to": {"respond": {}}, "authenticate": policy}],
    });
    if resource {
        document["authenticate"]["resource"] = json!({"identifier": "https://api.test/v1"});
    }
    let checked = compile_value(&document, &NoVariables, Purpose::Run);
    checked.gateway.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

fn jwt(extra: Value) -> Value {
    let mut jwt = json!({
        "issuer": "https://issuer.test", "audience": ["api"], "algorithms": ["ES256"],
        "keys": {"jwks": "https://issuer.test/keys"},
    });
    for (key, value) in extra.as_object().unwrap() {
        jwt[key] = value.clone();
    }
    json!({ "jwt": jwt })
}

/// The lines after `refusal`, each read back by the rules of the RFC.
fn after(gateway: &Gateway, refusal: Option<&Refusal>) -> Vec<String> {
    let policy = gateway.routes[0].authenticate.as_ref().unwrap();
    texts(&unauthenticated(gateway, policy, refusal))
}

fn texts(lines: &[HeaderValue]) -> Vec<String> {
    let text = |line: &HeaderValue| line.to_str().unwrap().to_owned();
    let texts: Vec<String> = lines.iter().map(text).collect();
    assert!(texts.iter().all(|line| parse(line).is_some()), "{texts:?}");
    texts
}

#[test]
fn nothing_of_an_error_is_said_where_nothing_was_sent() {
    let gateway = gateway(json!({"a": jwt(json!({}))}), json!({"any": ["a"]}), false);
    let lines = after(&gateway, None);
    assert_eq!(lines, [r#"Bearer realm="edge-1""#, r#"DPoP realm="edge-1", algs="ES256 EdDSA""#]);
}

#[test]
fn a_refused_token_is_told_with_scope_and_metadata() {
    let gateway = gateway(json!({"a": jwt(json!({}))}), json!({"any": ["a"], "scopes": ["read", "write"]}), true);
    let metadata = "https://api.test/.well-known/oauth-protected-resource/v1";
    let common = format!(
        r#"error="invalid_token", error_description="The credentials have expired.", scope="read write", resource_metadata="{metadata}""#
    );
    let lines = after(&gateway, Some(&Refusal::Expired));
    assert_eq!(
        lines,
        [
            format!(r#"Bearer realm="edge-1", {common}"#),
            format!(r#"DPoP realm="edge-1", {common}, algs="ES256 EdDSA""#),
        ]
    );
}

#[test]
fn a_refused_proof_is_told_to_those_who_prove() {
    let gateway = gateway(json!({"a": jwt(json!({}))}), json!({"any": ["a"]}), false);
    for (refusal, bearer, dpop) in [
        (Refusal::ProofMissing, Some("invalid_token"), "invalid_token"),
        (Refusal::ProofInvalid, None, "invalid_dpop_proof"),
        (Refusal::ProofReplayed, None, "invalid_dpop_proof"),
        (Refusal::NonceNeeded(HeaderValue::from_static("n")), None, "use_dpop_nonce"),
        (Refusal::Ambiguous, Some("invalid_request"), "invalid_request"),
        (Refusal::Malformed, Some("invalid_token"), "invalid_token"),
    ] {
        let lines = after(&gateway, Some(&refusal));
        let error = |line: &String| {
            let (_, parameters) = parse(line).unwrap();
            parameters.into_iter().find(|(name, _)| name == "error").map(|(_, error)| error)
        };
        assert_eq!(error(&lines[0]).as_deref(), bearer, "{refusal:?}");
        assert_eq!(error(&lines[1]).as_deref(), Some(dpop), "{refusal:?}");
    }
}

#[test]
fn a_refused_signature_is_no_fault_of_a_token() {
    let webhook = json!({"webhook": {"form": "slack", "secrets": ["0123456789abcdef0123456789abcdef"]}});
    let gateway = gateway(json!({"a": jwt(json!({})), "w": webhook}), json!({"any": ["w", "a"]}), false);
    for refusal in [Refusal::Replayed, Refusal::DigestMismatch] {
        let lines = after(&gateway, Some(&refusal));
        let nothing =
            [r#"Webhook realm="edge-1""#, r#"Bearer realm="edge-1""#, r#"DPoP realm="edge-1", algs="ES256 EdDSA""#];
        assert_eq!(lines, nothing, "{refusal:?}");
    }
}

#[test]
fn who_has_an_opaque_token_is_told_of_proofs_too() {
    let opaque = json!({"introspection": {
        "endpoint": "https://issuer.test/introspect", "client_id": "gateway", "client_secret": "secret", "audience": ["api"],
    }});
    let gateway = gateway(json!({"a": opaque}), json!({"any": ["a"]}), true);
    let lines = after(&gateway, Some(&Refusal::ProofInvalid));
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1].starts_with("DPoP ") && lines[1].contains(r#"error="invalid_dpop_proof""#), "{}", lines[1]);
    let metadata: Value = serde_json::from_slice(&gateway.own_documents[0].1.body).unwrap();
    assert_eq!(metadata["dpop_signing_alg_values_supported"], json!(["ES256", "EdDSA"]));
}

#[test]
fn every_authenticator_and_place_has_its_challenge_once() {
    let places =
        json!({"in": [{"authorization": "basic"}, {"header": "X-Token"}, {"cookie": "session"}, {"query": "t"}]});
    let authenticators = json!({
        "a": jwt(json!({})), "b": jwt(json!({})), "c": jwt(places), "d": {"certificate": {}},
    });
    let gateway = gateway(authenticators, json!({"any": ["d", "a", "b", "c"]}), false);
    assert_eq!(
        after(&gateway, None),
        [
            r#"Certificate realm="edge-1""#,
            r#"Bearer realm="edge-1""#,
            r#"DPoP realm="edge-1", algs="ES256 EdDSA""#,
            r#"Basic realm="edge-1", charset="UTF-8""#,
            r#"Token realm="edge-1", in="header", name="x-token""#,
            r#"Token realm="edge-1", in="cookie", name="session""#,
            r#"Token realm="edge-1", in="query", name="t""#,
        ]
    );
}

#[test]
fn who_lacks_a_scope_is_told_all_scopes_and_who_lacks_else_nothing() {
    let policy = json!({"any": ["d", "a"], "scopes": ["read", "write"]});
    let gateway = gateway(json!({"a": jwt(json!({})), "d": {"certificate": {}}}), policy, false);
    let policy = gateway.routes[0].authenticate.as_ref().unwrap();
    let lines = texts(&forbidden(&gateway, policy, &Missing::Scopes(vec!["write".into()])));
    assert_eq!(lines.len(), 2, "{lines:?}");
    for line in lines {
        assert!(line.contains(r#"error="insufficient_scope""#) && line.contains(r#"scope="read write""#), "{line}");
    }
    for missing in [Missing::Role, Missing::Permission, Missing::Claim] {
        assert_eq!(forbidden(&gateway, policy, &missing), Vec::<HeaderValue>::new());
    }
}

#[test]
fn the_metadata_says_what_the_gateway_takes() {
    let gateway = gateway(json!({"a": jwt(json!({}))}), json!({"any": ["a"], "scopes": ["write", "read"]}), true);
    let (path, answer) = &gateway.own_documents[0];
    assert_eq!(path, "/.well-known/oauth-protected-resource/v1");
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(
        serde_json::from_slice::<Value>(&answer.body).unwrap(),
        json!({
            "resource": "https://api.test/v1",
            "authorization_servers": ["https://issuer.test"],
            "scopes_supported": ["read", "write"],
            "bearer_methods_supported": ["header"],
            "dpop_signing_alg_values_supported": ["ES256", "EdDSA"],
        })
    );
}
