//! Work beside and after the response: the host grants it 30 seconds.

use std::cell::Cell;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use edge::platform::Background;
use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use crate::js;
use crate::platform::Workers;

impl Background for Workers {
    fn defer(&self, work: impl Future<Output = ()> + 'static) {
        self.carry(work);
    }
}

/// Work that goes on whether or not somebody waits for it.
pub(crate) struct Carried<T> {
    promise: Promise,
    result: Rc<Cell<Option<T>>>,
}

impl Workers {
    /// Begins `work`, which the host carries on should the client leave.
    pub(crate) fn carry<T: 'static>(&self, work: impl Future<Output = T> + 'static) -> Carried<T> {
        let result = Rc::new(Cell::new(None));
        let kept = Rc::clone(&result);
        let promise = self.promise(Box::pin(async move {
            kept.set(Some(work.await));
            Ok(JsValue::UNDEFINED)
        }));
        Carried { promise, result }
    }

    /// The promise of work, which the host carries on should the client leave. What is boxed is compiled once.
    pub(crate) fn promise(&self, work: Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>) -> Promise {
        // A panic rejects the promise, which the host logs. Nothing half-done can be seen: what requests share is replaced whole.
        let promise = future_to_promise(AssertUnwindSafe(work));
        // Best effort: a host that does not wait lets the work run as long as the request does.
        self.context().wait_until(&promise).ok();
        promise
    }
}

/// Keeps a request going, until it is dropped. Without it the host forgets a request whose client has left, in the middle of whatever it waits for: nothing
/// of it is run or dropped any more.
pub(crate) struct Kept(Option<Function>);

impl Workers {
    /// Keeps the request going should its client leave.
    pub(crate) fn keep(&self) -> Kept {
        Kept(js::keep(self.context()).ok())
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(done) = self.0.take() {
            done.call0(&JsValue::UNDEFINED).ok();
        }
    }
}

impl<T> Carried<T> {
    /// What it comes to; `None` if it panics.
    pub(crate) async fn end(self) -> Option<T> {
        JsFuture::from(self.promise).await.ok()?;
        self.result.take()
    }

    /// What it comes to in time.
    pub(crate) async fn within(self, patience: Duration) -> Option<T> {
        js::within(&self.promise, patience.as_millis() as f64).await.ok()?;
        self.result.take()
    }
}
