//! What a platform cannot do, as data. `check --platform` refuses a policy that the chosen platform cannot honour; nothing is weakened in silence.

use super::diagnostic::{Diagnostic, Diagnostics, Path};
use super::{grammar, raw};

/// The platforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlatformName {
    /// The deterministic one of the tests.
    Memory,
    /// hyper, tokio and rustls.
    Native,
    /// Fermyon Spin.
    Spin,
    /// Cloudflare Workers.
    Workers,
}

impl PlatformName {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Memory, Self::Native, Self::Workers, Self::Spin];

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Native => "native",
            Self::Spin => "spin",
            Self::Workers => "workers",
        }
    }

    /// The platform of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|platform| platform.as_str() == word)
    }

    /// What it can do.
    #[must_use]
    pub fn capabilities(self) -> Capabilities {
        match self {
            Self::Memory | Self::Native => Capabilities {
                websocket: true,
                set_host: true,
                upstream_tls: true,
                http2_only: true,
                connect_deadline: true,
                client_certificates: true,
                country: self == Self::Memory,
                rate_limiter: self == Self::Memory,
                purge_patience_ms: if self == Self::Native { 100 } else { 0 },
                kv_takes_changes: true,
            },
            Self::Spin => Capabilities {
                websocket: false,
                set_host: false,
                upstream_tls: false,
                http2_only: false,
                connect_deadline: true,
                client_certificates: false,
                country: false,
                rate_limiter: false,
                purge_patience_ms: 5_000,
                kv_takes_changes: true,
            },
            Self::Workers => Capabilities {
                websocket: true,
                set_host: false,
                upstream_tls: false,
                http2_only: false,
                connect_deadline: false,
                client_certificates: true,
                country: true,
                rate_limiter: true,
                purge_patience_ms: 30_000,
                kv_takes_changes: false,
            },
        }
    }
}

/// What a platform can do, beyond what every one of them can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Pass WebSocket connections through.
    pub websocket: bool,
    /// Send a `Host` other than the target's.
    pub set_host: bool,
    /// Trust authorities and show certificates of one's own towards an upstream.
    pub upstream_tls: bool,
    /// Choose the protocol towards an upstream.
    pub http2_only: bool,
    /// Keep a deadline for the connection alone. Where it cannot, `connect` counts together with `first_byte`, so the latter must be there.
    pub connect_deadline: bool,
    /// Ask clients for certificates and hand out the one that was verified.
    pub client_certificates: bool,
    /// Tell the client's country.
    pub country: bool,
    /// Limit by a limiter of its own.
    pub rate_limiter: bool,
    /// For so long an instance remembers what the key-value store said of purges, in milliseconds: where asking it costs much, longer.
    pub purge_patience_ms: u64,
    /// Its key-value store takes a write for each change that goes through the gateway. That of Workers takes one a second for a key.
    pub kv_takes_changes: bool,
}

const NO_CONNECT_DEADLINE: &str =
    "keep a connect deadline where `first_byte` has none: it does not tell when a connection stands";
const GIVE_FIRST_BYTE: &str =
    "give `first_byte` a time, since both are one deadline there, or give up `connect` too by `connect: 0s`";

/// Every policy of `document` that `platform` cannot honour.
#[must_use]
pub fn check_capabilities(document: &raw::Document, platform: PlatformName) -> Diagnostics {
    let can = platform.capabilities();
    let name = platform.as_str();
    let mut found = Diagnostics::default();
    let mut refuse = |path: Path, what: &str, help: &str| {
        found.push(Diagnostic::error("not-on-platform", path, format!("{name} cannot {what}")).with_help(help));
    };
    // A deadline to connect is there unless it is `0s` (`None` here is the default), but none until the head.
    let lost = |connect: Option<&String>, first_byte: Option<&String>| {
        let none = |text: &String| grammar::duration(text).is_ok_and(|time| time.is_zero());
        !can.connect_deadline && first_byte.is_some_and(none) && !connect.is_some_and(none)
    };
    if !can.client_certificates {
        for path in certificates_used(document) {
            refuse(
                path,
                "ask clients for certificates",
                "let them say who they are another way, or run it on native or workers; a certificate that a proxy tells of in a header field is not believed",
            );
        }
    }
    let asks = |listener: &raw::Listener| listener.tls.as_ref().is_some_and(|tls| tls.client_certificates.is_some());
    if platform == PlatformName::Native && !document.native.listeners.iter().any(asks) {
        for path in certificates_used(document) {
            refuse(
                path,
                "see a client's certificate here: no listener asks for one",
                "name the authorities of your clients in `native.listeners[].tls.client_certificates`",
            );
        }
    }
    for (name, limit) in &document.limit.limits {
        let path = Path::root().key("limit").key("limits").key(name);
        let country = limit.key.iter().position(|part| *part == raw::limit::KeyPart::Country);
        if let Some(index) = country.filter(|_| !can.country) {
            refuse(
                path.clone().key("key").index(index),
                "tell a client's country",
                "count by a field in which a proxy that you trust tells it, such as `{header: CF-IPCountry}`",
            );
        }
        if !can.rate_limiter && limit.accuracy == raw::limit::Accuracy::Binding {
            refuse(path.key("accuracy"), "ask a rate limiter of its own: it has none", "write `accuracy: exact`");
        }
    }
    for (index, route) in document.routes.iter().enumerate() {
        let inherited = match &route.to {
            raw::Action::Upstream(name) => {
                document.upstreams.get(name).and_then(|upstream| upstream.timeouts.connect.as_ref())
            }
            raw::Action::Redirect(_) | raw::Action::Respond(_) | raw::Action::Echo(_) | raw::Action::Purge(_) => None,
        };
        if lost(route.timeouts.connect.as_ref().or(inherited), route.timeouts.first_byte.as_ref()) {
            let path = Path::root().key("routes").index(index).key("timeouts").key("first_byte");
            refuse(path, NO_CONNECT_DEADLINE, GIVE_FIRST_BYTE);
        }
        if !can.websocket && route.upgrade.contains(&raw::Upgrade::Websocket) {
            let path = Path::root().key("routes").index(index).key("upgrade");
            refuse(
                path,
                "pass WebSocket connections through",
                "let clients of this route reach the upstream another way, or run it on native or workers",
            );
        }
    }
    for (key, upstream) in &document.upstreams {
        let path = Path::root().key("upstreams").key(key);
        if lost(upstream.timeouts.connect.as_ref(), upstream.timeouts.first_byte.as_ref()) {
            refuse(path.key("timeouts").key("first_byte"), NO_CONNECT_DEADLINE, GIVE_FIRST_BYTE);
        }
        if !can.set_host && upstream.host != raw::UpstreamHost::Target {
            refuse(
                path.key("host"),
                "set `Host` towards an upstream",
                "let the upstream read `X-Forwarded-Host`, or put the name into the target's URL",
            );
        }
        if !can.upstream_tls && upstream.tls.is_some() {
            refuse(
                path.key("tls"),
                "choose certificates towards an upstream",
                "leave `tls` out; the platform's own settings hold",
            );
        }
        if !can.http2_only && upstream.protocol != raw::UpstreamProtocol::Auto {
            refuse(path.key("protocol"), "choose the protocol towards an upstream", "leave `protocol` out");
        }
    }
    found
}

/// Where the client's certificate is looked at or passed on.
fn certificates_used(document: &raw::Document) -> Vec<Path> {
    let section = Path::root().key("authenticate");
    let known = document.authenticate.authenticators.iter();
    let mut used: Vec<Path> = known
        .filter(|(_, one)| matches!(one, raw::authenticate::Authenticator::Certificate(_)))
        .map(|(name, _)| section.clone().key("authenticators").key(name).key("certificate"))
        .collect();
    let passes =
        |policy: &Option<raw::authenticate::Policy>| policy.as_ref().is_some_and(|policy| policy.forward.certificate);
    if passes(&document.authenticate.default) {
        used.push(section.key("default").key("forward").key("certificate"));
    }
    for (index, route) in document.routes.iter().enumerate() {
        if passes(&route.authenticate) {
            used.push(Path::root().key("routes").index(index).key("authenticate").key("forward").key("certificate"));
        }
    }
    used
}
