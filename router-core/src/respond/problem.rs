//! A rejection as an answer (RFC 9457).

use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;

use crate::authenticate::Refusal;
use crate::authenticate::dpop::DPOP_NONCE;
use crate::rejection::{Rejection, allow_list};

/// The media type of problems.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Status, header fields and body of `rejection`. `instance` is the request id: it finds the log line.
#[must_use]
pub fn problem(rejection: &Rejection, instance: &HeaderValue) -> (StatusCode, HeaderMap, Vec<u8>) {
    let wire = rejection.wire();
    let mut body = json!({
        "type": rejection.type_uri(),
        "title": wire.title,
        "status": wire.status.as_u16(),
        "detail": wire.detail,
    });
    if let (Some(members), Ok(id)) = (body.as_object_mut(), instance.to_str())
        && !id.is_empty()
    {
        members.insert("instance".into(), format!("urn:tidegate:request:{id}").into());
    }
    if let (Some(members), Rejection::LimitExceeded(exceeded)) = (body.as_object_mut(), rejection) {
        members.insert("violated-policies".into(), exceeded.violated.clone().into());
    }
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    // A refusal holds for this request only; a cache in between must not repeat it to others.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(after) = wire.retry_after {
        // Rounded up: a client that comes back at the named second must not be early.
        headers.insert(header::RETRY_AFTER, HeaderValue::from(after.as_millis().div_ceil(1000) as u64));
    }
    if let Rejection::MethodNotAllowed { allow } = rejection
        && let Ok(allow) = HeaderValue::from_str(&allow_list(allow))
    {
        headers.insert(header::ALLOW, allow);
    }
    let challenges = match rejection {
        Rejection::Unauthenticated(why) => why.challenges.as_slice(),
        Rejection::Forbidden(why) => why.challenges.as_slice(),
        _ => &[],
    };
    for challenge in challenges {
        headers.append(header::WWW_AUTHENTICATE, challenge.clone());
    }
    if let Rejection::Unauthenticated(why) = rejection
        && let Some(Refusal::NonceNeeded(nonce)) = &why.refusal
    {
        headers.insert(DPOP_NONCE, nonce.clone());
    }
    (wire.status, headers, serde_json::to_vec(&body).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    #[test]
    fn a_problem_says_what_and_where_to_look() {
        let (status, headers, body) = problem(
            &Rejection::MethodNotAllowed { allow: vec![Method::GET, Method::HEAD] },
            &HeaderValue::from_static("id-1"),
        );
        assert_eq!(status, 405);
        assert_eq!(headers.get("allow").unwrap(), "GET, HEAD");
        assert_eq!(headers.get("content-type").unwrap(), "application/problem+json");
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["type"], "urn:tidegate:problem:method-not-allowed");
        assert_eq!(body["status"], 405);
        assert_eq!(body["instance"], "urn:tidegate:request:id-1");
    }
}
