//! An account for people.

use std::fmt::Write;

use anstyle::Style;
use router_core::rejection::allow_list;
use router_core::route::Verdict;

use super::account::{Account, EditLine, Ending, shown};
use super::candidates::Listed;
use crate::table::Table;
use crate::terminal::{BAD, GOOD, HEADING, NAME, PLAIN, QUIET, styled};

/// The account, with all routes or only those that have the host and path.
pub(crate) fn text(account: &Account, all: bool) -> String {
    let mut out = format!("{} {}\n", styled(HEADING, &account.method), styled(HEADING, &account.url));
    for note in &account.notes {
        let _ = writeln!(out, "note: {note}");
    }
    out.push('\n');
    let mut stages = Table::default();
    for (stage, what) in &account.stages {
        stages.row([(NAME, (*stage).to_owned()), (PLAIN, what.clone())]);
    }
    out.push_str(&stages.render(0));
    routes(&mut out, &account.candidates, all);
    if let Some(route) = account.route.as_ref().filter(|route| !route.parameters.is_empty()) {
        section(&mut out, "Parameters");
        let mut table = Table::default();
        for (name, value) in &route.parameters {
            table.row([(NAME, name.clone()), (PLAIN, value.clone())]);
        }
        out.push_str(&table.render(2));
    }
    if let Some(rewrite) = &account.rewrite {
        section(&mut out, "Rewrite");
        let _ = writeln!(out, "  {} becomes {}", rewrite.from, rewrite.to);
    }
    edits(&mut out, "Request headers", &account.request_edits);
    ending(&mut out, &account.ending);
    edits(&mut out, "Answer headers", &account.response_edits);
    out
}

fn section(out: &mut String, title: &str) {
    let _ = writeln!(out, "\n{}", styled(HEADING, title));
}

fn routes(out: &mut String, candidates: &[Listed], all: bool) {
    if candidates.is_empty() {
        return;
    }
    section(out, "Routes");
    let mut table = Table::default();
    let (far, near): (Vec<_>, Vec<_>) = candidates.iter().partition(|listed| listed.is_far());
    // A few are shown in any case: it is good to see that a route was looked at.
    let shown = if all { far.len() } else { far.len().min(FAR_SHOWN) };
    for listed in near.iter().chain(far.iter().take(shown)) {
        let style = match listed.verdict {
            Verdict::Won | Verdict::Redirects => GOOD,
            Verdict::Lost(_) if listed.is_far() => QUIET,
            Verdict::Lost(_) => PLAIN,
        };
        table.row([(style, listed.route.clone()), (style, listed.pattern.clone()), (style, listed.sentence.clone())]);
    }
    out.push_str(&table.render(2));
    if far.len() > shown {
        let _ = writeln!(out, "  and {} more with another host or path (--all lists them)", far.len() - shown);
    }
}

/// So many routes with another host or path are shown without `--all`.
const FAR_SHOWN: usize = 10;

fn edits(out: &mut String, title: &str, edits: &[EditLine]) {
    if edits.is_empty() {
        return;
    }
    section(out, title);
    let mut table = Table::default();
    for edit in edits {
        let style = if edit.action == "remove" { QUIET } else { PLAIN };
        let value = edit.value.clone().unwrap_or_default();
        table.row([(style, edit.action.to_owned()), (NAME, edit.name.to_string()), (PLAIN, value)]);
    }
    out.push_str(&table.render(2));
}

fn ending(out: &mut String, ending: &Ending) {
    section(out, "Ends with");
    let (style, lines) = sentences(ending);
    for (index, line) in lines.iter().enumerate() {
        let _ = writeln!(out, "  {}", if index == 0 { styled(style, line) } else { line.clone() });
    }
}

fn sentences(ending: &Ending) -> (Style, Vec<String>) {
    match ending {
        Ending::Upstream { name, method, urls, upgrade, .. } => {
            let mut lines = vec![format!("upstream `{name}`, asked{}", if urls.len() > 1 { " at one of" } else { "" })];
            lines.extend(urls.iter().map(|url| format!("{method} {url}")));
            lines.extend(upgrade.iter().map(|protocol| format!("switching to {protocol}")));
            (GOOD, lines)
        }
        Ending::Echo { path_and_query } => (GOOD, vec![format!("200, the reflection of {path_and_query} as JSON")]),
        Ending::Respond { status, body_bytes } => {
            (GOOD, vec![format!("{status}, the route's fixed answer of {body_bytes} bytes")])
        }
        Ending::Purge => (GOOD, vec!["stored answers are purged".to_owned()]),
        Ending::Redirect { stage, status, location } => {
            (GOOD, vec![format!("{status}, by stage {stage}"), format!("location: {location}")])
        }
        Ending::Preflight { status, headers } => {
            let mut lines = vec![format!("{status}, the preflight is allowed")];
            lines.extend(headers.iter().map(|(name, value)| format!("{name}: {}", shown(value))));
            (GOOD, lines)
        }
        Ending::Rejected { stage, rejection } => {
            let wire = rejection.wire();
            let mut lines = vec![format!("{}, by stage {stage}: {}", wire.status, wire.code), wire.detail];
            if let router_core::Rejection::MethodNotAllowed { allow } = rejection {
                lines.push(format!("allow: {}", allow_list(allow)));
            }
            (BAD, lines)
        }
    }
}
