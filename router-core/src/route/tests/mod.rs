//! What finding a route promises. Each precedence rule has a test of its name; a naive model that tries every route stands against the
//! table.

mod explaining;
mod finding;
mod hosts;
mod model;
mod overlaps;
mod patterns;
mod precedence;
mod properties;
mod scale;

use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::*;
use crate::filter::path::{NormalPath, Normalised, PathRules};

/// A route for a table in a test: `route("GET a.example /foo")`. Words are a method, a host, a path; a path with braces is a template, one
/// that ends in `/**` a prefix, one that starts with `~` a regular expression; `x=1` is a header, `?y=1` a query parameter, `+5` a priority.
fn route(words: &str) -> Matcher {
    let mut matcher = Matcher::default();
    for word in words.split_whitespace() {
        if let Some(regex) = word.strip_prefix('~') {
            matcher.paths.push(PathPattern::regex(regex).unwrap());
        } else if let Some(prefix) = word.strip_suffix("/**") {
            matcher.paths.push(PathPattern::prefix(if prefix.is_empty() { "/" } else { prefix }).unwrap());
        } else if word.starts_with('/') {
            let pattern = if word.contains('{') { PathPattern::template(word) } else { PathPattern::exact(word) };
            matcher.paths.push(pattern.unwrap());
        } else if let Some(pair) = word.strip_prefix('?') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            matcher.query.push((name.to_owned(), value_match(value)));
        } else if let Ok(priority) = word.strip_prefix('+').unwrap_or("no").parse() {
            matcher.priority = priority;
        } else if let Some((name, value)) = word.split_once('=') {
            matcher.headers.push((HeaderName::from_bytes(name.as_bytes()).unwrap(), value_match(value)));
        } else if word.chars().all(|c| c.is_ascii_uppercase()) {
            let mut list = if let Methods::Only(list) = matcher.methods { list } else { Vec::new() };
            list.push(Method::from_bytes(word.as_bytes()).unwrap());
            matcher.methods = Methods::Only(list);
        } else if word == "slash:ignore" {
            matcher.trailing_slash = TrailingSlash::Ignore;
        } else if word == "slash:redirect" {
            matcher.trailing_slash = TrailingSlash::Redirect;
        } else {
            matcher.hosts.push(HostPattern::parse(word).unwrap());
        }
    }
    matcher
}

/// Nothing is present, `!` absent, `~` a regular expression, the rest itself.
fn value_match(value: &str) -> ValueMatch {
    match value {
        "" => ValueMatch::Present,
        "!" => ValueMatch::Absent,
        _ => match value.strip_prefix('~') {
            Some(regex) => ValueMatch::Regex(WholeRegex::parse(regex).unwrap()),
            None => ValueMatch::Exact(value.to_owned()),
        },
    }
}

fn table(routes: &[&str]) -> Table {
    Table::build(routes.iter().map(|words| route(words)).collect()).0
}

/// A request that owns what it asks for: `GET http://a.example/foo?x=1` and headers.
struct Request {
    method: Method,
    host: Option<String>,
    path: NormalPath<'static>,
    query: Option<String>,
    headers: HeaderMap,
}

/// `request("GET a.example/foo?y=1", &[("x", "1")])`; without a host, `GET /foo`.
fn request(line: &str, headers: &[(&str, &str)]) -> Request {
    let (method, target) = line.split_once(' ').unwrap();
    let (host, rest) = target.split_at(target.find('/').unwrap());
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query.to_owned())));
    let rules = PathRules { merge_slashes: false, ..PathRules::default() };
    let Ok(Normalised::Path(path)) = NormalPath::parse(path, &rules) else { panic!("{path}") };
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    Request {
        method: Method::from_bytes(method.as_bytes()).unwrap(),
        host: (!host.is_empty()).then(|| host.to_owned()),
        path: path.into_owned(),
        query,
        headers: map,
    }
}

impl Request {
    fn asked(&self) -> Asked<'_> {
        Asked {
            host: self.host.as_deref(),
            path: &self.path,
            query: self.query.as_deref(),
            method: &self.method,
            headers: &self.headers,
        }
    }
}

/// The finding as a short text: `0`, `308 0 /foo/`, `405 GET, HEAD`, `404`.
fn short(finding: &Finding) -> String {
    match finding {
        Finding::Route(found) => found.index.to_string(),
        Finding::Redirect { index, path } => format!("308 {index} {path}"),
        Finding::MethodNotAllowed { allow } => {
            format!("405 {}", allow.iter().map(Method::as_str).collect::<Vec<_>>().join(", "))
        }
        Finding::NotFound => "404".to_owned(),
    }
}

fn answer(table: &Table, line: &str, headers: &[(&str, &str)]) -> String {
    short(&table.find(&request(line, headers).asked()))
}
