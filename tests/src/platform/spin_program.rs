//! What runs the Spin component: a real Spin where a new enough one is installed, else our host alone.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::places;
use crate::case::Case;

#[path = "../../spin-host/src/through/version.rs"]
mod version;

/// Why a case is not run on a real Spin.
const NO_STORE: &str = "a real Spin's store cannot be written from outside";

/// The one value of `TIDEGATE_SPIN`.
const HOST: &str = "host";

/// What it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SpinProgram {
    /// Our host, and why.
    Host(&'static str),
    /// A real Spin, and the name and version that it gives.
    Real(PathBuf, String),
}

impl SpinProgram {
    /// Chooses.
    pub(super) async fn choose() -> Result<Self, String> {
        choose(places::spin_choice().as_deref(), places::spin()).await
    }

    /// What our host is told about it.
    pub(super) fn arguments(&self) -> Vec<&OsStr> {
        match self {
            Self::Host(_) => Vec::new(),
            Self::Real(program, _) => vec![OsStr::new("--through"), program.as_os_str()],
        }
    }

    /// What people are told.
    pub(super) fn sentence(&self) -> String {
        match self {
            Self::Host(why) => format!("running on our own host: {why}"),
            Self::Real(program, version) => format!("running on {version} ({})", program.display()),
        }
    }

    /// Why it has no way to run `case`.
    pub(super) fn sets_apart(&self, case: &Case) -> Option<&'static str> {
        let stores = || case.exchange.steps.iter().any(|step| step.store.is_some());
        (matches!(self, Self::Real(..)) && stores()).then_some(NO_STORE)
    }
}

async fn choose(choice: Option<&str>, on_path: Option<PathBuf>) -> Result<SpinProgram, String> {
    match choice {
        Some(HOST) => return Ok(SpinProgram::Host("TIDEGATE_SPIN=host says so")),
        Some(other) => return Err(format!("TIDEGATE_SPIN is `{other}`: `host` is the one value that it can have")),
        None => {}
    }
    let Some(program) = on_path else { return Ok(SpinProgram::Host("there is no `spin` on the PATH")) };
    Ok(match said(&program).await {
        Some(said) if version::runs_the_component(&said) => {
            SpinProgram::Real(program, said.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
        }
        _ => SpinProgram::Host("the `spin` on the PATH is no Spin of version 4.1 or newer"),
    })
}

async fn said(program: &Path) -> Option<String> {
    let answer = Command::new(program).arg("--version").stdin(Stdio::null()).kill_on_drop(true).output().await.ok()?;
    answer.status.success().then(|| String::from_utf8_lossy(&answer.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn chosen(choice: Option<&str>, program: Option<&Path>) -> Result<SpinProgram, String> {
        choose(choice, program.map(Path::to_owned)).await
    }

    fn stand_in() -> PathBuf {
        places::root().join("tests/spin-host/tests/stand-in/spin")
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_new_enough_spin_is_taken_and_named() {
        let spin = chosen(None, Some(&stand_in())).await.expect("a choice");
        assert_eq!(spin, SpinProgram::Real(stand_in(), "spin 4.1.0".into()));
        assert_eq!(spin.sentence(), format!("running on spin 4.1.0 ({})", stand_in().display()));
        assert_eq!(spin.arguments(), [OsStr::new("--through"), stand_in().as_os_str()]);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn our_host_runs_the_cases_where_there_is_no_such_spin_or_it_is_not_wanted() {
        for (choice, program, why) in [
            (Some("host"), Some(stand_in()), "TIDEGATE_SPIN=host says so"),
            (None, None, "there is no `spin` on the PATH"),
            (None, Some(PathBuf::from("true")), "the `spin` on the PATH is no Spin of version 4.1 or newer"),
            (None, Some(PathBuf::from("/no/such/spin")), "the `spin` on the PATH is no Spin of version 4.1 or newer"),
        ] {
            let spin = chosen(choice, program.as_deref()).await.expect("a choice");
            assert_eq!(spin, SpinProgram::Host(why));
            assert!(spin.arguments().is_empty());
        }
    }

    #[tokio::test]
    async fn a_choice_that_does_not_exist_is_an_error() {
        let error = chosen(Some("real"), None).await.expect_err("no such choice");
        assert!(error.contains("TIDEGATE_SPIN is `real`"), "{error}");
    }

    #[test]
    fn only_a_real_spin_sets_cases_apart_and_only_those_with_a_store() {
        let cases = crate::case::load(&places::root().join("tests/cases")).expect("the cases");
        let real = SpinProgram::Real("spin".into(), "spin 4.1.0".into());
        let (mut apart, mut run) = (0, 0);
        for case in &cases {
            assert_eq!(SpinProgram::Host("for the test").sets_apart(case), None);
            match real.sets_apart(case) {
                Some(why) => {
                    assert_eq!(why, NO_STORE);
                    let replaces_the_document = case.id.starts_with("reload/") || case.id.contains("a_newer_document");
                    assert!(replaces_the_document, "{}", case.id);
                    apart += 1;
                }
                None => run += 1,
            }
        }
        assert!(apart > 0 && run > apart, "{apart} set apart, {run} run");
    }
}
