//! Contests against peers: builds the gateway, finds or fetches the peers, and leaves the rest to `tidegate-benches`.

use crate::{
    build, machine,
    process::{self, Outcome},
    setup,
};

/// What Varnish compiles its configuration with.
const COMPILERS: [&str; 2] = ["gcc", "cc"];

/// The cache beside nginx and Varnish.
pub(crate) fn cache() -> Outcome {
    if COMPILERS.iter().all(|compiler| machine::on_path(compiler).is_none()) {
        return Err("Varnish compiles its configuration and found no C compiler: install `gcc`".into());
    }
    let peers = [
        ("WRK", setup::debian::program("wrk", "usr/bin/wrk")?),
        ("NGINX", setup::debian::program("nginx", "usr/sbin/nginx")?),
        ("VARNISHD", setup::debian::program("varnish", "usr/sbin/varnishd")?),
        ("TIDEGATE", build::native::release()?),
    ];
    let mut contests = process::cargo(&[
        "run",
        "--release",
        "--quiet",
        "--package",
        "tidegate-benches",
        "--bin",
        "contests",
        "--",
        "cache",
    ]);
    process::run(contests.envs(peers))
}
