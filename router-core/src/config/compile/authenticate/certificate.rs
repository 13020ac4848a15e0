//! `certificate:`.

use crate::authenticate::certificate::{DistinguishedName, DnsPattern, Known, NamedBy, Pattern, Rules, digest};
use crate::config::compile::context::Context;
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::raw::authenticate as raw;

pub(super) fn rules(raw: &raw::Certificate, path: &Place<'_>, context: &mut Context) -> Option<Rules> {
    let matches = path.key("matches");
    let mut known = Vec::with_capacity(raw.matches.len());
    for (index, raw) in raw.matches.iter().enumerate() {
        known.push(self::known(raw, &matches.index(index), context));
    }
    let named_by = match raw.consumer {
        raw::CertificateConsumer::Subject => NamedBy::Subject,
        raw::CertificateConsumer::CommonName => NamedBy::CommonName,
        raw::CertificateConsumer::Dns => NamedBy::Dns,
        raw::CertificateConsumer::Uri => NamedBy::Uri,
        raw::CertificateConsumer::Email => NamedBy::Email,
        raw::CertificateConsumer::Fingerprint => NamedBy::Fingerprint,
    };
    Some(Rules { known, named_by })
}

fn known(raw: &raw::CertificateMatch, path: &Place<'_>, context: &mut Context) -> Known {
    let pattern = Pattern {
        subject: distinguished(raw.subject.as_deref(), &path.key("subject"), context),
        issuer: distinguished(raw.issuer.as_deref(), &path.key("issuer"), context),
        dns: raw.dns.as_deref().and_then(|dns| context.ok("dns-name", &path.key("dns"), DnsPattern::parse(dns))),
        uri: text(raw.uri.as_deref(), ':', "a URI such as `spiffe://example.com/billing`", &path.key("uri"), context),
        email: text(raw.email.as_deref(), '@', "a mail address", &path.key("email"), context),
        fingerprint: sha256(raw.fingerprint.as_deref(), &path.key("fingerprint"), context),
        spki: sha256(raw.spki.as_deref(), &path.key("spki"), context),
    };
    let texts = [&raw.subject, &raw.issuer, &raw.dns, &raw.uri, &raw.email, &raw.fingerprint, &raw.spki];
    if texts.iter().all(|text| text.is_none()) {
        let empty = Diagnostic::error(
            "empty-match",
            path.path(),
            "this says nothing of the certificate, so it would fit every one",
        );
        context.found.push(
            empty.with_help("say `subject`, `issuer`, `dns`, `uri`, `email`, `fingerprint` or `spki`; for every verified certificate leave `matches` out"),
        );
    }
    if let Some(name) = &raw.name
        && (name.is_empty() || name.len() > 256 || name.chars().any(char::is_control))
    {
        context.error("consumer-name", path.key("name"), "expected 1 to 256 bytes without control characters");
    }
    Known { pattern, name: raw.name.clone(), scopes: raw.scopes.clone(), roles: raw.roles.clone() }
}

fn distinguished(text: Option<&str>, path: &Place<'_>, context: &mut Context) -> Option<DistinguishedName> {
    let text = text?;
    if text.trim().is_empty() {
        context.error(
            "distinguished-name",
            *path,
            "expected a name such as `CN=billing,O=Example`, found an empty one",
        );
        return None;
    }
    context.ok("distinguished-name", path, DistinguishedName::parse(text))
}

fn text(text: Option<&str>, mark: char, expected: &str, path: &Place<'_>, context: &mut Context) -> Option<String> {
    let text = text?;
    if !text.contains(mark) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        context.error("alternative-name", *path, format!("expected {expected}, in ASCII as certificates hold it"));
        return None;
    }
    Some(text.to_owned())
}

fn sha256(text: Option<&str>, path: &Place<'_>, context: &mut Context) -> Option<[u8; 32]> {
    let text = text?;
    let found = digest(text);
    if found.is_none() {
        context.error(
            "digest",
            *path,
            "expected a SHA-256 as 64 hexadecimal digits, with or without colons between the bytes",
        );
    }
    found
}
