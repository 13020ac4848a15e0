//! By which rule answers would be stored. Whether one is there is not asked: that would take a store.

use std::time::Duration;

use http::Method;
use router_core::cache::rule::{Freshness, Identified, QueryRule, Rule, StatusRange, VaryBy};
use router_core::config::{Gateway, Route};
use router_core::filter::Mode;
use router_core::filter::path::NormalPath;

/// What the rule of the route says of the request, and what its success would make worthless.
pub(super) fn caches(gateway: &Gateway, route: &Route, method: &Method, path: &NormalPath<'_>) -> Vec<String> {
    let caches = &gateway.caches;
    let rule = route.cache.and_then(|index| caches.rules.get(index));
    let mut lines = rule.map(|rule| described(rule, method)).unwrap_or_default();
    let fits = caches.triggers.iter().filter(|trigger| trigger.method == *method && trigger.path.fits(path.segments()));
    for rule in fits.filter_map(|trigger| caches.rules.get(trigger.rule)) {
        lines.push(format!("a success makes all answers of `{}` worthless", rule.name));
    }
    lines
}

fn described(rule: &Rule, method: &Method) -> Vec<String> {
    let name = &rule.name;
    if !rule.methods.contains(method) {
        let methods: Vec<&str> = rule.methods.iter().map(Method::as_str).collect();
        return vec![format!("`{name}`: answers to {method} are not stored, only those to {}", methods.join(", "))];
    }
    let mode = if rule.mode == Mode::Shadow { "; only recorded (mode: shadow)" } else { "" };
    let mut lines = vec![format!("`{name}`: {}; nothing is looked up here{mode}", fresh(rule))];
    let differs = differs(&rule.vary_by);
    if !differs.is_empty() {
        lines.push(format!("answers differ by {}", differs.join(", ")));
    }
    lines.push(
        match rule.identified {
            None => "whoever is known has answers of their own; with Authorization only those that the upstream lets be stored",
            Some(Identified::Apart) => "whoever is known has answers of their own",
            Some(Identified::Together) => "answers are shared, whoever asks",
            Some(Identified::Bypass) => "nothing is stored for whoever is known",
        }
        .to_owned(),
    );
    if let Some(condition) = &rule.bypass {
        let text = condition.text().split_whitespace().collect::<Vec<_>>().join(" ");
        lines.push(format!("nothing is stored and nothing given where {text}"));
    }
    lines
}

/// How long answers are fresh.
fn fresh(rule: &Rule) -> String {
    let mut times: Vec<String> =
        rule.ttl_by_status.iter().map(|(statuses, ttl)| format!("{} for {}", range(*statuses), span(*ttl))).collect();
    times.extend(rule.ttl.map(|ttl| format!("{}for {}", if times.is_empty() { "" } else { "others " }, span(ttl))));
    let times = times.join(", ");
    let fresh = match (rule.freshness, times.is_empty()) {
        (Freshness::Respect, true) if rule.heuristic.is_some() => {
            "fresh for as long as the upstream says, else guessed from Last-Modified".to_owned()
        }
        (Freshness::Respect, true) => "fresh for as long as the upstream says".to_owned(),
        (Freshness::Respect, false) => format!("fresh for as long as the upstream says, else {times}"),
        (Freshness::Override, _) => format!("fresh {times}, whatever the upstream says"),
    };
    match rule.max_ttl {
        Some(most) => format!("{fresh}, at most {}", span(most)),
        None => fresh,
    }
}

fn range(statuses: StatusRange) -> String {
    let StatusRange { first, last } = statuses;
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

/// In seconds, or in milliseconds where that is not whole.
fn span(duration: Duration) -> String {
    match duration.subsec_millis() {
        0 => format!("{} s", duration.as_secs()),
        _ => format!("{} ms", duration.as_millis()),
    }
}

/// What makes answers different beside their URL.
fn differs(vary_by: &VaryBy) -> Vec<String> {
    let mut parts: Vec<String> = vary_by.headers.iter().map(|name| format!("header {name}")).collect();
    match &vary_by.query {
        QueryRule::Whole => {}
        QueryRule::Only(names) if names.is_empty() => parts.push("no parameter of the query".to_owned()),
        QueryRule::Only(names) => parts.push(format!("of the query only {}", names.join(" and "))),
        QueryRule::Without(names) => parts.push(format!("the query without {}", names.join(" and "))),
    }
    parts.extend(vary_by.cookies.iter().map(|name| format!("cookie {name}")));
    parts.extend(vary_by.claims.iter().map(|path| format!("claim {path}")));
    parts.extend(vary_by.consumer.then(|| "consumer".to_owned()));
    parts.extend(vary_by.plan.then(|| "plan".to_owned()));
    parts.extend(vary_by.device.then(|| "device".to_owned()));
    parts
}
