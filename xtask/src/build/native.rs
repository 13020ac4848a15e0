//! The `tidegate` program.

use super::budget;
use crate::{
    machine,
    process::{self, Outcome},
};

/// Builds the program as it is released. Its size is told, not limited.
pub(crate) fn run() -> Outcome {
    process::run(&mut process::cargo(&["build", "--package", "tidegate", "--release"]))?;
    let program = machine::root().join("target/release").join(format!("tidegate{}", std::env::consts::EXE_SUFFIX));
    println!("native: {} bytes", budget::plain(&program)?);
    Ok(())
}
