//! Where log lines go.

/// Takes log lines.
pub trait Log {
    /// Takes one line: a JSON object without a line end. Never waits and never fails; a host that cannot keep up may drop lines.
    fn log(&self, line: String);
}
