//! The environment: `${env:NAME}` and `${secret:NAME}`. The only place that reads it.
#![expect(clippy::disallowed_methods, reason = "this is where the native platform reads its environment")]

use std::path::PathBuf;

use router_core::config::Variables;
use router_core::config::variables::Kind;

/// Where container platforms put secrets.
const RUN_SECRETS: &str = "/run/secrets";

/// The environment of this process.
///
/// `${env:X}` is the environment variable `X`. `${secret:X}` is the file `X` in `$CREDENTIALS_DIRECTORY` (where systemd puts `LoadCredential=`), else
/// the file `X` in `/run/secrets`, else the environment variable `X`. One line end at the end of a file is not a part of the secret.
#[derive(Clone, Copy, Debug, Default)]
pub struct Environment;

impl Variables for Environment {
    fn value(&self, kind: Kind, name: &str) -> Option<String> {
        // Names are letters, digits and `_` (checked by the configuration), so a name never leads out of its directory.
        let from_file = match kind {
            Kind::Env => None,
            Kind::Secret => directories().find_map(|directory| std::fs::read_to_string(directory.join(name)).ok()),
        };
        match from_file {
            Some(text) => Some(trim_line_end(&text).to_owned()),
            None => std::env::var(name).ok(),
        }
    }
}

fn directories() -> impl Iterator<Item = PathBuf> {
    let systemd = std::env::var("CREDENTIALS_DIRECTORY").ok().map(PathBuf::from);
    systemd.into_iter().chain(std::iter::once(PathBuf::from(RUN_SECRETS)))
}

fn trim_line_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_is_not_part_of_a_secret() {
        assert_eq!(trim_line_end("s3cret\n"), "s3cret");
        assert_eq!(trim_line_end("s3cret\r\n"), "s3cret");
        assert_eq!(trim_line_end("s3cret\n\n"), "s3cret\n");
        assert_eq!(trim_line_end(" s3cret "), " s3cret ");
    }
}
