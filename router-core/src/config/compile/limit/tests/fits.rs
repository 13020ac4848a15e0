//! Keys, costs, and what goes together.

use serde_json::{Value, json};

use super::{found, is, limit, of_limit, usage};

#[test]
fn what_does_not_go_together_is_refused() {
    let burst = "limit burst: only `gcra` and `token_bucket` have a burst";
    for algorithm in ["leaky_bucket", "fixed_window", "sliding_window", "sliding_log"] {
        of_limit(json!({"algorithm": algorithm, "burst": 5}), &[burst]);
    }
    of_limit(json!({"max_wait": "1s"}), &["limit max_wait: only in a `leaky_bucket` requests wait"]);
    of_limit(json!({"hold": "1s"}), &["limit hold: only `concurrency` holds places"]);
    of_limit(json!({"warn_at": [50]}), &["limit warn_at: only a `fixed_window` is used up bit by bit"]);
    let places = json!({
        "algorithm": "concurrency", "window": null, "burst": 5, "cost": 2, "cost_after": {"header": "x"}, "unit": "bytes",
        "count": "failure", "warn_at": [50], "max_wait": "1s",
    });
    of_limit(
        places,
        &[
            burst,
            "limit max_wait: only in a `leaky_bucket` requests wait",
            "limit warn_at: only a `fixed_window` is used up bit by bit",
            "limit cost: with `concurrency` each request takes one place",
            "limit cost_after: with `concurrency` each request takes one place",
            "limit unit: with `concurrency` each request takes one place",
            "limit count: with `concurrency` each request takes a place until its answer has ended",
            "limit cost: where bytes are counted the body is the cost",
        ],
    );
    of_limit(
        json!({"algorithm": "leaky_bucket", "max_wait": "61s"}),
        &["duration max_wait: expected at most `60s`: whoever waits holds a connection"],
    );
    of_limit(
        json!({"algorithm": "leaky_bucket", "max_wait": "a bit"}),
        &["duration max_wait: expected a duration such as `250ms`, `5s`, `2m`, `1h` or `7d`, found `a bit`"],
    );
    of_limit(
        json!({"algorithm": "concurrency", "window": null, "hold": "0s"}),
        &["duration hold: expected more than `0s`: in no time nothing is under way"],
    );
}

#[test]
fn a_part_of_a_key_must_be_one() {
    of_limit(json!({"key": [{"header": "x tenant"}]}), &["header-name key[0].header: `x tenant` is no field name"]);
    for bad in ["", "a b", "a;b", "a=b", "é", &"a".repeat(257)] {
        let section = json!({"limits": {"l": limit(&json!({"key": ["address", {"cookie": bad}]}))}});
        let found = found(section);
        assert_eq!(found.len(), 1, "{bad}: {found:?}");
        assert!(found[0].starts_with("error[cookie] at limit.limits.l.key[1].cookie: `"), "{found:?}");
        assert!(found[0].ends_with("` is no name of a cookie"), "{found:?}");
    }
    of_limit(
        json!({"key": [{"claim": "a..b"}]}),
        &[
            "claim key[0].claim: expected the name of a claim, such as `sub`, or names with dots between, such as `realm_access.roles`",
        ],
    );
    of_limit(json!({"key": [{"claim": "a.[\"b\"]"}]}), &["claim key[0].claim: expected a name behind the dot"]);
    of_limit(
        json!({"key": ["address", {"header": "X-A"}, {"header": "x-a"}, "address"]}),
        &["key key[2]: `header:x-a` is there already", "key key[3]: `address` is there already"],
    );
    let many: Vec<Value> = (0..9).map(|number| json!({"header": format!("x-{number}")})).collect();
    of_limit(json!({"key": many}), &["key key: expected at most 8 parts, found 9"]);
}

#[test]
fn a_cost_is_a_number_or_an_expression_that_yields_one() {
    of_limit(json!({"cost": u64::MAX}), &["cost cost: expected at most 1099511627776, found 18446744073709551615"]);
    let of = |cost: &str| {
        let found = found(json!({"limits": {"l": limit(&json!({"cost": cost}))}}));
        assert_eq!(found.len(), 1, "{cost}: {found:?}");
        found[0].strip_prefix("error[cost] at limit.limits.l.cost: ").unwrap_or_else(|| panic!("{found:?}")).to_owned()
    };
    assert_eq!(of(""), "column 1: expected a value, found the end");
    assert_eq!(
        of("1 +\n  request.querry"),
        "line 2, column 3, `request.querry`: `request` has no field `querry`\n  help: did you mean `request.query`?"
    );
    assert!(of("request.method == 'GET'").contains("column 1, `request.method == 'GET'`"), "{}", of("true"));
    assert!(of("'5'").contains("int"), "{}", of("'5'"));
    assert!(of("1.5").contains("int"), "{}", of("1.5"));
    of_limit(json!({"cost": "size(request.query) > 3 ? 10 : 1"}), &[]);
    of_limit(
        json!({"cost_after": {"header": "x cost"}}),
        &["header-name cost_after.header: `x cost` is no field name"],
    );
}

#[test]
fn an_accuracy_must_fit_what_is_counted() {
    let lent = "accuracy accuracy: tokens of this algorithm cannot be lent: who waits in line or holds a place must be known \
                where the count is\n  help: write `accuracy: exact`";
    of_limit(json!({"algorithm": "leaky_bucket", "accuracy": "leased"}), &[lent]);
    of_limit(json!({"algorithm": "concurrency", "window": null, "accuracy": "leased"}), &[lent]);
    let told = "accuracy accuracy: instances can tell each other only of `fixed_window` limits of five minutes and more\n  \
                help: a key-value store shows a write after up to a minute; write `accuracy: leased`, or `local`";
    of_limit(json!({"accuracy": "local_kv", "window": "1h"}), &[told]);
    of_limit(json!({"algorithm": "fixed_window", "accuracy": "local_kv", "window": "299s"}), &[told]);
    of_limit(json!({"algorithm": "fixed_window", "accuracy": "local_kv", "window": "300s"}), &[]);
    of_limit(json!({"binding": "FAST"}), &["binding binding: only `accuracy: binding` asks one"]);
    let named =
        "accuracy accuracy: expected `binding`: which of the rate limiters in `wrangler.toml`?\n  help: name it";
    of_limit(json!({"accuracy": "binding"}), &[named]);
    of_limit(json!({"accuracy": "binding", "binding": ""}), &[named]);
    let windows = "accuracy accuracy: the rate limiter of Workers counts in windows of 10 or 60 seconds\n  \
                   help: write `window: 10s` or `window: 60s`, as in `wrangler.toml`";
    of_limit(json!({"accuracy": "binding", "binding": "FAST", "window": "30s"}), &[windows]);
    of_limit(json!({"accuracy": "binding", "binding": "FAST", "algorithm": "concurrency", "window": null}), &[windows]);
    let once = "accuracy accuracy: the rate limiter of Workers counts each request once, when it comes\n  \
                help: leave `cost`, `cost_after`, `unit` and `count` out, or write `accuracy: exact`";
    for more in [
        json!({"cost": 2}),
        json!({"cost_after": {"header": "x"}}),
        json!({"unit": "bytes"}),
        json!({"count": "success"}),
    ] {
        let mut more = more;
        more["accuracy"] = "binding".into();
        more["binding"] = "FAST".into();
        of_limit(more, &[once]);
    }
    of_limit(json!({"accuracy": "binding", "binding": "FAST", "window": "10s"}), &[]);
}

#[test]
fn what_is_metered_is_a_fixed_window_that_is_counted_exactly() {
    let window = "only a `fixed_window` can be metered: what is over belongs to a window that can be billed";
    let place = "what is metered needs `accuracy: exact`, or `local` where each instance reports for itself";
    let of = |more: Value, expected: &[String]| {
        let section = json!({"limits": {"l": limit(&more)}, "usage": usage()});
        assert_eq!(found(section), expected, "{more}");
    };
    of(json!({"over": "meter"}), &[format!("error[limit] at limit.limits.l.over: {window}")]);
    of(
        json!({"algorithm": "fixed_window", "accuracy": "leased", "over": "meter"}),
        &[format!("error[limit] at limit.limits.l.over: {place}")],
    );
    of(json!({"algorithm": "fixed_window", "over": "meter"}), &[]);
    of(json!({"algorithm": "fixed_window", "over": "meter", "accuracy": "local"}), &[]);
    let of_plan = |more: Value, over: &str| {
        let section = json!({"limits": {"l": limit(&more)}, "plans": {"pro": {"l": {"over": over}}}, "usage": usage()});
        found(section)
    };
    assert_eq!(of_plan(json!({}), "meter"), [format!("error[limit] at limit.plans.pro.l.over: {window}")]);
    let leased = json!({"algorithm": "fixed_window", "accuracy": "leased"});
    assert_eq!(of_plan(leased, "meter"), [format!("error[limit] at limit.plans.pro.l.over: {place}")]);
    assert_eq!(of_plan(json!({"algorithm": "fixed_window", "over": "meter"}), "refuse"), [""; 0]);
    is(
        json!({"limits": {"l": limit(&json!({"algorithm": "fixed_window", "over": "meter"}))}}),
        &[
            "warning[usage-untold] at limit.limits.l.over: what is over this quota is only logged: nobody is told of it\n  \
           help: say in `limit.usage` where usage events go",
        ],
    );
}
