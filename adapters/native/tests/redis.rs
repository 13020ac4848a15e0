//! Counts in a real Redis server, through sockets all the way. `cargo xtask test` brings the server.

#[path = "../src/atomic/server.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared with the unit tests, which use all of it")]
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use self::server::Server;
use crate::support::{Tide, Wire, status};

const CONNECTIONS: usize = 64;
const EACH: usize = 4;
const QUOTA: usize = 100;
const RUNS: usize = 10;

#[test]
#[ignore = "needs a Redis server: `cargo xtask test` runs it"]
fn of_64_connections_to_two_gateways_exactly_the_quota_is_admitted_in_each_of_ten_runs() {
    let redis = Server::start();
    let document = json!({
        "native": {"redis": format!("redis://127.0.0.1:{}/0", redis.port), "threads": 2},
        "limit": {
            "limits": {"exact": {
                "algorithm": "sliding_log", "quota": QUOTA, "window": "366d", "key": [{"header": "x-run"}], "accuracy": "exact",
            }},
            "default": ["exact"],
        },
        "routes": [{"name": "all", "to": {"respond": {}}}],
    });
    let tides = [Tide::new(document.clone()), Tide::new(document)];
    for run in 0..RUNS {
        let admitted = Arc::new(AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for connection in 0..CONNECTIONS {
                let (admitted, address) = (&admitted, tides[connection % 2].server.addresses[0]);
                scope.spawn(move || {
                    let mut wire = Wire::connect(address);
                    for _ in 0..EACH {
                        wire.send(&format!("GET / HTTP/1.1\r\nhost: gate.test\r\nx-run: {run}\r\n\r\n"));
                        match status(&wire.answer().0) {
                            200 => admitted.fetch_add(1, Ordering::Relaxed),
                            other => {
                                assert_eq!(other, 429);
                                0
                            }
                        };
                    }
                });
            }
        });
        assert_eq!(admitted.load(Ordering::Relaxed), QUOTA, "run {run}");
    }
}
