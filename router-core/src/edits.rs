//! Edits of header fields. A platform applies them to the host's own object, so that an untouched field is never copied.

use http::{HeaderMap, HeaderName, HeaderValue};

/// One edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Takes out every line of the field.
    Remove(HeaderName),
    /// Replaces every line of the field by one, or adds it where it is absent.
    Set(HeaderName, HeaderValue),
    /// Adds a line beside those that are there.
    Append(HeaderName, HeaderValue),
}

/// Edits, carried out in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderEdits(Vec<Edit>);

impl HeaderEdits {
    /// No edits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes out every line of `name`.
    pub fn remove(&mut self, name: HeaderName) {
        self.0.push(Edit::Remove(name));
    }

    /// Makes `value` the only line of `name`.
    pub fn set(&mut self, name: HeaderName, value: HeaderValue) {
        self.0.push(Edit::Set(name, value));
    }

    /// Adds a line to `name`.
    pub fn append(&mut self, name: HeaderName, value: HeaderValue) {
        self.0.push(Edit::Append(name, value));
    }

    /// Adds all of `others` behind these.
    pub fn extend(&mut self, others: &HeaderEdits) {
        self.0.extend(others.0.iter().cloned());
    }

    /// The edits in order.
    pub fn iter(&self) -> impl Iterator<Item = &Edit> {
        self.0.iter()
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Carries the edits out. A field map that is full (32,768 fields) keeps what it has: [`crate::receive`] refuses such requests long before.
    pub fn apply(&self, headers: &mut HeaderMap) {
        for edit in &self.0 {
            match edit {
                Edit::Remove(name) => drop(headers.remove(name)),
                Edit::Set(name, value) => drop(headers.try_insert(name, value.clone())),
                Edit::Append(name, value) => drop(headers.try_append(name, value.clone())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_carried_out_in_order() {
        let name = HeaderName::from_static("x-a");
        let mut headers = HeaderMap::new();
        headers.append(&name, HeaderValue::from_static("1"));
        headers.append(&name, HeaderValue::from_static("2"));
        let mut edits = HeaderEdits::new();
        edits.set(name.clone(), HeaderValue::from_static("3"));
        edits.append(name.clone(), HeaderValue::from_static("4"));
        edits.apply(&mut headers);
        assert_eq!(headers.get_all(&name).iter().collect::<Vec<_>>(), ["3", "4"]);
        let mut edits = HeaderEdits::new();
        edits.remove(name.clone());
        edits.apply(&mut headers);
        assert!(!headers.contains_key(&name));
    }
}
