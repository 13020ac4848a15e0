use proptest::prelude::*;
use sfv::{BareItem, Item, List, ListEntry, Parser};

use super::super::asked::Bypass;
use super::super::storable::Unstorable;
use super::*;

/// The only member of the list that the field is.
fn item(told: &Told, name: &str) -> Item {
    let member = told.member(name).expect("a value");
    let mut list: List = Parser::new(member.as_bytes()).parse().expect("a list");
    assert_eq!(list.len(), 1, "{member:?}");
    match list.remove(0) {
        ListEntry::Item(item) => item,
        ListEntry::InnerList(list) => panic!("{list:?}"),
    }
}

fn forwards() -> impl Strategy<Value = Option<Forward>> {
    use Forward::{Bypass, Method, Partial, Request, Stale, UriMiss, VaryMiss};
    proptest::option::of(prop::sample::select(vec![Bypass, Method, UriMiss, VaryMiss, Stale, Partial, Request]))
}

fn details() -> impl Strategy<Value = Option<&'static str>> {
    use Unstorable as U;
    let unstorable = [
        U::ClientNoStore,
        U::NoStore,
        U::Private,
        U::Authorization,
        U::NotUnderstood,
        U::VaryAny,
        U::SetCookie,
        U::TooLarge,
        U::NoFreshness,
        U::Part,
        U::Head,
        U::Status,
    ];
    let bypass =
        [Bypass::Method, Bypass::Rule, Bypass::Unknown, Bypass::Condition, Bypass::Upgrade, Bypass::Identified];
    let words = unstorable.map(U::word).into_iter().chain(bypass.map(Bypass::word)).collect::<Vec<_>>();
    proptest::option::of(prop::sample::select(words))
}

proptest! {
    #[test]
    fn it_is_a_member_of_a_list_with_what_was_done(
        name in "\\PC{0,12}|[ -~\\t]{0,12}|[a-z*][a-z./:-]{0,9}",
        hit in any::<bool>(),
        forward in forwards(),
        status in proptest::option::of(100..1000_u16),
        ttl_s in proptest::option::of(prop_oneof![-100..100_i64, any::<i64>()]),
        [stored, collapsed] in any::<[bool; 2]>(),
        detail in details(),
    ) {
        let forward_status = status.map(|status| StatusCode::from_u16(status).unwrap());
        let told = Told { hit, forward, forward_status, ttl_s, stored, collapsed, detail };
        let item = item(&told, &name);
        let found = |key: &str| item.params.get(key).cloned();
        let token = |word: &str| Some(BareItem::Token(sfv::Token::from_string(word.to_owned()).unwrap()));
        let is_set = Some(BareItem::Boolean(true));
        // RFC 9211 section 2: a request is either a hit or forwarded.
        prop_assert_eq!(found("hit").is_some(), hit && forward.is_none() && !collapsed);
        prop_assert!(found("hit").is_none() || found("fwd").is_none());
        if let Some(forward) = forward {
            prop_assert_eq!(found("fwd"), token(forward.word()));
        }
        prop_assert_eq!(found("fwd-status"), status.map(|status| BareItem::Integer(i64::from(status).try_into().unwrap())));
        prop_assert_eq!(found("ttl").is_some(), ttl_s.is_some());
        prop_assert_eq!(found("stored") == is_set, stored);
        prop_assert_eq!(found("collapsed") == is_set, collapsed);
        prop_assert_eq!(found("detail"), detail.and_then(token));
        match item.bare_item {
            BareItem::Token(token) => prop_assert_eq!(token.as_str(), name),
            BareItem::String(text) => prop_assert_eq!(text.as_str(), name.replace(|sign: char| !matches!(sign, ' '..='~'), "?")),
            other => prop_assert!(false, "{:?}", other),
        }
    }
}

#[test]
fn it_is_written_as_others_write_it() {
    let hit = Told { hit: true, ttl_s: Some(30), ..Told::default() };
    let miss = Told { forward: Some(Forward::UriMiss), stored: true, ..Told::default() };
    let waited = Told { hit: true, collapsed: true, ttl_s: Some(5), ..Told::default() };
    let validated = Told {
        forward: Some(Forward::Stale),
        forward_status: Some(StatusCode::NOT_MODIFIED),
        ttl_s: Some(-1),
        ..Told::default()
    };
    for (told, name, expected) in [
        (&hit, "tidegate", "tidegate; hit; ttl=30"),
        (&miss, "*.a/b:c", "*.a/b:c; fwd=uri-miss; stored"),
        (&waited, "our cache", "\"our cache\"; fwd=miss; ttl=5; collapsed"),
        (&validated, "a\"\\", "\"a\\\"\\\\\"; fwd=stale; fwd-status=304; ttl=-1"),
        (&Told::default(), "", "\"\""),
    ] {
        assert_eq!(told.member(name).unwrap(), expected);
    }
}

#[test]
fn one_word_tells_what_was_done() {
    let told = |hit, forward, status: Option<u16>, ttl_s| {
        let forward_status = status.map(|status| StatusCode::from_u16(status).unwrap());
        Told { hit, forward, forward_status, ttl_s, ..Told::default() }.word()
    };
    assert_eq!(told(true, None, None, Some(5)), "hit");
    assert_eq!(told(true, None, None, Some(-5)), "stale");
    assert_eq!(told(false, Some(Forward::Method), None, None), "bypass");
    assert_eq!(told(false, Some(Forward::Stale), Some(304), None), "revalidated");
    assert_eq!(told(false, Some(Forward::Request), Some(304), None), "revalidated");
    assert_eq!(told(false, Some(Forward::Stale), Some(503), None), "stale");
    assert_eq!(told(false, Some(Forward::Stale), None, None), "expired");
    assert_eq!(told(false, Some(Forward::UriMiss), None, None), "miss");
}
