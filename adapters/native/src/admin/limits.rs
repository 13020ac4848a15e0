//! How a count stands, and forgetting it: `GET` and `DELETE` of `/limits/NAME?consumer=partners/acme`, a parameter for each part of the key.

use edge::platform::{Atomic, AtomicFailure, Clock};
use http::{Method, Request, StatusCode};
use router_core::limit::Limit;
use router_core::limit::key::Partition;
use router_core::limit::limits::Accuracy;
use router_core::limit::owner::{Ask, Operation};
use router_core::limit::part::Part;
use serde_json::{Value, json};

use super::operator::{self, Told};
use crate::platform::Native;

/// Answers a question about the limit `name`.
pub(super) async fn answer<B>(platform: &Native, name: &str, request: &Request<B>) -> Told<Value> {
    let operation = match *request.method() {
        Method::GET => Operation::Look,
        Method::DELETE => Operation::Reset,
        _ => return Err((StatusCode::METHOD_NOT_ALLOWED, "expected GET or DELETE".into())),
    };
    operator::check(request.headers())?;
    let loaded = platform.thread.loaded.load_full();
    let limits = &loaded.gateway.limits;
    let Some(limit) = limits.limits.iter().find(|limit| limit.name == name) else {
        let known: Vec<&str> = limits.limits.iter().map(|limit| limit.name.as_str()).collect();
        return Err((StatusCode::NOT_FOUND, format!("there is no limit `{name}`; there are: {}", known.join(", "))));
    };
    if !matches!(limit.accuracy, Accuracy::Exact | Accuracy::Leased(_)) {
        let why = format!("`{name}` is counted by each instance for itself, so there is no count to look at");
        return Err((StatusCode::CONFLICT, why));
    }
    let query = form(request.uri().query().unwrap_or_default());
    let plan = query.iter().find(|(name, _)| name == "plan").map(|(_, plan)| plan.as_str());
    let Some(quota) = limit.quota(plan) else {
        return Err((
            StatusCode::CONFLICT,
            format!("`{name}` does not hold for the plan `{}`", plan.unwrap_or_default()),
        ));
    };
    let partition = partition(limit, &query)?;
    let rule = quota.rule(platform.unix_ms()).map_err(|why| (StatusCode::INTERNAL_SERVER_ERROR, why.to_string()))?;
    let key = partition.hash().store_key(name);
    let asked = [(key.clone(), Ask { rule, operation })];
    let said = platform.count(&asked, limits.patience).await.map_err(|failure| {
        let why = match failure {
            AtomicFailure::Absent => "there is no store of counts".to_owned(),
            AtomicFailure::Failed(why) => why,
        };
        (StatusCode::SERVICE_UNAVAILABLE, why)
    })?;
    let Some(said) = said.first() else {
        return Err((StatusCode::SERVICE_UNAVAILABLE, "the store did not answer".into()));
    };
    Ok(json!({
        "limit": name,
        "key": key,
        "quota": quota.units,
        "remaining": said.standing.remaining,
        "next_ms": said.standing.next_ms,
        "full_ms": said.standing.full_ms,
        "reset": operation == Operation::Reset,
    }))
}

/// The partition that the parameters name: one for each part of the key, empty for that of requests without it.
fn partition(limit: &Limit, query: &[(String, String)]) -> Told<Partition> {
    let mut parts: Vec<(&Part, Option<&str>)> = Vec::with_capacity(limit.key.len());
    for part in &limit.key {
        let name = part.name();
        let Some((_, value)) = query.iter().find(|(known, _)| *known == name) else {
            let wanted: Vec<String> = limit.key.iter().map(|part| format!("{}=…", part.name())).collect();
            let why = format!("`{}` is counted by {}; `{name}` is missing", limit.name, wanted.join(" "));
            return Err((StatusCode::BAD_REQUEST, why));
        };
        parts.push((part, Some(value.as_str()).filter(|value| !value.is_empty())));
    }
    let known = |name: &str| name == "plan" || limit.key.iter().any(|part| part.name() == name);
    if let Some((name, _)) = query.iter().find(|(name, _)| !known(name)) {
        return Err((StatusCode::BAD_REQUEST, format!("`{}` is not counted by `{name}`", limit.name)));
    }
    Ok(Partition::written(&parts))
}

/// Names and values of a query, decoded as forms are.
fn form(query: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| {
        let bytes: Vec<u8> = router_core::filter::path::form_bytes(text).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}
