//! TLS from clients and towards upstreams.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::http2::{get, over, text};
use crate::support::tls::{Authority, agreed, shake};
use crate::support::{Tide, Wire, hello, problem};

fn document(authority: &Authority, clients: serde_json::Value) -> serde_json::Value {
    let (chain, key) = authority.issue("gate.test");
    let mut document = hello();
    let mut tls = json!({"certificate": chain, "key": key});
    if !clients.is_null() {
        tls["client_certificates"] = clients;
    }
    document["native"] = json!({"listeners": [{"address": "127.0.0.1:0", "tls": tls}]});
    document
}

async fn http1(stream: &mut (impl AsyncReadExt + AsyncWriteExt + Unpin)) -> std::io::Result<String> {
    stream.write_all(b"GET / HTTP/1.1\r\nhost: gate.test\r\nconnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn the_protocol_is_agreed_by_alpn() {
    let authority = Authority::new();
    let tide = Tide::new(document(&authority, json!(null)));
    let address = tide.server.addresses[0];
    let stream = shake(address, "gate.test", authority.client(&["h2", "http/1.1"], None)).await.unwrap();
    assert_eq!(agreed(&stream).as_deref(), Some("h2"));
    assert_eq!(text(over(stream).await.send_request(get("https://gate.test/")).await.unwrap()).await, "hello");
    for offer in [&["http/1.1"][..], &[]] {
        let mut stream = shake(address, "gate.test", authority.client(offer, None)).await.unwrap();
        assert_eq!(agreed(&stream).as_deref(), offer.first().copied());
        assert!(http1(&mut stream).await.unwrap().ends_with("hello"));
    }
}

#[tokio::test]
async fn a_client_certificate_is_demanded_or_only_checked() {
    let authority = Authority::new();
    authority.issue("somebody.test");
    let stranger = Authority::new();
    stranger.issue("somebody.test");
    // Trusts the gateway's authority, but its own certificate is issued by another.
    std::fs::copy(authority.path("ca.pem"), stranger.path("ca.pem")).unwrap();
    for optional in [false, true] {
        let tide = Tide::new(document(&authority, json!({"ca": authority.ca(), "optional": optional})));
        let address = tide.server.addresses[0];
        let ask = async |config| {
            let mut stream = shake(address, "gate.test", config).await?;
            http1(&mut stream).await
        };
        assert!(ask(authority.client(&[], Some("somebody.test"))).await.unwrap().ends_with("hello"));
        assert_eq!(ask(authority.client(&[], None)).await.is_ok(), optional);
        assert!(ask(stranger.client(&[], Some("somebody.test"))).await.is_err());
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_taken_when_the_configuration_is_read_again() {
    let authority = Authority::new();
    let tide = Tide::new(document(&authority, json!(null)));
    let serial = async || {
        let stream = shake(tide.server.addresses[0], "gate.test", authority.client(&[], None)).await.unwrap();
        stream.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned()
    };
    let before = serial().await;
    authority.issue("gate.test");
    tide.server.reread();
    assert_ne!(before, serial().await);
}

#[tokio::test]
async fn an_upstream_is_asked_over_tls_if_its_certificate_is_good() {
    let authority = Authority::new();
    let behind = Tide::new(document(&authority, json!(null)));
    let port = behind.server.addresses[0].port();
    let through = |tls: serde_json::Value, protocol: &str| {
        let upstream =
            json!({"targets": [{"url": format!("https://127.0.0.1:{port}")}], "tls": tls, "protocol": protocol});
        Tide::new(json!({"upstreams": {"up": upstream}, "routes": [{"name": "all", "to": {"upstream": "up"}}]}))
    };
    for protocol in ["auto", "http1", "http2"] {
        let tide = through(json!({"ca": authority.ca(), "server_name": "gate.test"}), protocol);
        let mut client = tide.connect();
        client.get("/");
        assert_eq!(client.answer().1, "hello", "{protocol}");
    }
    let ask = |tls| {
        let tide = through(tls, "auto");
        let mut client = tide.connect();
        client.get("/");
        let answer = problem(&client.answer());
        (answer, tide.access()["failure"].clone())
    };
    // Another name, and an authority that did not issue it.
    let refused = ((502, "upstream-unreachable".to_owned()), json!("tls"));
    assert_eq!(ask(json!({"ca": authority.ca(), "server_name": "other.test"})), refused);
    let stranger = Authority::new();
    assert_eq!(ask(json!({"ca": stranger.ca(), "server_name": "gate.test"})), refused);
}

#[tokio::test]
async fn the_gateway_shows_its_own_certificate_to_an_upstream() {
    let authority = Authority::new();
    let (chain, key) = authority.issue("gateway.test");
    let behind = Tide::new(document(&authority, json!({"ca": authority.ca()})));
    let port = behind.server.addresses[0].port();
    let tls = json!({"ca": authority.ca(), "server_name": "gate.test", "certificate": chain, "key": key});
    let upstream = json!({"targets": [{"url": format!("https://127.0.0.1:{port}")}], "tls": tls});
    let tide = Tide::new(json!({"upstreams": {"up": upstream}, "routes": [{"name": "all", "to": {"upstream": "up"}}]}));
    let mut client = tide.connect();
    client.get("/");
    assert_eq!(client.answer().1, "hello");
}

#[test]
fn clear_text_on_a_tls_port_ends_without_harm() {
    let authority = Authority::new();
    let tide = Tide::new(document(&authority, json!(null)));
    let mut wire = Wire::connect(tide.server.addresses[0]);
    wire.get("/");
    wire.gone();
    tide.stop();
}

#[tokio::test]
async fn a_client_certificate_says_who_asks() {
    let authority = Authority::new();
    authority.issue("billing.clients.test");
    authority.issue("other.test");
    for protocol in [&["h2"][..], &[]] {
        let mut document = document(&authority, json!({"ca": authority.ca(), "optional": true}));
        document["authenticate"] = json!({"authenticators": {"mtls": {"certificate": {
            "matches": [{"dns": "*.clients.test"}], "consumer": "dns",
        }}}});
        document["routes"] = json!([{"name": "echo", "to": {"echo": {}}, "authenticate": {
            "any": ["mtls"], "forward": {"certificate": true, "headers": {"x-who": {"consumer": "id"}}},
        }}]);
        let tide = Tide::new(document);
        let address = tide.server.addresses[0];
        let ask = async |identity| {
            let mut stream = shake(address, "gate.test", authority.client(protocol, identity)).await.unwrap();
            if protocol.is_empty() {
                return http1(&mut stream).await.unwrap();
            }
            text(over(stream).await.send_request(get("https://gate.test/")).await.unwrap()).await
        };
        let known = ask(Some("billing.clients.test")).await;
        assert!(known.contains(r#""x-who": "billing.clients.test""#), "{known}");
        let pem = std::fs::read_to_string(authority.path("billing.clients.test.pem")).unwrap();
        let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        assert!(known.contains(&format!(r#""client-cert": ":{base64}:""#)), "{known}");
        assert!(ask(Some("other.test")).await.contains("credentials-invalid"));
        assert!(ask(None).await.contains("credentials-missing"));
    }
}
