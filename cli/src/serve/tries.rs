//! Command lines to try that really work with this configuration.
//!
//! A request is made up for each route, and the configuration is asked what would become of it. Only what ends at that very route is shown.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use http::{HeaderName, HeaderValue, Method, header};
use router_core::config::{Gateway, Listener, ListenerProtocols, raw};

use super::summary::scheme;
use crate::explain::{Ending, Question, Url, walk};

/// So many lines are shown.
const SHOWN: usize = 5;

/// So many routes are tried for them.
const TRIED: usize = 30;

/// The lines; none if nothing can be made up.
pub(crate) fn tries<'l>(
    gateway: &Gateway,
    document: &raw::Document,
    listeners: impl Iterator<Item = (&'l Listener, &'l SocketAddr)>,
) -> Vec<String> {
    // A client without a certificate is not let in by these; clear text is the easiest to try.
    let demands = |listener: &Listener| {
        listener.tls.as_ref().and_then(|tls| tls.client_certificates.as_ref()).is_some_and(|clients| !clients.optional)
    };
    let mut open: Vec<_> = listeners.filter(|(listener, _)| !demands(listener)).collect();
    open.sort_by_key(|(listener, _)| listener.tls.is_some());
    let Some((listener, address)) = open.first() else { return Vec::new() };
    let (mut own, mut asking_others) = (Vec::new(), Vec::new());
    for route in document.routes.iter().take(TRIED) {
        let Some(trial) = Trial::of(route) else { continue };
        match trial.outcome(gateway, listener, reachable(**address), &route.name) {
            Some(Outcome::Own) => own.push(trial.curl(listener, reachable(**address))),
            Some(Outcome::Upstream) => asking_others.push(trial.curl(listener, reachable(**address))),
            None => {}
        }
    }
    own.into_iter().chain(asking_others).take(SHOWN).collect()
}

/// Who answers.
enum Outcome {
    Own,
    Upstream,
}

/// A request that a route should take.
struct Trial {
    method: Method,
    path: String,
    query: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Trial {
    /// `None` where something is wanted that cannot be made up, such as text that a regular expression matches.
    fn of(route: &raw::Route) -> Option<Self> {
        let wanted = &route.matches;
        let method = wanted.methods.first().map_or(Some(Method::GET), |method| method.parse().ok())?;
        let path = match wanted.paths.first() {
            None => "/".to_owned(),
            Some(raw::PathMatch::Exact(path)) => path.clone(),
            Some(raw::PathMatch::Prefix(prefix)) => match route.to {
                raw::Action::Echo(_) => format!("{}/hello", prefix.trim_end_matches('/')),
                _ => prefix.clone(),
            },
            Some(raw::PathMatch::Template(template)) => filled(template),
            Some(raw::PathMatch::Regex(_)) => return None,
        };
        let mut headers = Vec::new();
        if let Some(host) = wanted.hosts.first() {
            headers.push((header::HOST, host.replacen('*', "www", 1).parse().ok()?));
        }
        for (name, value) in &wanted.headers {
            if let Some(value) = sample(value)? {
                headers.push((name.parse().ok()?, value.parse().ok()?));
            }
        }
        let mut query = Vec::new();
        for (name, value) in &wanted.query {
            if let Some(value) = sample(value)? {
                query.push(format!("{name}={value}"));
            }
        }
        Some(Self { method, path, query: Some(query.join("&")).filter(|query| !query.is_empty()), headers })
    }

    /// What would become of it, if it ends at the route it was made for.
    fn outcome(&self, gateway: &Gateway, listener: &Listener, address: SocketAddr, route: &str) -> Option<Outcome> {
        let url = Url { origin: None, path: self.path.clone(), query: self.query.clone() };
        // On a loopback address or on one of this machine the client has the same address.
        let origin = (scheme(listener), address.to_string());
        let question = Question::of(self.method.clone(), origin, &url, &self.headers, address.ip());
        let account = walk(gateway, &question);
        if account.route.as_ref().is_none_or(|found| found.name != route) {
            return None;
        }
        match account.ending {
            Ending::Echo { .. } | Ending::Respond { .. } | Ending::Redirect { .. } => Some(Outcome::Own),
            Ending::Upstream { .. } => Some(Outcome::Upstream),
            // Nobody wants to try this out.
            Ending::Purge | Ending::Preflight { .. } | Ending::Rejected { .. } => None,
        }
    }

    fn curl(&self, listener: &Listener, address: SocketAddr) -> String {
        let mut line = vec!["curl".to_owned(), "-i".to_owned()];
        if listener.tls.is_some() {
            // The certificate is for a name, not for this address.
            line.push("--insecure".to_owned());
        } else if listener.protocols == ListenerProtocols::Http2 {
            line.push("--http2-prior-knowledge".to_owned());
        }
        match self.method {
            Method::GET => {}
            Method::HEAD => line.push("-I".to_owned()),
            ref other => line.extend(["-X".to_owned(), quoted(other.as_str())]),
        }
        for (name, value) in &self.headers {
            let name = if *name == header::HOST { "Host" } else { name.as_str() };
            line.extend(["-H".to_owned(), quoted(&format!("{name}: {}", value.to_str().unwrap_or_default()))]);
        }
        let query = self.query.as_deref().map(|query| format!("?{query}")).unwrap_or_default();
        line.push(quoted(&format!("{}://{address}{}{query}", scheme(listener).as_str(), self.path)));
        line.join(" ")
    }
}

/// A template with something for each parameter.
fn filled(template: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(if name.starts_with('*') { "a/b" } else { "1" });
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// A value that fits, or nothing where there must be none. `None` where it cannot be made up.
fn sample(value: &raw::ValueMatch) -> Option<Option<&str>> {
    match value {
        raw::ValueMatch::Present => Some(Some("1")),
        raw::ValueMatch::Absent => Some(None),
        raw::ValueMatch::Exact(text) => Some(Some(text)),
        raw::ValueMatch::Regex(_) => None,
    }
}

/// An address to connect to: "any address" is reached at the loopback one.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    };
    SocketAddr::new(ip, address.port())
}

/// A word for a POSIX shell.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/:._-=@%+,".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use router_core::config::source::load;
    use router_core::config::{NoVariables, Purpose};

    use super::*;

    fn lines(routes: &str) -> Vec<String> {
        let loaded = load("test", routes, &NoVariables, Purpose::Run);
        let gateway = loaded.checked.gateway.unwrap_or_else(|| panic!("{}", loaded.checked.diagnostics));
        let address = "0.0.0.0:8080".parse().unwrap();
        tries(
            &gateway,
            &loaded.checked.document.unwrap(),
            gateway.native.listeners.iter().map(|listener| (listener, &address)),
        )
    }

    #[test]
    fn a_line_asks_for_all_that_the_route_wants() {
        let route = r#"
routes:
  - name: a
    match:
      hosts: ["*.example.com"]
      methods: [PUT]
      paths: [{template: "/users/{id}/{*rest}"}]
      headers: {x-beta: present, x-old: absent}
      query: {v: {exact: "it's"}}
    to: {echo: {}}
"#;
        let line =
            r#"curl -i -X PUT -H 'Host: www.example.com' -H 'x-beta: 1' 'http://127.0.0.1:8080/users/1/a/b?v=it'\''s'"#;
        assert_eq!(lines(route), [line]);
    }

    #[test]
    fn what_would_be_refused_or_end_elsewhere_is_not_shown() {
        let routes = r#"
routes:
  - {name: closed, match: {paths: [{exact: /closed}]}, filter: {addresses: {deny: [127.0.0.0/8]}}, to: {echo: {}}}
  - {name: general, match: {paths: [{template: "/{any}"}]}, to: {echo: {}}}
  - {name: special, match: {paths: [{exact: /1}]}, to: {respond: {}}}
  - {name: regex, match: {paths: [{regex: "/r[0-9]"}]}, to: {echo: {}}}
"#;
        assert_eq!(lines(routes), ["curl -i http://127.0.0.1:8080/1"]);
    }

    #[test]
    fn routes_that_need_no_other_server_come_first() {
        let routes = r#"
upstreams: {u: {targets: [{url: "http://u.test"}]}}
routes:
  - {name: u, match: {paths: [{prefix: /u}]}, to: {upstream: u}}
  - {name: e, match: {paths: [{prefix: /e}]}, to: {echo: {}}}
"#;
        assert_eq!(lines(routes), ["curl -i http://127.0.0.1:8080/e/hello", "curl -i http://127.0.0.1:8080/u"]);
    }
}
