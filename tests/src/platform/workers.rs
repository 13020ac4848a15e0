//! The worker in workerd.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::rc::Rc;

use router_core::config::DOCUMENT_KEY;
use serde_json::{Value, json};
use tokio::process::Command;

use super::host::{Host, Tenant};
use super::places;
use super::session::{Outcome, Waiting, steps};
use super::spin::port;
use super::wired::{Control, Wired};
use crate::case::Case;
use crate::case::exchange::{Build, Client};
use crate::observed::Fields;
use crate::wire::upstream::Upstreams;

/// How many workers share a workerd. Starting one process takes as long as a dozen workers, but one process uses one core.
const BATCH: usize = 64;

/// workerd with a worker for each case.
pub struct Workers {
    host: Rc<Host>,
    started: RefCell<HashMap<String, Result<Started, String>>>,
}

struct Started {
    gateway: SocketAddr,
    upstreams: Upstreams,
    tenant: Tenant,
}

struct Worker {
    host: Rc<Host>,
    tenant: Tenant,
}

impl Workers {
    /// Starts a worker for each of `cases`, many at once: that is several times quicker than one by one.
    pub(super) async fn start(cases: &[Rc<Case>]) -> Result<Self, String> {
        places::workers_build()?;
        if cases.iter().any(|case| case.exchange.build == Build::Test) {
            places::workers_test_build()?;
        }
        let mut command = Command::new(places::node()?);
        command.arg("tests/workers-host/main.mjs").current_dir(places::root());
        let host = Rc::new(Host::start(command)?);
        let mut started = HashMap::new();
        for cases in cases.chunks(BATCH) {
            let mut batch = Vec::new();
            let mut waiting = Vec::new();
            for case in cases {
                let upstreams = Upstreams::start().await.map_err(|why| why.to_string())?;
                batch.push(worker(case, &upstreams));
                waiting.push((case.id.clone(), upstreams, host.tenant(&case.id)));
            }
            host.say(&json!({ "batch": batch })).await?;
            for (id, upstreams, mut tenant) in waiting {
                let gateway = port(&mut tenant).await;
                started.insert(id, gateway.map(|gateway| Started { gateway, upstreams, tenant }));
            }
        }
        Ok(Self { host, started: RefCell::new(started) })
    }

    pub(super) async fn run(&self, case: &Case, waiting: &Waiting) -> Outcome {
        let started = self.started.borrow_mut().remove(&case.id);
        let Started { gateway, upstreams, mut tenant } = match started {
            Some(Ok(started)) => started,
            Some(Err(why)) => return Outcome::broken(0, why),
            None => return Outcome::broken(0, "the worker was not started"),
        };
        let Some(lines) = tenant.lines.take() else { return Outcome::broken(0, "a session has its lines once") };
        let control = Worker { host: Rc::clone(&self.host), tenant };
        let mut session = Wired { gateway, upstreams, lines, waiting: waiting.clone(), control };
        let outcome = steps(case, &mut session, waiting).await;
        session.control.tenant.stop(&self.host).await;
        outcome
    }

    pub(super) async fn stop(self) {
        drop(self.started);
        if let Ok(host) = Rc::try_unwrap(self.host).map_err(drop) {
            host.stop().await;
        }
    }
}

fn worker(case: &Case, upstreams: &Upstreams) -> Value {
    let mut vars = case.exchange.variables.clone();
    vars.insert("TIDEGATE_CONFIG".into(), upstreams.texts().put_into(&case.document).to_string());
    let build = match case.exchange.build {
        Build::Product => "product",
        Build::Test => "test",
    };
    let limiters = case.exchange.limiters.iter().enumerate().map(|(index, (name, limiter))| {
        json!({"name": name, "namespace_id": index.to_string(), "simple": {"limit": limiter.limit, "period": limiter.period}})
    });
    json!({ "id": case.id, "vars": vars, "build": build, "ratelimits": limiters.collect::<Vec<_>>() })
}

impl Control for Worker {
    async fn store(&mut self, document: String) -> Result<(), String> {
        self.host.say(&json!({"set": {"id": self.tenant.id, "key": DOCUMENT_KEY, "value": document}})).await?;
        self.tenant.answer("set").await.map(drop)
    }

    fn watches(&self) -> bool {
        false
    }

    /// Cloudflare's edge always tells the client's address; a request without one would be nobody's. What else it knows the local workerd takes as
    /// `MF-CF-Blob`.
    fn fields(&self, client: &Client) -> Fields {
        let address = client.address.clone().unwrap_or_else(|| "127.0.0.1".to_owned());
        let mut fields = vec![("cf-connecting-ip".into(), address.into_bytes())];
        if let Some(country) = &client.country {
            fields.push(("mf-cf-blob".into(), json!({ "country": country }).to_string().into_bytes()));
        }
        fields
    }
}
