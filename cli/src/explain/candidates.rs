//! Every route, and in words why it does not answer.

use router_core::config::Gateway;
use router_core::route::{Asked, Candidate, Methods, Reason, RouteIndex, ValueMatch, Verdict};

/// A route in the list of candidates.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) route: String,
    pub(crate) pattern: String,
    pub(crate) verdict: Verdict,
    /// The route that goes before it, if that is why it lost.
    pub(crate) by: Option<String>,
    /// The verdict as a sentence.
    pub(crate) sentence: String,
}

impl Listed {
    /// Whether it does not even have the host and path: what there are thousands of in a large configuration.
    pub(crate) fn is_far(&self) -> bool {
        matches!(self.verdict, Verdict::Lost(Reason::Host | Reason::Path))
    }

    /// The condition that it lost by, as a stable word.
    pub(crate) fn reason(&self) -> Option<&'static str> {
        match &self.verdict {
            Verdict::Won | Verdict::Redirects => None,
            Verdict::Lost(Reason::Host) => Some("host"),
            Verdict::Lost(Reason::Path) => Some("path"),
            Verdict::Lost(Reason::Method) => Some("method"),
            Verdict::Lost(Reason::Header(_)) => Some("header"),
            Verdict::Lost(Reason::Query(_)) => Some("query"),
            Verdict::Lost(Reason::Outranked { .. }) => Some("outranked"),
        }
    }

    /// The rule of precedence that it lost by.
    pub(crate) fn rule(&self) -> Option<&'static str> {
        match &self.verdict {
            Verdict::Lost(Reason::Outranked { rule, .. }) => Some(rule.as_str()),
            _ => None,
        }
    }
}

/// What the table says of every route.
pub(crate) fn candidates(gateway: &Gateway, asked: &Asked<'_>) -> Vec<Listed> {
    gateway.table.explain(asked).into_iter().map(|candidate| listed(gateway, candidate)).collect()
}

fn listed(gateway: &Gateway, candidate: Candidate) -> Listed {
    let Candidate { index, verdict, pattern } = candidate;
    let by = match &verdict {
        Verdict::Lost(Reason::Outranked { by, .. }) => Some(name(gateway, *by)),
        _ => None,
    };
    let sentence = match &verdict {
        Verdict::Won => "takes the request".to_owned(),
        Verdict::Redirects => "redirects to the other spelling of the slash at the end".to_owned(),
        Verdict::Lost(reason) => why(gateway, index, reason),
    };
    Listed { route: name(gateway, index), pattern, verdict, by, sentence }
}

fn why(gateway: &Gateway, index: RouteIndex, reason: &Reason) -> String {
    let Some(matcher) = gateway.table.matcher(index) else { return String::new() };
    match reason {
        Reason::Host => {
            let hosts: Vec<String> = matcher.hosts.iter().map(ToString::to_string).collect();
            format!("another host: it takes {}", hosts.join(", "))
        }
        Reason::Path => "another path".to_owned(),
        Reason::Method => match &matcher.methods {
            Methods::Any => "another method".to_owned(),
            Methods::Only(methods) => {
                let methods: Vec<&str> = methods.iter().map(http::Method::as_str).collect();
                format!("another method: it takes {}", methods.join(", "))
            }
        },
        Reason::Header(name) => {
            let wanted = matcher.headers.iter().find(|(known, _)| known.as_str() == name.as_str());
            format!("header `{name}` must be {}", wanted.map_or_else(String::new, |(_, value)| condition(value)))
        }
        Reason::Query(name) => {
            let wanted = matcher.query.iter().find(|(known, _)| known == name);
            format!(
                "query parameter `{name}` must be {}",
                wanted.map_or_else(String::new, |(_, value)| condition(value))
            )
        }
        Reason::Outranked { by, rule } => {
            format!(
                "fits, but `{}` goes before it by rule \"{}\": {}",
                self::name(gateway, *by),
                rule.as_str(),
                rule.sentence()
            )
        }
    }
}

fn condition(value: &ValueMatch) -> String {
    match value {
        ValueMatch::Exact(text) => format!("`{text}`"),
        ValueMatch::Regex(regex) => format!("matched by `{}`", regex.as_str()),
        ValueMatch::Present => "there".to_owned(),
        ValueMatch::Absent => "absent".to_owned(),
    }
}

fn name(gateway: &Gateway, index: RouteIndex) -> String {
    gateway.route(index).map_or_else(|| index.to_string(), |route| route.name.clone())
}
