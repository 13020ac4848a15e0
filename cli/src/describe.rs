//! Routes in a few words: what they take and where they lead.

use router_core::config::{Action, Gateway, Route, raw};

/// What a path of a route looks like in a table: a prefix is shown as `/foo/*`, a regular expression behind `~`.
pub(crate) fn path(path: &raw::PathMatch) -> String {
    match path {
        raw::PathMatch::Exact(text) | raw::PathMatch::Template(text) => text.clone(),
        raw::PathMatch::Prefix(text) => format!("{}/*", text.trim_end_matches('/')),
        raw::PathMatch::Regex(text) => format!("~ {text}"),
    }
}

/// What a route takes.
pub(crate) fn matches(asked: &raw::Match) -> String {
    let mut parts = Vec::new();
    if !asked.methods.is_empty() {
        parts.push(asked.methods.join(","));
    }
    let paths: Vec<String> = asked.paths.iter().map(path).collect();
    let paths = if paths.is_empty() { "/*".to_owned() } else { some(&paths) };
    parts.push(if asked.hosts.is_empty() { paths } else { format!("{} {paths}", some(&asked.hosts)) });
    parts.extend(asked.headers.iter().map(|(name, value)| format!("[{name}{}]", condition(value))));
    parts.extend(asked.query.iter().map(|(name, value)| format!("[?{name}{}]", condition(value))));
    parts.join(" ")
}

/// Two of a list, and how many more there are.
fn some(list: &[String]) -> String {
    match list {
        [] => String::new(),
        [first] => first.clone(),
        [first, second] => format!("{first}, {second}"),
        [first, second, rest @ ..] => format!("{first}, {second} and {} more", rest.len()),
    }
}

fn condition(value: &raw::ValueMatch) -> String {
    match value {
        raw::ValueMatch::Present => " is there".to_owned(),
        raw::ValueMatch::Absent => " is not there".to_owned(),
        raw::ValueMatch::Exact(text) => format!(" = {text}"),
        raw::ValueMatch::Regex(text) => format!(" ~ {text}"),
    }
}

/// Where a route leads.
pub(crate) fn goes_to(gateway: &Gateway, route: &Route) -> String {
    match &route.action {
        Action::Upstream { upstream, .. } => match gateway.upstreams.get(*upstream) {
            Some(upstream) => format!("upstream {}", upstream.name),
            None => "no upstream".to_owned(),
        },
        Action::Redirect(redirect) => format!("redirect {}", redirect.status.as_u16()),
        Action::Respond(answer) => format!("answer {}", answer.status.as_u16()),
        Action::Echo { .. } => "echo".to_owned(),
        Action::Purge => "purge".to_owned(),
    }
}
