//! The life of a server: readiness, drain, newer configurations.

use std::path::Path;
use std::sync::Arc;

use router_core::config::NoVariables;
use serde_json::json;
use tidegate_native::{ConfigSource, LogSink, Options, RedbStore, Reloaded, Signals, StartError, Wanted, start};

use crate::support::http2::{connect, get};
use crate::support::{PATIENCE, Tide, Upstream, Wire, gateway, hello, status, to};

#[test]
fn operators_see_whether_it_lives_and_serves() {
    let upstream = Upstream::new();
    let tide = Tide::new(to(upstream.address));
    assert_eq!(status(&tide.admin("/healthz")), 200);
    let ready = tide.admin("/readyz");
    assert_eq!(status(&ready), 200);
    assert!(ready.contains(&tide.server.loaded().gateway.epoch), "{ready}");
    assert_eq!(status(&tide.admin("/other")), 404);
    // One open request keeps it draining.
    let mut client = tide.connect();
    client.get("/");
    let mut peer = upstream.accept();
    peer.head();
    tide.server.shutdown();
    assert_eq!(status(&tide.admin("/readyz")), 503);
    assert_eq!(status(&tide.admin("/healthz")), 200);
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    client.answer();
    tide.server.join();
}

#[test]
fn a_drain_lets_open_requests_end_and_takes_no_others() {
    let upstream = Upstream::new();
    let tide = Tide::new(to(upstream.address));
    let address = tide.server.addresses[0];
    let mut idle = tide.connect();
    idle.get("/");
    let mut peer = upstream.accept();
    peer.head();
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    idle.answer();
    let mut busy = tide.connect();
    busy.get("/");
    peer.head();
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nha");
    assert_eq!(status(&busy.head()), 200);
    tide.server.shutdown();
    // The idle connection ends at once, the busy one with its answer.
    assert_eq!(idle.rest(), "");
    drop(idle);
    peer.send("lf");
    assert_eq!(busy.rest(), "half");
    drop(busy);
    tide.server.join();
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn a_drain_ends_in_time_whatever_is_open() {
    let upstream = Upstream::new();
    let mut document = to(upstream.address);
    document["native"] = json!({"drain": "50ms"});
    let tide = Tide::new(document);
    let mut client = tide.connect();
    client.get("/");
    let mut peer = upstream.accept();
    peer.head();
    tide.stop();
    client.gone();
    peer.gone();
}

#[tokio::test]
async fn http2_clients_are_told_to_go_and_may_finish() {
    let upstream = Upstream::new();
    let tide = Tide::new(to(upstream.address));
    let mut client = connect(tide.server.addresses[0]).await;
    let asked = tokio::spawn(client.send_request(get("http://gate.test/")));
    let mut peer = tokio::task::spawn_blocking(move || {
        let mut peer = upstream.accept();
        peer.head();
        peer
    })
    .await
    .unwrap();
    tide.server.shutdown();
    peer.send("HTTP/1.1 204 No Content\r\n\r\n");
    assert_eq!(asked.await.unwrap().unwrap().status(), 204);
    tokio::task::spawn_blocking(|| tide.server.join()).await.unwrap();
    assert!(client.send_request(get("http://gate.test/")).await.is_err());
}

#[test]
fn every_thread_serves_on_the_same_port() {
    let mut document = hello();
    document["native"] = json!({"threads": 3});
    let tide = Tide::new(document);
    assert_eq!(tide.server.threads, 3);
    for _ in 0..20 {
        let mut client = tide.connect();
        client.get("/");
        assert_eq!(client.answer().1, "hello");
    }
    tide.stop();
}

#[test]
fn a_newer_gateway_serves_the_next_request_of_an_open_connection() {
    let tide = Tide::new(hello());
    let mut client = tide.connect();
    client.get("/");
    assert_eq!(client.answer().1, "hello");
    let mut newer = hello();
    newer["routes"][0]["to"]["respond"]["body"] = json!("newer");
    newer["native"] = json!({"threads": 2, "store": "other.redb"});
    assert!(matches!(tide.server.reload(gateway(newer)), Reloaded::Replaced { .. }));
    client.get("/");
    assert_eq!(client.answer().1, "newer");
    assert_eq!(tide.event("restart_needed")["setting"], "native.threads");
    assert_eq!(tide.event("restart_needed")["setting"], "native.store");
}

fn write(path: &Path, body: &str) {
    let text = format!(
        "native:\n  listeners: [{{address: '127.0.0.1:0'}}]\n  admin: '127.0.0.1:0'\n  threads: 1\n\
         routes:\n  - name: all\n    to: {{respond: {{status: 200, body: {body}}}}}\n"
    );
    // As editors and tools do: a new file takes the name of the old one.
    let beside = path.with_extension("new");
    std::fs::write(&beside, text).unwrap();
    std::fs::rename(&beside, path).unwrap();
}

fn serve(path: &Path) -> Tide {
    Tide::with(ConfigSource::File { path: path.into(), variables: Arc::new(NoVariables) }, |options| options)
}

fn served(tide: &Tide) -> String {
    let mut client = tide.connect();
    client.get("/");
    client.answer().1
}

#[test]
fn a_changed_file_is_served_and_a_broken_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidegate.yaml");
    write(&path, "one");
    let tide = serve(&path);
    assert_eq!(served(&tide), "one");
    write(&path, "two");
    tide.event("configuration_replaced");
    assert_eq!(served(&tide), "two");
    write(&path, "[not, text]");
    let refused = tide.event("configuration_refused");
    assert_eq!(refused["running"], tide.server.loaded().gateway.epoch);
    assert!(refused["errors"][0].as_str().unwrap().contains("routes[0]"), "{refused}");
    assert_eq!(served(&tide), "two");
    // Written in place.
    let text = std::fs::read_to_string(&path).unwrap().replace("[not, text]", "three");
    std::fs::write(&path, text).unwrap();
    tide.event("configuration_replaced");
    assert_eq!(served(&tide), "three");
    tide.stop();
}

#[cfg(unix)]
#[test]
fn a_volume_that_swaps_its_link_is_served() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (name, body) in [("v1", "one"), ("v2", "two")] {
        std::fs::create_dir(at(name)).unwrap();
        write(&at(name).join("tidegate.yaml"), body);
    }
    // As Kubernetes mounts a ConfigMap.
    symlink("v1", at("..data")).unwrap();
    symlink("..data/tidegate.yaml", at("tidegate.yaml")).unwrap();
    let tide = serve(&at("tidegate.yaml"));
    assert_eq!(served(&tide), "one");
    symlink("v2", at("..data_tmp")).unwrap();
    std::fs::rename(at("..data_tmp"), at("..data")).unwrap();
    tide.event("configuration_replaced");
    assert_eq!(served(&tide), "two");
}

#[cfg(unix)]
#[test]
fn signals_ask_to_read_again_or_to_stop() {
    let mut signals = Signals::catch().unwrap();
    for (name, wanted) in [("HUP", Wanted::Reload), ("TERM", Wanted::Stop), ("INT", Wanted::Stop)] {
        let kill =
            std::process::Command::new("kill").args([format!("-{name}"), std::process::id().to_string()]).status();
        assert!(kill.unwrap().success());
        assert_eq!(signals.wait(), wanted);
    }
}

#[test]
fn what_stands_in_the_way_of_a_start_is_said() {
    let refused = |document| {
        let (lines, _log) = std::sync::mpsc::channel();
        let options = Options::new(ConfigSource::Gateway(Arc::new(gateway(document)))).with_log(LogSink::Lines(lines));
        match start(options) {
            Ok(_) => panic!("it started"),
            Err(why) => why,
        }
    };
    let taken = Upstream::new();
    let mut document = hello();
    document["native"] = json!({"listeners": [{"address": taken.address.to_string()}]});
    let why = refused(document);
    assert!(matches!(why, StartError::Address { .. }));
    assert!(why.to_string().contains(&format!("{} (`native.listeners[0]`)", taken.address)), "{why}");
    let mut document = hello();
    let tls = json!({"certificate": "/nowhere/a.pem", "key": "/nowhere/a.key"});
    document["native"] = json!({"listeners": [{"address": "127.0.0.1:0", "tls": tls}]});
    let why = refused(document).to_string();
    assert!(why.contains("native.listeners[0].tls") && why.contains("/nowhere/a."), "{why}");
    let mut document = hello();
    document["native"] = json!({"store": "/nowhere/kv.redb"});
    assert!(refused(document).to_string().contains("/nowhere/kv.redb"));
}

#[test]
fn a_dropped_server_ends() {
    let tide = Tide::new(hello());
    let address = tide.server.addresses[0];
    let open = Wire::connect(address);
    drop(tide);
    open.gone();
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn a_head_that_does_not_come_and_a_connection_that_idles_end_in_time() {
    let mut document = hello();
    document["native"] = json!({"head_timeout": "50ms", "keep_alive": "100ms"});
    let tide = Tide::new(document);
    for begun in ["", "GET / HT", "GET / HTTP/1.1\r\nhost: a\r\nx-slow: "] {
        let mut slow = tide.connect();
        slow.send(begun);
        assert_eq!(slow.rest(), "", "{begun:?}");
    }
    let mut idle = tide.connect();
    idle.get("/");
    assert_eq!(idle.answer().1, "hello");
    assert_eq!(idle.rest(), "");
}

#[test]
fn values_of_the_store_outlive_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kv.redb");
    let mut document = hello();
    document["native"] = json!({"store": path});
    Tide::new(document.clone()).stop();
    RedbStore::open(Some(&path)).unwrap().put("a", b"1", 0).unwrap();
    // The store is let go of when the server has ended, and taken by the next.
    let tide = Tide::new(document);
    assert!(RedbStore::open(Some(&path)).is_err());
    tide.stop();
    assert_eq!(RedbStore::open(Some(&path)).unwrap().get("a", 0).unwrap().unwrap(), "1");
}

#[cfg(unix)]
#[test]
fn signals_govern_a_server_that_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidegate.yaml");
    write(&path, "one");
    let signals = Signals::catch().unwrap();
    let Tide { server, log } = serve(&path);
    let address = server.addresses[0];
    let running = std::thread::spawn(move || server.run(signals));
    let kill = |name: &str| {
        let kill =
            std::process::Command::new("kill").args([format!("-{name}"), std::process::id().to_string()]).status();
        assert!(kill.unwrap().success());
    };
    // Unchanged: only because it was asked to.
    kill("HUP");
    assert!(log.recv_timeout(PATIENCE).unwrap().contains("configuration_replaced"));
    let mut client = Wire::connect(address);
    client.get("/");
    assert_eq!(client.answer().1, "one");
    kill("TERM");
    assert_eq!(client.rest(), "");
    drop(client);
    running.join().unwrap();
}
