//! `tidegate serve`: the gateway, natively, until somebody stops it.

mod summary;
mod tries;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use tidegate_native::{ConfigSource, Environment, Options, Reloaded, Signals, StartError, Wanted, start};

use crate::arguments::{DEFAULT_FILE, Platform, Serve};
use crate::load;
use crate::report::{Failure, Report};
use crate::terminal::{DOUBT, styled};
use summary::{Started, summary};

/// Serves until SIGTERM or SIGINT. What people read goes to standard error; standard output has the access log.
pub(crate) fn serve(asked: &Serve) -> Result<Report, Failure> {
    let path = asked.config.as_deref().unwrap_or(Path::new(DEFAULT_FILE));
    if path == Path::new("-") {
        return Err(Failure::sentence(
            "`serve` watches its configuration, which standard input cannot give; name a file",
        ));
    }
    let usable = load::usable(path, &[Platform::Native])?;
    // Caught before the start, so that a signal that comes in between is not lost.
    let mut signals = Signals::catch().map_err(|why| Failure::sentence(format!("cannot catch signals: {why}")))?;
    let source = ConfigSource::File { path: path.to_owned(), variables: Arc::new(Environment) };
    let server = start(Options::new(source)).map_err(told)?;
    say(&summary(&Started {
        file: path.display().to_string(),
        gateway: &usable.gateway,
        document: &usable.document,
        warnings: &usable.warnings,
        addresses: server.addresses.clone(),
        admin: server.admin,
    }));
    drop(usable);
    while signals.wait() == Wanted::Reload {
        // The log has it for machines already.
        match server.reread() {
            Reloaded::Replaced { epoch } => say(&format!("The configuration was read again (epoch {epoch}).\n")),
            Reloaded::Refused(unusable) => {
                say(&format!("{unusable}\n{}: the running configuration goes on.\n", styled(DOUBT, "refused")));
            }
        }
    }
    let drain = server.loaded().gateway.native.drain;
    server.shutdown();
    say(&format!("Stopping: open requests have {} s to end. A second signal stops at once.\n", drain.as_secs()));
    impatient(signals);
    server.join();
    Ok(Report::default())
}

/// Ends the program at the next signal that asks for it, whatever is open.
fn impatient(mut signals: Signals) {
    let wait = move || {
        while signals.wait() != Wanted::Stop {}
        std::process::exit(1);
    };
    // Without this thread stopping takes as long as `native.drain` says, which is no reason to fail.
    drop(std::thread::Builder::new().name("tidegate-signals".to_owned()).spawn(wait));
}

fn told(why: StartError) -> Failure {
    match why {
        // Already several lines with places.
        StartError::Config(unusable) => Failure::Rendered(format!("{unusable}\n")),
        other => Failure::sentence(other.to_string().replace('\n', "; ")),
    }
}

/// Writes to standard error. Nobody may be reading there, and a gateway goes on without.
fn say(text: &str) {
    let mut stream = anstream::stderr().lock();
    drop(stream.write_all(text.as_bytes()).and_then(|()| stream.flush()));
}
