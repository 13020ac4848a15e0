//! The benchmarks. Their times inform; only bytes and counts may fail a build.

mod contests;

pub(crate) use contests::cache;

use crate::{
    build,
    process::{self, Outcome},
    setup,
};

pub(crate) fn run(rest: &[&str]) -> Outcome {
    process::run(process::cargo(&["bench", "--package", "tidegate-benches"]).args(rest))
}

/// Verifies signatures by WebCrypto and by portable code, both inside of workerd and in one run.
pub(crate) fn workers_crypto() -> Outcome {
    let tools = setup::run()?;
    build::workers::run(&tools, build::workers::Kind::Test)?;
    process::run(&mut tools.command(&tools.node, &["tests/workers-host/measure.mjs"])?)
}

/// What a limit adds to the latency of a request, in one workerd.
pub(crate) fn workers_limits() -> Outcome {
    let tools = setup::run()?;
    build::workers::run(&tools, build::workers::Kind::Product)?;
    process::run(&mut tools.command(&tools.node, &["tests/workers-host/measure-limits.mjs"])?)
}

/// Stored answers in workerd, beside a worker that does nothing but ask the Cache API.
pub(crate) fn workers_cache() -> Outcome {
    let tools = setup::run()?;
    build::workers::run(&tools, build::workers::Kind::Product)?;
    process::run(&mut tools.command(&tools.node, &["tests/workers-host/measure-cache.mjs"])?)
}
