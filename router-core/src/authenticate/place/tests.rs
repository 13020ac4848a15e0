use http::Method;
use proptest::prelude::*;

use super::*;
use crate::head::Scheme;

fn head(query: Option<&str>, fields: &[(&str, &[u8])]) -> RequestHead {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_bytes(value).unwrap());
    }
    RequestHead {
        method: Method::GET,
        scheme: Scheme::Https,
        authority: None,
        path: "/".into(),
        query: query.map(str::to_owned),
        headers,
    }
}

/// What is found, in short: the text, `DPoP:` in front where that was the scheme; `-` for nothing, `?` for too much.
fn found(places: &[Place], head: &RequestHead) -> String {
    match presented(places, head) {
        Presented::Nothing => "-".into(),
        Presented::Ambiguous => "?".into(),
        Presented::Credential { text, dpop: true } => format!("DPoP:{text}"),
        Presented::Credential { text, dpop: false } => text.into_owned(),
    }
}

fn in_fields(place: Place, fields: &[(&str, &[u8])]) -> String {
    found(&[place], &head(None, fields))
}

fn in_query(query: &str) -> String {
    found(&[Place::Query("token".into())], &head(Some(query), &[]))
}

#[test]
fn a_bearer_token_stands_behind_its_scheme_in_one_line() {
    let bearer = |line: &[u8]| in_fields(Place::Bearer, &[("authorization", line)]);
    for (line, expected) in [
        (&b"Bearer abc"[..], "abc"),
        (b"bEARER   abc  ", "abc"),
        (b"DPoP abc", "DPoP:abc"),
        (b"dpop abc", "DPoP:abc"),
        (b"Bearer", ""),
        (b"Bearer ", ""),
        (b"Bearer\tabc", "-"),
        (b"Bearerabc", "-"),
        (b"Basic abc", "-"),
        (b"abc", "-"),
        (b"", "-"),
        (b"Bearer abc, Bearer def", "?"),
        (b"Bearer abc,", "?"),
        (b"Bearer \xff", "?"),
    ] {
        assert_eq!(bearer(line), expected, "{}", String::from_utf8_lossy(line));
    }
    let twice = [("authorization", &b"Bearer abc"[..]), ("authorization", b"Bearer abc")];
    assert_eq!(in_fields(Place::Bearer, &twice), "?");
    let other_beside = [("authorization", &b"Bearer abc"[..]), ("authorization", b"Basic abc")];
    assert_eq!(in_fields(Place::Bearer, &other_beside), "?");
}

#[test]
fn of_basic_the_password_counts() {
    let basic = |line: &[u8]| in_fields(Place::Basic, &[("authorization", line)]);
    for (line, expected) in [
        (&b"Basic dXNlcjprZXk="[..], "key"),
        (b"basic dXNlcjprZXk", "key"),
        (b"Basic OmE6Yg==", "a:b"),
        // Without a colon, and no base64: a credential that is nobody's, not an absent one.
        (b"Basic a2V5", ""),
        (b"Basic !", ""),
        (b"Basic dXNlcjr/", ""),
        (b"Bearer dXNlcjprZXk=", "-"),
    ] {
        assert_eq!(basic(line), expected, "{}", String::from_utf8_lossy(line));
    }
}

#[test]
fn a_field_of_its_own_holds_one_credential() {
    let name = || Place::Header(HeaderName::from_static("x-key"));
    assert_eq!(in_fields(name(), &[("x-key", b" abc ")]), "abc");
    assert_eq!(in_fields(name(), &[]), "-");
    assert_eq!(in_fields(name(), &[("x-key", b"")]), "");
    assert_eq!(in_fields(name(), &[("x-key", b"a"), ("x-key", b"a")]), "?");
    assert_eq!(in_fields(name(), &[("x-key", b"a, b")]), "?");
    assert_eq!(in_fields(name(), &[("x-key", b"\xff")]), "?");
}

#[test]
fn a_cookie_is_found_among_others_and_once() {
    let cookies = |lines: &[&[u8]]| {
        let fields: Vec<(&str, &[u8])> = lines.iter().map(|line| ("cookie", *line)).collect();
        in_fields(Place::Cookie("id".into()), &fields)
    };
    for (lines, expected) in [
        (&[&b"a=b; id=abc; c=d"[..]][..], "abc"),
        (&[b"id=\"abc\""], "abc"),
        (&[b"id=a=b"], "a=b"),
        (&[b"a=b", b"id=abc"], "abc"),
        (&[b"ID=abc; xid=abc; id"], "-"),
        (&[b"a=b"], "-"),
        (&[b"id=abc; id=abc"], "?"),
        (&[b"id=abc", b"id=def"], "?"),
        (&[b"id=abc", b"\xff"], "?"),
    ] {
        assert_eq!(cookies(lines), expected, "{lines:?}");
    }
}

#[test]
fn a_parameter_is_found_in_every_spelling_and_once() {
    for (query, expected) in [
        ("token=abc", "abc"),
        ("a=b&token=abc&c=d", "abc"),
        ("%74oke%6E=a%2Eb", "a.b"),
        ("token=a+b", "a b"),
        ("token=a=b", "a=b"),
        ("token=%", "%"),
        ("token=%f", "%f"),
        ("token=%ff", "\u{fffd}"),
        ("token", ""),
        ("Token=abc&token2=abc&a=token", "-"),
        ("", "-"),
        ("token=abc&token=abc", "?"),
        ("token=abc&%74oken=def", "?"),
    ] {
        assert_eq!(in_query(query), expected, "{query}");
    }
    assert_eq!(found(&[Place::Query("token".into())], &head(None, &[])), "-");
}

#[test]
fn the_first_place_that_holds_one_counts() {
    let places = [Place::Bearer, Place::Cookie("id".into()), Place::Query("token".into())];
    let all = [("authorization", &b"Bearer one"[..]), ("cookie", b"id=two")];
    assert_eq!(found(&places, &head(Some("token=three"), &all)), "one");
    assert_eq!(found(&places, &head(Some("token=three"), &all[1..])), "two");
    assert_eq!(found(&places, &head(Some("token=three"), &[])), "three");
    assert_eq!(found(&places, &head(None, &[("authorization", b"Basic x")])), "-");
    // One that cannot be read is not passed over for one that can.
    assert_eq!(found(&places, &head(None, &[("authorization", b"Bearer \xff"), ("cookie", b"id=two")])), "?");
}

#[test]
fn a_parameter_is_taken_out_and_nothing_else_is_touched() {
    for (query, left) in [
        ("token=abc", None),
        ("a=%zz&token=abc&&b+=%20", Some("a=%zz&&b+=%20")),
        ("%74oken=abc&a", Some("a")),
        ("a=token&Token=b", Some("a=token&Token=b")),
    ] {
        assert_eq!(without_parameter(query, "token").as_deref(), left, "{query}");
    }
}

proptest! {
    #[test]
    fn nothing_is_left_of_a_parameter_that_was_taken_out(query in "([a-z%&=+;0-9]|token|%74|%6f){0,30}") {
        let left = without_parameter(&query, "token");
        let left = left.as_deref().unwrap_or_default();
        prop_assert_eq!(in_query(left), "-");
        let kept: Vec<&str> = query.split('&').filter(|pair| in_query(pair) == "-").collect();
        prop_assert_eq!(left, kept.join("&"));
    }

    #[test]
    fn no_bytes_are_too_strange_to_be_looked_at(line in prop::collection::vec(any::<u8>(), 0..60), query in ".{0,60}") {
        let Ok(value) = HeaderValue::from_bytes(&line) else { return Ok(()) };
        for name in ["authorization", "cookie", "x-key"] {
            let head = head(Some(&query), &[(name, value.as_bytes())]);
            for place in [Place::Bearer, Place::Basic, Place::Cookie("id".into()), Place::Query("token".into())] {
                let _ = presented(&[place, Place::Header(HeaderName::from_static("x-key"))], &head);
            }
        }
    }
}
