//! The gateway on a platform's own local server.

use std::path::PathBuf;

use crate::{
    build, machine,
    process::{self, Outcome},
    setup,
};

#[path = "../../tests/spin-host/src/through/version.rs"]
mod spin_version;

/// `wrangler dev`. wrangler.toml has it build the worker, now and at each change.
pub(crate) fn workers(rest: &[&str]) -> Outcome {
    let tools = setup::run()?;
    process::run(tools.wrangler(&["dev"])?.args(rest))
}

/// `spin up`, or the host of the tests where no Spin is installed that could run the component.
pub(crate) fn spin(rest: &[&str]) -> Outcome {
    setup::rust()?;
    build::spin::run()?;
    if let Some(spin) = new_enough_spin() {
        let listen = if rest.contains(&"--listen") { &[][..] } else { &["--listen", "127.0.0.1:3000"] };
        return process::run(process::command(spin, &["up"]).args(listen).args(rest));
    }
    println!("No `spin` of version 4.1 or newer is on the PATH: the test host runs the component instead.");
    build::spin::host()?;
    let listen = if rest.contains(&"--listen") { &[][..] } else { &["--listen", "127.0.0.1:3000"] };
    let mut host = process::command(build::spin::host_program(), &["--spin-toml", "spin.toml"]);
    process::run(host.args(listen).args(rest))
}

/// Spin 4.0 does not know the interfaces that the component speaks.
fn new_enough_spin() -> Option<PathBuf> {
    let spin = machine::on_path("spin")?;
    let said = process::capture(&mut process::command(&spin, &["--version"])).ok()?;
    spin_version::runs_the_component(&said).then_some(spin)
}
