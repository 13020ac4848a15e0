//! Stored answers: hits beside nginx and Varnish, the part of a trace that is found, and a wave of equal misses.

use std::time::Duration;

use crate::contest::{self, Side, Work};
use crate::origin::Origin;
use crate::{peers, trace, wave};

const ROUNDS: u32 = 7;
const SECONDS: u32 = 4;
/// What all caches may hold, in MiB, where everything fits.
const AMPLE: u32 = 256;
/// Requests of a wave. All miss.
const WAVE: usize = 1_000;

/// All contests of the cache.
pub(crate) fn run() -> Result<(), String> {
    let outcome = hits().and_then(|()| trace::run()).and_then(|()| waves());
    peers::tidy();
    outcome
}

fn hits() -> Result<(), String> {
    let wrk = peers::program("WRK")?;
    let origin = Origin::start(Duration::ZERO)?;
    let (tidegate, nginx, varnish) = (
        peers::tidegate(origin.address, AMPLE)?,
        peers::nginx(origin.address)?,
        peers::varnish(origin.address, AMPLE)?,
    );
    let sides = [
        Side { name: "tidegate", address: tidegate.address },
        Side { name: "nginx", address: nginx.address },
        Side { name: "varnish", address: varnish.address },
    ];
    println!(
        "| hits | side | requests/s | p50 ms | p99 ms | tidegate's throughput to its |\n| --- | --- | --- | --- | --- | --- |"
    );
    for (title, path) in [("512 bytes", "/512/a"), ("16 KiB", "/16384/a"), ("1 MiB", "/1048576/a")] {
        for connections in [1, 64] {
            let title = format!("{title}, {connections} connections");
            let work = Work { title: &title, path, connections, rounds: ROUNDS, seconds: SECONDS };
            contest::run(&wrk, &work, &sides)?;
        }
    }
    // Each side asked once for each path, and then never again: else it was no contest of hits.
    match origin.asked() {
        asked if asked <= 9 => Ok(()),
        asked => Err(format!("the origin was asked {asked} times, expected once by each side for each path")),
    }
}

fn waves() -> Result<(), String> {
    let origin = Origin::start(Duration::from_millis(200))?;
    let tidegate = peers::tidegate(origin.address, AMPLE)?;
    wave::run(tidegate.address, "/512/wave", WAVE)?;
    println!("\n{WAVE} misses at once: the upstream got {} requests", origin.asked());
    Ok(())
}
