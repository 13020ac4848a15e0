//! The certificate of the client's TLS connection.
//!
//! The platform has verified it; here it is said whose it is. It is the transport's fact only: what a header field tells of certificates is somebody's
//! word, and is taken out of every request.

mod name;
mod pattern;
mod read;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::hex::hex;

pub use name::{DistinguishedName, InvalidName};
pub use pattern::{DnsPattern, InvalidDnsPattern, Pattern, digest};
pub use read::InvalidCertificate;

use super::claims::is_name;
use super::{Attempt, Consumer, Proven, Refusal};

/// The certificate of a client, which the platform has verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// SHA-256 of the certificate in DER, as `x5t#S256` has it (RFC 8705 section 3.1).
    pub fingerprint: [u8; 32],
    /// The certificate in DER.
    pub der: Bytes,
    /// SHA-256 of its SubjectPublicKeyInfo in DER.
    pub spki: [u8; 32],
    /// Whose it is.
    pub subject: DistinguishedName,
    /// The first common name of the subject.
    pub common_name: Option<String>,
    /// Who issued it.
    pub issuer: DistinguishedName,
    /// Its serial number, as lower-case hexadecimal digits.
    pub serial: String,
    /// The DNS names among its alternative names, lower case.
    pub dns: Vec<String>,
    /// The URIs among them.
    pub uris: Vec<String>,
    /// The mail addresses among them.
    pub emails: Vec<String>,
    /// When it ends, in milliseconds since 1970.
    pub expires_ms: u64,
}

/// The rules, compiled.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Which certificates are known; the first that fits counts. Empty: every one.
    pub known: Vec<Known>,
    /// What names the consumers of those that name none themselves.
    pub named_by: NamedBy,
}

/// Certificates that are known, and what their holders are.
#[derive(Clone, Debug)]
pub struct Known {
    /// Which.
    pub pattern: Pattern,
    /// What their holders are called.
    pub name: Option<String>,
    /// What they may do.
    pub scopes: Vec<String>,
    /// What they are.
    pub roles: Vec<String>,
}

/// What names a consumer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NamedBy {
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

/// What `certificate` says of its holder to the authenticator called `name`.
///
/// A connection may outlive the certificate that it began with: one that has ended since is refused.
#[must_use]
pub fn attempt(rules: &Rules, name: &str, certificate: Option<&ClientCertificate>, now_ms: u64) -> Attempt {
    let Some(certificate) = certificate else { return Attempt::Absent };
    if certificate.expires_ms <= now_ms {
        return Attempt::Refused(Refusal::Expired);
    }
    let known = rules.known.iter().find(|known| known.pattern.matches(certificate));
    if known.is_none() && !rules.known.is_empty() {
        return Attempt::Refused(Refusal::Invalid);
    }
    let id = known.and_then(|known| known.name.clone()).or_else(|| certificate.named_by(rules.named_by));
    let Some(id) = id.filter(|id| is_name(id)) else {
        return Attempt::Refused(Refusal::Invalid);
    };
    let consumer = Consumer {
        id,
        authenticator: name.to_owned(),
        issuer: Some(certificate.issuer.to_string()),
        scopes: known.map(|known| known.scopes.clone()).unwrap_or_default(),
        roles: known.map(|known| known.roles.clone()).unwrap_or_default(),
        plan: None,
        claims: certificate.claims(),
        credential: None,
        expires_ms: Some(certificate.expires_ms),
    };
    Attempt::Proven(Box::new(Proven { consumer: consumer.into(), tell: None }))
}

impl ClientCertificate {
    fn named_by(&self, what: NamedBy) -> Option<String> {
        match what {
            NamedBy::Subject => Some(self.subject.to_string()),
            NamedBy::CommonName => self.common_name.clone(),
            NamedBy::Dns => self.dns.first().cloned(),
            NamedBy::Uri => self.uris.first().cloned(),
            NamedBy::Email => self.emails.first().cloned(),
            NamedBy::Fingerprint => Some(hex(&self.fingerprint)),
        }
    }

    /// What conditions and mappings read of it.
    fn claims(&self) -> Map<String, Value> {
        let claims = json!({
            "subject": self.subject.as_str(),
            "common_name": self.common_name,
            "issuer": self.issuer.as_str(),
            "serial": self.serial,
            "dns": self.dns,
            "uri": self.uris,
            "email": self.emails,
            "fingerprint": hex(&self.fingerprint),
            "spki": hex(&self.spki),
        });
        let Value::Object(mut claims) = claims else { return Map::new() };
        claims.retain(|_, value| !value.is_null());
        claims
    }
}
