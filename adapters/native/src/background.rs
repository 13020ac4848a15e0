//! Work after the response: a task of the same thread.

use edge::platform::Background;

use crate::platform::Native;

impl Background for Native {
    fn defer(&self, work: impl Future<Output = ()> + 'static) {
        tokio::task::spawn_local(work);
    }
}
