//! How far both ends of a step are, so that each can wait for the other instead of for time.

use std::rc::Rc;

use tokio::sync::watch;

/// How many bytes of a body have arrived at each end.
#[derive(Clone)]
pub struct Progress {
    client: Rc<watch::Sender<usize>>,
    upstream: Rc<watch::Sender<usize>>,
    asked: Rc<watch::Sender<bool>>,
    released: Rc<watch::Sender<bool>>,
}

impl Default for Progress {
    fn default() -> Self {
        let counter = || Rc::new(watch::Sender::new(0));
        let flag = || Rc::new(watch::Sender::new(false));
        Self { client: counter(), upstream: counter(), asked: flag(), released: flag() }
    }
}

impl Progress {
    /// Begins a step.
    pub fn reset(&self) {
        self.client.send_replace(0);
        self.upstream.send_replace(0);
        self.asked.send_replace(false);
        self.released.send_replace(false);
    }

    /// The client has so many bytes of the answer.
    pub fn client_has(&self, bytes: usize) {
        self.client.send_replace(bytes);
    }

    /// The upstream has so many bytes of the request's body.
    pub fn upstream_has(&self, bytes: usize) {
        self.upstream.send_replace(bytes);
    }

    /// The upstream has the head of a request.
    pub fn upstream_asked(&self) {
        self.asked.send_replace(true);
    }

    /// The upstream need not hold back its first answer any longer.
    pub fn release(&self) {
        self.released.send_replace(true);
    }

    /// Waits until the client has so many bytes.
    pub async fn until_client_has(&self, bytes: usize) {
        drop(self.client.subscribe().wait_for(|has| *has >= bytes).await);
    }

    /// Waits until the upstream has so many bytes.
    pub async fn until_upstream_has(&self, bytes: usize) {
        drop(self.upstream.subscribe().wait_for(|has| *has >= bytes).await);
    }

    /// Waits until the upstream is asked.
    pub async fn until_asked(&self) {
        drop(self.asked.subscribe().wait_for(|asked| *asked).await);
    }

    /// Waits until the first answer may be given.
    pub async fn until_released(&self) {
        drop(self.released.subscribe().wait_for(|released| *released).await);
    }
}
