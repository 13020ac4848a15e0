//! Log lines go to the console, from where Workers Logs and Logpush take them: one JSON object a line.

use edge::platform::Log;

use crate::js;
use crate::platform::Workers;

impl Log for Workers {
    fn log(&self, line: String) {
        // A console that does not take the line is no reason to fail a request.
        js::log(&line).ok();
    }
}
