//! What the tests of the runner share.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use tidegate_tests::case::exchange::PlatformWord;
use tidegate_tests::case::{self, Case};
use tidegate_tests::exceptions::Exceptions;
use tidegate_tests::run::{self, Tally, WATCHDOG};
use tokio::task::LocalSet;

/// A place in the folder of this package.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The cases of a folder, which must be sound.
pub(crate) fn load(root: &Path) -> Vec<Rc<Case>> {
    match case::load(root) {
        Ok(cases) => cases.into_iter().map(Rc::new).collect(),
        Err(wrong) => panic!("{wrong}"),
    }
}

/// Runs cases.
pub(crate) fn all(platform: PlatformWord, cases: &[Rc<Case>], exceptions: &Exceptions) -> Tally {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, run::run(platform, cases, exceptions, WATCHDOG))
}
