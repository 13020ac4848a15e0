//! By which fields of requests answers differ (RFC 9111 section 4.1).

use http::{HeaderMap, HeaderName, header};

use super::key::KeyMaker;
use crate::head::joined;

/// Names that `Vary` may have.
const MOST_NAMES: usize = 16;

/// Codings that a request can ask for and that are told apart. An answer in any other is not stored where answers differ by `Accept-Encoding`.
const CODINGS: [&str; 4] = ["br", "gzip", "zstd", "deflate"];

/// Members of a list that are told apart; a list with more is taken as it is.
const MOST_MEMBERS: usize = 64;

/// What `Vary` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vary {
    /// By these fields, lower case and sorted; by none if there are none.
    By(Vec<String>),
    /// By what is not in the request, or by more than is kept.
    Any,
}

/// What the `Vary` of an answer says.
#[must_use]
pub fn vary(headers: &HeaderMap) -> Vary {
    let Some(text) = joined(headers, &header::VARY) else { return Vary::By(Vec::new()) };
    let mut names = Vec::new();
    for member in text.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|member| !member.is_empty()) {
        match HeaderName::from_bytes(member) {
            Ok(name) if name.as_str() != "*" => names.push(name.as_str().to_owned()),
            // What is no name cannot be compared.
            Ok(_) | Err(_) => return Vary::Any,
        }
    }
    names.sort_unstable();
    names.dedup();
    if names.len() > MOST_NAMES { Vary::Any } else { Vary::By(names) }
}

/// Adds what a request has in the fields of these names, made equal where it means the same.
pub fn add_selected(maker: &mut KeyMaker, names: &[String], request: &HeaderMap) {
    for name in names {
        let value = HeaderName::from_bytes(name.as_bytes()).ok().and_then(|name| selecting(request, &name));
        maker.add(name, &value.map_or_else(|| b"-".to_vec(), |value| [b"+", value.as_slice()].concat()));
    }
}

/// The value of a field by which answers differ, made equal where it means the same (RFC 9111 section 4.1): several lines are one list, white space
/// around its members does not count, and of the codings and languages that a client accepts neither order nor case.
#[must_use]
pub fn selecting(request: &HeaderMap, name: &HeaderName) -> Option<Vec<u8>> {
    let text = joined(request, name)?;
    if name == header::ACCEPT_ENCODING {
        return Some(codings(&text).into_bytes());
    }
    let members: Vec<&[u8]> = text.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).collect();
    if name != header::ACCEPT_LANGUAGE || members.len() > MOST_MEMBERS {
        return Some(members.join(&b','));
    }
    let mut languages: Vec<Vec<u8>> = members.iter().filter(|one| !one.is_empty()).map(|one| language(one)).collect();
    languages.sort_unstable();
    languages.dedup();
    Some(languages.join(&b','))
}

/// A language range in lower case, with its weight unless that is 1.
fn language(member: &[u8]) -> Vec<u8> {
    let text: Vec<u8> = member.iter().filter(|byte| !byte.is_ascii_whitespace()).map(u8::to_ascii_lowercase).collect();
    for whole in [b";q=1".as_slice(), b";q=1.0", b";q=1.00", b";q=1.000"] {
        if let Some(range) = text.strip_suffix(whole) {
            return range.to_vec();
        }
    }
    text
}

/// Whether requests that accept the codings of an answer have another value than those that do not.
pub(super) fn is_told_apart(answer: &HeaderMap) -> bool {
    let text = joined(answer, &header::CONTENT_ENCODING).unwrap_or_default();
    let mut codings = text.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|coding| !coding.is_empty());
    let known = ["identity", "x-gzip"].into_iter().chain(CODINGS);
    codings.all(|coding| known.clone().any(|known| coding.eq_ignore_ascii_case(known.as_bytes())))
}

/// Which of the codings that matter a client accepts, in a fixed order, and whether it refuses an answer without one.
fn codings(accepted: &[u8]) -> String {
    let text = String::from_utf8_lossy(accepted).to_ascii_lowercase();
    let accepts = |coding: &str, unsaid: bool| {
        let weight = |wanted: &str| {
            text.split(',').find_map(|member| {
                let (name, rest) = member.split_once(';').unwrap_or((member, ""));
                let name = name.trim();
                let name = if name == "x-gzip" { "gzip" } else { name };
                (name == wanted).then(|| {
                    rest.trim().strip_prefix("q=").is_none_or(|q| !q.trim().trim_matches(['0', '.']).is_empty())
                })
            })
        };
        weight(coding).or_else(|| weight("*")).unwrap_or(unsaid)
    };
    let mut found: Vec<&str> = CODINGS.into_iter().filter(|coding| accepts(coding, false)).collect();
    if !accepts("identity", true) {
        found.push("identity;q=0");
    }
    found.join(",")
}

#[cfg(test)]
mod tests {

    use super::super::examples::field;
    use super::*;

    #[test]
    fn a_star_anywhere_is_any() {
        for lines in [&["*"][..], &["*, *"], &["*", "*"], &[", *"], &["", "*"], &["*, Foo"], &["Foo, *"], &["a b"]] {
            assert_eq!(vary(&field("vary", lines)), Vary::Any, "{lines:?}");
        }
        assert_eq!(vary(&field("vary", &["B, a", "b,"])), Vary::By(vec!["a".into(), "b".into()]));
        assert_eq!(vary(&HeaderMap::new()), Vary::By(Vec::new()));
    }

    #[test]
    fn what_means_the_same_is_the_same() {
        let same = |name: &'static str, one: &[&str], other: &[&str]| {
            let of = |lines| selecting(&field(name, lines), &HeaderName::from_static(name));
            of(one) == of(other)
        };
        assert!(same("x-a", &["1, 2"], &["1,2"]));
        assert!(same("x-a", &["1", "2"], &["1 ,2"]));
        assert!(!same("x-a", &["1, 2"], &["2, 1"]));
        assert!(!same("x-a", &["a"], &["A"]));
        assert!(same("accept-language", &["en, de;q=0.5"], &["DE; q=0.5 ,en;q=1.0"]));
        assert!(!same("accept-language", &["en, de;q=0.5"], &["en, de"]));
        assert!(same("accept-encoding", &["gzip, br"], &["br;q=0.9, x-gzip, foo"]));
        assert!(same("accept-encoding", &["gzip;q=0"], &[""]));
        // Without the field any coding will do (RFC 9110 section 12.5.3).
        assert!(!same("accept-encoding", &["identity"], &[]));
        assert!(!same("accept-encoding", &["br, identity;q=0"], &["br"]));
        assert!(!same("accept-encoding", &["br, *;q=0"], &["br"]));
        assert!(same("accept-encoding", &["br, *;q=0"], &["br, identity;q=0.000"]));
        assert!(same("accept-encoding", &["*"], &["zstd, br, deflate, gzip"]));
        assert!(!same("accept-encoding", &["gzip"], &["gzip, br"]));
        assert!(!same("accept-encoding", &["*, br;q=0.0"], &["*"]));
    }

    #[test]
    fn a_missing_field_is_not_an_empty_one() {
        let key = |headers: &HeaderMap| {
            let mut maker = KeyMaker::new();
            add_selected(&mut maker, &["x-a".to_owned()], headers);
            maker.key()
        };
        assert_ne!(key(&HeaderMap::new()), key(&field("x-a", &[""])));
        assert_ne!(key(&field("x-a", &["-"])), key(&HeaderMap::new()));
    }
}
