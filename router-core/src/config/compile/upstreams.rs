//! `upstreams:`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::context::Context;
use crate::config::diagnostic::Place;
use crate::config::raw;
use crate::dispatch::{Target, Timeouts, Upstream, UpstreamHost, UpstreamProtocol, UpstreamTls};
use crate::receive::split_authority;

/// An upstream that the document declares. One with mistakes is there all the same, so that routes to it are not reported too.
pub(super) struct Declared {
    pub(super) index: usize,
    pub(super) upstream: Option<Upstream>,
}

/// The upstreams by name, in the order of their indices.
pub(super) fn upstreams<'r>(
    raw: &'r BTreeMap<String, raw::Upstream>,
    path: &Place<'_>,
    context: &mut Context,
) -> BTreeMap<&'r str, Declared> {
    let declare = |(index, (name, raw)): (usize, (&'r String, &raw::Upstream))| {
        (name.as_str(), Declared { index, upstream: upstream(name, raw, &path.key(name), context) })
    };
    raw.iter().enumerate().map(declare).collect()
}

fn upstream(name: &str, raw: &raw::Upstream, path: &Place<'_>, context: &mut Context) -> Option<Upstream> {
    let at = path.key("targets");
    if raw.targets.is_empty() {
        context.error("no-targets", at, "expected at least one target");
    }
    let mut targets = Vec::with_capacity(raw.targets.len());
    for (index, target) in raw.targets.iter().enumerate() {
        let parsed = context.ok("target", &at.index(index).key("url"), Target::parse(&target.url));
        targets.extend(parsed);
    }
    let whole = !targets.is_empty() && targets.len() == raw.targets.len();
    let timeouts = timeouts(&raw.timeouts, Timeouts::default(), &path.key("timeouts"), context);
    let host = host(&raw.host, &path.key("host"), context);
    let tls = raw.tls.as_ref().map_or_else(UpstreamTls::default, |tls| self::tls(tls, &path.key("tls"), context));
    let protocol = match raw.protocol {
        raw::UpstreamProtocol::Auto => UpstreamProtocol::Auto,
        raw::UpstreamProtocol::Http1 => UpstreamProtocol::Http1,
        raw::UpstreamProtocol::Http2 => UpstreamProtocol::Http2,
    };
    let sign = raw.sign.as_ref().and_then(|raw| super::authenticate::signing(raw, &path.key("sign"), context));
    whole.then(|| Upstream { name: name.to_owned(), targets, timeouts, protocol, host, tls, sign })
}

/// Deadlines over `inherited` ones. `0s` is none.
pub(super) fn timeouts(raw: &raw::Timeouts, inherited: Timeouts, path: &Place<'_>, context: &mut Context) -> Timeouts {
    let mut read = |text: &Option<String>, key: &str, inherited: Option<Duration>| match text {
        None => inherited,
        Some(text) => context.duration(Some(text), &path.key(key)).filter(|duration| !duration.is_zero()),
    };
    Timeouts {
        connect: read(&raw.connect, "connect", inherited.connect),
        first_byte: read(&raw.first_byte, "first_byte", inherited.first_byte),
        idle: read(&raw.idle, "idle", inherited.idle),
        total: read(&raw.total, "total", inherited.total),
    }
}

fn host(raw: &raw::UpstreamHost, path: &Place<'_>, context: &mut Context) -> UpstreamHost {
    match raw {
        raw::UpstreamHost::Target => UpstreamHost::Target,
        raw::UpstreamHost::Client => UpstreamHost::Client,
        raw::UpstreamHost::Name(name) => {
            let path = path.key("name");
            if split_authority(name).is_err() {
                context.error("host", path, format!("`{name}` is no host name with perhaps a port"));
                return UpstreamHost::Target;
            }
            context.header_value(name, &path).map_or(UpstreamHost::Target, UpstreamHost::Name)
        }
    }
}

fn tls(raw: &raw::UpstreamTls, path: &Place<'_>, context: &mut Context) -> UpstreamTls {
    let identity = match (&raw.certificate, &raw.key) {
        (Some(certificate), Some(key)) => Some((certificate.clone(), key.clone())),
        (None, None) => None,
        (Some(_), None) => {
            context.error("tls", *path, "`certificate` needs the `key` that belongs to it");
            None
        }
        (None, Some(_)) => {
            context.error("tls", *path, "`key` needs the `certificate` that belongs to it");
            None
        }
    };
    UpstreamTls { ca: raw.ca.clone(), identity, server_name: raw.server_name.clone() }
}
