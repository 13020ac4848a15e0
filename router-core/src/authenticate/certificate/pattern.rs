//! Which certificates are meant.

use std::fmt;

use super::name::decoded;
use super::{ClientCertificate, DistinguishedName};

/// A pattern for certificates. All that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pattern {
    /// The whole subject.
    pub subject: Option<DistinguishedName>,
    /// The whole name of the issuer.
    pub issuer: Option<DistinguishedName>,
    /// One of the DNS names.
    pub dns: Option<DnsPattern>,
    /// One of the URIs, byte for byte.
    pub uri: Option<String>,
    /// One of the mail addresses. The case of its domain does not count, that of the rest does (RFC 5280 section 7.5).
    pub email: Option<String>,
    /// SHA-256 of the certificate.
    pub fingerprint: Option<[u8; 32]>,
    /// SHA-256 of the public key.
    pub spki: Option<[u8; 32]>,
}

/// A DNS name, or all of one label more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DnsPattern {
    /// This name, lower case.
    Exactly(String),
    /// One label in front of this name, lower case.
    OneLabelBefore(String),
}

/// A text that is no DNS name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidDnsPattern;

impl Pattern {
    /// Whether `certificate` is meant.
    #[must_use]
    pub fn matches(&self, certificate: &ClientCertificate) -> bool {
        let Self { subject, issuer, dns, uri, email, fingerprint, spki } = self;
        subject.as_ref().is_none_or(|subject| *subject == certificate.subject)
            && issuer.as_ref().is_none_or(|issuer| *issuer == certificate.issuer)
            && dns.as_ref().is_none_or(|dns| certificate.dns.iter().any(|name| dns.matches(name)))
            && uri.as_ref().is_none_or(|uri| certificate.uris.contains(uri))
            && email.as_ref().is_none_or(|email| certificate.emails.iter().any(|other| same_mailbox(email, other)))
            && fingerprint.is_none_or(|fingerprint| fingerprint == certificate.fingerprint)
            && spki.is_none_or(|spki| spki == certificate.spki)
    }
}

impl DnsPattern {
    /// Reads `name.example` or `*.example`.
    ///
    /// # Errors
    /// [`InvalidDnsPattern`] where it is neither.
    pub fn parse(text: &str) -> Result<Self, InvalidDnsPattern> {
        let (wild, name) = match text.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, text),
        };
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        if name.len() > 253 || !name.split('.').all(is_label) {
            return Err(InvalidDnsPattern);
        }
        let name = name.to_ascii_lowercase();
        Ok(if wild { Self::OneLabelBefore(name) } else { Self::Exactly(name) })
    }

    /// Whether `name`, in lower case, is meant. A name of a certificate that is a wildcard itself is the name of no client.
    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exactly(exactly) => name == exactly,
            Self::OneLabelBefore(parent) => {
                name.split_once('.').is_some_and(|(label, rest)| rest == parent && !label.is_empty() && label != "*")
            }
        }
    }
}

impl fmt::Display for InvalidDnsPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a DNS name such as `billing.example`, or `*.example` for one label more")
    }
}

/// A SHA-256 as 64 hexadecimal digits, with or without colons between the bytes, as `openssl x509 -fingerprint` shows it.
#[must_use]
pub fn digest(text: &str) -> Option<[u8; 32]> {
    let plain = if text.contains(':') { text.split(':').collect::<String>() } else { text.to_owned() };
    let spaced = !text.contains(':') || text.split(':').all(|byte| byte.len() == 2);
    decoded(plain.as_bytes()).filter(|_| spaced)?.try_into().ok()
}

fn same_mailbox(left: &str, right: &str) -> bool {
    match (left.rsplit_once('@'), right.rsplit_once('@')) {
        (Some((left, here)), Some((right, there))) => left == right && here.eq_ignore_ascii_case(there),
        _ => left == right,
    }
}
