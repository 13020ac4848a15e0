//! The built-in upstream that reflects what it was asked, for trying things out.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use super::UpstreamHead;

/// A body as far as it was read.
#[derive(Clone, Copy, Debug)]
pub struct ReadBody<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Whether there are more.
    pub truncated: bool,
}

/// The answer: what an upstream would have seen, as JSON with sorted fields.
#[must_use]
pub fn echo(head: &UpstreamHead, client_headers: &HeaderMap, body: ReadBody<'_>) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut headers = client_headers.clone();
    head.edits.apply(&mut headers);
    let (path, query) = match head.path_and_query.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (head.path_and_query.as_str(), None),
    };
    let document = json!({
        "method": head.method.as_str(),
        "path": path,
        "query": query,
        "headers": reflect(&headers),
        "body": text(body.bytes),
        "body_bytes": body.bytes.len(),
        "body_truncated": body.truncated,
    });
    let mut answer = HeaderMap::new();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let mut bytes = serde_json::to_vec_pretty(&document).unwrap_or_default();
    bytes.push(b'\n');
    (StatusCode::OK, answer, bytes)
}

/// Credentials are shown by their length only: an echo route left in production must not become a way to read a cookie that scripts may not see.
const SECRET: [HeaderName; 3] = [header::AUTHORIZATION, header::COOKIE, HeaderName::from_static("x-api-key")];

fn reflect(headers: &HeaderMap) -> Map<String, Value> {
    let mut fields = Map::new();
    for name in headers.keys() {
        let values: Vec<String> = headers
            .get_all(name)
            .iter()
            .map(|value| {
                if SECRET.contains(name) {
                    format!("({} bytes)", value.len())
                } else {
                    text(value.as_bytes()).into_owned()
                }
            })
            .collect();
        fields.insert(name.as_str().to_owned(), Value::String(values.join(", ")));
    }
    fields
}

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}
