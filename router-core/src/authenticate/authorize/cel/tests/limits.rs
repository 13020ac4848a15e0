//! Whatever is written and whatever is sent, there is an end.

use proptest::prelude::*;

use super::super::{MAX_HEIGHT, MAX_LENGTH};
use super::*;

/// The shapes that pile up, with something to repeat.
fn piles() -> Vec<(&'static str, String)> {
    let pile = |open: &str, middle: &str, close: &str| {
        let count = (MAX_LENGTH - 20) / (open.len() + close.len());
        format!("{}{middle}{}", open.repeat(count), close.repeat(count))
    };
    vec![
        ("parentheses", pile("(", "true", ")")),
        ("lists", pile("[", "1", "]")),
        ("maps", pile("{1:", "1", "}")),
        ("not", pile("!", "true", "")),
        ("negative", pile("-", "claims.level", "")),
        ("sums", pile("1+", "1", "")),
        ("fields", pile("", "claims", ".a")),
        ("indices", pile("", "claims", "[0]")),
        ("choices", pile("true?1:", "1", "")),
        ("calls", pile("size(", "1", ")")),
        ("methods", pile("", "claims", ".size()")),
        ("macros", pile("[1].all(x,", "true", ")")),
        ("comparisons", pile("1==", "1", "")),
    ]
}

#[test]
fn what_nests_too_deep_is_refused_on_a_small_stack() {
    // A worker has 1 MiB for everything; a build without optimisation takes several times the stack of a real one.
    let reader = std::thread::Builder::new().stack_size(1 << 20).spawn(|| {
        for (name, text) in piles() {
            let invalid = compile(&text).expect_err(name);
            assert!(invalid.message.contains("nests deeper"), "{name}: {}", invalid.message);
        }
    });
    reader.unwrap().join().unwrap();
}

#[test]
fn what_nests_as_deep_as_is_possible_works_on_a_small_stack() {
    let reader = std::thread::Builder::new().stack_size(1 << 20).spawn(|| {
        let deep = usize::from(MAX_HEIGHT) - 2;
        for text in [
            format!("{}true{}", "(".repeat(deep), ")".repeat(deep)),
            format!("{}1{} != []", "[".repeat(deep - 2), "]".repeat(deep - 2)),
            format!("{}true", "!".repeat(deep)),
            format!("{}1 > 0", "1+".repeat(deep - 1)),
            format!("{}true{}", "[1].all(x,".repeat(deep), ")".repeat(deep)),
        ] {
            assert_eq!(outcome(&text), "true", "{text}");
        }
    });
    reader.unwrap().join().unwrap();
}

#[test]
fn a_long_row_is_not_deep() {
    assert_eq!(outcome(&format!("{}true", "true && ".repeat(500))), "true");
    assert_eq!(outcome(&format!("{}true", "false || ".repeat(450))), "true");
}

#[test]
fn too_long_a_text_is_refused() {
    let text = format!("true{}", " ".repeat(MAX_LENGTH));
    assert!(compile(&text).unwrap_err().message.contains("4096 bytes"));
}

#[test]
fn a_spent_budget_ends_it_and_nothing_absorbs_that() {
    let list = format!("[{}]", vec!["1"; 300].join(","));
    for text in [
        format!("{list}.all(x, {list}.all(y, {list}.all(z, x == z)))"),
        format!("{list}.all(x, {list}.all(y, {list}.all(z, x == z))) || true"),
        format!("!{list}.exists(x, {list}.all(y, x == y && size({list}.map(z, 'a' + 'b')) > 0)) || true"),
        // Doubling: a text of 2^40 characters if nothing stopped it.
        format!("['aaaaaaaaaaaaaaaa']{}.size() > 0", ".map(s, s + s)".repeat(40)),
        format!("[[1]]{}.size() > 0", ".map(s, s + s)".repeat(40)),
    ] {
        assert_eq!(outcome(&text), "Spent", "{}", text.get(..60).unwrap_or(&text));
    }
}

#[test]
fn a_look_through_many_groups_is_within_the_budget() {
    let groups: Vec<_> = (0..2000).map(|number| format!("group-{number}")).collect();
    let request = Request::new(json!({"groups": groups}));
    for text in ["'group-1999' in claims.groups", "claims.groups.exists(g, g == 'group-1999' || g == 'admins')"] {
        let value = compile(text).unwrap();
        assert!(matches!(value.evaluate(&Values::new(request.asked())), Ok(Value::Bool(true))), "{text}");
    }
}

/// Words of the language, put together without sense.
fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "claims",
        "consumer",
        "request",
        "route",
        ".",
        "id",
        "sub",
        "groups",
        "headers",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        ",",
        ":",
        "?",
        "&&",
        "||",
        "!",
        "==",
        "<",
        "in",
        "+",
        "-",
        "*",
        "/",
        "%",
        "1",
        "0",
        "1.5",
        "'a'",
        "r'\\'",
        "true",
        "null",
        "has",
        "all",
        "map",
        "x",
        "size",
        "matches",
        "timestamp",
        "duration",
        "int",
        "\n",
        "//",
        "é",
    ]);
    prop::collection::vec(word, 0..40).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn any_text_ends_in_a_value_or_a_mistake_with_a_place(text in prop_oneof![any::<String>(), words()]) {
        match compile(&text) {
            Ok(program) => drop(program.evaluate(&Values::new(Request::new(claims()).asked()))),
            Err(invalid) => prop_assert!(text.get(invalid.at.clone()).is_some(), "{:?}", invalid),
        }
    }
}
