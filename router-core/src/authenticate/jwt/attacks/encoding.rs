//! Texts that a lax reader takes for a token, or for another token than the one that was signed.

use super::*;

#[test]
fn one_token_has_one_text() {
    let rules = secret_rules();
    let token = good_token();
    assert_good(&rules, &token);
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("three parts") };
    let malformed = |attack, token| (attack, token, Refusal::Malformed);
    assert_refused(
        &rules,
        [
            malformed("padding behind the header", format!("{header}=.{payload}.{signature}")),
            malformed("padding behind the payload", format!("{header}.{payload}==.{signature}")),
            malformed("padding behind the signature", format!("{header}.{payload}.{signature}=")),
            malformed("a space in front", format!(" {token}")),
            malformed("a line end behind", format!("{token}\n")),
            malformed("a line end inside", format!("{header}.{payload}.\n{signature}")),
            malformed("a tab in the payload", format!("{header}.\t{payload}.{signature}")),
            malformed("a null byte behind", format!("{token}\u{0}")),
            malformed("the dot escaped", format!("{header}%2E{payload}.{signature}")),
            malformed("another dot", format!("{header}\u{ff0e}{payload}.{signature}")),
            malformed("in quotation marks", format!("\"{token}\"")),
            malformed("the scheme with it", format!("Bearer {token}")),
            malformed("a dot in front", format!(".{token}")),
            malformed("a dot behind", format!("{token}.")),
            malformed("a character that is none of base64url", format!("{header}.{payload}.{signature}*")),
        ],
    );
}

#[test]
fn bits_that_nobody_reads_must_be_zero() {
    // 32 bytes in 43 characters leave two bits of the last one: three more texts for the same signature.
    let token = good_token();
    let last = token.chars().last().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let value = alphabet.find(last).unwrap();
    for bits in 1..4 {
        let other = alphabet.as_bytes()[value + bits] as char;
        let changed = format!("{}{other}", &token[..token.len() - 1]);
        assert_refused(&secret_rules(), [("bits left over", changed, Refusal::Malformed)]);
    }
}

#[test]
fn the_two_alphabets_are_not_one() {
    let token = (0..).map(|n| with_claims(&claims_with(json!({"n": n, "x": "???>>>"})).to_string()));
    let token = token.into_iter().find(|token| token.contains('-') && token.contains('_')).unwrap();
    assert_good(&secret_rules(), &token);
    assert_refused(
        &secret_rules(),
        [
            ("the other alphabet", token.replace('-', "+").replace('_', "/"), Refusal::Malformed),
            ("one character of it", token.replacen('-', "+", 1), Refusal::Malformed),
        ],
    );
}

#[test]
fn what_has_two_meanings_has_none() {
    let twice = |header: &str| compact(header, good_claims().to_string().as_bytes(), |message| secret().sign(message));
    let malformed = |attack, token| (attack, token, Refusal::Malformed);
    let claims = good_claims().to_string();
    let more = |more: &str| with_claims(&format!("{},{more}}}", claims.trim_end_matches('}')));
    assert_good(&secret_rules(), &more(r#""x":{"a":1},"y":{"a":1}"#));
    assert_refused(
        &secret_rules(),
        [
            malformed("alg twice", twice(r#"{"alg":"HS256","alg":"HS256"}"#)),
            malformed("alg and none", twice(r#"{"alg":"none","alg":"HS256"}"#)),
            malformed("alg twice, once escaped", twice(r#"{"alg":"HS256","\u0061lg":"none"}"#)),
            malformed("kid twice", twice(r#"{"alg":"HS256","kid":"h1","kid":"h1"}"#)),
            malformed("sub twice", more(r#""sub":"root""#)),
            malformed("sub twice, once escaped", more(r#""\u0073ub":"root""#)),
            malformed("exp twice", more(r#""exp":9999999999"#)),
            malformed("twice further down", more(r#""x":{"a":[{"b":1,"b":2}]}"#)),
        ],
    );
}

#[test]
fn what_is_no_signed_set_of_claims_is_no_token() {
    let malformed = |attack, token| (attack, token, Refusal::Malformed);
    let inner = good_token();
    let nested = compact(r#"{"alg":"HS256","cty":"JWT"}"#, inner.as_bytes(), |message| secret().sign(message));
    let of = |payload: &[u8]| compact(r#"{"alg":"HS256"}"#, payload, |message| secret().sign(message));
    let json = json!({"payload": "e30", "protected": "eyJhbGciOiJub25lIn0", "signature": ""}).to_string();
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(40), "]".repeat(40));
    let mut marked = vec![0xef, 0xbb, 0xbf];
    marked.extend_from_slice(good_claims().to_string().as_bytes());
    assert_refused(
        &secret_rules(),
        [
            malformed("nothing", String::new()),
            malformed("dots", "..".into()),
            malformed("five parts, encrypted", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.AAAA.AAAA".into()),
            malformed("four parts", format!("{inner}.AAAA")),
            malformed("two tokens", format!("{inner}.{inner}")),
            malformed("the JSON serialization", json),
            malformed("a token in a token", nested),
            malformed("an empty payload", of(b"")),
            malformed("a list", of(b"[]")),
            malformed("a text", of(b"\"x\"")),
            malformed("null", of(b"null")),
            malformed("two objects", of(format!("{}{}", good_claims(), good_claims()).as_bytes())),
            malformed("something behind the object", of(format!("{}\u{0}", good_claims()).as_bytes())),
            malformed("a mark of byte order", of(&marked)),
            malformed("no UTF-8", of(b"{\"sub\":\"\xff\"}")),
            malformed("half a surrogate pair", of(br#"{"sub":"\ud800"}"#)),
            malformed("too deep", of(deep.as_bytes())),
        ],
    );
}

#[test]
fn what_is_too_large_is_not_even_read() {
    let fitting = Rules { max_size: good_token().len(), ..secret_rules() };
    assert_good(&fitting, &good_token());
    let longer = Rules { max_size: good_token().len() - 1, ..secret_rules() };
    assert_refused(&longer, [("a byte too long", good_token(), Refusal::Malformed)]);
    let large = Rules { max_size: 64 << 10, ..secret_rules() };
    let filled = |count: usize| with_claims(&claims_with(json!({"x": vec![0; count]})).to_string());
    assert_good(&large, &filled(4000));
    assert_refused(&large, [("more values than anybody needs", filled(4096), Refusal::Malformed)]);
}
