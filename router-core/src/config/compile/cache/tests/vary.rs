//! What makes answers different, and whom the cache leaves alone.

use serde_json::{Value, json};

use super::{found, of_rule};

fn numbered(count: usize) -> Vec<Value> {
    (0..count).map(|number| json!(format!("x-{number}"))).collect()
}

#[test]
fn fields_have_names_that_make_a_sensible_difference() {
    of_rule(
        json!({"vary_by": {"headers": ["x tenant"]}}),
        &["header-name vary_by.headers[0]: `x tenant` is no field name"],
    );
    let nearly = "is different for nearly everyone, so that hardly an answer would be found again";
    of_rule(
        json!({"vary_by": {"headers": ["accept", "Cookie", "AUTHORIZATION"]}}),
        &[
            &format!(
                "vary-by vary_by.headers[1]: `cookie` {nearly}\n  help: name the cookies that matter in `vary_by.cookies`"
            ),
            &format!(
                "vary-by vary_by.headers[2]: `authorization` {nearly}\n  help: write `identified: apart`, or `consumer: true`: what makes a \
                 difference is who they are, not their credentials"
            ),
        ],
    );
    of_rule(
        json!({"vary_by": {"headers": ["X-A", "x-a"]}}),
        &["duplicate-name vary_by.headers[1]: `x-a` is there already"],
    );
}

#[test]
fn cookies_claims_and_parameters_have_names() {
    of_rule(json!({"vary_by": {"cookies": ["a b"]}}), &["cookie vary_by.cookies[0]: `a b` is no name of a cookie"]);
    of_rule(json!({"vary_by": {"cookies": ["a", "a"]}}), &["duplicate-name vary_by.cookies[1]: `a` is there already"]);
    of_rule(
        json!({"vary_by": {"claims": ["a.[\"b\"]"]}}),
        &["claim vary_by.claims[0]: expected a name behind the dot"],
    );
    of_rule(
        json!({"vary_by": {"claims": ["a.b", "[\"a\"].b"]}}),
        &["duplicate-name vary_by.claims[1]: `[\"a\"].b` is there already"],
    );
    for bad in ["", "a=b", "a&b", "a#b", "a b", "é", "\n", &"a".repeat(257)] {
        for kind in ["only", "without"] {
            let found = found(json!({"rules": {"r": {"vary_by": {"query": {kind: ["page", bad]}}}}}));
            assert_eq!(found.len(), 1, "{bad}: {found:?}");
            let start = format!(
                "error[query-parameter] at cache.rules.r.vary_by.query.{kind}[1]: expected the name of a parameter as it stands in a URL, of 1 to 256 bytes, found `"
            );
            assert!(found[0].starts_with(&start), "{found:?}");
        }
    }
    of_rule(
        json!({"vary_by": {"query": {"only": ["page", "page"]}}}),
        &["duplicate-name vary_by.query.only[1]: `page` is there already"],
    );
    for good in ["%C3%A9", "a[b]", "utm_source", "a.b", "$top"] {
        of_rule(json!({"vary_by": {"query": {"without": [good]}}}), &[]);
    }
    of_rule(json!({"vary_by": {"query": {"only": []}}}), &[]);
}

#[test]
fn every_list_has_an_end() {
    for (key, most) in [("headers", 16), ("cookies", 16), ("claims", 16)] {
        of_rule(json!({"vary_by": {key: numbered(most)}}), &[]);
        of_rule(
            json!({"vary_by": {key: numbered(most + 1)}}),
            &[&format!("vary-by vary_by.{key}: expected at most {most} names, found {}", most + 1)],
        );
    }
    for key in ["only", "without"] {
        of_rule(json!({"vary_by": {"query": {key: numbered(64)}}}), &[]);
        of_rule(
            json!({"vary_by": {"query": {key: numbered(65)}}}),
            &[&format!("vary-by vary_by.query.{key}: expected at most 64 names, found 65")],
        );
    }
    of_rule(json!({"tag_headers": numbered(9)}), &["cache-tag tag_headers: expected at most 8 fields, found 9"]);
}

#[test]
fn only_and_without_exclude_each_other() {
    let found = found(json!({"rules": {"r": {"vary_by": {"query": {"only": ["a"], "without": ["b"]}}}}}));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("error[shape]"), "{found:?}");
}

#[test]
fn a_condition_that_is_none_says_where() {
    let of = |text: &str| {
        let found = found(json!({"rules": {"r": {"bypass": text}}}));
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        found[0]
            .strip_prefix("error[bypass] at cache.rules.r.bypass: ")
            .unwrap_or_else(|| panic!("{found:?}"))
            .to_owned()
    };
    assert_eq!(of(""), "column 1: expected a value, found the end");
    assert_eq!(
        of("has(request.querry)"),
        "column 5, `request.querry`: `request` has no field `querry`\n  help: did you mean `request.query`?"
    );
    assert_eq!(
        of("size(request.query)"),
        "column 1, `size(request.query)`: a condition is true or false, and this is an int"
    );
    assert!(of("identities.crt.id == 'a'").contains("did you mean `cert`?"), "{}", of("identities.crt.id == 'a'"));
    for good in
        ["\"preview\" in request.query", "identities.cert.id == \"a\"", "request.headers[\"x-preview\"] == \"1\""]
    {
        of_rule(json!({"bypass": good}), &[]);
    }
}
