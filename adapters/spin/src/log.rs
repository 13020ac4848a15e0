//! Log lines go to the component's standard output, which Spin keeps per component.

use std::io::Write;

use edge::platform::Log;

use crate::Spin;

impl Log for Spin {
    fn log(&self, mut line: String) {
        line.push('\n');
        // One write, so that lines of neighbours do not mix; `println!` would panic where the output is closed.
        let _ = std::io::stdout().write_all(line.as_bytes());
    }
}
