//! TLS by rustls: what PEM files say, made into what a handshake needs.
//!
//! Files are read when a configuration is loaded, never on a thread that serves. What is wrong with one is said with its name.

mod client;
mod listener;
mod upstream;

use std::fmt;
use std::fs;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

pub(crate) use client::client_certificate;
pub(crate) use listener::listener_config;
pub(crate) use upstream::{ClientTls, system_tls, upstream_tls};

/// Why TLS cannot be set up; for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InvalidTls(String);

impl fmt::Display for InvalidTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn read(path: &str) -> Result<Vec<u8>, InvalidTls> {
    fs::read(path).map_err(|why| InvalidTls(format!("cannot read `{path}`: {why}")))
}

/// The certificates of a PEM file; at least one.
fn certificates(path: &str) -> Result<Vec<CertificateDer<'static>>, InvalidTls> {
    let text = read(path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let found = found.map_err(|why| InvalidTls(format!("`{path}` is not a PEM file of certificates: {why}")))?;
    if found.is_empty() {
        return Err(InvalidTls(format!("`{path}` has no certificate; expected `-----BEGIN CERTIFICATE-----`")));
    }
    Ok(found)
}

/// The private key of a PEM file.
fn key(path: &str) -> Result<PrivateKeyDer<'static>, InvalidTls> {
    PrivateKeyDer::from_pem_slice(&read(path)?).map_err(|why| {
        InvalidTls(format!("`{path}` has no private key; expected `-----BEGIN PRIVATE KEY-----`: {why}"))
    })
}

/// The authorities of a PEM file.
fn authorities(path: &str) -> Result<Arc<RootCertStore>, InvalidTls> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots
            .add(certificate)
            .map_err(|why| InvalidTls(format!("`{path}` has a certificate that is no authority: {why}")))?;
    }
    Ok(Arc::new(roots))
}
