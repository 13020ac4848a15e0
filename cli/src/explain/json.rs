//! An account for tools.

use serde_json::{Map, Value, json};

use super::account::{Account, EditLine, Ending, shown};
use super::candidates::Listed;

/// The account as one object. What does not apply is null or empty, never left out.
pub(crate) fn json(account: &Account) -> Value {
    let stages: Vec<Value> =
        account.stages.iter().map(|(stage, what)| json!({"stage": stage, "found": what})).collect();
    let route = account.route.as_ref().map(|route| {
        let parameters: Map<String, Value> =
            route.parameters.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        json!({"name": route.name, "pattern": route.pattern, "parameters": parameters})
    });
    json!({
        "method": account.method,
        "url": account.url,
        "notes": account.notes,
        "stages": stages,
        "path": account.path,
        "candidates": account.candidates.iter().map(candidate).collect::<Vec<_>>(),
        "route": route,
        "rewrite": account.rewrite.as_ref().map(|rewrite| json!({"from": rewrite.from, "to": rewrite.to})),
        "request_headers": edits(&account.request_edits),
        "ending": ending(&account.ending),
        "response_headers": edits(&account.response_edits),
    })
}

fn candidate(listed: &Listed) -> Value {
    json!({
        "route": listed.route,
        "pattern": listed.pattern,
        "won": listed.reason().is_none(),
        "lost_by": listed.reason(),
        "outranked_by": listed.by,
        "rule": listed.rule(),
        "sentence": listed.sentence,
    })
}

fn edits(lines: &[EditLine]) -> Vec<Value> {
    lines.iter().map(|line| json!({"action": line.action, "name": line.name.as_str(), "value": line.value})).collect()
}

fn ending(ending: &Ending) -> Value {
    match ending {
        Ending::Upstream { name, method, urls, host, upgrade } => {
            json!({"kind": "upstream", "upstream": name, "method": method, "urls": urls, "host": host, "upgrade": upgrade})
        }
        Ending::Echo { path_and_query } => json!({"kind": "echo", "path_and_query": path_and_query}),
        Ending::Respond { status, body_bytes } => {
            json!({"kind": "respond", "status": status.as_u16(), "body_bytes": body_bytes})
        }
        Ending::Purge => json!({"kind": "purge"}),
        Ending::Redirect { stage, status, location } => {
            json!({"kind": "redirect", "stage": stage, "status": status.as_u16(), "location": location})
        }
        Ending::Preflight { status, headers } => {
            let headers: Vec<Value> =
                headers.iter().map(|(name, value)| json!({"name": name.as_str(), "value": shown(value)})).collect();
            json!({"kind": "preflight", "status": status.as_u16(), "headers": headers})
        }
        Ending::Rejected { stage, rejection } => {
            let wire = rejection.wire();
            let allow = match rejection {
                router_core::Rejection::MethodNotAllowed { allow } => Some(router_core::rejection::allow_list(allow)),
                _ => None,
            };
            json!({"kind": "rejected", "stage": stage, "status": wire.status.as_u16(), "code": wire.code, "detail": wire.detail, "allow": allow})
        }
    }
}
