//! From the raw tree to a [`Gateway`]: every meaning checked, every mistake reported, all at once.

mod authenticate;
mod authorize;
mod cache;
mod context;
mod edits;
mod filter;
pub(super) mod limit;
mod masked;
mod matches;
mod native;
mod receive;
mod routes;
mod upstreams;

use std::hash::{DefaultHasher, Hasher};

use http::HeaderValue;
use serde::Deserialize;
use serde_json::Value;

use super::capabilities::{PlatformName, check_capabilities};
use super::diagnostic::{Diagnostic, Diagnostics, Path, Place, Severity};
use super::variables::{self, Variables};
use super::{Gateway, grammar, raw};
use crate::authenticate::MemoryScope;
use context::Context;
use masked::Secrets;

/// What a document is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be looked at only: a variable without a value is a warning, and what depends on it is not judged.
    Check,
    /// To be served: a variable without a value is an error.
    Run,
}

/// What came of a document.
#[derive(Debug)]
pub struct Checked {
    /// The gateway, if there is no error and every variable has a value.
    pub gateway: Option<Gateway>,
    /// All that was found.
    pub diagnostics: Diagnostics,
    /// The raw tree, if the document has its shape.
    pub document: Option<raw::Document>,
}

impl Checked {
    /// A document that could not even be read as JSON.
    #[must_use]
    pub fn unreadable(why: &str) -> Self {
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(Diagnostic::error("unreadable", Path::root(), format!("the document is not JSON: {why}")));
        Self { gateway: None, diagnostics, document: None }
    }

    /// Adds what `platform` cannot do. An error takes the gateway away.
    pub fn require(&mut self, platform: PlatformName) {
        if let Some(document) = &self.document {
            self.diagnostics.extend(check_capabilities(document, platform));
        }
        if self.diagnostics.has_errors() {
            self.gateway = None;
        }
    }
}

/// Compiles a document: variables are replaced, the shape is read, the meaning checked.
///
/// The shape is reported by its first mistake only; to have all at once, with positions, check it against the schema before (feature `source`).
#[must_use]
pub fn compile_value(document: &Value, variables: &dyn Variables, purpose: Purpose) -> Checked {
    let mut diagnostics = Diagnostics::default();
    let epoch = epoch_of(document);
    let missing = match purpose {
        Purpose::Check => Severity::Warning,
        Purpose::Run => Severity::Error,
    };
    let written = document;
    let (document, unresolved) = variables::resolved(written, variables, missing, &mut diagnostics);
    let raw = match raw::Document::deserialize(&*document) {
        Ok(raw) => raw,
        Err(why) => {
            let why = format!("the document has not the shape of a configuration: {why}");
            let secrets = Secrets::of(written, variables);
            diagnostics.push(secrets.masked(Diagnostic::error("shape", Path::root(), why)));
            return Checked { gateway: None, diagnostics, document: None };
        }
    };
    let (gateway, found) = compile(&raw, epoch, memory_scope(&document));
    // What stands in a text whose variable has no value cannot be judged; a value derived from it neither.
    let judged =
        |diagnostic: &Diagnostic| !unresolved.iter().any(|path| diagnostic.path.steps().starts_with(path.steps()));
    let found: Vec<Diagnostic> = found.into_vec().into_iter().filter(judged).collect();
    if !found.is_empty() {
        let secrets = Secrets::of(written, variables);
        found.into_iter().for_each(|diagnostic| diagnostics.push(secrets.masked(diagnostic)));
    }
    let usable = !diagnostics.has_errors() && unresolved.is_empty();
    Checked { gateway: gateway.filter(|_| usable), diagnostics, document: Some(raw) }
}

/// Names a document: a hash of its canonical JSON text before variables are replaced, so that no secret can be guessed from it. Bytes
/// are hashed, so that a document has the same name on every platform, whatever its word size.
fn epoch_of(document: &Value) -> String {
    struct Hashing(DefaultHasher);
    impl std::io::Write for Hashing {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.write(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut text = Hashing(DefaultHasher::new());
    // A hasher takes everything, so that this cannot fail.
    let _ = serde_json::to_writer(&mut text, document);
    format!("{:016x}", text.0.finish())
}

/// The scope of the document with the values of its variables.
fn memory_scope(document: &Value) -> MemoryScope {
    MemoryScope::of(document.to_string().as_bytes())
}

/// Checks the meaning of `raw`. The gateway is there if nothing is wrong, beside warnings.
#[must_use]
pub fn compile(raw: &raw::Document, epoch: String, memory_scope: MemoryScope) -> (Option<Gateway>, Diagnostics) {
    let mut context = Context::default();
    let root = Place::root();
    if let Some(version) = raw.version
        && version != 1
    {
        context.error("version", root.key("version"), format!("expected version 1, found {version}"));
    }
    let name = name(raw, &mut context);
    let upstreams = upstreams::upstreams(&raw.upstreams, &root.key("upstreams"), &mut context);
    let authenticate = authenticate::authenticate(&raw.authenticate, &root.key("authenticate"), &mut context);
    let names = names_of(&raw.authenticate);
    let limits = limit::limits(&raw.limit, &names, &root.key("limit"), &mut context);
    let caches = cache::caches(&raw.cache, &names, &name, &root.key("cache"), &mut context);
    let policies = routes::Policies { authenticate: &authenticate, limits: &limits, caches: &caches };
    let (routes, table) = routes::routes(&raw.routes, &upstreams, &policies, &root.key("routes"), &mut context);
    authenticate.open_routes(&raw.routes, &root.key("routes"), &mut context);
    cache::open_purges(raw, &root.key("routes"), &mut context);
    let receive = receive::receive(&raw.receive, name.clone(), &root.key("receive"), &mut context);
    let filter = root.key("filter");
    let addresses =
        raw.filter.addresses.as_ref().map(|lists| filter::addresses(lists, &filter.key("addresses"), &mut context));
    let cors = raw.filter.cors.as_ref().map(|cors| filter::cors(cors, &filter.key("cors"), &mut context));
    let respond = root.key("respond");
    let headers = respond.key("headers");
    let response_edits = edits::edits(&raw.respond.headers, edits::Direction::Response, &headers, &mut context);
    let reload = context.duration_or(
        raw.reload.interval.as_deref(),
        std::time::Duration::from_secs(60),
        &root.key("reload").key("interval"),
    );
    let native = native::native(&raw.native, &root.key("native"), &mut context);
    let own_documents = authenticate.own_documents(&routes, &root.key("authenticate"), &mut context);
    let via = HeaderValue::from_str(&format!("1.1 {name}"));
    let (Ok(via), false) = (via, context.found.has_errors()) else { return (None, context.found) };
    let gateway = Gateway {
        epoch,
        memory_scope,
        name,
        via,
        receive,
        path_rules: filter::path_rules(&raw.filter.path),
        addresses,
        cors,
        own_documents,
        identity_headers: authenticate.identity_headers(raw),
        authenticators: authenticate.authenticators(),
        assertion: authenticate.assertion,
        resource: authenticate.resource,
        limits: limits.into_limits(),
        caches: caches.into_caches(),
        upstreams: upstreams.into_values().filter_map(|declared| declared.upstream).collect(),
        routes,
        table,
        forwarded: edits::forwarded(raw.dispatch.forwarded),
        response_edits,
        access_log: edits::access_log(raw.respond.access_log),
        reload_interval: Some(reload).filter(|interval| !interval.is_zero()),
        native,
    };
    (Some(gateway), context.found)
}

fn names_of(raw: &raw::Authenticate) -> Vec<&str> {
    raw.authenticators.keys().map(String::as_str).collect()
}

/// The pseudonym in `Via` is a token (RFC 9110 section 7.6.3).
fn name(raw: &raw::Document, context: &mut Context) -> String {
    let name = raw.name.as_deref().unwrap_or("tidegate");
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(is_token) {
        let message = format!("expected 1 to 64 letters, digits, `-`, `.` or `_`, found `{}`", grammar::shorten(name));
        context.error("name", Place::root().key("name"), message);
    }
    name.to_owned()
}

#[cfg(test)]
mod tests;
