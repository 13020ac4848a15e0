//! What is said when the gateway has started: where it listens, what it does, what to try.

use std::fmt::Write;
use std::net::SocketAddr;

use router_core::config::{Gateway, Listener, ListenerProtocols, raw};
use router_core::head::Scheme;

use super::tries::tries;
use crate::describe::{goes_to, matches};
use crate::table::Table;
use crate::terminal::{GOOD, HEADING, NAME, PLAIN, QUIET, styled};

/// What has started.
pub(crate) struct Started<'a> {
    pub(crate) file: String,
    pub(crate) gateway: &'a Gateway,
    pub(crate) document: &'a raw::Document,
    /// Rendered; empty if there are none.
    pub(crate) warnings: &'a str,
    /// Where clients connect, in the order of the listeners, with the ports that the system gave.
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) admin: SocketAddr,
}

/// So many routes are listed; a larger table nobody reads at a start.
const ROUTES_SHOWN: usize = 30;

/// So many upstreams.
const UPSTREAMS_SHOWN: usize = 20;

/// The summary.
pub(crate) fn summary(started: &Started<'_>) -> String {
    let (gateway, version) = (started.gateway, env!("CARGO_PKG_VERSION"));
    let mut out = String::from(started.warnings);
    let _ = writeln!(
        out,
        "{} {version} serves {} as `{}` (epoch {})\n",
        styled(GOOD, "tidegate"),
        started.file,
        gateway.name,
        gateway.epoch
    );
    out.push_str(&places(started));
    routes(&mut out, started);
    upstreams(&mut out, gateway);
    let listeners = gateway.native.listeners.iter().zip(&started.addresses);
    let tries = tries(gateway, started.document, listeners);
    if !tries.is_empty() {
        let _ = writeln!(out, "\n{}", styled(HEADING, "Try"));
        for line in tries {
            let _ = writeln!(out, "  {line}");
        }
    }
    let _ = writeln!(out, "\n{}", styled(QUIET, "A changed file is taken over when it is good. Ctrl-C stops."));
    out
}

fn places(started: &Started<'_>) -> String {
    let mut table = Table::default();
    for (listener, address) in started.gateway.native.listeners.iter().zip(&started.addresses) {
        let url = format!("{}://{address}", scheme(listener).as_str());
        table.row([(HEADING, "listening".into()), (NAME, url), (PLAIN, speaks(listener).into())]);
    }
    let admin = format!("http://{}", started.admin);
    table.row([(HEADING, "admin".into()), (NAME, admin), (PLAIN, "/healthz, /readyz".into())]);
    table.render(2)
}

/// What clients of a listener use.
pub(crate) fn scheme(listener: &Listener) -> Scheme {
    if listener.tls.is_some() { Scheme::Https } else { Scheme::Http }
}

fn speaks(listener: &Listener) -> &'static str {
    match listener.protocols {
        ListenerProtocols::Both => "HTTP/1.1 and HTTP/2",
        ListenerProtocols::Http1 => "HTTP/1.1",
        ListenerProtocols::Http2 => "HTTP/2",
    }
}

fn routes(out: &mut String, started: &Started<'_>) {
    out.push('\n');
    let mut table = Table::titled(["Route", "takes", "goes to"]);
    let routes = &started.gateway.routes;
    for (route, raw) in routes.iter().zip(&started.document.routes).take(ROUTES_SHOWN) {
        table.row([
            (NAME, route.name.clone()),
            (PLAIN, matches(&raw.matches)),
            (PLAIN, goes_to(started.gateway, route)),
        ]);
    }
    out.push_str(&table.render(2));
    more(out, routes.len(), ROUTES_SHOWN, "`tidegate explain` says which one takes a request");
}

fn upstreams(out: &mut String, gateway: &Gateway) {
    if gateway.upstreams.is_empty() {
        return;
    }
    out.push('\n');
    let mut table = Table::titled(["Upstream", "targets"]);
    for upstream in gateway.upstreams.iter().take(UPSTREAMS_SHOWN) {
        let targets: Vec<String> = upstream.targets.iter().map(ToString::to_string).collect();
        table.row([(NAME, upstream.name.clone()), (PLAIN, targets.join(", "))]);
    }
    out.push_str(&table.render(2));
    more(out, gateway.upstreams.len(), UPSTREAMS_SHOWN, "the configuration has them all");
}

fn more(out: &mut String, count: usize, shown: usize, what: &str) {
    if let Some(rest) = count.checked_sub(shown).filter(|rest| *rest > 0) {
        let _ = writeln!(out, "  {}", styled(QUIET, &format!("and {rest} more: {what}")));
    }
}
