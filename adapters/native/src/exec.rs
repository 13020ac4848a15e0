//! Runs hyper's own tasks on the thread that asked for them.

use hyper::rt::Executor;

/// Spawns on the thread's `LocalSet`, so nothing has to be `Send`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local;

impl<F> Executor<F> for Local
where
    F: Future<Output: 'static> + 'static,
{
    fn execute(&self, work: F) {
        tokio::task::spawn_local(work);
    }
}
