//! What the stages said of a request.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use router_core::Rejection;
use router_core::dispatch::compose::X_REQUEST_ID;
use router_core::edits::Edit;

use super::candidates::Listed;

/// Everything there is to tell.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) method: String,
    pub(crate) url: String,
    /// What each stage found, in order: its word and a sentence.
    pub(crate) stages: Vec<(&'static str, String)>,
    /// What a reader may have overlooked.
    pub(crate) notes: Vec<String>,
    /// The path that is matched and forwarded.
    pub(crate) path: Option<String>,
    /// Every route, the winner first. Empty where the request does not get so far.
    pub(crate) candidates: Vec<Listed>,
    /// The route that takes the request.
    pub(crate) route: Option<Chosen>,
    /// How the path is changed.
    pub(crate) rewrite: Option<Rewritten>,
    /// Edits of the request on its way to whoever answers.
    pub(crate) request_edits: Vec<EditLine>,
    /// Edits of the answer.
    pub(crate) response_edits: Vec<EditLine>,
    /// How it ends.
    pub(crate) ending: Ending,
}

/// The route that takes the request.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) name: String,
    pub(crate) pattern: String,
    pub(crate) parameters: Vec<(String, String)>,
}

/// How the path is changed.
#[derive(Debug)]
pub(crate) struct Rewritten {
    pub(crate) from: String,
    pub(crate) to: String,
}

/// One edit in words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EditLine {
    pub(crate) action: &'static str,
    pub(crate) name: HeaderName,
    pub(crate) value: Option<String>,
}

/// How a request ends.
#[derive(Debug)]
pub(crate) enum Ending {
    /// An upstream is asked, at one of these URLs.
    Upstream {
        name: String,
        method: String,
        urls: Vec<String>,
        /// What `Host` it gets, if not that of its URL.
        host: Option<String>,
        upgrade: Option<&'static str>,
    },
    /// It is reflected.
    Echo { path_and_query: String },
    /// The route's fixed answer.
    Respond { status: StatusCode, body_bytes: usize },
    /// Stored answers are purged.
    Purge,
    /// A redirect: by a route, by its rule for a slash at the end, or by the rules for paths.
    Redirect { stage: &'static str, status: StatusCode, location: String },
    /// The answer to a preflight.
    Preflight { status: StatusCode, headers: HeaderMap },
    /// The gateway says no.
    Rejected { stage: &'static str, rejection: Rejection },
}

/// Edits in words. The id of a request that brings none is made when it comes.
pub(crate) fn lines<'e>(edits: impl Iterator<Item = &'e Edit>, new_id: Option<&HeaderValue>) -> Vec<EditLine> {
    let line = |edit: &Edit| match edit {
        Edit::Remove(name) => EditLine { action: "remove", name: name.clone(), value: None },
        Edit::Set(name, value) if *name == X_REQUEST_ID && Some(value) == new_id => {
            EditLine { action: "set", name: name.clone(), value: Some("(a new one for each request)".to_owned()) }
        }
        Edit::Set(name, value) => EditLine { action: "set", name: name.clone(), value: Some(shown(value)) },
        Edit::Append(name, value) => EditLine { action: "add", name: name.clone(), value: Some(shown(value)) },
    };
    edits.map(line).collect()
}

/// A field value for people: bytes beyond ASCII are escaped.
pub(crate) fn shown(value: &HeaderValue) -> String {
    match value.to_str() {
        Ok(text) => text.to_owned(),
        Err(_) => value.as_bytes().escape_ascii().to_string(),
    }
}
