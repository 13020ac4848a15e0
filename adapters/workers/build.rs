//! Checks and embeds the configuration.

use std::process::ExitCode;

use router_core::config::PlatformName;

fn main() -> ExitCode {
    tidegate_embed::embed(PlatformName::Workers)
}
