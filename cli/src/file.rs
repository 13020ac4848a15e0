//! Reading a configuration file, or saying in one sentence why not.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use router_core::config::source::MOST_BYTES;

use crate::report::Failure;

/// The text of a file; `-` is standard input.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    let name = path.display();
    let bytes = if path == Path::new("-") { most(io::stdin().lock()) } else { File::open(path).and_then(most) };
    let bytes = bytes.map_err(|why| {
        Failure::sentence(match why.kind() {
            ErrorKind::NotFound => format!("there is no file `{name}`; give the path of a configuration"),
            ErrorKind::IsADirectory => format!("`{name}` is a directory; give the path of a configuration file in it"),
            ErrorKind::PermissionDenied => format!("`{name}` may not be read by this user"),
            _ => format!("cannot read `{name}`: {why}"),
        })
    })?;
    String::from_utf8(bytes).map_err(|why| {
        let at = why.utf8_error().valid_up_to();
        Failure::sentence(format!("`{name}` is not UTF-8 text: byte {at} cannot be read; save it as UTF-8"))
    })
}

/// What messages call a file.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

/// One byte more than is accepted is enough to refuse it; `/dev/zero` has no end.
fn most(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
