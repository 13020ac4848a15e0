//! The issuers of the guide: the files of `docs/guide/authentication.md` work with issuers that are shaped like those they are for, also while keys are
//! replaced.
#![cfg(unix)]

mod issuer;

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::guide::{UPSTREAM, blocks, upstream};
use crate::serve::{Gateway, address, ask};
use crate::support::root;
use issuer::{Issuer, KEYS, token};

/// How many threads the gateway has in these tests. Each is an instance with its own memory of keys.
const THREADS: usize = 2;

/// The gateway that a file of the guide makes, with `issuer` in the place of the real one.
fn serve(file: &str, real: &str, issuer: &Issuer) -> (Gateway, String) {
    let page = std::fs::read_to_string(root().join("docs/guide/authentication.md")).unwrap();
    let first = format!("# {file}\n");
    let (_, block) = blocks(&page)
        .into_iter()
        .find(|(language, block)| *language == "yaml" && block.starts_with(&first))
        .unwrap_or_else(|| panic!("the guide has no `{file}`"));
    assert!(block.contains(real), "{file} names another issuer than {real}");
    let mut config = block.replace(real, &issuer.url).replace(UPSTREAM, &upstream());
    config.push_str(&format!(
        "\nnative: {{admin: '127.0.0.1:0', threads: {THREADS}, listeners: [{{address: '127.0.0.1:0'}}]}}\n"
    ));
    let mut gateway = Gateway::start(&config);
    let serving = address(&gateway.wait_for("listening"));
    gateway.wait_for("Ctrl-C stops");
    (gateway, serving)
}

fn get(serving: &str, path: &str, token: &str) -> String {
    ask(serving, &format!("GET {path} HTTP/1.1\r\nHost: {serving}\r\nAuthorization: Bearer {token}"))
}

/// That the answer has this status and all of `words`.
#[track_caller]
fn assert_answer(answer: &str, status: u16, words: &[&str]) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{status} was expected:\n{answer}");
    for word in words {
        assert!(answer.contains(word), "`{word}` was expected:\n{answer}");
    }
}

/// `claims` with other values for some of them; null takes one out.
fn with(claims: &Value, changes: Value) -> Value {
    let mut changed = claims.clone();
    for (name, value) in changes.as_object().unwrap() {
        changed[name] = value.clone();
    }
    changed.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    changed
}

/// What every issuer's file must refuse, `claims` being good ones for `/orders`.
fn assert_refusals(serving: &str, issuer: &Issuer, claims: &Value, audience_claim: &str) {
    for (changes, code) in [
        (json!({audience_claim: "another-api"}), "credentials-invalid"),
        (json!({audience_claim: null}), "credentials-invalid"),
        (json!({"iss": "https://another.test/"}), "credentials-invalid"),
        (json!({"iss": format!("{}/more", issuer.url)}), "credentials-invalid"),
        (json!({"exp": 1_600_000_000}), "credentials-expired"),
        (json!({"exp": null}), "credentials-invalid"),
    ] {
        let answer = get(serving, "/orders", &token(KEYS[0], &with(claims, changes)));
        assert_answer(&answer, 401, &[code, "www-authenticate: Bearer "]);
    }
    let good = token(KEYS[0], claims);
    // The key of the token is a good one, and did not sign it.
    let forged = token(KEYS[1], claims);
    let signature = forged.rsplit('.').next().unwrap();
    let forged = format!("{}.{signature}", good.rsplit_once('.').unwrap().0);
    assert_answer(&get(serving, "/orders", &forged), 401, &["credentials-invalid"]);
    assert_answer(&get(serving, "/orders", &good), 200, &[]);
}

#[test]
fn an_issuer_like_auth0_works_with_scopes_and_permissions() {
    let issuer = Issuer::start("/");
    let (_gateway, serving) = serve("auth0.yaml", "https://example.eu.auth0.com/", &issuer);
    let claims = json!({
        "iss": issuer.url, "sub": "auth0|5f7c8ec7", "aud": ["https://api.example.com", format!("{}userinfo", issuer.url)],
        "iat": 1_600_000_000, "exp": 4_102_444_800_u64, "azp": "web", "scope": "openid read:orders", "permissions": ["read:orders"],
    });
    let answer = get(&serving, "/orders", &token(KEYS[0], &claims));
    assert_answer(&answer, 200, &["x-user: auth0|5f7c8ec7", "x-permissions: read:orders"]);
    assert!(!answer.contains("authorization:"), "the token went on:\n{answer}");
    assert_refusals(&serving, &issuer, &claims, "aud");
    // Without the slash it is another issuer.
    let slashless = issuer.url.trim_end_matches('/');
    let slashless = get(&serving, "/orders", &token(KEYS[0], &with(&claims, json!({"iss": slashless}))));
    assert_answer(&slashless, 401, &["credentials-invalid"]);

    let unscoped = get(&serving, "/orders", &token(KEYS[0], &with(&claims, json!({"scope": "openid"}))));
    assert_answer(&unscoped, 403, &["scope-missing", "insufficient_scope", "read:orders"]);
    assert_answer(&get(&serving, "/refunds", &token(KEYS[0], &claims)), 403, &["role-missing"]);
    let permitted = with(&claims, json!({"permissions": ["read:orders", "create:refunds"]}));
    assert_answer(&get(&serving, "/refunds", &token(KEYS[0], &permitted)), 200, &[]);
    assert!(issuer.times_asked() <= THREADS, "the issuer was asked {} times", issuer.times_asked());
}

#[test]
fn an_issuer_like_keycloak_works_with_roles_of_the_realm() {
    let issuer = Issuer::start("/realms/shop");
    let (_gateway, serving) = serve("keycloak.yaml", "https://id.example.com/realms/shop", &issuer);
    let claims = json!({
        "iss": issuer.url, "sub": "4f0c9e1e-7d0e-4f6b-8f0f-2f3c7f1d2a10", "aud": ["orders-api", "account"], "typ": "Bearer",
        "iat": 1_600_000_000, "exp": 4_102_444_800_u64, "azp": "web", "scope": "email profile", "preferred_username": "alice",
        "realm_access": {"roles": ["offline_access", "clerk"]},
    });
    let answer = get(&serving, "/orders", &token(KEYS[0], &claims));
    assert_answer(&answer, 200, &["x-user: alice", "x-roles: offline_access,clerk"]);
    assert_refusals(&serving, &issuer, &claims, "aud");

    for roles in [json!({"roles": ["offline_access"]}), json!({}), json!("clerk")] {
        let answer = get(&serving, "/orders", &token(KEYS[0], &with(&claims, json!({"realm_access": roles}))));
        assert_answer(&answer, 403, &["role-missing"]);
    }
    let other_client = get(&serving, "/orders", &token(KEYS[0], &with(&claims, json!({"azp": "kiosk"}))));
    assert_answer(&other_client, 403, &["permission-denied"]);
    let no_client = get(&serving, "/orders", &token(KEYS[0], &with(&claims, json!({"azp": null}))));
    assert_answer(&no_client, 403, &["permission-denied"]);
}

#[test]
fn an_issuer_like_cognito_works_without_an_audience() {
    let issuer = Issuer::start("/eu-west-1_AbCdEf123");
    let real = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123";
    let (_gateway, serving) = serve("cognito.yaml", real, &issuer);
    let claims = json!({
        "iss": issuer.url, "sub": "8b1a9f6c-0d4e-4c4f-9a70-5a4b1c1d8e11", "client_id": "3n4b5urk1ft4fl3mg5e62d9ado", "token_use": "access",
        "iat": 1_600_000_000, "exp": 4_102_444_800_u64, "scope": "shop/orders.read", "username": "alice", "cognito:groups": ["staff"],
    });
    assert_answer(&get(&serving, "/orders", &token(KEYS[0], &claims)), 200, &["x-user: alice", "x-groups: staff"]);
    assert_refusals(&serving, &issuer, &claims, "client_id");

    // An identity token has `aud` in the place of `client_id`; even one with both is none that gives access.
    let identity = json!({"token_use": "id", "aud": "3n4b5urk1ft4fl3mg5e62d9ado"});
    assert_answer(&get(&serving, "/orders", &token(KEYS[0], &with(&claims, identity))), 403, &["permission-denied"]);
    let nobody = with(&claims, json!({"cognito:groups": null}));
    assert_answer(&get(&serving, "/orders", &token(KEYS[0], &nobody)), 403, &["role-missing"]);
    let unscoped = with(&claims, json!({"scope": "aws.cognito.signin.user.admin"}));
    assert_answer(&get(&serving, "/orders", &token(KEYS[0], &unscoped)), 403, &["scope-missing"]);
}

/// After so many answers the next step of a rotation is taken.
const STEP: usize = 100;

#[test]
fn no_request_is_lost_while_an_issuer_replaces_its_key() {
    let issuer = Issuer::start("/");
    let (gateway, serving) = serve("auth0.yaml", "https://example.eu.auth0.com/", &issuer);
    let claims = json!({
        "iss": issuer.url, "sub": "auth0|5f7c8ec7", "aud": "https://api.example.com", "exp": 4_102_444_800_u64,
        "scope": "read:orders", "permissions": [],
    });
    // Which key signs, how many requests began, and how many were answered.
    let (newest, began, answered) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let number = began.fetch_add(1, Ordering::SeqCst);
                    if number >= 5 * STEP {
                        return;
                    }
                    let key = KEYS[newest.load(Ordering::SeqCst)];
                    // No two are alike, so that the gateway has to verify each.
                    let answer =
                        get(&serving, "/orders", &token(key, &with(&claims, json!({"jti": number.to_string()}))));
                    assert_answer(&answer, 200, &[]);
                    match answered.fetch_add(1, Ordering::SeqCst) + 1 {
                        // An issuer publishes a key before it signs with it, and takes the old one away when its tokens have ended.
                        STEP => issuer.publish(&KEYS),
                        n if n == 2 * STEP => newest.store(1, Ordering::SeqCst),
                        n if n == 4 * STEP => issuer.publish(&KEYS[1..]),
                        _ => {}
                    }
                }
            });
        }
    });
    assert_eq!(answered.load(Ordering::SeqCst), 5 * STEP);
    // Each instance asks once for the first key and once for the second, or finds them where another has left them.
    let asked = issuer.times_asked();
    assert!((2..=2 * THREADS).contains(&asked), "the issuer was asked {asked} times for {} requests", 5 * STEP);
    drop(gateway);

    // Whoever comes now does not know the old key any more.
    let (_gateway, serving) = serve("auth0.yaml", "https://example.eu.auth0.com/", &issuer);
    assert_answer(&get(&serving, "/orders", &token(KEYS[1], &claims)), 200, &[]);
    assert_answer(&get(&serving, "/orders", &token(KEYS[0], &claims)), 401, &["credentials-invalid"]);
}
