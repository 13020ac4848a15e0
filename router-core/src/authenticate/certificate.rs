//! The client's certificate.

/// The certificate of a client, which the platform has verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// SHA-256 of the certificate in DER, as `x5t#S256` has it (RFC 8705 section 3.1).
    pub fingerprint: [u8; 32],
}

/// The rules, compiled.
#[derive(Clone, Debug)]
pub struct Rules {}
