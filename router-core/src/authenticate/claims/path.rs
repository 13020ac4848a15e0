//! Where a claim stands.

use std::fmt;

use serde_json::{Map, Value};

/// The most steps of a path.
const MOST_STEPS: usize = 8;

/// The longest path, in bytes of its text.
const LONGEST: usize = 512;

/// Where a claim stands: `sub`, `realm_access.roles`, `["https://example.com/tenant"]`, `resource_access["my.client"].roles`.
///
/// A name holds letters, digits, `_`, `-`, `:`, `@` and `$`. Any other stands in brackets, as JSON text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClaimPath(Vec<String>);

/// A text that is no path to a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidClaimPath(String);

impl ClaimPath {
    /// The claim of this name, whatever stands in it.
    #[must_use]
    pub fn member(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }

    /// Reads a path.
    ///
    /// # Errors
    /// What is wrong, with what would be right.
    pub fn parse(text: &str) -> Result<Self, InvalidClaimPath> {
        let wrong = |why: String| Err(InvalidClaimPath(why));
        if text.len() > LONGEST {
            return wrong(format!("a path to a claim has at most {LONGEST} bytes"));
        }
        let mut steps = Vec::new();
        let mut rest = text;
        loop {
            let (step, behind) = if let Some(inside) = rest.strip_prefix('[') { quoted(inside)? } else { plain(rest)? };
            steps.push(step);
            if steps.len() > MOST_STEPS {
                return wrong(format!("a path to a claim has at most {MOST_STEPS} steps"));
            }
            rest = match behind.strip_prefix('.') {
                // A bracket behind the dot would be taken as well; there is one way to write it.
                Some(next) if next.starts_with('[') => return wrong("expected a name behind the dot".to_owned()),
                Some(next) => next,
                None if behind.is_empty() => return Ok(Self(steps)),
                None if behind.starts_with('[') => behind,
                None => return wrong(unexpected(behind)),
            };
        }
    }

    /// The claim at this path. `null` is no claim.
    #[must_use]
    pub fn find<'c>(&self, claims: &'c Map<String, Value>) -> Option<&'c Value> {
        let (first, below) = self.0.split_first()?;
        let mut value = claims.get(first)?;
        for step in below {
            value = value.as_object()?.get(step)?;
        }
        Some(value).filter(|value| !value.is_null())
    }
}

impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match (index, step.chars().all(is_plain) && !step.is_empty()) {
                (0, true) => f.write_str(step)?,
                (_, true) => write!(f, ".{step}")?,
                (_, false) => write!(f, "[{}]", Value::from(step.as_str()))?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for InvalidClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_plain(character: char) -> bool {
    character.is_alphanumeric() || "_-:@$".contains(character)
}

/// The name at the start of `text`, and what is behind it.
fn plain(text: &str) -> Result<(String, &str), InvalidClaimPath> {
    let end = text.find(|character| !is_plain(character)).unwrap_or(text.len());
    let (name, behind) = text.split_at(end);
    if name.is_empty() {
        return Err(InvalidClaimPath(match behind.chars().next() {
            None | Some('.') => {
                "expected the name of a claim, such as `sub`, or names with dots between, such as `realm_access.roles`"
                    .to_owned()
            }
            Some(_) => unexpected(behind),
        }));
    }
    Ok((name.to_owned(), behind))
}

/// The JSON text at the start of `inside`, and what is behind its bracket.
fn quoted(inside: &str) -> Result<(String, &str), InvalidClaimPath> {
    let wrong = || {
        InvalidClaimPath(
            "expected a name in quotation marks between the brackets, such as `[\"https://example.com/tenant\"]`"
                .into(),
        )
    };
    let mut texts = serde_json::Deserializer::from_str(inside).into_iter::<String>();
    let name = texts.next().and_then(Result::ok).ok_or_else(wrong)?;
    let behind = inside.get(texts.byte_offset()..).and_then(|behind| behind.strip_prefix(']')).ok_or_else(wrong)?;
    Ok((name, behind))
}

fn unexpected(behind: &str) -> String {
    let found = behind.chars().next().unwrap_or_default();
    format!("`{}` cannot stand in a plain name; write the whole name as `[\"…\"]`", found.escape_debug())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn steps(text: &str) -> Vec<String> {
        ClaimPath::parse(text).unwrap().0
    }

    #[test]
    fn names_stand_alone_or_in_brackets() {
        assert_eq!(steps("sub"), ["sub"]);
        assert_eq!(steps("realm_access.roles"), ["realm_access", "roles"]);
        assert_eq!(steps("cognito:groups"), ["cognito:groups"]);
        assert_eq!(steps(r#"["https://example.com/tenant"]"#), ["https://example.com/tenant"]);
        assert_eq!(steps(r#"resource_access["my.client"].roles"#), ["resource_access", "my.client", "roles"]);
        assert_eq!(steps(r#"["a\"]"]["b"]"#), ["a\"]", "b"]);
    }

    #[test]
    fn what_is_no_path_says_what_would_be() {
        for (bad, message) in [
            ("", "expected the name of a claim"),
            (".a", "expected the name of a claim"),
            ("a.", "expected the name of a claim"),
            ("a..b", "expected the name of a claim"),
            ("a b", "` ` cannot stand in a plain name"),
            ("https://example.com/tenant", "`/` cannot stand in a plain name"),
            ("groups[0]", "in quotation marks"),
            ("a['b']", "in quotation marks"),
            (r#"a["b""#, "in quotation marks"),
            (r#"a["b" ]"#, "in quotation marks"),
            (r#"["a"]b"#, "`b` cannot stand"),
            (r#"a.["b"]"#, "behind the dot"),
            ("a]", "`]` cannot stand"),
            ("a.a.a.a.a.a.a.a.a", "at most 8 steps"),
            (&"a".repeat(513), "at most 512 bytes"),
        ] {
            let why = ClaimPath::parse(bad).unwrap_err().to_string();
            assert!(why.contains(message), "{bad}: {why}");
        }
    }

    #[test]
    fn finds_what_is_there_and_never_looks_into_lists_or_texts() {
        let claims = json!({"a": {"b": [1], "": 2, "n": null}, "a.b": 3, "t": "text"});
        let find = |path: &str| ClaimPath::parse(path).unwrap().find(claims.as_object().unwrap()).cloned();
        assert_eq!(find("a.b"), Some(json!([1])));
        assert_eq!(find(r#"["a.b"]"#), Some(json!(3)));
        assert_eq!(find(r#"a[""]"#), Some(json!(2)));
        for absent in ["b", "a.c", "a.b.c", "t.x", "a.n"] {
            assert_eq!(find(absent), None, "{absent}");
        }
    }

    proptest! {
        #[test]
        fn a_path_says_itself_again(names in prop::collection::vec(".{0,20}", 1..=8)) {
            let path = ClaimPath(names);
            prop_assume!(path.to_string().len() <= LONGEST);
            prop_assert_eq!(ClaimPath::parse(&path.to_string()), Ok(path));
        }

        #[test]
        fn no_text_is_too_strange_to_be_read(text in ".{0,600}") {
            let _ = ClaimPath::parse(&text);
        }
    }
}
