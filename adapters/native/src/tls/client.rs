//! The certificate that a client showed.

use std::sync::Arc;

use router_core::authenticate::certificate::ClientCertificate;
use rustls::ServerConnection;

/// The certificate of the client at the other end, after the handshake. rustls has verified it: a listener that asks for one ends the handshake with
/// anybody whose certificate is not good. One in which no names could be read counts as none.
pub(crate) fn client_certificate(connection: &ServerConnection) -> Option<Arc<ClientCertificate>> {
    let shown = connection.peer_certificates()?.first()?;
    ClientCertificate::from_der(shown).ok().map(Arc::new)
}
