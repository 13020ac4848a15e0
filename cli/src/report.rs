//! What a command has to say, and how the program ends.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::terminal::{BAD, styled};

/// How the program ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ending {
    /// 0.
    #[default]
    Good,
    /// 1.
    Bad,
}

/// What a command has to say.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Its result.
    pub(crate) out: String,
    /// What is beside the result: diagnostics of a command whose result is something else.
    pub(crate) err: String,
    /// How the program ends.
    pub(crate) ending: Ending,
}

/// Why a command has no result: a whole sentence for people, or several lines.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// One sentence.
    Sentence(String),
    /// Diagnostics, rendered.
    Rendered(String),
}

impl Report {
    /// A result and nothing else.
    pub(crate) fn good(out: impl Into<String>) -> Self {
        Self { out: out.into(), ..Self::default() }
    }

    /// Writes it all.
    pub(crate) fn write(self) -> ExitCode {
        let written = write_to(anstream::stdout().lock(), &self.out)
            .and_then(|()| write_to(anstream::stderr().lock(), &self.err));
        match (written, self.ending) {
            (Err(why), _) => {
                // The terminal or disk behind the stream is gone or full; there may be nowhere left to say so.
                drop(write_to(io::stderr().lock(), &format!("error: cannot write the output: {why}\n")));
                ExitCode::FAILURE
            }
            (Ok(()), Ending::Good) => ExitCode::SUCCESS,
            (Ok(()), Ending::Bad) => ExitCode::FAILURE,
        }
    }
}

/// A reader that has seen enough, such as `head`, is no failure.
fn write_to(mut stream: impl Write, text: &str) -> io::Result<()> {
    match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
        Err(why) if why.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

impl Failure {
    pub(crate) fn sentence(text: impl Into<String>) -> Self {
        Self::Sentence(text.into())
    }
}

impl From<Failure> for Report {
    fn from(failure: Failure) -> Self {
        let err = match failure {
            Failure::Sentence(sentence) => format!("{}: {sentence}\n", styled(BAD, "error")),
            Failure::Rendered(text) => text,
        };
        Self { out: String::new(), err, ending: Ending::Bad }
    }
}
