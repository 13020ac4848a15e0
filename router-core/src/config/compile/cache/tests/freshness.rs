//! Times, statuses and methods.

use serde_json::json;

use super::of_rule;

const DURATION: &str = "expected a duration such as `250ms`, `5s`, `2m`, `1h` or `7d`, found `soon`";

#[test]
fn every_time_is_one_and_at_most_a_year() {
    for key in ["ttl", "max_ttl", "stale_while_revalidate", "stale_if_error", "refresh_early"] {
        of_rule(json!({key: "soon"}), &[&format!("duration {key}: {DURATION}")]);
        of_rule(json!({key: "366d"}), &[&format!("duration {key}: expected at most `365d`, found `366d`")]);
        of_rule(
            json!({key: "367d"}),
            &[&format!("duration {key}: `367d` is longer than the longest duration, `366d`")],
        );
        of_rule(json!({key: "365d"}), &[]);
        of_rule(json!({key: "0s"}), &[]);
    }
    of_rule(json!({"heuristic": {"most": "soon"}}), &[&format!("duration heuristic.most: {DURATION}")]);
    of_rule(
        json!({"heuristic": {"most": "366d"}}),
        &["duration heuristic.most: expected at most `365d`, found `366d`"],
    );
    of_rule(json!({"ttl_by_status": {"404": "soon"}}), &[&format!("duration ttl_by_status.404: {DURATION}")]);
    of_rule(
        json!({"ttl_by_status": {"5xx": "366d"}}),
        &["duration ttl_by_status.5xx: expected at most `365d`, found `366d`"],
    );
}

#[test]
fn nobody_waits_for_another_for_longer_than_a_minute() {
    of_rule(json!({"coalesce": "soon"}), &[&format!("duration coalesce: {DURATION}")]);
    of_rule(
        json!({"coalesce": "61s"}),
        &["duration coalesce: expected at most `60s`: whoever waits holds a connection"],
    );
}

#[test]
fn guesses_are_one_to_a_hundred_percent() {
    for bad in [0, 101, 255] {
        of_rule(
            json!({"heuristic": {"percent": bad}}),
            &[&format!("percent heuristic.percent: expected 1 to 100 percent, found {bad}")],
        );
    }
    for good in [1, 100] {
        of_rule(json!({"heuristic": {"percent": good}}), &[]);
    }
}

#[test]
fn whoever_overrides_the_upstream_says_how_long() {
    let without = "cache-ttl freshness: expected `ttl` or `ttl_by_status`: where the upstream's word does not count, somebody else must \
                   say how long answers are fresh\n  help: add `ttl`, such as `ttl: 5m`, or write `freshness: respect`";
    of_rule(json!({"freshness": "override"}), &[without]);
    of_rule(json!({"freshness": "override", "max_ttl": "1h"}), &[without]);
    of_rule(json!({"freshness": "override", "ttl": "0s"}), &[]);
    of_rule(json!({"freshness": "override", "ttl_by_status": {"200": "1m"}}), &[]);
    // A time with a mistake is there all the same.
    of_rule(json!({"freshness": "override", "ttl": "soon"}), &[&format!("duration ttl: {DURATION}")]);
}

#[test]
fn a_status_is_a_number_a_range_or_a_class_of_final_answers() {
    let bad = [
        "",
        "4",
        "40",
        "4040",
        "abc",
        "4xX",
        "4XX",
        "xx",
        "1xx",
        "6xx",
        "4x",
        "100",
        "199",
        "600",
        "999",
        "-",
        "200-",
        "-299",
        "200-200",
        "299-200",
        "100-299",
        "500-600",
        "2xx-3xx",
        "200 - 299",
        "+404",
        "200-299-300",
        " 404",
        "４０４",
    ];
    for bad in bad {
        let found = super::found(json!({"rules": {"r": {"ttl_by_status": {bad: "1s"}}}}));
        assert_eq!(found.len(), 1, "{bad}: {found:?}");
        assert!(found[0].starts_with("error[status] at cache.rules.r.ttl_by_status"), "{found:?}");
        let expected = format!(
            "expected a status such as `404`, a range such as `200-299` or a class such as `5xx`, of 200 to 599, found `{bad}`"
        );
        assert!(found[0].ends_with(&expected), "{found:?}");
    }
    for good in ["200", "599", "200-201", "200-599", "2xx", "3xx", "4xx", "5xx"] {
        of_rule(json!({"ttl_by_status": {good: "1s"}}), &[]);
    }
}

#[test]
fn the_same_statuses_are_given_one_time() {
    of_rule(
        json!({"ttl_by_status": {"2xx": "1s", "200-299": "2s"}}),
        &["status ttl_by_status.2xx: `2xx` means statuses that are there already"],
    );
}

#[test]
fn answers_to_safe_methods_can_be_stored_and_to_no_others() {
    let only = "only answers to `GET`, `HEAD` and `QUERY` can be stored";
    of_rule(
        json!({"methods": []}),
        &[
            "method methods: expected at least one method, found none\n  help: for a rule that stores nothing write `mode: off`",
        ],
    );
    for bad in ["POST", "DELETE", "OPTIONS", "TRACE", "post", "", "B AD", "GETS"] {
        of_rule(json!({"methods": ["GET", bad]}), &[&format!("method methods[1]: {only}, found `{bad}`")]);
    }
    of_rule(
        json!({"methods": ["query"]}),
        &[&format!("method methods[0]: {only}, found `query`\n  help: methods are case-sensitive: write `QUERY`")],
    );
    of_rule(json!({"methods": ["GET", "HEAD", "GET"]}), &["duplicate-name methods[2]: `GET` is there already"]);
}

#[test]
fn a_size_is_more_than_nothing_and_at_most_what_stores_take() {
    of_rule(
        json!({"max_size": "big"}),
        &["size max_size: expected a size such as `512B`, `16KiB`, `10MiB` or `1GiB`, found `big`"],
    );
    of_rule(
        json!({"max_size": "513MiB"}),
        &["size max_size: `513MiB` is more than the 536870912 bytes that are possible here"],
    );
    of_rule(
        json!({"max_size": "0B"}),
        &[
            "size max_size: expected more than 0 bytes: nothing would be stored\n  help: for a rule that stores nothing write `mode: off`",
        ],
    );
    of_rule(json!({"max_size": "1B"}), &[]);
}
