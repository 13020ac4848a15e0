//! The platform of one request: the bindings and the context that Workers hands out with it.
//!
//! Nothing of it outlives its request but what `defer` is given. What requests share is plain data in [`crate::instance`]: no waker, channel or lock
//! may ever lead from one request to another, because the host would run the second one's future in the first one's context and kill it there.

use std::rc::Rc;

use edge::Instance;
use edge::platform::Platform;
use router_core::config::PlatformName;
use wasm_bindgen::JsValue;
use worker::{Context, Env};

/// Cloudflare Workers, for one request.
#[derive(Clone)]
pub(crate) struct Workers {
    pub(crate) env: JsValue,
    pub(crate) context: Rc<Context>,
}

impl Workers {
    pub(crate) fn new(env: Env, context: Context) -> Self {
        Self { env: env.into(), context: Rc::new(context) }
    }

    /// The host's own context, which grants work after the answer.
    pub(crate) fn context(&self) -> &worker::worker_sys::Context {
        (*self.context).as_ref()
    }
}

impl Platform for Workers {
    const NAME: PlatformName = PlatformName::Workers;

    fn instance(&self) -> Rc<Instance> {
        thread_local! {
            static INSTANCE: Rc<Instance> = Rc::default();
        }
        INSTANCE.with(Rc::clone)
    }
}
