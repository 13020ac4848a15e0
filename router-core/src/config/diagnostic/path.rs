//! A place in the document, as people write it: `routes[2].match.path.prefix`.

use std::fmt;
use std::str::FromStr;

/// One step down from a mapping or a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Into the value of this key.
    Key(String),
    /// Into the item at this position, counted from 0.
    Index(usize),
}

/// A place in the document: keys and positions from the root.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Path(Vec<Step>);

impl Path {
    /// The whole document.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// The value of `key` in the mapping at this place.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.then(Step::Key(key.to_owned()))
    }

    /// The item at `index` of the list at this place.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.then(Step::Index(index))
    }

    /// The place this one is in; the root is in none.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.0.split_last().map(|(_, above)| Self(above.to_vec()))
    }

    /// The steps from the root.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    fn then(&self, step: Step) -> Self {
        let mut steps = Vec::with_capacity(self.0.len().saturating_add(1));
        steps.extend_from_slice(&self.0);
        steps.push(step);
        Self(steps)
    }
}

impl FromIterator<Step> for Path {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Self {
        Self(steps.into_iter().collect())
    }
}

/// A key that is not a plain word stands in brackets and quotes: `upstreams["api.example.com"].targets`.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("(document)");
        }
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) if is_plain(key) && position == 0 => f.write_str(key)?,
                Step::Key(key) if is_plain(key) => write!(f, ".{key}")?,
                // The quoting of JSON, which the reader of a path can undo.
                Step::Key(key) => write!(f, "[{}]", serde_json::Value::from(key.as_str()))?,
            }
        }
        Ok(())
    }
}

/// A text that is not a path as [`Path`] writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPath;

impl fmt::Display for InvalidPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a path such as routes[2].match or upstreams[\"a b\"]")
    }
}

impl std::error::Error for InvalidPath {}

/// Reads what `Display` writes.
impl FromStr for Path {
    type Err = InvalidPath;

    fn from_str(text: &str) -> Result<Self, InvalidPath> {
        let mut steps = Vec::new();
        let mut rest = if text == "(document)" { "" } else { text };
        while !rest.is_empty() {
            let (step, after) = match rest.strip_prefix('[') {
                Some(inside) => bracketed(inside)?,
                None => plain(if steps.is_empty() { rest } else { rest.strip_prefix('.').ok_or(InvalidPath)? })?,
            };
            steps.push(step);
            rest = after;
        }
        Ok(Self(steps))
    }
}

fn bracketed(inside: &str) -> Result<(Step, &str), InvalidPath> {
    if inside.starts_with('"') {
        let mut values = serde_json::Deserializer::from_str(inside).into_iter::<String>();
        let key = values.next().and_then(Result::ok).ok_or(InvalidPath)?;
        let after = inside.get(values.byte_offset()..).and_then(|after| after.strip_prefix(']')).ok_or(InvalidPath)?;
        return Ok((Step::Key(key), after));
    }
    let (digits, after) = inside.split_once(']').ok_or(InvalidPath)?;
    let index = digits.parse().map_err(|_| InvalidPath)?;
    Ok((Step::Index(index), after))
}

fn plain(text: &str) -> Result<(Step, &str), InvalidPath> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    match text.split_at_checked(end) {
        Some((key, after)) if is_plain(key) => Ok((Step::Key(key.to_owned()), after)),
        _ => Err(InvalidPath),
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'$'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_like_an_access_in_a_program() {
        let path = Path::root().key("routes").index(2).key("match").key("path");
        assert_eq!(path.to_string(), "routes[2].match.path");
        assert_eq!(path.parent().map(|p| p.to_string()).as_deref(), Some("routes[2].match"));
        assert_eq!(Path::root().to_string(), "(document)");
        assert_eq!(Path::root().parent(), None);
        assert_eq!(Path::root().index(0).key("a").to_string(), "[0].a");
    }

    #[test]
    fn quotes_a_key_that_is_not_a_word() {
        let path = Path::root().key("upstreams").key("api.example.com").key("").key("a\"b");
        assert_eq!(path.to_string(), r#"upstreams["api.example.com"][""]["a\"b"]"#);
        assert_eq!(path.to_string().parse(), Ok(path));
    }

    #[test]
    fn refuses_what_is_not_a_path() {
        for text in ["a.", ".a", "a..b", "a[", "a[x]", "a[\"b]", "a b", "[1]b", "a[-1]"] {
            assert_eq!(text.parse::<Path>(), Err(InvalidPath), "{text}");
        }
    }

    proptest! {
        #[test]
        fn reads_back_what_it_writes(steps in prop::collection::vec(prop_oneof![
            any::<String>().prop_map(Step::Key), "[a-z]{1,4}".prop_map(Step::Key), any::<usize>().prop_map(Step::Index),
        ], 0..6)) {
            let path: Path = steps.into_iter().collect();
            prop_assert_eq!(path.to_string().parse::<Path>(), Ok(path));
        }

        #[test]
        fn reading_any_text_ends(text in any::<String>()) {
            let _ = text.parse::<Path>();
        }
    }
}
