//! A naive model: it tries every route on texts, character by character where need be, and shares no code with the table.

use std::cmp::Ordering;

use regex_lite::Regex;

use crate::route::PathForm;

/// A route as texts.
#[derive(Clone, Debug)]
pub(super) struct Plain {
    pub(super) hosts: Vec<&'static str>,
    /// Kind (`=` exact, `^` prefix, `{` template, `~` regex) and text.
    pub(super) paths: Vec<(char, &'static str)>,
    pub(super) methods: Vec<&'static str>,
    /// Names with the one value, or none for presence.
    pub(super) headers: Vec<(&'static str, Option<&'static str>)>,
    pub(super) query: Vec<(&'static str, Option<&'static str>)>,
    pub(super) priority: i32,
    /// `=` exact, `i` ignore, `r` redirect.
    pub(super) slash: char,
}

#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) host: Option<String>,
    pub(super) path: String,
    pub(super) method: &'static str,
    pub(super) headers: Vec<(&'static str, &'static str)>,
    pub(super) query: Vec<(&'static str, &'static str)>,
}

/// A way in which a route matches.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) route: usize,
    pub(super) host: Option<&'static str>,
    pub(super) path: &'static str,
    pub(super) form: PathForm,
    pub(super) other_slash: bool,
    key: (i32, i64, String, bool, bool, i64, i64, usize),
}

/// The answer, in the words of `short`, and the way that won.
pub(super) fn find(routes: &[Plain], ask: &Ask) -> (String, Option<Way>) {
    let (mut ways, mut allow) = (Vec::new(), Vec::new());
    for (index, route) in routes.iter().enumerate() {
        let has = |list: &[(&str, &str)], name: &str, value: Option<&str>| {
            list.iter().any(|(known, found)| *known == name && value.is_none_or(|value| *found == value))
        };
        if !route.headers.iter().all(|(name, value)| has(&ask.headers, name, *value))
            || !route.query.iter().all(|(name, value)| has(&ask.query, name, *value))
        {
            continue;
        }
        let found = ways_of(index, route, ask);
        if found.is_empty() {
            continue;
        }
        let mut methods = route.methods.clone();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        if methods.is_empty() || methods.contains(&ask.method) {
            ways.extend(found);
        } else {
            allow.extend(methods);
        }
    }
    if let Some(best) = ways.into_iter().min_by(|one, other| one.key.cmp(&other.key)) {
        let route = &routes[best.route];
        let text = if best.other_slash && route.slash == 'r' {
            format!("308 {} {}", best.route, toggled(&ask.path).unwrap())
        } else {
            best.route.to_string()
        };
        return (text, Some(best));
    }
    if allow.is_empty() {
        return ("404".to_owned(), None);
    }
    allow.sort_unstable();
    allow.dedup();
    (format!("405 {}", allow.join(", ")), None)
}

fn ways_of(index: usize, route: &Plain, ask: &Ask) -> Vec<Way> {
    let hosts: Vec<Option<&'static str>> =
        if route.hosts.is_empty() { vec![None] } else { route.hosts.iter().copied().map(Some).collect() };
    let paths = if route.paths.is_empty() { vec![('^', "/")] } else { route.paths.clone() };
    let mut ways = Vec::new();
    for &host in hosts.iter().filter(|host| host_matches(**host, ask.host.as_deref())) {
        for &(kind, text) in &paths {
            let form = match kind {
                '^' => PathForm::Prefix,
                '~' => PathForm::Regex,
                _ => PathForm::Path,
            };
            let is_open = kind == '^' || kind == '~' || text.contains("{*");
            let as_written = path_matches(kind, text, &ask.path);
            let other = !is_open
                && route.slash != '='
                && !ask.path.contains("//")
                && toggled(&ask.path).is_some_and(|path| path_matches(kind, text, &path));
            for other_slash in [as_written.then_some(false), other.then_some(true)].into_iter().flatten() {
                let spelled = if other_slash { toggled(text).unwrap() } else { text.to_owned() };
                let key = (
                    -route.priority,
                    host.map_or(
                        1000,
                        |host| if host.starts_with('*') { 500 - host.matches('.').count() as i64 } else { 0 },
                    ),
                    specificity(kind, &spelled),
                    other_slash,
                    route.methods.is_empty(),
                    -(route.headers.len() as i64),
                    -(route.query.len() as i64),
                    index,
                );
                ways.push(Way { route: index, host, path: text, form, other_slash, key });
            }
        }
    }
    ways
}

fn toggled(path: &str) -> Option<String> {
    match path.strip_suffix('/') {
        Some("") => None,
        Some(without) => Some(without.to_owned()),
        None => Some(format!("{path}/")),
    }
}

fn host_matches(pattern: Option<&str>, host: Option<&str>) -> bool {
    match (pattern, host) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(pattern), Some(host)) => match pattern.strip_prefix('*') {
            Some(end) => host.len() > end.len() && host.ends_with(end),
            None => host == pattern,
        },
    }
}

fn path_matches(kind: char, text: &str, path: &str) -> bool {
    match kind {
        '=' => path == text,
        '^' => text == "/" || path == text || path.starts_with(&format!("{text}/")),
        '{' => glob(&text.chars().collect::<Vec<_>>(), &path.chars().collect::<Vec<_>>()),
        _ => Regex::new(&format!("^(?:{text})$")).unwrap().is_match(path),
    }
}

/// Tries every length for every parameter.
fn glob(pattern: &[char], path: &[char]) -> bool {
    match pattern {
        [] => path.is_empty(),
        ['{', rest @ ..] => {
            let close = rest.iter().position(|c| *c == '}').unwrap();
            let takes_slashes = rest[0] == '*';
            (1..=path.len())
                .take_while(|&length| takes_slashes || path[length - 1] != '/')
                .any(|length| glob(&rest[close + 1..], &path[length..]))
        }
        [literal, rest @ ..] => path.first() == Some(literal) && glob(rest, &path[1..]),
    }
}

/// A text that sorts as rule 3 says: a letter for each segment and one for the end.
fn specificity(kind: char, text: &str) -> String {
    if kind == '~' {
        return "z".to_owned();
    }
    let mut key = String::new();
    for segment in text[1..].split('/') {
        if segment.starts_with("{*") {
            return key + "e";
        }
        if kind == '^' && segment.is_empty() {
            break;
        }
        let mut literal = 0;
        let (mut inside, mut parameters) = (false, 0);
        for c in segment.chars() {
            match c {
                '{' => {
                    inside = true;
                    parameters += 1;
                }
                '}' => inside = false,
                _ if !inside => literal += 1,
                _ => {}
            }
        }
        match (literal.cmp(&0), parameters) {
            (_, 0) => key.push('a'),
            (Ordering::Equal, _) => key.push('c'),
            _ => key.push_str(&format!("b{}", 999 - literal)),
        }
    }
    key + if kind == '^' { "f" } else { "d" }
}
