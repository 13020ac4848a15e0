//! Requests that are not well-formed get a problem with the right status, also where hyper refuses them by itself.

use serde_json::{Value, json};

use crate::support::{Tide, field, hello, problem};

fn refused(document: Value, request: &str) -> (u16, String) {
    let tide = Tide::new(document);
    let mut client = tide.connect();
    client.send(request);
    let answer = client.answer();
    assert!(field(&answer.0, "x-request-id").is_some_and(|id| !id.is_empty()), "{answer:?}");
    assert_eq!(tide.access()["status"], problem(&answer).0);
    problem(&answer)
}

#[test]
fn what_hyper_cannot_read_is_a_problem_too() {
    for request in [
        "GET / HTTP/1.1\r\nhost: a\r\nbad name: 1\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\nx: \u{1}\r\n\r\n",
        "GET /a b HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET / HTTP/9.9\r\nhost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n",
        "nonsense\r\n\r\n",
        "{\"a\": 1}\r\n\r\n",
    ] {
        assert_eq!(refused(hello(), request).0, 400, "{request:?}");
    }
}

#[test]
fn lengths_that_disagree_are_refused() {
    for request in [
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: +1\r\n\r\n",
    ] {
        assert_eq!(refused(hello(), request).0, 400, "{request:?}");
    }
}

#[test]
fn heads_over_the_limits_are_problems() {
    let request = |path: &str, fields: &str| format!("GET {path} HTTP/1.1\r\nhost: a\r\n{fields}\r\n");
    let long = "x".repeat(1000);
    let mut document = hello();
    document["receive"] = json!({"max_url": "500B", "max_headers": "900B", "max_header_count": 10});
    assert_eq!(refused(document.clone(), &request(&format!("/{long}"), "")).0, 414);
    assert_eq!(refused(document.clone(), &request("/", &format!("x: {long}\r\n"))).0, 431);
    assert_eq!(refused(document, &request("/", &"x: 1\r\n".repeat(10))).0, 431);
}

#[test]
fn heads_over_the_limits_of_hyper_are_problems_too() {
    let request = |path: &str, fields: &str| format!("GET {path} HTTP/1.1\r\nhost: a\r\n{fields}\r\n");
    assert_eq!(refused(hello(), &request("/", &"x: 1\r\n".repeat(300))), (431, "headers-too-many".into()));
    let huge = "x".repeat(500_000);
    assert_eq!(refused(hello(), &request("/", &format!("x: {huge}\r\n"))), (431, "headers-too-large".into()));
    assert_eq!(refused(hello(), &request(&format!("/{}", "x".repeat(70_000)), "")), (414, "url-too-long".into()));
}

#[test]
fn as_many_fields_as_the_document_says_are_taken() {
    let mut document = hello();
    document["receive"] = json!({"max_header_count": 500});
    let tide = Tide::new(document);
    let mut client = tide.connect();
    client.send(&format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "x: 1\r\n".repeat(499)));
    assert_eq!(client.answer().1, "hello");
}

#[test]
fn a_client_that_is_refused_may_still_send_for_a_moment() {
    let mut document = hello();
    document["receive"] = json!({"max_body": "1KiB"});
    let tide = Tide::new(document);
    let mut client = tide.connect();
    let piece = "x".repeat(100_000);
    client.send(&format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10000000\r\n\r\n{piece}"));
    assert_eq!(problem(&client.answer()), (413, "body-too-large".into()));
    // A gateway that had closed with bytes unread would have reset the connection, and on other systems than this one the answer might be lost.
    client.send(&piece);
    client.send(&piece);
    assert_eq!(client.rest(), "");
}
