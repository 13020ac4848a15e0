//! A configuration with all that the native platform makes of it beforehand: TLS from its files.

use std::fmt;
use std::fs;
use std::hash::{Hash, Hasher};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use router_core::config::source::{self, Style, render};
use router_core::config::{
    Checked, Diagnostic, Diagnostics, Gateway, ListenerProtocols, PlatformName, Purpose, Variables, diagnostic,
};
use rustls::ServerConfig;

use crate::options::ConfigSource;
use crate::tls::{ClientTls, InvalidTls, listener_config, upstream_tls};

/// A configuration that can be served.
#[derive(Debug)]
pub struct Loaded {
    /// The gateway.
    pub gateway: Arc<Gateway>,
    /// What was doubtful about its document, as it is shown to people; empty if nothing was.
    pub warnings: String,
    /// Counts up, so that a thread can tell connections of an older configuration from its own.
    pub(crate) generation: u64,
    pub(crate) listeners: Vec<Shore>,
    /// By the index of the upstream.
    pub(crate) upstreams: Vec<Option<ClientTls>>,
    /// The files it is made of.
    pub(crate) files: Vec<PathBuf>,
}

/// What a listener says to its connections.
#[derive(Clone, Debug)]
pub(crate) struct Shore {
    pub(crate) address: SocketAddr,
    pub(crate) tls: Option<Arc<ServerConfig>>,
    pub(crate) protocols: ListenerProtocols,
}

/// A configuration that cannot be served, and why.
#[derive(Debug)]
pub struct Unusable {
    /// For a terminal: with places in the file.
    pub shown: String,
    /// What was found, for logs.
    pub checked: Box<Checked>,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown.trim_end())
    }
}

impl std::error::Error for Unusable {}

impl Unusable {
    fn simple(diagnostic: Diagnostic) -> Self {
        let shown = diagnostic.to_string();
        let mut diagnostics = Diagnostics::new();
        diagnostics.push(diagnostic);
        Self { shown, checked: Box::new(Checked { gateway: None, diagnostics, document: None }) }
    }
}

impl Loaded {
    /// Reads, checks and prepares what `source` says.
    ///
    /// # Errors
    /// All that is wrong with the document, or the first thing that is wrong with a file it names.
    pub fn load(source: &ConfigSource) -> Result<Self, Unusable> {
        match source {
            ConfigSource::Gateway(gateway) => Self::prepare(Arc::clone(gateway), String::new(), None),
            ConfigSource::File { path, variables } => {
                let (gateway, warnings) = read(path, variables.as_ref())?;
                Self::prepare(Arc::new(gateway), warnings, Some(path))
            }
        }
    }

    fn prepare(gateway: Arc<Gateway>, warnings: String, path: Option<&Path>) -> Result<Self, Unusable> {
        static GENERATION: AtomicU64 = AtomicU64::new(0);
        let place = |section: &str| diagnostic::Path::root().key(section);
        let unusable = |path, why: InvalidTls| Unusable::simple(Diagnostic::error("tls", path, why.to_string()));
        let mut listeners = Vec::new();
        for (index, listener) in gateway.native.listeners.iter().enumerate() {
            let tls = match &listener.tls {
                None => None,
                Some(tls) => Some(
                    listener_config(tls, listener.protocols)
                        .map_err(|why| unusable(place("native").key("listeners").index(index).key("tls"), why))?,
                ),
            };
            listeners.push(Shore { address: listener.address, tls, protocols: listener.protocols });
        }
        let mut upstreams = Vec::new();
        for upstream in &gateway.upstreams {
            upstreams.push(
                upstream_tls(upstream)
                    .map_err(|why| unusable(place("upstreams").key(&upstream.name).key("tls"), why))?,
            );
        }
        let files = path.map(Path::to_path_buf).into_iter().chain(tls_files(&gateway)).collect();
        let generation = GENERATION.fetch_add(1, Ordering::Relaxed);
        Ok(Self { gateway, warnings, generation, listeners, upstreams, files })
    }

    /// A hash of what stands in all the files now: changes that change nothing are no reason to load again.
    pub(crate) fn fingerprint(files: &[PathBuf]) -> u64 {
        let mut hasher = rustc_hash::FxHasher::default();
        for file in files {
            fs::read(file).ok().hash(&mut hasher);
        }
        hasher.finish()
    }
}

fn read(path: &Path, variables: &dyn Variables) -> Result<(Gateway, String), Unusable> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|why| {
        let found = Diagnostic::error("unreadable", diagnostic::Path::root(), format!("cannot read `{name}`: {why}"));
        Unusable::simple(found.with_help("name the file of the configuration, or write one"))
    })?;
    let source::Loaded { source, mut checked } = source::load(&name, &text, variables, Purpose::Run);
    checked.require(PlatformName::Native);
    let shown = render(&source, &checked.diagnostics, Style::PLAIN);
    match checked.gateway.take() {
        Some(gateway) => Ok((gateway, shown)),
        None => Err(Unusable { shown, checked: Box::new(checked) }),
    }
}

fn tls_files(gateway: &Gateway) -> impl Iterator<Item = PathBuf> {
    let listeners = gateway.native.listeners.iter().filter_map(|listener| listener.tls.as_ref()).flat_map(|tls| {
        let clients = tls.client_certificates.as_ref().map(|clients| &clients.ca);
        [Some(&tls.certificate), Some(&tls.key), clients]
    });
    let upstreams = gateway.upstreams.iter().flat_map(|upstream| {
        let identity = upstream.tls.identity.as_ref();
        [upstream.tls.ca.as_ref(), identity.map(|(chain, _)| chain), identity.map(|(_, key)| key)]
    });
    listeners.chain(upstreams).flatten().map(PathBuf::from)
}
