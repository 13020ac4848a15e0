//! What the client gets.

use router_core::rejection::{IANA_TYPE_PREFIX, TYPE_PREFIX};
use serde_json::Value;

use super::Mismatch;
use super::conversation;
use super::text::{fields, shown};
use crate::case::exchange::Gets;
use crate::case::{Texts, bytes_of, pattern};
use crate::observed::{Answer, field};

pub(super) fn judge(gets: &Gets, answer: &Answer, texts: &Texts, wrong: &mut Vec<Mismatch>) {
    if let Some(status) = gets.status
        && status != answer.status
    {
        wrong.push(Mismatch::new("status", status.to_string(), answer.status.to_string()));
    }
    if let Some(interim) = &gets.interim
        && *interim != answer.interim
    {
        wrong.push(Mismatch::new("interim answers", format!("{interim:?}"), format!("{:?}", answer.interim)));
    }
    fields("the answer's", &gets.headers, &gets.absent, &answer.headers, texts, wrong);
    if let Some(expected) = &gets.trailers {
        let others = answer.trailers.iter().map(|(name, _)| name);
        let absent: Vec<String> = others.filter(|name| !expected.contains_key(*name)).cloned().collect();
        fields("the trailers'", expected, &absent, &answer.trailers, texts, wrong);
    }
    match (&answer.truncated, gets.truncated) {
        (None, true) => wrong.push(Mismatch::new("the body", "it breaks off", "it is complete")),
        (Some(why), false) => wrong.push(Mismatch::new("the body", "it is complete", format!("it breaks off: {why}"))),
        (None, false) | (Some(_), true) => {}
    }
    whole(
        "the body",
        gets.body.as_ref().map(|text| texts.replace(text).into_bytes()),
        gets.body_bytes,
        &answer.body,
        wrong,
    );
    if let Some(expected) = gets.hex.as_deref().and_then(bytes_of)
        && expected != answer.body
    {
        wrong.push(Mismatch::new(
            "the body",
            expected.escape_ascii().to_string(),
            answer.body.escape_ascii().to_string(),
        ));
    }
    if let Some(part) = &gets.contains
        && !String::from_utf8_lossy(&answer.body).contains(&texts.replace(part))
    {
        wrong.push(Mismatch::new("the body", format!("something with {part} in it"), shown(&answer.body)));
    }
    if let Some(expected) = &gets.json {
        json("the JSON body", &texts.put_into(expected), &answer.body, wrong);
    }
    conversation::judge("the client's", gets.messages.as_deref(), gets.closes, answer.conversation.as_ref(), wrong);
    if let Some(code) = &gets.problem {
        problem(code, answer, wrong);
    }
}

/// Judges a whole body, given as text or as a length of the pattern.
pub(super) fn whole(what: &str, text: Option<Vec<u8>>, length: Option<usize>, found: &[u8], wrong: &mut Vec<Mismatch>) {
    if let Some(text) = text
        && text != found
    {
        wrong.push(Mismatch::new(what, shown(&text), shown(found)));
    }
    let Some(length) = length else { return };
    let expected = pattern(length);
    if expected != found {
        let same = expected.iter().zip(found).take_while(|(one, other)| one == other).count();
        let found = format!("{} bytes, of which the first {same} are as expected", found.len());
        wrong.push(Mismatch::new(what, format!("{length} bytes of the pattern"), found));
    }
}

/// Judges the members of a JSON body.
pub(super) fn json(what: &str, expected: &Value, body: &[u8], wrong: &mut Vec<Mismatch>) {
    match serde_json::from_slice::<Value>(body) {
        Ok(found) if has(&found, expected) => {}
        Ok(found) => wrong.push(Mismatch::new(what, pretty(expected), pretty(&found))),
        Err(why) => wrong.push(Mismatch::new(what, pretty(expected), format!("{why}: {}", shown(body)))),
    }
}

/// The problems that are not ours alone: their types are registered, and they name the limits that refuse (draft-ietf-httpapi-ratelimit-headers-11 section 5).
const OF_LIMITS: [&str; 2] = ["quota-exceeded", "temporary-reduced-capacity"];

/// A problem has its media type, its members agree with the answer, and its instance names the request (RFC 9457).
fn problem(code: &str, answer: &Answer, wrong: &mut Vec<Mismatch>) {
    let media_type = field(&answer.headers, "content-type").unwrap_or_default();
    if media_type != b"application/problem+json" {
        wrong.push(Mismatch::new("the answer's field `content-type`", "application/problem+json", shown(&media_type)));
    }
    let id = field(&answer.headers, "x-request-id").unwrap_or_default();
    let of_limits = OF_LIMITS.contains(&code);
    let prefix = if of_limits { IANA_TYPE_PREFIX } else { TYPE_PREFIX };
    let expected = serde_json::json!({
        "type": format!("{prefix}{code}"),
        "status": answer.status,
        "instance": format!("urn:tidegate:request:{}", String::from_utf8_lossy(&id)),
    });
    json("the JSON body", &expected, &answer.body, wrong);
    let violated =
        serde_json::from_slice(&answer.body).map_or(Value::Null, |body: Value| body["violated-policies"].clone());
    let names = violated.as_array().is_some_and(|names| !names.is_empty() && names.iter().all(Value::is_string));
    if names != of_limits {
        let expected = if of_limits { "the names of limits" } else { "absent" };
        wrong.push(Mismatch::new("the problem's `violated-policies`", expected, violated.to_string()));
    }
}

/// Whether `found` has all that `expected` has: of objects the given members, of everything else the same.
pub(super) fn has(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            expected.iter().all(|(key, expected)| match (found.get(key), expected) {
                (Some(found), expected) => has(found, expected),
                // A null says that the member is not there.
                (None, expected) => expected.is_null(),
            })
        }
        (found, expected) => found == expected,
    }
}

pub(super) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
}
