//! `certificate:` the certificate of the client's TLS connection.

use serde::{Deserialize, Serialize};

/// The certificate of the client's TLS connection, which the platform has verified: `native.listeners[].tls.client_certificates` natively, the zone's
/// mTLS rules on Workers. What a header field tells of certificates is never believed.
///
/// Its claims are `subject`, `common_name`, `issuer`, `serial`, `dns`, `uri`, `email`, `fingerprint` and `spki`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "certificate"))]
#[serde(deny_unknown_fields, default)]
pub struct Certificate {
    /// Which certificates are known: one of these must match, and the first that does counts. Empty: every verified one.
    pub matches: Vec<CertificateMatch>,
    /// What names the consumer. Default `subject`.
    pub consumer: CertificateConsumer,
}

/// A pattern for certificates. All that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "certificate match"))]
#[serde(deny_unknown_fields, default)]
pub struct CertificateMatch {
    /// The subject as RFC 4514 text (`CN=billing,O=Example`), whole and in its order, the last part of the certificate first. The case of values counts.
    pub subject: Option<String>,
    /// The issuer's name as RFC 4514 text, whole.
    pub issuer: Option<String>,
    /// A DNS name among the subject alternative names: exact, or `*.example.com` for one label more.
    pub dns: Option<String>,
    /// A URI among the subject alternative names, such as a SPIFFE ID: whole.
    pub uri: Option<String>,
    /// A mail address among the subject alternative names: whole.
    pub email: Option<String>,
    /// SHA-256 of the DER certificate, 64 hexadecimal digits.
    pub fingerprint: Option<String>,
    /// SHA-256 of the public key (SubjectPublicKeyInfo in DER), 64 hexadecimal digits.
    pub spki: Option<String>,
    /// What consumers of this match are called, instead of `consumer`.
    pub name: Option<String>,
    /// What they may do.
    pub scopes: Vec<String>,
    /// What they are.
    pub roles: Vec<String>,
}

/// What names the consumer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CertificateConsumer {
    /// The whole subject.
    #[default]
    Subject,
    /// The common name in it.
    CommonName,
    /// The first DNS name.
    Dns,
    /// The first URI.
    Uri,
    /// The first mail address.
    Email,
    /// The fingerprint.
    Fingerprint,
}
