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
