//! TLS of a listener.

use std::sync::Arc;

use router_core::config::{ListenerProtocols, ListenerTls};
use rustls::ServerConfig;
use rustls::server::WebPkiClientVerifier;

use super::{InvalidTls, authorities, certificates, key, provider};

/// Reads the files of `tls`.
pub(crate) fn listener_config(
    tls: &ListenerTls,
    protocols: ListenerProtocols,
) -> Result<Arc<ServerConfig>, InvalidTls> {
    let invalid = |why: rustls::Error| InvalidTls(format!("`{}` with key `{}`: {why}", tls.certificate, tls.key));
    let builder =
        ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().map_err(invalid)?;
    let builder = match &tls.client_certificates {
        None => builder.with_no_client_auth(),
        Some(clients) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(authorities(&clients.ca)?, provider());
            let verifier = if clients.optional { verifier.allow_unauthenticated() } else { verifier };
            builder.with_client_cert_verifier(
                verifier.build().map_err(|why| InvalidTls(format!("`{}` cannot verify clients: {why}", clients.ca)))?,
            )
        }
    };
    let mut config = builder.with_single_cert(certificates(&tls.certificate)?, key(&tls.key)?).map_err(invalid)?;
    config.alpn_protocols = match protocols {
        ListenerProtocols::Both => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        ListenerProtocols::Http1 => vec![b"http/1.1".to_vec()],
        ListenerProtocols::Http2 => vec![b"h2".to_vec()],
    };
    Ok(Arc::new(config))
}
