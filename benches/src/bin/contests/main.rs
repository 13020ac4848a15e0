//! Contests between the gateway and its peers on this machine, side by side in one run. `cargo xtask bench cache`.
//!
//! Both sides answer the same requests with the same answers, which is checked first; they are asked in turn (A B A B), each pinned to the first
//! core, the load to the second; medians and their ratio are printed, with the spread.
#![expect(clippy::disallowed_methods, reason = "it measures real programs on a real clock")]

mod cache;
mod contest;
mod load;
mod origin;
mod peers;
mod process;
mod trace;
mod wave;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["cache"] => cache::run(),
        _ => Err("expected `cache`; run it as `cargo xtask bench cache`, which builds the gateway and finds its peers"
            .into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("contests: {why}");
            ExitCode::FAILURE
        }
    }
}
