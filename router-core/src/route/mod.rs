//! What is asked for? Finds the route of a request, or says why there is none.
//!
//! The rules of precedence stand in [`precedence`], in prose. They give every combination of route, host and path one static rank when
//! the table is built; finding is then: of all entries that match, the one with the lowest rank. How that is done without trying every
//! route is told in the module `trie`.
//!
//! A route matches when one of its hosts, one of its paths, its methods and *all* of its header and query predicates match.

pub(crate) mod braces;
mod cover;
mod explain;
mod found;
mod host;
mod matcher;
mod methods;
mod overlap;
mod params;
mod pattern;
pub mod precedence;
mod query;
mod regex;
mod segment;
mod table;
mod template;
#[cfg(test)]
mod tests;
mod trie;
mod value;
pub mod well_known;

pub use explain::{Candidate, Reason, Verdict};
pub use found::{Asked, Finding, Found, RouteIndex};
pub use host::{HostPattern, InvalidHost, normal_host};
pub use matcher::{Matcher, TrailingSlash};
pub use methods::Methods;
pub use overlap::{Extent, Overlap, OverlapKind, PathForm};
pub use params::{MAX_PARAMETERS, Params};
pub use pattern::{InvalidPattern, PathPattern, PatternFault};
pub use precedence::Rule;
pub use regex::{InvalidRegex, MAX_REGEX_LENGTH, WholeRegex};
pub use table::Table;
pub use value::ValueMatch;

pub(crate) use regex::compile as compile_regex;
