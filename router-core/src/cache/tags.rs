//! The names under which answers can be purged together.

use http::{HeaderMap, HeaderName};

use super::rule::{TagPart, TagTemplate};

/// Tags of an answer; more are left out.
pub const MOST: usize = 64;

/// The longest tag, in bytes; longer ones are left out.
pub const LONGEST: usize = 128;

impl TagTemplate {
    /// The tag of a request whose route has these parameters; `None` where one is missing or it gets too long.
    #[must_use]
    pub fn fill<'p>(&self, parameter: impl Fn(&str) -> Option<&'p str>) -> Option<String> {
        let mut tag = String::new();
        for part in &self.0 {
            match part {
                TagPart::Text(text) => tag.push_str(text),
                TagPart::Parameter(name) => tag.push_str(parameter(name)?),
            }
        }
        (!tag.is_empty() && tag.len() <= LONGEST).then_some(tag)
    }
}

/// The tags of the rule and those that the answer names: in lists separated by commas or spaces.
pub(super) fn all(own: &[String], fields: &[HeaderName], headers: &HeaderMap) -> Vec<String> {
    let values = fields.iter().flat_map(|name| headers.get_all(name));
    let told = values.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split([',', ' ', '\t']));
    let told = told.filter(|tag| !tag.is_empty() && tag.len() <= LONGEST).map(str::to_owned);
    let mut tags: Vec<String> = Vec::new();
    for tag in own.iter().cloned().chain(told) {
        if tags.len() < MOST && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::super::examples::fields;
    use super::*;

    #[test]
    fn tags_of_the_rule_go_first_and_each_is_there_once() {
        let name = HeaderName::from_static("cache-tag");
        let headers = fields(&["cache-tag: a,b  c,,d", "cache-tag: b e", "surrogate-key: f"]);
        assert_eq!(all(&["d".to_owned(), "r".to_owned()], &[name], &headers), ["d", "r", "a", "b", "c", "e"]);
    }

    #[test]
    fn tags_that_are_too_long_or_too_many_are_left_out() {
        let name = HeaderName::from_static("cache-tag");
        let long = format!("cache-tag: {} {}", "a".repeat(LONGEST), "b".repeat(LONGEST + 1));
        assert_eq!(all(&[], std::slice::from_ref(&name), &fields(&[&long])), ["a".repeat(LONGEST)]);
        let many: String = (0..MOST + 5).map(|number| format!("{number},")).collect();
        assert_eq!(all(&["own".to_owned()], &[name], &fields(&[&format!("cache-tag: {many}")])).len(), MOST);
    }

    #[test]
    fn a_template_is_filled_or_gives_nothing() {
        let parts = |text: &str| TagTemplate(vec![TagPart::Text(text.into()), TagPart::Parameter("id".into())]);
        assert_eq!(parts("p:").fill(|name| (name == "id").then_some("7")).as_deref(), Some("p:7"));
        assert_eq!(parts("p:").fill(|_| None), None);
        assert_eq!(parts("").fill(|_| Some("")), None);
        assert_eq!(parts(&"p".repeat(LONGEST)).fill(|_| Some("7")), None);
    }
}
