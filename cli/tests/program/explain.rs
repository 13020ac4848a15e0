//! `tidegate explain`.

use crate::support::{run, run_on};

/// Asks the example at the root.
fn example(arguments: &[&str]) -> String {
    let all: Vec<&str> = [&["explain"], arguments].concat();
    let run = run(&all);
    assert_eq!((run.err.as_str(), run.code), ("", 0));
    run.out
}

#[test]
fn the_whole_account_of_a_request() {
    let told = example(&[
        "GET",
        "/api/./users//7?x=1",
        "-H",
        "Connection: X-Hop",
        "-H",
        "X-Hop: 1",
        "-H",
        "X-Request-Id: seven",
    ]);
    assert_eq!(
        told,
        r#"GET http://127.0.0.1:8080/api/./users//7?x=1

receive  client 127.0.0.1, host 127.0.0.1, http
filter   path /api/users/7 (normalised)
route    user (by /api/users/{id})

Routes
  user      /api/users/{id}  takes the request
  api       /api             fits, but `user` goes before it by rule "path": the more specific path goes first
  echo      /echo            another path
  hello     /hello           another path
  old-user  /users/{id}      another path

Parameters
  id  7

Rewrite
  /api/users/7 becomes /users/7

Request headers
  remove  connection
  remove  x-hop
  remove  host
  set     x-forwarded-for    127.0.0.1
  set     x-forwarded-host   127.0.0.1:8080
  set     x-forwarded-proto  http
  set     forwarded          for=127.0.0.1;host="127.0.0.1:8080";proto=http
  set     x-request-id       seven
  add     via                1.1 tidegate-example
  set     x-area             users

Ends with
  200, the reflection of /users/7?x=1 as JSON

Answer headers
  remove  access-control-allow-origin
  remove  access-control-allow-credentials
  remove  access-control-expose-headers
  remove  access-control-allow-methods
  remove  access-control-allow-headers
  remove  access-control-max-age
  add     vary                              Origin
  set     x-content-type-options            nosniff
  set     x-request-id                      seven
"#
    );
}

const UPSTREAMS: &str = r#"
receive: {trusted_proxies: [10.0.0.0/8]}
upstreams:
  shop: {targets: [{url: "https://shop.test/v1"}, {url: "http://10.0.0.9:8080"}]}
  named: {targets: [{url: "http://10.0.0.8"}], host: {name: inner.test}}
routes:
  - name: shop
    match: {hosts: [shop.example.com], paths: [{prefix: /shop}], methods: [GET, QUERY]}
    rewrite: {strip_prefix: /shop}
    to: {upstream: shop}
  - name: beta
    match: {paths: [{prefix: /b}], headers: {x-beta: {exact: "1"}}, query: {v: present}}
    to: {upstream: named}
  - {name: inner, match: {paths: [{prefix: /inner}]}, filter: {addresses: {allow: [192.0.2.0/24]}}, to: {echo: {}}}
  - {name: slash, match: {paths: [{exact: /dir/}], trailing_slash: redirect}, to: {echo: {}}}
"#;

fn upstreams(arguments: &[&str]) -> String {
    let all: Vec<&str> = [&["explain"], arguments, &["--config", "-"]].concat();
    let run = run_on(UPSTREAMS, &all);
    assert_eq!((run.err.as_str(), run.code), ("", 0));
    run.out
}

/// `told` has these lines one after the other.
fn has(told: &str, lines: &str) {
    assert!(told.contains(lines), "expected\n{lines}\nin\n{told}");
}

#[test]
fn the_final_url_of_every_target() {
    let told = upstreams(&["QUERY", "https://Shop.Example.com/shop/a%2fb?q=%zz"]);
    has(&told, "Rewrite\n  /shop/a%2Fb becomes /a%2Fb\n");
    has(
        &told,
        "Ends with\n  upstream `shop`, asked at one of\n  QUERY https://shop.test/v1/a%2Fb?q=%zz\n  QUERY http://10.0.0.9:8080/a%2Fb?q=%zz\n",
    );
    has(&told, "x-forwarded-prefix  /shop\n");
    has(&told, "set  host                (that of the target)\n");
    let told = upstreams(&["GET", "/b?v=", "-H", "x-beta: 1"]);
    has(&told, "Ends with\n  upstream `named`, asked\n  GET http://10.0.0.8/b?v=\n");
    has(&told, "set  host               inner.test\n");
}

#[test]
fn why_each_route_lost_and_what_it_wants() {
    let told = upstreams(&["POST", "http://other.test/b"]);
    has(&told, "beta   /b      header `x-beta` must be `1`\n");
    has(&told, "shop   /shop   another host: it takes shop.example.com\n");
    has(&told, "Ends with\n  404 Not Found, by stage route: route-not-found\n");
    has(&upstreams(&["GET", "/b", "-H", "x-beta: 1"]), "query parameter `v` must be there\n");
    let told = upstreams(&["get", "http://shop.example.com/shop"]);
    has(&told, "note: Methods are case-sensitive (RFC 9110 section 9.1): `get` is not `GET`.\n");
    has(&told, "another method: it takes GET, QUERY\n");
    has(&told, "405 Method Not Allowed, by stage route: method-not-allowed\n");
    has(&told, "  allow: GET, HEAD, QUERY\n");
}

#[test]
fn a_malformed_path_ends_in_the_filter_stage() {
    let told = example(&["GET", "/a%zz"]);
    has(&told, "filter   path /a%zz: The path contains a % that is not followed by two hexadecimal digits.\n");
    has(&told, "Ends with\n  400 Bad Request, by stage filter: malformed-escape\n");
    assert!(!told.contains("Routes"));
    has(&example(&["OPTIONS", "*"]), "400 Bad Request, by stage receive");
    has(&example(&["TRACE", "/"]), "501 Not Implemented, by stage receive");
}

#[test]
fn a_path_cannot_climb_out() {
    has(
        &example(&["GET", "http://a.test/api/../../echo/%2e%2e/api/users/7"]),
        "filter   path /api/users/7 (normalised)\n",
    );
}

#[test]
fn a_redirect_shows_where_it_leads() {
    has(
        &example(&["GET", "/users/7?x=1"]),
        "Ends with\n  308 Permanent Redirect, by stage route\n  location: /api/users/7?x=1\n",
    );
    has(&upstreams(&["GET", "/dir?x"]), "308 Permanent Redirect, by stage route\n  location: /dir/?x\n");
}

#[test]
fn a_preflight_is_answered_before_any_route() {
    let asks = |origin: &str| {
        example(&["OPTIONS", "/api/x", "-H", &format!("Origin: {origin}"), "-H", "Access-Control-Request-Method: PUT"])
    };
    let told = asks("http://localhost:3000");
    has(&told, "filter   a preflight for PUT, decided by the CORS rules for everyone\n");
    has(
        &told,
        "Ends with\n  204 No Content, the preflight is allowed\n  access-control-allow-origin: http://localhost:3000\n",
    );
    has(&asks("https://evil.test"), "Ends with\n  403 Forbidden, by stage filter: origin-not-allowed\n");
}

#[test]
fn the_address_decides_as_it_does_in_the_gateway() {
    let told = upstreams(&["GET", "/inner", "--from", "203.0.113.9"]);
    has(&told, "Ends with\n  403 Forbidden, by stage route: address-denied\n");
    let told = upstreams(&["GET", "/inner", "--from", "10.1.1.1", "-H", "X-Forwarded-For: 192.0.2.7"]);
    has(&told, "receive  client 192.0.2.7 (through a trusted proxy)");
    has(&told, "route    the address may pass\n");
    // An upstream that decodes it would see another path than the one whose addresses were checked.
    let told = upstreams(&["GET", "/inner/a%2Fb", "--from", "192.0.2.7"]);
    has(&told, "400 Bad Request, by stage route: encoded-separator\n");
}

#[test]
fn json_has_every_route_and_the_ending() {
    let run = run(&["explain", "GET", "/api/users/7", "--format", "json"]);
    let told = run.json();
    assert_eq!(told["route"]["name"], "user");
    assert_eq!(told["route"]["parameters"]["id"], "7");
    assert_eq!(told["ending"]["kind"], "echo");
    assert_eq!(told["ending"]["path_and_query"], "/users/7");
    let candidates = told["candidates"].as_array().unwrap();
    assert_eq!(candidates.len(), 5);
    let api = candidates.iter().find(|candidate| candidate["route"] == "api").unwrap();
    assert_eq!(
        (&api["lost_by"], &api["outranked_by"], &api["rule"]),
        (&"outranked".into(), &"user".into(), &"path".into())
    );
}

#[test]
fn a_large_table_is_summed_up_unless_all_is_asked_for() {
    let routes: String = (0..40)
        .map(|number| {
            format!("  - {{name: r{number}, match: {{paths: [{{exact: /{number}}}]}}, to: {{echo: {{}}}}}}\n")
        })
        .collect();
    let config = format!("routes:\n{routes}");
    let told = run_on(&config, &["explain", "GET", "/7", "-c", "-"]).out;
    has(&told, "  and 29 more with another host or path (--all lists them)\n");
    let told = run_on(&config, &["explain", "GET", "/7", "-c", "-", "--all"]).out;
    assert_eq!(told.lines().filter(|line| line.ends_with("another path")).count(), 39);
}

#[test]
fn a_bad_configuration_is_shown_instead() {
    let run = run_on("routes: [{name: a, to: {upstream: b}}]", &["explain", "GET", "/", "-c", "-"]);
    assert_eq!((run.out.as_str(), run.code), ("", 1));
    assert!(run.err.contains("error[unknown-upstream]"), "{}", run.err);
}

const CACHES: &str = r#"
authenticate: {authenticators: {cert: {certificate: {}}}}
upstreams: {shop: {targets: [{url: "https://shop.test"}]}}
cache:
  rules:
    catalogue:
      ttl: 5m
      ttl_by_status: {"404": 250ms, 5xx: 1s}
      max_ttl: 1d
      vary_by: {headers: [X-Tenant], query: {without: [utm_source, ref]}, cookies: [lang], claims: [tenant], consumer: true, plan: true, device: true}
      bypass: |-
        "preview"
        in request.query
      invalidate_on: ["POST /products/*"]
    feed: {freshness: override, ttl: 1m, mode: shadow, identified: together, vary_by: {query: {only: []}}, invalidate_on: ["POST /*"]}
    guessed: {heuristic: {}, identified: bypass, methods: [GET]}
    quiet: {mode: off}
  default: catalogue
routes:
  - {name: products, match: {paths: [{prefix: /products}]}, to: {upstream: shop}}
  - {name: feed, match: {paths: [{prefix: /feed}]}, cache: feed, to: {upstream: shop}}
  - {name: guessed, match: {paths: [{prefix: /guessed}]}, cache: guessed, to: {upstream: shop}}
  - {name: quiet, match: {paths: [{prefix: /quiet}]}, cache: quiet, to: {upstream: shop}}
  - {name: open, match: {paths: [{prefix: /open}]}, cache: off, to: {upstream: shop}}
  - {name: own, match: {paths: [{prefix: /own}]}, to: {echo: {}}}
  - {name: purge, match: {paths: [{exact: /purge}]}, authenticate: {any: [cert]}, to: {purge: {}}}
"#;

/// What the cache says of a request.
fn of_cache(method: &str, path: &str) -> Vec<String> {
    let told = run_on(CACHES, &["explain", method, path, "--config", "-"]).out;
    let lines = told.lines().filter_map(|line| line.strip_prefix("cache "));
    lines.map(|line| line.trim_start().to_owned()).collect()
}

#[test]
fn the_rule_by_which_answers_are_stored() {
    assert_eq!(
        of_cache("GET", "/products/7"),
        [
            "`catalogue`: fresh for as long as the upstream says, else 404 for 250 ms, 500-599 for 1 s, others for 300 s, at most 86400 s; \
             nothing is looked up here",
            "answers differ by header x-tenant, the query without utm_source and ref, cookie lang, claim tenant, consumer, plan, device",
            "whoever is known has answers of their own; with Authorization only those that the upstream lets be stored",
            r#"nothing is stored and nothing given where "preview" in request.query"#,
        ]
    );
    assert_eq!(
        of_cache("GET", "/feed"),
        [
            "`feed`: fresh for 60 s, whatever the upstream says; nothing is looked up here; only recorded (mode: shadow)",
            "answers differ by no parameter of the query",
            "answers are shared, whoever asks",
        ]
    );
    assert_eq!(
        of_cache("GET", "/guessed"),
        [
            "`guessed`: fresh for as long as the upstream says, else guessed from Last-Modified; nothing is looked up here",
            "nothing is stored for whoever is known",
        ]
    );
    for path in ["/quiet", "/open", "/own", "/purge"] {
        assert_eq!(of_cache("GET", path), [""; 0], "{path}");
    }
}

#[test]
fn what_a_change_makes_worthless() {
    assert_eq!(of_cache("HEAD", "/guessed"), ["`guessed`: answers to HEAD are not stored, only those to GET"]);
    assert_eq!(
        of_cache("POST", "/products/7"),
        [
            "`catalogue`: answers to POST are not stored, only those to GET, HEAD",
            "a success makes all answers of `catalogue` worthless",
            "a success makes all answers of `feed` worthless",
        ]
    );
    assert_eq!(of_cache("POST", "/own"), ["a success makes all answers of `feed` worthless"]);
}

#[test]
fn a_route_that_purges_says_so() {
    let asked = ["explain", "POST", "/purge", "--config", "-"];
    has(&run_on(CACHES, &asked).out, "Ends with\n  stored answers are purged\n");
    let told = run_on(CACHES, &[&asked[..], &["--format", "json"]].concat()).json();
    assert_eq!(told["ending"], serde_json::json!({"kind": "purge"}));
}
