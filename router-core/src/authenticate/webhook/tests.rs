use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

use super::*;

fn rules(form: Form, secrets: &[&[u8]]) -> Rules {
    Rules {
        form,
        secrets: secrets.iter().map(|secret| Secret::new(secret)).collect(),
        window: Duration::from_secs(300),
        once: true,
        max_body: 1 << 20,
        consumer: "sender".into(),
    }
}

fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn says(rules: &Rules, fields: &[(&'static str, &str)], body: &[u8], now_s: u64) -> Result<Option<Signed>, Refusal> {
    rules.judge("hooks", &headers(fields), body, now_s * 1000)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn mac(secret: &[u8], content: &[u8]) -> Vec<u8> {
    content::mac(secret, &[content])
}

/// The example of GitHub's documentation ("Validating webhook deliveries", testing).
#[test]
fn the_example_of_github_is_good_and_has_no_time() {
    let rules = rules(Form::Github, &[b"It's a Secret to Everybody"]);
    let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let signed = says(&rules, &[("x-hub-signature-256", signature)], b"Hello, World!", 0).unwrap().unwrap();
    assert_eq!((signed.consumer.id.as_str(), signed.claim), ("sender", None));
    let refused = |line: &str, body: &[u8]| says(&rules, &[("x-hub-signature-256", line)], body, 0).unwrap_err();
    assert_eq!(refused(signature, b"Hello, World?"), Refusal::Invalid);
    assert_eq!(refused(&signature.replace("sha256", "sha1"), b"Hello, World!"), Refusal::Malformed);
    assert_eq!(refused("sha256=", b"Hello, World!"), Refusal::Malformed);
    assert_eq!(refused("sha256=757", b"Hello, World!"), Refusal::Malformed);
    assert_eq!(refused("sha256=7571", b"Hello, World!"), Refusal::Invalid);
}

/// The example of Slack's documentation ("Verifying requests from Slack").
#[test]
fn the_example_of_slack_is_good_within_its_window() {
    let rules = rules(Form::Slack, &[b"8f742231b10e8888abcd99yyyzzz85a5"]);
    let body = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V\
        &channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=\
        &response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN\
        &trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    let time = 1_531_420_618;
    let fields = [("x-slack-signature", signature), ("x-slack-request-timestamp", "1531420618")];
    let signed = says(&rules, &fields, body, time).unwrap().unwrap();
    assert_eq!(signed.claim.unwrap().1, Transition::Claim { lifetime_ms: 305_000 });
    assert!(says(&rules, &fields, body, time + 300).is_ok());
    assert!(says(&rules, &fields, body, time - 300).is_ok());
    assert_eq!(says(&rules, &fields, body, time + 301), Err(Refusal::Expired));
    assert_eq!(says(&rules, &fields, body, time - 301), Err(Refusal::NotYetValid));
    assert_eq!(says(&rules, &fields[..1], body, time), Err(Refusal::Malformed));
    let later = [fields[0], ("x-slack-request-timestamp", "1531420619")];
    assert_eq!(says(&rules, &later, body, time), Err(Refusal::Invalid));
}

/// The example of the Standard Webhooks libraries' own tests.
#[test]
fn the_example_of_standard_webhooks_is_good() {
    let secret = base64::decode_standard("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let rules = rules(Form::Standard, &[&secret]);
    let body = br#"{"test": 2432232314}"#;
    let good = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    let with = |signature: &str, id: &str| {
        let fields = [("webhook-id", id), ("webhook-timestamp", "1614265330"), ("webhook-signature", signature)];
        says(&rules, &fields, body, 1_614_265_330)
    };
    let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    let signed = with(good, id).unwrap().unwrap();
    assert_eq!(
        (&signed.consumer.claims["id"], &signed.consumer.claims["time"]),
        (&id.into(), &1_614_265_330_u64.into())
    );
    // Other versions and other secrets' signatures beside it do not hurt.
    assert!(with(&format!("v1a,xxxx v1,AAAA {good}"), id).is_ok());
    assert_eq!(with("v1,AAAA", id), Err(Refusal::Invalid));
    assert_eq!(with(good, "msg_other"), Err(Refusal::Invalid));
    for (signature, id) in [("v1a,xxxx", id), ("v1", id), ("v1,?", id), ("", id), (good, ""), (good, "a.b")] {
        assert_eq!(with(signature, id), Err(Refusal::Malformed), "{signature} {id}");
    }
    assert_eq!(with(&vec![good; 17].join(" "), id), Err(Refusal::Malformed));
}

#[test]
fn stripe_signs_time_and_body_with_any_of_the_secrets() {
    let rules = rules(Form::Stripe, &[b"whsec_new_new_new_new", b"whsec_old_old_old_old"]);
    let body = br#"{"id":"evt_1"}"#;
    let now = 1_700_000_000;
    let content = [b"1700000000.".as_slice(), body].concat();
    let new = hex(&mac(b"whsec_new_new_new_new", &content));
    let old = hex(&mac(b"whsec_old_old_old_old", &content));
    let other = hex(&mac(b"whsec_other_other_oth", &content));
    let with = |line: &str| says(&rules, &[("stripe-signature", line)], body, now);
    let claim = |line: &str| with(line).unwrap().unwrap().claim.unwrap();
    // Whichever secret or spelling is sent, it is the same message: no signature of a pair can be used after the other.
    let both = claim(&format!("t=1700000000,v1={new},v1={old},v0=zz"));
    assert_eq!(claim(&format!("t=1700000000,v1={old}")), both);
    assert_eq!(claim(&format!("v1={}, t=1700000000", new.to_uppercase())), both);
    assert_eq!(with(&format!("t=1700000000,v1={other}")), Err(Refusal::Invalid));
    assert_eq!(with(&format!("t=1700000001,v1={new}")), Err(Refusal::Invalid));
    assert_eq!(with(&format!("t=1700000000,t=1700000000,v1={new}")), Err(Refusal::Ambiguous));
    for line in [
        format!("v1={new}"),
        "t=1700000000".to_owned(),
        format!("t=1700000000,v0={new}"),
        format!("t=+1700000000,v1={new}"),
        format!("t=,v1={new}"),
        format!("t=1700000000,v1={new},x"),
        "t=1700000000,v1=zz".to_owned(),
    ] {
        assert_eq!(with(&line), Err(Refusal::Malformed), "{line}");
    }
}

#[test]
fn a_form_of_ones_own_says_what_is_signed() {
    let custom = Custom {
        header: HeaderName::from_static("x-sign"),
        prefix: "hmac ".into(),
        encoding: Encoding::Base64,
        time: Some(HeaderName::from_static("x-time")),
        content: Content::parse("a {body} at {timestamp}").unwrap(),
    };
    let rules = rules(Form::Custom(custom), &[b"secret"]);
    let signature = format!("hmac {}", base64::encode_standard(&mac(b"secret", b"a body at 1000")));
    let signed = says(&rules, &[("x-sign", &signature), ("x-time", "1000")], b"body", 1000);
    assert!(signed.unwrap().unwrap().claim.is_some());
    assert_eq!(says(&rules, &[("x-sign", &signature), ("x-time", "1000")], b"Body", 1000), Err(Refusal::Invalid));
    assert_eq!(says(&rules, &[("x-sign", &signature)], b"body", 1000), Err(Refusal::Malformed));
}

#[test]
fn a_request_without_the_field_has_no_signature_and_one_with_two_is_ambiguous() {
    for (form, field) in [
        (Form::Stripe, "stripe-signature"),
        (Form::Github, "x-hub-signature-256"),
        (Form::Slack, "x-slack-signature"),
        (Form::Standard, "webhook-signature"),
    ] {
        let rules = rules(form, &[b"secret"]);
        assert_eq!(says(&rules, &[("other", "x")], b"", 0), Ok(None), "{field}");
        assert_eq!(says(&rules, &[(field, "x"), (field, "x")], b"", 0), Err(Refusal::Ambiguous), "{field}");
        assert!(says(&rules, &[(field, "")], b"", 0).is_err(), "{field}");
    }
}

#[test]
fn claims_are_one_authenticators_own_and_no_secret_is_shown() {
    let rules = rules(Form::Stripe, &[b"whsec_new_new_new_new"]);
    let line = format!("t=1000,v1={}", hex(&mac(b"whsec_new_new_new_new", b"1000.x")));
    let headers = headers(&[("stripe-signature", &line)]);
    let claim = |name| rules.judge(name, &headers, b"x", 1_000_000).unwrap().unwrap().claim.unwrap().0;
    assert_ne!(claim("a"), claim("b"));
    assert!(claim("a").len() < 64);
    assert!(!format!("{rules:?}").contains("119"), "{rules:?}");
    let twice = Rules { once: false, ..rules };
    assert_eq!(twice.judge("a", &headers, b"x", 1_000_000).unwrap().unwrap().claim, None);
}

proptest! {
    #[test]
    fn no_change_of_what_was_signed_is_accepted(body in prop::collection::vec(any::<u8>(), 1..64), at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
        let rules = rules(Form::Stripe, &[b"whsec_new_new_new_new"]);
        let mut content = b"1000.".to_vec();
        content.extend_from_slice(&body);
        let line = format!("t=1000,v1={}", hex(&mac(b"whsec_new_new_new_new", &content)));
        let accepted = |line: &str, body: &[u8]| says(&rules, &[("stripe-signature", line)], body, 1000).is_ok();
        prop_assert!(accepted(&line, &body));
        let mut changed = body.clone();
        let at_body = at.index(body.len());
        changed[at_body] ^= flip;
        prop_assert!(!accepted(&line, &changed));
        let digit = "t=1000,v1=".len() + at.index(64);
        let mut changed = line.clone().into_bytes();
        changed[digit] = if changed[digit] == b'0' { b'1' } else { b'0' };
        let changed = String::from_utf8(changed).unwrap();
        prop_assert!(!accepted(&changed, &body));
    }

    #[test]
    fn no_text_makes_it_panic(line in "[ -~]{0,100}", time in "[ -~]{0,20}") {
        for form in [Form::Stripe, Form::Github, Form::Slack, Form::Standard] {
            let rules = rules(form, &[b"secret"]);
            let fields = [
                ("stripe-signature", line.as_str()), ("x-hub-signature-256", &line), ("x-slack-signature", &line),
                ("x-slack-request-timestamp", &time), ("webhook-signature", &line), ("webhook-timestamp", &time), ("webhook-id", &time),
            ];
            let refused = says(&rules, &fields, b"", 0).is_err();
            prop_assert!(refused);
        }
    }
}

#[test]
fn a_time_is_written_in_one_way_so_that_no_zero_of_the_body_becomes_a_part_of_it() {
    let custom = Custom {
        header: HeaderName::from_static("x-sign"),
        prefix: String::new(),
        encoding: Encoding::Hex,
        time: Some(HeaderName::from_static("x-time")),
        content: Content::parse("{body}{timestamp}").unwrap(),
    };
    let secret = b"0123456789abcdef0123456789abcdef";
    let rules = rules(Form::Custom(custom), &[secret]);
    let signature = hex(&mac(secret, b"amount=1001767225600"));
    let sent = |time: &str, body: &[u8]| says(&rules, &[("x-sign", &signature), ("x-time", time)], body, 1_767_225_600);
    assert!(sent("1767225600", b"amount=100").is_ok());
    assert_eq!(sent("001767225600", b"amount=1"), Err(Refusal::Malformed));
}
