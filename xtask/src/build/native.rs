//! The `tidegate` program.

use std::path::PathBuf;

use super::budget;
use crate::{
    machine,
    process::{self, Outcome},
};

/// Builds the program as it is released. Its size is told, not limited.
pub(crate) fn run() -> Outcome {
    println!("native: {} bytes", budget::plain(&release()?)?);
    Ok(())
}

/// Builds the program as it is released and says where it is.
pub(crate) fn release() -> Outcome<PathBuf> {
    process::run(&mut process::cargo(&["build", "--package", "tidegate", "--release"]))?;
    Ok(machine::root().join("target/release").join(format!("tidegate{}", std::env::consts::EXE_SUFFIX)))
}
