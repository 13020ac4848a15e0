//! The compiled, checked configuration.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::authenticate::{Authenticator, MemoryScope, Policy, assertion, resource};
use crate::cache::Caches;
use crate::config::RedisAddress;
use crate::dispatch::{ForwardedHeaders, Timeouts, Upstream};
use crate::edits::HeaderEdits;
use crate::filter::path::{Encoded, NormalPath, PathRules, Rewrite};
use crate::filter::{AccessLists, Cors, Mode};
use crate::head::{RequestHead, Scheme};
use crate::limit::Limits;
use crate::receive::{Facts, ReceiveRules};
use crate::rejection::{Malformed, Rejection};
use crate::respond::AccessLog;
use crate::route::{Asked, Finding, Found, Params, RouteIndex, Table};

/// The compiled configuration. Immutable: a newer one replaces it whole, between requests.
#[derive(Debug)]
pub struct Gateway {
    /// Names this very document in logs: the first 16 hexadecimal digits of a hash of it.
    pub epoch: String,
    /// Under what an instance remembers what it found out about credentials: another one for other secrets, which the epoch is not.
    pub memory_scope: MemoryScope,
    /// The name in `Via`.
    pub name: String,
    /// What is added to `Via`: protocol and name.
    pub via: HeaderValue,
    /// What is accepted.
    pub receive: ReceiveRules,
    /// How paths are normalised.
    pub path_rules: PathRules,
    /// Who may connect at all.
    pub addresses: Option<AccessLists>,
    /// Cross-origin rules of routes that have none.
    pub cors: Option<Cors>,
    /// The ways to learn who asks, by the index that policies use.
    pub authenticators: Vec<Authenticator>,
    /// How the gateway states who asks.
    pub assertion: Option<assertion::Rules>,
    /// What clients can learn about getting access.
    pub resource: Option<resource::Rules>,
    /// Header fields that only the gateway may set, lower case with dashes: they are taken out of every request.
    pub identity_headers: Vec<HeaderName>,
    /// What the gateway itself publishes, by normalised path: looked at before the routes.
    pub own_documents: Vec<(String, FixedAnswer)>,
    /// How much everyone may ask for.
    pub limits: Limits,
    /// What is stored of which answers.
    pub caches: Caches,
    /// The upstreams, by the index that routes use.
    pub upstreams: Vec<Upstream>,
    /// The routes, by the index that the table gives.
    pub routes: Vec<Route>,
    /// Which route takes a request.
    pub table: Table,
    /// How upstreams learn of the client.
    pub forwarded: ForwardedHeaders,
    /// Edits of every answer.
    pub response_edits: HeaderEdits,
    /// Which requests are logged.
    pub access_log: AccessLog,
    /// How often a newer document is looked for; `None`: never.
    pub reload_interval: Option<Duration>,
    /// Settings of the native platform.
    pub native: NativeRules,
}

/// A route and the policies that hold for it.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its name.
    pub name: String,
    /// Its own body limit.
    pub max_body: Option<u64>,
    /// Who may use it.
    pub addresses: Option<AccessLists>,
    /// Its own cross-origin rules.
    pub cors: Option<Cors>,
    /// Who may use it; `None`: everyone.
    pub authenticate: Option<Policy>,
    /// The limits that hold for it, by their index in [`Gateway::limits`].
    pub limits: Vec<usize>,
    /// The rule by which its answers are stored, by its index in [`Caches::rules`]; `None`: they are not. Only a route to an upstream has one.
    pub cache: Option<usize>,
    /// How the path is changed.
    pub rewrite: Option<Rewrite>,
    /// Edits of the request.
    pub request_edits: HeaderEdits,
    /// Edits of the response.
    pub response_edits: HeaderEdits,
    /// What a client may switch to.
    pub upgrades: Vec<Upgrade>,
    /// Who answers.
    pub action: Action,
}

/// A protocol that a client may switch to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upgrade {
    /// WebSocket (RFC 6455).
    Websocket,
}

impl Upgrade {
    /// Its token in `Upgrade`.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Websocket => "websocket",
        }
    }
}

/// Who answers.
#[derive(Clone, Debug)]
pub enum Action {
    /// The upstream at this index, with these deadlines.
    Upstream {
        /// Index into [`Gateway::upstreams`].
        upstream: usize,
        /// The route's deadlines over the upstream's.
        timeouts: Timeouts,
    },
    /// A redirect.
    Redirect(Redirect),
    /// A fixed answer.
    Respond(FixedAnswer),
    /// The reflection of the request, with at most so many bytes of its body.
    Echo {
        /// In bytes.
        max_body: usize,
    },
    /// Stored answers are purged.
    Purge,
}

/// A redirect; what is `None` is taken from the request.
#[derive(Clone, Debug)]
pub struct Redirect {
    /// 301, 302, 303, 307 or 308.
    pub status: StatusCode,
    /// The scheme.
    pub scheme: Option<Scheme>,
    /// Host and port.
    pub authority: Option<String>,
    /// The path, made of the route's parameters.
    pub path: Option<Rewrite>,
    /// Whether the query is left out.
    pub drop_query: bool,
}

/// A fixed answer.
#[derive(Clone, Debug)]
pub struct FixedAnswer {
    /// The status.
    pub status: StatusCode,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Settings of the native platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeRules {
    /// Where clients connect; never empty.
    pub listeners: Vec<Listener>,
    /// Where operators connect.
    pub admin: SocketAddr,
    /// How many threads serve; `None`: one per core.
    pub threads: Option<usize>,
    /// How long open requests are waited for.
    pub drain: Duration,
    /// How long a request head may take.
    pub head_timeout: Duration,
    /// How long an idle connection is kept.
    pub keep_alive: Duration,
    /// Connections per thread.
    pub max_connections: usize,
    /// The file of the key-value store; `None`: memory.
    pub store: Option<String>,
    /// Where several processes share claims and counts; `None`: this one keeps its own.
    pub redis: Option<RedisAddress>,
}

/// Where clients connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Address and port.
    pub address: SocketAddr,
    /// TLS.
    pub tls: Option<ListenerTls>,
    /// What clients may speak.
    pub protocols: ListenerProtocols,
}

/// The protocols that clients may speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListenerProtocols {
    /// HTTP/1.1 and HTTP/2.
    #[default]
    Both,
    /// HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
}

/// TLS of a listener: PEM files that the platform reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerTls {
    /// The certificate chain.
    pub certificate: String,
    /// Its key.
    pub key: String,
    /// Certificates of clients.
    pub client_certificates: Option<ClientCertificates>,
}

/// Certificates of clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificates {
    /// PEM file of the authorities.
    pub ca: String,
    /// Whether a client without one is let in.
    pub optional: bool,
}

impl Redirect {
    /// Where a request is sent: absolute if scheme or host change, else relative to its own.
    ///
    /// # Errors
    /// [`Malformed::PathEscape`] where the path made of parameters would climb.
    pub fn location(
        &self,
        head: &RequestHead,
        facts: &Facts,
        path: &NormalPath<'_>,
        params: &Params,
    ) -> Result<String, Rejection> {
        let path = match &self.path {
            None => path.clone().into_owned(),
            Some(rewrite) => rewrite.apply(path, params).map_err(|_| Rejection::Malformed(Malformed::PathEscape))?,
        };
        let query = head.query.as_deref().filter(|_| !self.drop_query);
        if self.scheme.is_none() && self.authority.is_none() {
            return Ok(path.reference(query));
        }
        let scheme = self.scheme.unwrap_or(facts.scheme);
        // A port of the other scheme would lead nowhere, so only the host is kept where the scheme changes.
        let authority = match (&self.authority, &facts.authority, &facts.host) {
            (Some(authority), _, _) => authority.as_str(),
            (None, Some(authority), _) if scheme == facts.scheme => authority.as_str(),
            (None, _, host) => host.as_deref().unwrap_or_default(),
        };
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        Ok(format!("{}://{authority}{path}{query}", scheme.as_str()))
    }
}

impl Gateway {
    /// What the table says of a request.
    #[must_use]
    pub fn find<'a>(&self, head: &'a RequestHead, facts: &'a Facts, path: &'a NormalPath<'a>) -> Finding {
        self.table.find(&asked(head, facts, path))
    }

    /// The route at `index`.
    #[must_use]
    pub fn route(&self, index: RouteIndex) -> Option<&Route> {
        self.routes.get(index.as_usize())
    }

    /// Whether `route` refuses this path for an encoded separator in it. Under the rule `auto` one may not get past rules that hold for some paths
    /// only: an upstream that decodes it would see another path than the one they were checked for.
    #[must_use]
    pub fn refuses_separator(&self, route: &Route, path: &NormalPath<'_>) -> bool {
        let rules = &self.path_rules;
        let doubtful = (rules.encoded_slash == Encoded::Auto && path.has_encoded_slash())
            || (rules.encoded_backslash == Encoded::Auto && path.has_encoded_backslash());
        let guarded = [&route.addresses, &self.addresses].into_iter().flatten().any(AccessLists::is_active)
            || route.authenticate.as_ref().is_some_and(|policy| policy.mode != Mode::Off);
        doubtful && guarded
    }

    /// The cross-origin rules for a preflight that asks for `method`: those of the route it would take, else those for everyone.
    #[must_use]
    pub fn preflight_cors(
        &self,
        facts: &Facts,
        path: &NormalPath<'_>,
        query: Option<&str>,
        method: &Method,
    ) -> Option<&Cors> {
        let route = match self.table.find_for_preflight(facts.host.as_deref(), path, query, method) {
            Finding::Route(Found { index, .. }) | Finding::Redirect { index, .. } => self.route(index),
            Finding::MethodNotAllowed { .. } | Finding::NotFound => None,
        };
        route.and_then(|route| route.cors.as_ref()).or(self.cors.as_ref())
    }
}

/// The question to the table.
#[must_use]
pub(crate) fn asked<'a>(head: &'a RequestHead, facts: &'a Facts, path: &'a NormalPath<'a>) -> Asked<'a> {
    Asked {
        host: facts.host.as_deref(),
        path,
        query: head.query.as_deref(),
        method: &head.method,
        headers: &head.headers,
    }
}
