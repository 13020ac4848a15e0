//! `resource:`.

use crate::authenticate::Endpoint;
use crate::authenticate::resource::{Rules, WELL_KNOWN};
use crate::config::compile::context::Context;
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::raw::authenticate as raw;
use crate::filter::path::configured;

pub(super) fn rules(
    raw: &raw::ProtectedResource,
    section: &raw::Authenticate,
    path: &Place<'_>,
    context: &mut Context,
) -> Option<Rules> {
    let identifier = identifier(&raw.identifier, &path.key("identifier"), context);
    let servers = path.key("authorization_servers");
    for (index, server) in raw.authorization_servers.iter().enumerate() {
        https(server, &servers.index(index), context);
    }
    if let Some(documentation) = &raw.documentation {
        https(documentation, &path.key("documentation"), context);
    }
    if raw.name.as_ref().is_some_and(|name| name.trim().is_empty()) {
        context.error("resource-name", path.key("name"), "expected a name, found an empty text");
    }
    let (path, metadata_url) = identifier?;
    Some(Rules {
        identifier: raw.identifier.clone(),
        path,
        metadata_url,
        authorization_servers: issuers(raw, section),
        name: raw.name.clone(),
        documentation: raw.documentation.clone(),
    })
}

/// Those that are named, else the issuers of all tokens, each once.
fn issuers(raw: &raw::ProtectedResource, section: &raw::Authenticate) -> Vec<String> {
    if !raw.authorization_servers.is_empty() {
        return raw.authorization_servers.clone();
    }
    let mut issuers = Vec::new();
    for authenticator in section.authenticators.values() {
        let issuer = match authenticator {
            raw::Authenticator::Jwt(jwt) => Some(&jwt.issuer),
            raw::Authenticator::Introspection(introspection) => introspection.issuer.as_ref(),
            _ => None,
        };
        // An issuer may be any text in a token; only a URL leads a client anywhere.
        let leads = |issuer: &&String| issuer.starts_with("https://") || issuer.starts_with("http://");
        if let Some(issuer) = issuer.filter(leads).filter(|issuer| !issuers.contains(*issuer)) {
            issuers.push(issuer.clone());
        }
    }
    issuers
}

/// Path and URL of the metadata (RFC 9728 section 3.1): the well-known part stands between the identifier's host and its path.
fn identifier(text: &str, path: &Place<'_>, context: &mut Context) -> Option<(String, String)> {
    let endpoint = https(text, path, context)?;
    if text.contains('?') {
        let query =
            Diagnostic::error("resource-identifier", path.path(), "a query in the identifier is not possible here");
        context.found.push(query.with_help("name the resource by its path"));
        return None;
    }
    // A slash behind the host alone is left out.
    let suffix = if endpoint.path_and_query() == "/" { "" } else { endpoint.path_and_query() };
    let published = format!("{WELL_KNOWN}{suffix}");
    match configured(&published) {
        Ok(normal) if normal.as_str() == published => {
            let url = format!("{}{published}", endpoint.target());
            Some((published, url))
        }
        _ => {
            let message =
                "the path of the identifier is not in its normal form, so that nobody would find its metadata";
            context.error("resource-identifier", *path, message);
            None
        }
    }
}

/// An https URL without fragment; in clear text on this machine only.
fn https(text: &str, path: &Place<'_>, context: &mut Context) -> Option<Endpoint> {
    let endpoint = context.ok("url", path, Endpoint::parse(text))?;
    if endpoint.is_plain() && !endpoint.is_loopback() {
        let plain = Diagnostic::error("url", path.path(), "expected a URL that starts with `https://`");
        context.found.push(plain.with_help("without TLS anybody on the way could send clients to another issuer"));
        return None;
    }
    Some(endpoint)
}
