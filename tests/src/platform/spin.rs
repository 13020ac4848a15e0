//! The Spin component, in wasmtime or on a real Spin.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

use router_core::config::DOCUMENT_KEY;
use serde_json::json;
use tokio::process::Command;

use super::host::{Host, Tenant};
use super::places;
use super::redis::Redis;
use super::session::{Outcome, Waiting, steps};
use super::spin_program::SpinProgram;
use super::wired::{Control, Wired};
use crate::case::Case;
use crate::case::exchange::Client;
use crate::observed::Fields;
use crate::wire::upstream::Upstreams;

/// The host with the component.
pub struct Spin {
    host: Rc<Host>,
    program: SpinProgram,
    redis: Redis,
}

struct App {
    host: Rc<Host>,
    tenant: Tenant,
}

impl Spin {
    pub(super) async fn start() -> Result<Self, String> {
        let program = SpinProgram::choose().await?;
        let mut command = Command::new(places::spin_host()?);
        command.arg("--apps").arg("--component").arg(places::spin_component()?).current_dir(places::root());
        command.args(program.arguments());
        let redis = Redis::start().await?;
        Ok(Self { host: Rc::new(Host::start(command)?), program, redis })
    }

    /// What runs the component.
    pub(super) fn program(&self) -> &SpinProgram {
        &self.program
    }

    pub(super) async fn run(&self, case: &Case, waiting: &Waiting) -> Outcome {
        match self.session(case, waiting).await {
            Err(why) => Outcome::broken(0, why),
            Ok(mut session) => {
                let outcome = steps(case, &mut session, waiting).await;
                session.control.tenant.stop(&self.host).await;
                outcome
            }
        }
    }

    async fn session(&self, case: &Case, waiting: &Waiting) -> Result<Wired<App>, String> {
        let upstreams = Upstreams::start().await.map_err(|why| why.to_string())?;
        let document = upstreams.texts().put_into(&case.document).to_string();
        // Names of Spin variables are lower-case.
        let mut variables: BTreeMap<String, String> =
            case.exchange.variables.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
        variables.insert("tidegate_config".into(), document);
        variables.entry("tidegate_redis".into()).or_insert_with(|| self.redis.database());
        let mut tenant = self.host.tenant(&case.id);
        let start = json!({"start": {"id": case.id, "variables": variables, "allow_outbound": ["http://127.0.0.1:*", "redis://127.0.0.1:*"]}});
        self.host.say(&start).await?;
        let gateway = port(&mut tenant).await?;
        let lines = tenant.lines.take().ok_or("a session has its lines once")?;
        Ok(Wired {
            gateway,
            upstreams,
            lines,
            waiting: waiting.clone(),
            control: App { host: Rc::clone(&self.host), tenant },
        })
    }

    pub(super) async fn stop(self) {
        if let Ok(host) = Rc::try_unwrap(self.host).map_err(drop) {
            host.stop().await;
        }
    }
}

/// The address of a gateway that has just been started.
pub(super) async fn port(tenant: &mut Tenant) -> Result<SocketAddr, String> {
    let port = tenant.answer("port").await?;
    let port = port.as_u64().and_then(|port| u16::try_from(port).ok()).ok_or_else(|| format!("`{port}` is no port"))?;
    Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
}

impl Control for App {
    async fn store(&mut self, document: String) -> Result<(), String> {
        self.host.say(&json!({"set": {"id": self.tenant.id, "key": DOCUMENT_KEY, "value": document}})).await?;
        self.tenant.answer("set").await.map(drop)
    }

    fn watches(&self) -> bool {
        false
    }

    fn fields(&self, _: &Client) -> Fields {
        Fields::new()
    }
}
