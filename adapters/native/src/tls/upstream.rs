//! TLS towards an upstream.

use std::sync::{Arc, OnceLock};

use router_core::dispatch::{Upstream, UpstreamProtocol};
use router_core::head::Scheme;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};

use super::{InvalidTls, authorities, certificates, key, provider};

/// What handshakes with the targets of one upstream need.
#[derive(Clone, Debug)]
pub(crate) struct ClientTls {
    /// Offers what the upstream's `protocol` allows.
    pub(crate) usual: Arc<ClientConfig>,
    /// Offers HTTP/1.1 only, for connections that are to switch to another protocol.
    pub(crate) http1: Arc<ClientConfig>,
    /// Offers nothing, for what is not HTTP.
    pub(crate) plain: Arc<ClientConfig>,
    /// The name that the certificate must have, where it is not the target's host.
    pub(crate) server_name: Option<ServerName<'static>>,
}

/// Reads the files of `upstream`; `None` if no target speaks TLS.
pub(crate) fn upstream_tls(upstream: &Upstream) -> Result<Option<ClientTls>, InvalidTls> {
    if upstream.targets.iter().all(|target| target.scheme() == Scheme::Http) {
        return Ok(None);
    }
    let tls = &upstream.tls;
    let roots = match &tls.ca {
        Some(path) => authorities(path)?,
        None => system_roots()?,
    };
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|why| InvalidTls(why.to_string()))?
        .with_root_certificates(roots);
    let config = match &tls.identity {
        None => builder.with_no_client_auth(),
        Some((chain, secret)) => builder
            .with_client_auth_cert(certificates(chain)?, key(secret)?)
            .map_err(|why| InvalidTls(format!("`{chain}` with key `{secret}`: {why}")))?,
    };
    let server_name = match &tls.server_name {
        None => None,
        Some(name) => Some(
            ServerName::try_from(name.clone())
                .map_err(|_| InvalidTls(format!("`{name}` is no server name; expected a host name or an address")))?,
        ),
    };
    let offering = |protocols: &[&[u8]]| {
        let mut config = config.clone();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Arc::new(config)
    };
    let http1 = offering(&[b"http/1.1"]);
    let usual = match upstream.protocol {
        UpstreamProtocol::Auto => offering(&[b"h2", b"http/1.1"]),
        UpstreamProtocol::Http1 => Arc::clone(&http1),
        UpstreamProtocol::Http2 => offering(&[b"h2"]),
    };
    Ok(Some(ClientTls { usual, http1, plain: offering(&[]), server_name }))
}

/// For servers that the gateway asks on its own behalf: what the system trusts. The first call reads files.
pub(crate) fn system_tls() -> Result<ClientTls, InvalidTls> {
    static TLS: OnceLock<Result<ClientTls, InvalidTls>> = OnceLock::new();
    let build = || {
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|why| InvalidTls(why.to_string()))?
            .with_root_certificates(system_roots()?)
            .with_no_client_auth();
        let offering = |protocols: &[&[u8]]| {
            let mut config = config.clone();
            config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
            Arc::new(config)
        };
        Ok(ClientTls {
            usual: offering(&[b"h2", b"http/1.1"]),
            http1: offering(&[b"http/1.1"]),
            plain: offering(&[]),
            server_name: None,
        })
    };
    TLS.get_or_init(build).clone()
}

/// The authorities that the system trusts (`SSL_CERT_FILE` and `SSL_CERT_DIR` have a say), read once.
fn system_roots() -> Result<Arc<RootCertStore>, InvalidTls> {
    static ROOTS: OnceLock<Result<Arc<RootCertStore>, InvalidTls>> = OnceLock::new();
    let read = || {
        let found = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            let why: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
            return Err(InvalidTls(format!(
                "the system trusts no authority, so no upstream can be asked over TLS; install `ca-certificates`, or name a file in `tls.ca` {}",
                why.join("; ")
            )));
        }
        Ok(Arc::new(roots))
    };
    ROOTS.get_or_init(read).clone()
}
