//! `tidegate limits`: an operator looks at the counts of a running gateway, and what a page in a browser could send is refused.

use crate::serve::{Gateway, address, ask};
use crate::support::run;

const CONFIG: &str = "\
native: { listeners: [{ address: '127.0.0.1:0' }], admin: '127.0.0.1:0' }
limit:
  limits:
    burst: { quota: 2, window: 1h, key: [address, { header: X-Tenant }] }
    loose: { quota: 2, window: 1h, key: [], accuracy: local }
  plans: { pro: { burst: { quota: 10 } } }
  default: [burst]
routes: [{ name: hello, to: { respond: { body: hello } } }]
";

/// A running gateway, where its clients connect, and where operators do.
fn start() -> (Gateway, String, String) {
    let mut gateway = Gateway::start(CONFIG);
    let serving = address(&gateway.wait_for("listening"));
    let admin = address(&gateway.wait_for("admin"));
    (gateway, serving, admin)
}

#[test]
fn a_count_is_shown_and_forgotten() {
    let (_gateway, serving, admin) = start();
    let status = || ask(&serving, "GET / HTTP/1.1\r\nhost: a.test\r\nx-tenant: acme corp");
    let show = |more: &[&str]| {
        let asked = ["limits", "show", "burst", "address=127.0.0.1", "header:x-tenant=acme corp", "--admin", &admin];
        run(&[&asked, more].concat())
    };
    assert_eq!(show(&[]).out, "burst: 2 of 2 left\n");
    assert!(status().starts_with("HTTP/1.1 200"));
    let shown = show(&["--format", "json"]).json();
    assert_eq!((&shown["remaining"], &shown["quota"]), (&1.into(), &2.into()));
    assert_eq!(show(&["--plan", "pro", "--format", "json"]).json()["remaining"], 9);
    let reset = run(&["limits", "reset", "burst", "address=127.0.0.1", "header:x-tenant=acme corp", "--admin", &admin]);
    assert!(reset.out.ends_with("burst: 2 of 2 left\n"), "{}{}", reset.out, reset.err);
    assert!(status().starts_with("HTTP/1.1 200"));
    assert!(status().starts_with("HTTP/1.1 200"));
    assert!(status().starts_with("HTTP/1.1 429"));
}

#[test]
fn what_is_asked_wrong_is_explained() {
    let (_gateway, _, admin) = start();
    for (words, expected) in [
        (&["burts", "address=127.0.0.1"][..], "there is no limit `burts`; there are: burst, loose"),
        (&["burst", "address=127.0.0.1"], "`header:x-tenant` is missing"),
        (&["burst", "address"], "expected PART=VALUE"),
        (&["burst", "address=1", "header:x-tenant=2", "consumer=3"], "`burst` is not counted by `consumer`"),
        (&["loose"], "is counted by each instance for itself"),
    ] {
        let run = run(&[&["limits", "show"], words, &["--admin", &admin]].concat());
        assert_eq!(run.code, 1);
        assert!(run.err.contains(expected), "{expected} is missing: {}", run.err);
    }
    let nobody = run(&["limits", "show", "burst", "--admin", "127.0.0.1:1"]);
    assert!(nobody.err.contains("no gateway answers at 127.0.0.1:1"), "{}", nobody.err);
}

#[test]
fn only_an_operators_program_may_ask_and_metrics_say_what_limits_said() {
    let (_gateway, serving, admin) = start();
    let count = "/limits/burst?address=127.0.0.1&header:x-tenant=";
    for (fields, allowed) in [
        (format!("host: {admin}\r\ntidegate-operator: 1"), true),
        (format!("host: {admin}"), false),
        (format!("host: {admin}\r\ntidegate-operator: 1\r\norigin: http://evil.test"), false),
        ("host: evil.test\r\ntidegate-operator: 1".to_owned(), false),
    ] {
        let answer = ask(&admin, &format!("DELETE {count} HTTP/1.1\r\n{fields}"));
        assert_eq!(answer.starts_with("HTTP/1.1 200"), allowed, "{fields}: {answer}");
        assert!(allowed || answer.starts_with("HTTP/1.1 403"), "{answer}");
    }
    for _ in 0..3 {
        ask(&serving, "GET / HTTP/1.1\r\nhost: a.test");
    }
    let metrics = ask(&admin, "GET /metrics HTTP/1.1\r\nhost: a");
    for line in [
        "tidegate_limit_decisions_total{limit=\"burst\",verdict=\"admitted\"} 2",
        "tidegate_limit_decisions_total{limit=\"burst\",verdict=\"refused\"} 1",
        "tidegate_limit_store_total{outcome=\"answered\"} 3",
    ] {
        assert!(metrics.contains(line), "{line} is missing:\n{metrics}");
    }
}
