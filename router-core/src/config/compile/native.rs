//! `native:`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::context::Context;
use crate::config::diagnostic::Place;
use crate::config::gateway::{ClientCertificates, Listener, ListenerProtocols, ListenerTls, NativeRules};
use crate::config::{RedisAddress, grammar, raw};

/// As long as container platforms commonly wait before they kill.
const DRAIN: Duration = Duration::from_secs(30);
/// A head fits into a few packets; whoever needs longer holds a connection on purpose.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// A little longer than the 60 s that load balancers in front commonly keep, so that they close first.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Bounds the memory and the file descriptors of a thread; what systems commonly allow a process is a few times that.
const MAX_CONNECTIONS: u32 = 10_000;

pub(super) fn native(raw: &raw::Native, path: &Place<'_>, context: &mut Context) -> NativeRules {
    let mut listeners = Vec::new();
    for (index, listener) in raw.listeners.iter().enumerate() {
        listeners.extend(self::listener(listener, &path.key("listeners").index(index), context));
    }
    if raw.listeners.is_empty() {
        listeners.push(Listener { address: local(8080), tls: None, protocols: ListenerProtocols::Both });
    }
    let admin = raw.admin.as_deref().and_then(|text| address(text, &path.key("admin"), context));
    let threads = raw.threads.map(|threads| threads as usize);
    if threads.is_some_and(|threads| !(1..=1024).contains(&threads)) {
        context.error("threads", path.key("threads"), "expected 1 to 1024 threads");
    }
    let max_connections = raw.max_connections.unwrap_or(MAX_CONNECTIONS);
    if max_connections == 0 {
        context.error("max-connections", path.key("max_connections"), "expected at least 1 connection");
    }
    NativeRules {
        listeners,
        admin: admin.unwrap_or_else(|| local(9090)),
        threads,
        drain: context.duration_or(raw.drain.as_deref(), DRAIN, &path.key("drain")),
        head_timeout: context.duration_or(raw.head_timeout.as_deref(), HEAD_TIMEOUT, &path.key("head_timeout")),
        keep_alive: context.duration_or(raw.keep_alive.as_deref(), KEEP_ALIVE, &path.key("keep_alive")),
        max_connections: max_connections as usize,
        store: raw.store.clone(),
        redis: raw.redis.as_deref().and_then(|text| redis(text, &path.key("redis"), context)),
    }
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

fn address(text: &str, path: &Place<'_>, context: &mut Context) -> Option<SocketAddr> {
    let expected = || {
        format!(
            "expected an address and a port such as `127.0.0.1:8080` or `[::]:8443`, found `{}`",
            grammar::shorten(text)
        )
    };
    context.ok("address", path, text.parse().map_err(|_| expected()))
}

fn redis(text: &str, path: &Place<'_>, context: &mut Context) -> Option<RedisAddress> {
    // Nothing of it is shown: there may be a password in it.
    context.ok("redis", path, RedisAddress::parse(text))
}

fn listener(raw: &raw::Listener, path: &Place<'_>, context: &mut Context) -> Option<Listener> {
    let address = address(&raw.address, &path.key("address"), context)?;
    let protocols = match raw.protocols {
        raw::ListenerProtocols::Both => ListenerProtocols::Both,
        raw::ListenerProtocols::Http1 => ListenerProtocols::Http1,
        raw::ListenerProtocols::Http2 => ListenerProtocols::Http2,
    };
    let tls = raw.tls.as_ref().map(|tls| ListenerTls {
        certificate: tls.certificate.clone(),
        key: tls.key.clone(),
        client_certificates: tls
            .client_certificates
            .as_ref()
            .map(|clients| ClientCertificates { ca: clients.ca.clone(), optional: clients.optional }),
    });
    Some(Listener { address, tls, protocols })
}
