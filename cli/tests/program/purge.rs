//! `tidegate purge`: what is stored in a running gateway is made worthless, and orders that are none are explained.

use crate::guide::upstream;
use crate::serve::{Gateway, address, ask};
use crate::support::run;

/// A running gateway that stores everything, where its clients connect, and where operators do.
fn start() -> (Gateway, String, String) {
    let mut gateway = Gateway::start(&format!(
        "\
native: {{ listeners: [{{ address: '127.0.0.1:0' }}], admin: '127.0.0.1:0' }}
cache: {{ rules: {{ all: {{ ttl: 1h, stale_if_error: 1h, tags: [all] }} }}, default: all }}
upstreams: {{ api: {{ targets: [{{ url: 'http://{}' }}] }} }}
routes: [{{ name: all, to: {{ upstream: api }} }}]
",
        upstream()
    ));
    let serving = address(&gateway.wait_for("listening"));
    let admin = address(&gateway.wait_for("admin"));
    (gateway, serving, admin)
}

fn stored(serving: &str) -> bool {
    ask(serving, "GET /a?b=c HTTP/1.1\r\nhost: a.test").contains("cache-status: tidegate; hit")
}

#[test]
fn a_purge_holds_when_it_is_answered_whatever_it_names() {
    let (_gateway, serving, admin) = start();
    for names in [
        &["--tag", "all"][..],
        &["--url", "/a"],
        &["--url", "http://a.test/a?b=c"],
        &["--prefix", "/"],
        &["--rule", "all", "--tag", "other"],
        &["--everything"],
    ] {
        stored(&serving);
        assert!(stored(&serving));
        let done = run(&[&["purge"], names, &["--admin", &admin]].concat());
        assert_eq!((done.code, done.err.as_str()), (0, ""), "{}", done.err);
        assert!(!stored(&serving), "{names:?}");
    }
    assert!(stored(&serving));
    for others in [&["--tag", "al"][..], &["--url", "/a?b=d"], &["--url", "http://b.test/a"], &["--prefix", "/aa"]] {
        assert_eq!(run(&[&["purge"], others, &["--admin", &admin]].concat()).code, 0);
        assert!(stored(&serving), "{others:?}");
    }
}

#[test]
fn an_order_that_is_none_is_explained_and_only_an_operators_program_may_give_one() {
    let (_gateway, _, admin) = start();
    for (names, expected) in [
        (&[][..], "it names nothing to purge"),
        (&["--url", "products"], "`products` is neither a path"),
        (&["--prefix", "/a?b"], "is no prefix"),
        (&["--tag", ""], "expected a name of 1 to"),
    ] {
        let run = run(&[&["purge"], names, &["--admin", &admin]].concat());
        assert_eq!(run.code, 1);
        assert!(run.err.contains(expected), "{expected} is missing: {}", run.err);
    }
    let printed = run(&["purge", "--tag", "a", "--soft", "--print"]);
    assert_eq!(printed.out, "{\"tags\":[\"a\"],\"soft\":true}\n");
    let order = "{\"everything\":true}";
    let answer = ask(
        &admin,
        &format!("POST /cache/purge HTTP/1.1\r\nhost: {admin}\r\ncontent-length: {}\r\n\r\n{order}", order.len()),
    );
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}
