//! Tags, and the fields that name them.

use serde_json::{Value, json};

use super::{compiled, found, of_rule};
use crate::cache::rule::TagPart;

fn wrong(tag: &str) -> String {
    let found = found(json!({"rules": {"r": {"tags": [tag]}}}));
    assert_eq!(found.len(), 1, "{tag}: {found:?}");
    found[0]
        .strip_prefix("error[cache-tag] at cache.rules.r.tags[0]: ")
        .unwrap_or_else(|| panic!("{found:?}"))
        .to_owned()
}

#[test]
fn a_tag_has_text_that_can_stand_in_a_list() {
    assert_eq!(wrong(""), "expected a tag, found an empty text");
    assert_eq!(wrong(&"a".repeat(129)), "expected a tag of at most 128 bytes, found 129");
    for (bad, shown) in [
        ("a b", " "),
        ("a\tb", "\\t"),
        ("a\n", "\\n"),
        ("\u{0}", "\\u{0}"),
        ("a\u{a0}b", "\\u{a0}"),
        ("\u{85}", "\\u{85}"),
    ] {
        assert_eq!(wrong(bad), format!("a tag has no spaces and no control characters, found `{shown}`"));
    }
    of_rule(json!({"tags": ["a".repeat(128), "größe", "a:b/c-d_e.f"]}), &[]);
}

#[test]
fn braces_stand_for_parameters_and_in_pairs_for_themselves() {
    for (bad, at) in [("{", 0), ("a{id", 1), ("a}", 1), ("a{id}}", 5), ("{{}", 2), ("a{id}b{", 6)] {
        let expected =
            format!("the brace at byte {at} has no partner; write `{{{{` or `}}}}` for the character itself");
        assert_eq!(wrong(bad), expected, "{bad}");
    }
    for (bad, name) in [("{}", ""), ("a{*}", ""), ("{i-d}", "i-d"), ("{a{b}", "a{b"), ("{**id}", "*id")] {
        assert_eq!(wrong(bad), format!("expected the name of a parameter between the braces, found `{name}`"), "{bad}");
    }
    let parts = |tag: &str| {
        let rule = compiled(json!({"rules": {"r": {"tags": [tag]}}})).caches.rules.remove(0);
        let texts = rule.tags[0].0.iter().map(|part| match part {
            TagPart::Text(text) => format!("={text}"),
            TagPart::Parameter(name) => format!("?{name}"),
        });
        texts.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(parts("{id}"), "?id");
    assert_eq!(parts("{*rest}"), "?rest");
    assert_eq!(parts("a{id}{b}c"), "=a ?id ?b =c");
    assert_eq!(parts("{{{id}}}"), "={ ?id =}");
    assert_eq!(parts("a}}{{b"), "=a}{b");
}

#[test]
fn tags_are_few_and_each_is_there_once() {
    let many: Vec<Value> = (0..17).map(|number| json!(format!("t{number}"))).collect();
    of_rule(json!({"tags": many[..16]}), &[]);
    of_rule(json!({"tags": many}), &["cache-tag tags: expected at most 16 tags, found 17"]);
    of_rule(json!({"tags": ["a", "b", "a"]}), &["duplicate-name tags[2]: `a` is there already"]);
}

#[test]
fn fields_that_name_tags_have_names_of_fields() {
    of_rule(json!({"tag_headers": ["x tag"]}), &["header-name tag_headers[0]: `x tag` is no field name"]);
    of_rule(
        json!({"tag_headers": ["Cache-Tag", "cache-tag"]}),
        &["duplicate-name tag_headers[1]: `cache-tag` is there already"],
    );
}
