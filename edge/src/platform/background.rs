//! Work after the response.

/// Carries on after the answer.
pub trait Background {
    /// Runs `work` beside or after the answer, best effort: Workers grants 30 s, a Spin instance may vanish. No answer may depend on it.
    fn defer(&self, work: impl Future<Output = ()> + 'static);
}
