//! Documents that the gateway itself publishes: its keys, what clients can learn about getting access.
//!
//! They stand in front of the routes, since a route for everything must not hide the keys that upstreams verify with. Who may connect at all is
//! decided before; nobody has to say who they are.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::Value;

use crate::config::FixedAnswer;
use crate::filter::path::NormalPath;
use crate::rejection::Rejection;

/// How long others may keep one of them: an hour. Keys are published before they are used, so that this is no hurry.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// A JSON document as it is answered, with this media type.
#[must_use]
pub fn document(media_type: &'static str, content: &Value) -> FixedAnswer {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, CACHE_CONTROL);
    FixedAnswer { status: StatusCode::OK, headers, body: Bytes::from(content.to_string()) }
}

/// The document at `path`, if one of `documents` is there.
///
/// # Errors
/// [`Rejection::MethodNotAllowed`] for anything but `GET` and `HEAD`.
pub fn find<'g>(
    documents: &'g [(String, FixedAnswer)],
    method: &Method,
    path: &NormalPath<'_>,
) -> Result<Option<&'g FixedAnswer>, Rejection> {
    let Some((_, answer)) = documents.iter().find(|(own, _)| own == path.as_str()) else { return Ok(None) };
    if method == Method::GET || method == Method::HEAD {
        Ok(Some(answer))
    } else {
        Err(Rejection::MethodNotAllowed { allow: vec![Method::GET, Method::HEAD] })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::filter::path::configured;

    #[test]
    fn a_document_is_read_and_nothing_else() {
        let documents = [("/.well-known/a".to_owned(), document("application/json", &json!({"a": 1})))];
        let ask = |method, path| find(&documents, &method, &configured(path).unwrap());
        let found = ask(Method::HEAD, "/.well-known/a").unwrap().unwrap();
        assert_eq!((&found.body[..], &found.headers["cache-control"]), (&b"{\"a\":1}"[..], &CACHE_CONTROL));
        assert!(ask(Method::GET, "/.well-known/a/").unwrap().is_none());
        assert!(ask(Method::GET, "/.well-known").unwrap().is_none());
        let allow = vec![Method::GET, Method::HEAD];
        assert_eq!(ask(Method::POST, "/.well-known/a").unwrap_err(), Rejection::MethodNotAllowed { allow });
        assert!(ask(Method::POST, "/").unwrap().is_none());
    }
}
