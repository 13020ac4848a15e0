//! What is claimed about a consumer, and how it is read: by tokens, by what an issuer answers, by whatever maps claims onwards.

mod date;
mod mapping;
mod path;

use serde_json::{Map, Value};

pub use date::{InvalidDate, date_ms};
pub use mapping::Mapping;
pub use path::{ClaimPath, InvalidClaimPath};

/// The most values that the claims of one credential may hold, members of members included. A token full of empty lists takes fifty times its length
/// when it is read; people in a thousand groups are real.
pub const MOST_VALUES: usize = 4096;

/// The longest name of a consumer or plan, in bytes.
pub const LONGEST_NAME: usize = 256;

/// Whether `claims` hold at most [`MOST_VALUES`] values.
#[must_use]
pub fn are_bounded(claims: &Map<String, Value>) -> bool {
    let mut left = MOST_VALUES;
    claims.values().all(|value| take(value, &mut left))
}

fn take(value: &Value, left: &mut usize) -> bool {
    let Some(rest) = left.checked_sub(1) else { return false };
    *left = rest;
    match value {
        Value::Array(items) => items.iter().all(|item| take(item, left)),
        Value::Object(members) => members.values().all(|member| take(member, left)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// Whether `text` can name a consumer or plan: at most [`LONGEST_NAME`] bytes, no control characters, and no white space at its ends, because a header
/// field would lose it on the way and name somebody else.
#[must_use]
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST_NAME && text.trim() == text && !text.chars().any(char::is_control)
}

/// The scopes in a claim: a text with spaces between (RFC 8693 section 4.2), or a list of texts. Anything else grants nothing.
#[must_use]
pub fn scopes(claim: &Value) -> Vec<String> {
    match claim {
        Value::String(text) => text.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect(),
        other => list(other),
    }
}

/// The roles in a claim: a list of texts, or a text that is one role, spaces and all. Anything else grants nothing.
#[must_use]
pub fn roles(claim: &Value) -> Vec<String> {
    match claim {
        Value::String(text) if !text.is_empty() => vec![text.clone()],
        other => list(other),
    }
}

/// A list in which everything is a text. What holds anything else is no such list, and nothing of it counts.
fn list(claim: &Value) -> Vec<String> {
    let Value::Array(items) = claim else { return Vec::new() };
    let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
    texts.unwrap_or_default().into_iter().filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

/// Whether a claim is `aud` as RFC 7519 section 4.1.3 has it, and one of `accepted` is in it. `None`: it is neither a text nor a list of texts.
#[must_use]
pub fn is_for(claim: &Value, accepted: &[String]) -> Option<bool> {
    let ours = |text: &str| accepted.iter().any(|accepted| accepted == text);
    match claim {
        Value::String(text) => Some(ours(text)),
        Value::Array(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            Some(texts?.into_iter().any(ours))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scopes_are_words_or_a_list() {
        assert_eq!(scopes(&json!("read  write ")), ["read", "write"]);
        assert_eq!(scopes(&json!(["read", "", "write all"])), ["read", "write all"]);
        for nothing in [json!(null), json!(7), json!({"read": true}), json!(["read", 7]), json!([["read"]]), json!("")]
        {
            assert!(scopes(&nothing).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn a_text_is_one_role_whatever_stands_in_it() {
        assert_eq!(roles(&json!("Site Admin")), ["Site Admin"]);
        assert_eq!(roles(&json!(["a", "b"])), ["a", "b"]);
        assert!(roles(&json!(["a", null])).is_empty() && roles(&json!("")).is_empty());
    }

    #[test]
    fn an_audience_is_a_text_or_a_list_of_texts() {
        let accepted = ["api".to_owned(), "web".to_owned()];
        for (claim, expected) in [
            (json!("api"), Some(true)),
            (json!("ap"), Some(false)),
            (json!("api web"), Some(false)),
            (json!(["x", "web"]), Some(true)),
            (json!([]), Some(false)),
            (json!(["api", 7]), None),
            (json!([["api"]]), None),
            (json!({"api": true}), None),
            (json!(null), None),
            (json!(true), None),
        ] {
            assert_eq!(is_for(&claim, &accepted), expected, "{claim}");
        }
    }

    #[test]
    fn values_are_counted_wherever_they_stand() {
        let claims = |value: Value| Map::from_iter([("x".to_owned(), value)]);
        assert!(are_bounded(&claims(json!(vec![0; MOST_VALUES - 1]))));
        assert!(!are_bounded(&claims(json!(vec![0; MOST_VALUES]))));
        assert!(!are_bounded(&claims(json!(vec![json!([[], {"a": []}]); MOST_VALUES / 4]))));
    }

    #[test]
    fn a_name_can_stand_in_a_header_field() {
        for good in ["a", "auth0|5f7c", "Jörg", "a b", &"x".repeat(256)] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", " a", "a ", "a\n", "a\u{0}b", "a\u{7f}", "a\u{85}b", "\u{a0}a", &"x".repeat(257)] {
            assert!(!is_name(bad), "{bad:?}");
        }
    }
}
