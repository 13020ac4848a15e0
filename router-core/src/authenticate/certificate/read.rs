//! From DER to what is matched.

use std::fmt;

use bytes::Bytes;
use x509_cert::Certificate;
use x509_cert::der::asn1::{AnyRef, ObjectIdentifier};
use x509_cert::der::{self, Decode, Encode, Reader, SliceReader, Tag, Tagged};

use super::name::text_of;
use super::{ClientCertificate, DistinguishedName};
use crate::authenticate::jose::{Digest, base64};

/// The largest certificate that is read, in bytes. Real ones have one or two kilobytes; Cloudflare hands out 10 at most.
const LARGEST: usize = 64 << 10;

/// `commonName` (RFC 4519 section 2.3).
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
/// `subjectAltName` (RFC 5280 section 4.2.1.6).
const SUBJECT_ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");

/// Bytes that are no certificate, or one with names in which bytes stand that no name has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCertificate;

impl fmt::Display for InvalidCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an X.509 certificate that could be read")
    }
}

impl std::error::Error for InvalidCertificate {}

/// The alternative names of the kinds that are matched.
#[derive(Default)]
struct Names {
    dns: Vec<String>,
    uris: Vec<String>,
    emails: Vec<String>,
}

impl ClientCertificate {
    /// Reads a certificate that the platform has verified. Nothing is verified here.
    ///
    /// # Errors
    /// [`InvalidCertificate`] where it cannot be read.
    pub fn from_der(der: &[u8]) -> Result<Self, InvalidCertificate> {
        if der.len() > LARGEST {
            return Err(InvalidCertificate);
        }
        Self::read(der).map_err(|_| InvalidCertificate)
    }

    /// Reads a certificate from a structured field (RFC 9440 section 2.2): base64 of DER between colons.
    ///
    /// # Errors
    /// [`InvalidCertificate`] where it cannot be read.
    pub fn from_field(text: &str) -> Result<Self, InvalidCertificate> {
        let base64 =
            text.strip_prefix(':').and_then(|text| text.strip_suffix(':')).filter(|text| text.len() < LARGEST * 2);
        Self::from_der(&base64.and_then(base64::decode_standard).ok_or(InvalidCertificate)?)
    }

    /// The certificate as a structured field (RFC 9440 section 2.2).
    #[must_use]
    pub fn to_field(&self) -> String {
        format!(":{}:", base64::encode_standard(&self.der))
    }

    fn read(bytes: &[u8]) -> der::Result<Self> {
        let certificate = Certificate::from_der(bytes)?;
        let signed = certificate.tbs_certificate();
        let mut extensions = signed.extensions().into_iter().flatten().filter(|one| one.extn_id == SUBJECT_ALT_NAME);
        let names = match (extensions.next(), extensions.next()) {
            (None, _) => Names::default(),
            (Some(extension), None) => alternative_names(extension.extn_value.as_bytes())?,
            (Some(_), Some(_)) => return Err(der::ErrorKind::Failed.into()),
        };
        let subject = signed.subject();
        Ok(Self {
            fingerprint: sha256(bytes),
            der: Bytes::copy_from_slice(bytes),
            spki: sha256(&signed.subject_public_key_info().to_der()?),
            subject: DistinguishedName::of(subject),
            common_name: subject.iter().find(|one| one.oid == COMMON_NAME).and_then(|one| text_of(&one.value)),
            issuer: DistinguishedName::of(signed.issuer()),
            serial: super::hex(signed.serial_number().as_bytes()),
            dns: names.dns,
            uris: names.uris,
            emails: names.emails,
            expires_ms: u64::try_from(signed.validity().not_after.to_unix_duration().as_millis()).unwrap_or(u64::MAX),
        })
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Digest::Sha256.of(bytes).try_into().unwrap_or_default()
}

/// `GeneralNames`: kinds that nothing is matched by are passed over.
fn alternative_names(bytes: &[u8]) -> der::Result<Names> {
    let mut names = Names::default();
    let sequence = AnyRef::from_der(bytes)?;
    if sequence.tag() != Tag::Sequence {
        return Err(der::ErrorKind::Failed.into());
    }
    let mut reader = SliceReader::new(sequence.value())?;
    while !reader.is_finished() {
        let name = AnyRef::decode(&mut reader)?;
        let Tag::ContextSpecific { constructed: false, number } = name.tag() else { continue };
        match number.value() {
            1 => names.emails.push(ia5(name.value())?),
            2 => names.dns.push(ia5(name.value())?.to_ascii_lowercase()),
            6 => names.uris.push(ia5(name.value())?),
            _ => {}
        }
    }
    Ok(names)
}

/// A text of visible ASCII. A name with a null byte in it was made to be read as another one.
fn ia5(bytes: &[u8]) -> der::Result<String> {
    match std::str::from_utf8(bytes) {
        Ok(text) if bytes.iter().all(u8::is_ascii_graphic) => Ok(text.to_owned()),
        _ => Err(der::ErrorKind::Failed.into()),
    }
}
