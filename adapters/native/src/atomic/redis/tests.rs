//! On a real server. `cargo xtask test` brings one.

mod differential;

use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Barrier;
use std::time::Duration;

use router_core::atomic::{Outcome, Transition};
use router_core::limit::Rule;
use router_core::limit::algorithm::FixedWindow;
use router_core::limit::owner::{Ask, OnOver, Operation, Said};
use tokio::task::LocalSet;

use super::super::server::Server;
use super::super::{scripts, table};
use super::*;

/// Nobody waits so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs on a thread as the server's are.
fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, work)
}

/// The quota of a window that does not end.
fn charge(quota: u64) -> Ask {
    let rule = Rule::FixedWindow(FixedWindow::new(quota, [0, 1, 4_000_000_000_000, 4_000_000_000_001]).unwrap());
    Ask { rule, operation: Operation::Charge { cost: 1, on_over: OnOver::Refuse } }
}

async fn ask(link: &Link, address: &RedisAddress, key: &str, ask: Ask) -> Result<Said, AtomicFailure> {
    let numbers = link.call(address, &scripts::count(&[(key.to_owned(), ask)]), PATIENCE).await?;
    Ok(scripts::said(&numbers, 1).unwrap()[0])
}

async fn claim(link: &Link, address: &RedisAddress, key: &str, lifetime_ms: u64) -> Result<Outcome, AtomicFailure> {
    let call = scripts::transition(key, &Transition::Claim { lifetime_ms });
    Ok(scripts::outcome(&link.call(address, &call, PATIENCE).await?).unwrap())
}

/// A connection beside those of the gateway.
async fn beside(address: &RedisAddress) -> MultiplexedConnection {
    let (connection, driver) = connect(address).await.unwrap();
    tokio::task::spawn_local(driver);
    connection
}

fn failed<T: std::fmt::Debug>(result: Result<T, AtomicFailure>) -> String {
    match result {
        Err(AtomicFailure::Failed(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn servers_know_the_scripts_by_these_hashes() {
    for Script { text, sha1 } in [scripts::CLAIM, scripts::LIMIT] {
        let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
        let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(sha1, hex, "the script has changed, and with it its hash in adapters/shared/scripts.rs");
    }
}

#[test]
#[ignore = "needs a Redis server, which `cargo xtask test` brings"]
fn counts_stand_as_the_table_says() {
    let server = Server::start();
    run(async {
        let link = Link::default();
        for step in table::steps() {
            step.check(&ask(&link, &server.address(0), &step.key, step.ask).await.unwrap());
        }
    });
}

#[test]
#[ignore = "needs a Redis server, which `cargo xtask test` brings"]
fn claims_have_the_outcomes_of_the_table() {
    let (server, link) = (Server::start(), Link::default());
    let address = server.address(0);
    let table = include_str!("../../../../../tests/platform-traits/claims.json");
    run(async {
        let mut other = beside(&address).await;
        for step in serde_json::from_str::<Vec<serde_json::Value>>(table).unwrap() {
            let after_ms = step.get("after_ms").map_or(0, |after| after.as_u64().unwrap());
            let began = clock_ms(&mut other).await;
            // What has ended by Redis' clock is there for the rest of that millisecond.
            while after_ms > 0 && clock_ms(&mut other).await <= began + after_ms {}
            let lifetime_ms = step["lifetime_ms"].as_u64().unwrap();
            let outcome = claim(&link, &address, step["key"].as_str().unwrap(), lifetime_ms).await;
            let expected = if step["outcome"] == "claimed" { Outcome::Claimed } else { Outcome::Taken };
            assert_eq!(outcome, Ok(expected), "{step}");
        }
    });
}

/// What the server's clock says.
async fn clock_ms(connection: &mut MultiplexedConnection) -> u64 {
    let (seconds, micros): (u64, u64) = redis::cmd("TIME").query_async(connection).await.unwrap();
    seconds * 1000 + micros / 1000
}

#[test]
#[ignore = "needs a Redis server, which `cargo xtask test` brings"]
fn of_a_thousand_charges_by_several_gateways_exactly_the_quota_is_admitted() {
    let (server, start) = (Server::start(), Barrier::new(4));
    let address = server.address(0);
    let gateway = || {
        run(async {
            let link = Rc::new(Link::default());
            ask(&link, &address, "another key", charge(1)).await.unwrap();
            start.wait();
            let asked = (0..250).map(|_| {
                let (link, address) = (Rc::clone(&link), address.clone());
                tokio::task::spawn_local(async move { ask(&link, &address, "k", charge(333)).await.unwrap() })
            });
            let mut admitted = 0;
            for said in asked.collect::<Vec<_>>() {
                admitted += usize::from(said.await.unwrap().verdict.admits());
            }
            admitted
        })
    };
    let admitted: Vec<usize> = std::thread::scope(|scope| {
        let gateways: Vec<_> = (0..4).map(|_| scope.spawn(gateway)).collect();
        gateways.into_iter().map(|gateway| gateway.join().unwrap()).collect()
    });
    assert_eq!(admitted.iter().sum::<usize>(), 333, "{admitted:?}");
}

#[test]
#[ignore = "needs a Redis server, which `cargo xtask test` brings"]
fn a_state_is_kept_until_it_counts_for_nothing() {
    let (server, link) = (Server::start(), Link::default());
    let address = server.address(0);
    run(async {
        let mut other = beside(&address).await;
        let said = ask(&link, &address, "k", charge(5)).await.unwrap();
        let left: u64 = redis::cmd("PTTL").arg("tidegate:count:k").query_async(&mut other).await.unwrap();
        let full_ms = said.standing.full_ms;
        assert!(left <= full_ms && left > full_ms - 60_000, "{left} of {full_ms}");
        let reset = Ask { operation: Operation::Reset, ..charge(5) };
        ask(&link, &address, "k", reset).await.unwrap();
        let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut other).await.unwrap();
        assert_eq!(keys, Vec::<String>::new());
    });
}

#[test]
#[ignore = "needs a Redis server, which `cargo xtask test` brings"]
fn a_server_that_goes_away_fails_what_is_asked_and_is_asked_again_when_it_is_back() {
    let server = Server::start();
    let (address, port) = (server.address(0), server.port);
    run(async {
        let link = Link::default();
        assert_eq!(claim(&link, &address, "k", 60_000).await, Ok(Outcome::Claimed));
        drop(server);
        for _ in 0..3 {
            let why = failed(claim(&link, &address, "k", 60_000).await);
            assert!(why.contains(&format!("Redis at {address}")), "{why}");
        }
        // It has forgotten everything, the script as well.
        let _server = Server::at(port, &[]).expect("the port is free");
        assert_eq!(claim(&link, &address, "k", 60_000).await, Ok(Outcome::Claimed));
        assert_eq!(claim(&link, &address, "k", 60_000).await, Ok(Outcome::Taken));
    });
}

#[test]
#[ignore = "needs a Redis server, which `cargo xtask test` brings"]
fn a_connection_that_the_server_closed_while_nothing_was_asked_fails_nothing() {
    let (server, link) = (Server::start(), Link::default());
    let address = server.address(0);
    run(async {
        assert_eq!(claim(&link, &address, "k", 60_000).await, Ok(Outcome::Claimed));
        let mut state = link.0.borrow().as_ref().unwrap().state.clone();
        let mut other = beside(&address).await;
        let kill = redis::cmd("CLIENT").arg(&["KILL", "TYPE", "normal", "SKIPME", "yes"]).query_async(&mut other).await;
        assert_eq!(kill, Ok(1));
        state.wait_for(|state| matches!(state, Some(Err(_)))).await.unwrap();
        assert_eq!(claim(&link, &address, "k", 60_000).await, Ok(Outcome::Taken));
    });
}

#[test]
#[ignore = "needs a Redis server, which `cargo xtask test` brings"]
fn another_address_is_another_connection_and_databases_are_apart() {
    let (server, link) = (Server::start(), Link::default());
    run(async {
        for (database, outcome) in
            [(0, Outcome::Claimed), (1, Outcome::Claimed), (0, Outcome::Taken), (1, Outcome::Taken)]
        {
            assert_eq!(claim(&link, &server.address(database), "k", 60_000).await, Ok(outcome));
        }
    });
}

#[test]
#[ignore = "needs a Redis server, which `cargo xtask test` brings"]
fn who_asks_is_told_with_the_password_which_no_failure_shows() {
    let server = Server::with(&["--requirepass", "open sesame", "--user", "gate", "on", ">s3cret", "~*", "+@all"]);
    let at = |who: &str| RedisAddress::parse(&format!("redis://{who}127.0.0.1:{}", server.port)).unwrap();
    run(async {
        for who in [":open%20sesame@", "gate:s3cret@"] {
            claim(&Link::default(), &at(who), "k", 60_000).await.unwrap();
        }
        for who in ["", ":wr0ng@", "gate:wr0ng@", "nobody:s3cret@"] {
            let why = failed(claim(&Link::default(), &at(who), "k", 60_000).await);
            assert!(why.contains("Redis at redis://127.0.0.1"), "{why}");
            assert!(!why.contains("wr0ng") && !why.contains("s3cret"), "{why}");
        }
    });
}

#[test]
fn what_a_server_repeats_of_the_password_is_left_out() {
    let address = RedisAddress::parse("redis://:s3cret@cache").unwrap();
    let said = "ERR unknown command 'AUTH', with args beginning with: 's3cret'";
    assert_eq!(without_password(said, &address), "ERR unknown command 'AUTH', with args beginning with: '…'");
}

#[test]
fn a_server_that_says_nothing_is_given_up_and_asked_over_another_connection() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = RedisAddress::parse(&format!("redis://{}", silent.local_addr().unwrap())).unwrap();
    run(async {
        let link = Link::default();
        let call = scripts::count(&[("k".to_owned(), charge(1))]);
        for _ in 0..2 {
            // In the first database, without a password, nothing is said before the first call.
            link.line(&address).state.wait_for(Option::is_some).await.unwrap();
            let why = failed(link.call(&address, &call, Duration::from_millis(1)).await);
            assert_eq!(why, format!("Redis at {address} did not decide in 1 ms"));
            silent.accept().unwrap();
        }
    });
}

#[test]
fn connecting_goes_on_when_nobody_waits_any_longer() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = RedisAddress::parse(&format!("redis://{}/1", silent.local_addr().unwrap())).unwrap();
    run(async {
        let link = Link::default();
        let call = scripts::count(&[("k".to_owned(), charge(1))]);
        let connecting = link.line(&address);
        for _ in 0..2 {
            let why = failed(link.call(&address, &call, Duration::from_millis(1)).await);
            assert_eq!(why, format!("no connection to Redis at {address} in 1 ms"));
            assert!(link.line(&address).state.same_channel(&connecting.state));
        }
    });
}
