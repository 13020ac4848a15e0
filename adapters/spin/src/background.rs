//! Work after the response: the instance goes on with it until the host takes the instance away.

use edge::platform::Background;

use crate::Spin;

impl Background for Spin {
    fn defer(&self, work: impl Future<Output = ()> + 'static) {
        spin_sdk::wasip3::spawn(work);
    }
}
