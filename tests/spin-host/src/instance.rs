//! The life of instances: how they are made, how many requests each may serve, and when they die.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context as TaskContext, Poll};
use std::time::Instant;

use tokio::time::{Sleep, sleep, sleep_until};
use wasmtime::component::GuestTaskId;
use wasmtime::{Result, Store, StoreContextMut};
use wasmtime_wasi_http::handler::{
    HandlerState, Instance, Proxy, ShouldAccept, WorkerExpiration, WorkerState, WorkerStatus,
};

use crate::app::AppState;
use crate::context::Context;
use crate::engine::Host;
use crate::output::Source;

/// Makes the instances of an app.
pub(crate) struct Instances {
    pub(crate) host: Host,
    pub(crate) app: Arc<AppState>,
}

impl HandlerState for Instances {
    type StoreData = Context;
    type WorkerExpiration = Expiration;
    type WorkerState = Reuse;

    async fn instantiate(&self) -> Result<Instance<Context, Expiration, Reuse>> {
        let mut store = Store::new(self.host.component.engine(), Context::new(self.app.clone()));
        // At each tick the component steps back for whoever else is ready, and for the timeouts below.
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        let proxy = Proxy::P3(self.host.component.instantiate_async(&mut store).await?);
        Ok(Instance {
            store,
            proxy,
            view: Context::inbound,
            expiration: Expiration::new(self.app.clone()),
            state: Reuse(self.app.clone()),
        })
    }
}

/// How many requests an instance takes.
pub(crate) struct Reuse(Arc<AppState>);

impl WorkerState for Reuse {
    type StoreData = Context;
    type RequestData = ();

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        if total >= self.0.settings.max_instance_reuse {
            ShouldAccept::Never
        } else if concurrent >= self.0.settings.max_instance_concurrency {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        _: StoreContextMut<'_, Context>,
        (): (),
        _: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        match self.0.settings.request_timeout() {
            Some(timeout) => Box::pin(sleep(timeout)),
            None => Box::pin(pending()),
        }
    }

    fn drop(&self, store: Store<Context>, result: Result<()>) {
        drop(store);
        if let Err(error) = result {
            self.0.output.line(Source::Host, &format!("instance ended: {error:?}"));
        }
    }
}

/// When an instance dies: idle for too long, a request without an answer for too long, or the app has stopped.
pub(crate) struct Expiration {
    app: Arc<AppState>,
    /// The future is not `Sync`; only `get_mut` is used on this lock.
    stopped: Mutex<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// The timer and the moment it is set to.
    timer: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl Expiration {
    fn new(app: Arc<AppState>) -> Self {
        let mut stop = app.stop.subscribe();
        let stopped = Box::pin(async move {
            // An error means that the app is gone altogether.
            let _ = stop.wait_for(|stopped| *stopped).await;
        });
        Self { app, stopped: Mutex::new(stopped), timer: None }
    }
}

impl WorkerExpiration for Expiration {
    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>, status: WorkerStatus, start: Instant) -> Poll<()> {
        let stopped = self.stopped.get_mut().unwrap_or_else(PoisonError::into_inner);
        if stopped.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let timeout = match status {
            WorkerStatus::Idle => Some(self.app.settings.idle_timeout()),
            WorkerStatus::Requests => self.app.settings.request_timeout(),
            // The answer has begun: it streams, or the component works on behind it, for as long as that takes.
            WorkerStatus::PostReturn => None,
        };
        let Some(deadline) = timeout.and_then(|timeout| start.checked_add(timeout)) else { return Poll::Pending };
        let stale = self.timer.as_ref().is_none_or(|(set_to, _)| *set_to != deadline);
        if stale {
            self.timer = Some((deadline, Box::pin(sleep_until(deadline.into()))));
        }
        match &mut self.timer {
            Some((_, timer)) => timer.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}
