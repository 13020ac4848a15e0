//! `Cache-Control` (RFC 9111 section 5.2), as answers and requests have it.

use http::{HeaderMap, HeaderName, header};
use sfv::{BareItem, Dictionary, ListEntry, Parser};

use crate::head::joined;

/// The field for shared caches that are CDNs (RFC 9213 section 2.2).
pub const CDN_CACHE_CONTROL: HeaderName = HeaderName::from_static("cdn-cache-control");

/// A number of seconds that cannot be read makes an answer stale (RFC 9111 section 4.2.1).
const UNREADABLE: u64 = 0;

/// The largest number of seconds that is told from larger ones: 136 years (RFC 9111 section 1.2.2 asks for 2^31 at least).
const MOST_SECONDS: u64 = u32::MAX as u64;

/// Field names that a directive can have, at most.
const MOST_NAMES: usize = 32;

/// To what of an answer a directive applies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// It is not there.
    #[default]
    None,
    /// To these fields only.
    Fields(Vec<HeaderName>),
    /// To all of it.
    All,
}

/// What an answer says. Numbers are seconds; one that cannot be read is 0, and of several the first counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    /// `max-age`.
    pub max_age: Option<u64>,
    /// `s-maxage`.
    pub s_maxage: Option<u64>,
    /// `stale-while-revalidate` (RFC 5861 section 3).
    pub stale_while_revalidate: Option<u64>,
    /// `stale-if-error` (RFC 5861 section 4).
    pub stale_if_error: Option<u64>,
    /// `no-cache`.
    pub no_cache: Extent,
    /// `private`.
    pub private: Extent,
    /// `no-store`.
    pub no_store: bool,
    /// `public`.
    pub public: bool,
    /// `must-revalidate`.
    pub must_revalidate: bool,
    /// `proxy-revalidate`.
    pub proxy_revalidate: bool,
    /// `must-understand`.
    pub must_understand: bool,
    /// `immutable` (RFC 8246).
    pub immutable: bool,
    /// They are those of a targeted field (RFC 9213), beside which `Cache-Control` and `Expires` count for nothing.
    pub targeted: bool,
}

impl Directives {
    /// What an answer with these fields says: by `CDN-Cache-Control`, where that is there and can be read, else by `Cache-Control`.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        if let Some(targeted) = targeted(headers) {
            return targeted;
        }
        let Some(text) = joined(headers, &header::CACHE_CONTROL) else { return Self::default() };
        let mut found = Self::default();
        for (name, value) in list(&text) {
            found.take(&name, value.as_deref());
        }
        found
    }

    fn take(&mut self, name: &str, value: Option<&[u8]>) {
        let seconds = |known: &mut Option<u64>| {
            known.get_or_insert_with(|| value.and_then(seconds).unwrap_or(UNREADABLE));
        };
        match name {
            "max-age" => seconds(&mut self.max_age),
            "s-maxage" => seconds(&mut self.s_maxage),
            "stale-while-revalidate" => seconds(&mut self.stale_while_revalidate),
            "stale-if-error" => seconds(&mut self.stale_if_error),
            "no-cache" => self.no_cache.widen(value),
            "private" => self.private.widen(value),
            "no-store" => self.no_store = true,
            "public" => self.public = true,
            "must-revalidate" => self.must_revalidate = true,
            "proxy-revalidate" => self.proxy_revalidate = true,
            "must-understand" => self.must_understand = true,
            "immutable" => self.immutable = true,
            // What is not known is ignored (RFC 9111 section 5.2.3).
            _ => {}
        }
    }
}

impl Extent {
    /// Without readable names it applies to all.
    fn widen(&mut self, value: Option<&[u8]>) {
        let names: Option<Vec<HeaderName>> = value.and_then(|value| {
            let parts = value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|part| !part.is_empty());
            parts.map(|part| HeaderName::from_bytes(part).ok()).collect()
        });
        *self = match (std::mem::take(self), names.filter(|names| !names.is_empty())) {
            (Self::None, Some(names)) if names.len() <= MOST_NAMES => Self::Fields(names),
            (Self::Fields(mut known), Some(names)) if known.len() + names.len() <= MOST_NAMES => {
                known.extend(names);
                Self::Fields(known)
            }
            _ => Self::All,
        };
    }

    /// Whether it applies to all.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::All
    }

    /// The fields it applies to, if not to all.
    #[must_use]
    pub fn fields(&self) -> &[HeaderName] {
        match self {
            Self::Fields(names) => names,
            Self::None | Self::All => &[],
        }
    }
}

/// The directives of a targeted field: a dictionary of structured fields. `None` where it is absent, empty or cannot be read (RFC 9213 section 2.1).
fn targeted(headers: &HeaderMap) -> Option<Directives> {
    let text = joined(headers, &CDN_CACHE_CONTROL)?;
    let dictionary: Dictionary = Parser::new(text.as_ref()).parse().ok()?;
    if dictionary.is_empty() {
        return None;
    }
    let mut found = Directives { targeted: true, ..Directives::default() };
    for (key, entry) in dictionary {
        let key = key.as_str();
        match entry {
            ListEntry::Item(item) => match item.bare_item {
                BareItem::Boolean(false) => {}
                BareItem::Integer(number) => found.take(key, Some(i64::from(number).to_string().as_bytes())),
                BareItem::String(text) => found.take(key, Some(text.as_str().as_bytes())),
                // A value of another kind says no more than that the directive is there: `private=x` is private, and `max-age=1.5` no age.
                _ => found.take(key, None),
            },
            ListEntry::InnerList(_) => found.take(key, None),
        }
    }
    Some(found)
}

/// What a client asks of caches (RFC 9111 section 5.2.1). Numbers are seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// `no-cache`, or `Pragma: no-cache` from a client that does not know `Cache-Control`.
    pub no_cache: bool,
    /// `no-store`.
    pub no_store: bool,
    /// `only-if-cached`.
    pub only_if_cached: bool,
    /// `max-age`.
    pub max_age: Option<u64>,
    /// `min-fresh`.
    pub min_fresh: Option<u64>,
    /// `max-stale`; without a value any staleness will do.
    pub max_stale: Option<u64>,
}

impl Wishes {
    /// What a request with these fields asks for.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut wishes = Self::default();
        let Some(text) = joined(headers, &header::CACHE_CONTROL) else {
            let pragma = joined(headers, &header::PRAGMA);
            wishes.no_cache = pragma.is_some_and(|text| list(&text).any(|(name, _)| name == "no-cache"));
            return wishes;
        };
        for (name, value) in list(&text) {
            let number = value.as_deref().and_then(seconds);
            match name.as_str() {
                "no-cache" => wishes.no_cache = true,
                "no-store" => wishes.no_store = true,
                "only-if-cached" => wishes.only_if_cached = true,
                "max-age" => wishes.max_age = wishes.max_age.or(number.or(Some(UNREADABLE))),
                "min-fresh" => wishes.min_fresh = wishes.min_fresh.or(number),
                "max-stale" if value.is_none() => wishes.max_stale = Some(MOST_SECONDS),
                "max-stale" => wishes.max_stale = wishes.max_stale.or(number),
                _ => {}
            }
        }
        wishes
    }
}

/// A delta of seconds: digits and nothing else; what is larger than can be told is the largest (RFC 9111 section 1.2.2).
pub(super) fn seconds(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let sum = text.iter().fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    Some(sum.min(MOST_SECONDS))
}

/// The members of a list of `name`, `name=token` or `name="text"`: names in lower case, quotes taken off. What follows no such form is left out up to the
/// next comma outside of quotes.
fn list(text: &[u8]) -> impl Iterator<Item = (String, Option<Vec<u8>>)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let (member, behind) = cut(rest);
            rest = behind;
            if let Some(found) = directive(member.trim_ascii()) {
                return Some(found);
            }
        }
    })
}

/// Up to the first comma outside of quotes, and what is behind it.
fn cut(text: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at = match byte {
            b',' => return (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default()),
            // Quotes stand around a whole value. A sign that opens none, or quotes without an end, hide nothing: behind them may stand `no-store`.
            b'"' if text.get(..at).is_some_and(|before| before.ends_with(b"=")) => {
                behind_quotes(text, at).unwrap_or(at + 1)
            }
            _ => at + 1,
        };
    }
    (text, &[])
}

/// Where the quoted text that begins at `at` is over; `None` where it never is.
fn behind_quotes(text: &[u8], at: usize) -> Option<usize> {
    let mut escaped = false;
    for (place, byte) in text.iter().enumerate().skip(at + 1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(place + 1),
            _ => {}
        }
    }
    None
}

fn directive(member: &[u8]) -> Option<(String, Option<Vec<u8>>)> {
    let equals = member.iter().position(|byte| *byte == b'=');
    let name = equals.map_or(member, |at| member.get(..at).unwrap_or_default());
    if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
        return None;
    }
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    let Some(value) = equals.and_then(|at| member.get(at + 1..)) else { return Some((name, None)) };
    let value = match value.strip_prefix(b"\"") {
        None => value.to_vec(),
        // Without an end it can be anything, and means nothing.
        Some(quoted) => unquoted(quoted).unwrap_or_default(),
    };
    Some((name, Some(value)))
}

/// What stands before the quote that ends `text`; `None` where none does, or where it is not the end.
fn unquoted(text: &[u8]) -> Option<Vec<u8>> {
    let mut found = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    loop {
        match bytes.next()? {
            b'"' => return bytes.next().is_none().then_some(found),
            b'\\' => found.push(*bytes.next()?),
            other => found.push(*other),
        }
    }
}

/// RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::examples::field;
    use super::*;

    fn answer(lines: &[&str]) -> Directives {
        Directives::of(&field("cache-control", lines))
    }

    #[test]
    fn numbers_are_digits_and_what_is_not_makes_stale() {
        let ages = [
            ("max-age=60", Some(60)),
            ("MaX-aGe=003600", Some(3600)),
            ("max-age=\"60\"", Some(60)),
            ("max-age='60'", Some(0)),
            ("max-age=-1", Some(0)),
            ("max-age=3600.0", Some(0)),
            ("max-age=60a", Some(0)),
            ("max-age= 60", Some(0)),
            ("max-age", Some(0)),
            ("max-age=99999999999999999999999", Some(MOST_SECONDS)),
            ("max-age=1, max-age=60", Some(1)),
            ("a=\"max-age=60\"", None),
            ("a=\"b\\\", max-age=60\", max-age=5", Some(5)),
            ("max-age =60, public", None),
            ("max-age=\"6\\0\"", Some(60)),
            ("max-age=\"60\"0", Some(0)),
            ("max-age=\"60", Some(0)),
            ("a=b\"c, max-age=60, d=\"e\"", Some(60)),
            ("", None),
        ];
        for (text, age) in ages {
            assert_eq!(answer(&[text]).max_age, age, "{text}");
        }
        assert_eq!(
            answer(&["max-age=7", "s-maxage=8"]),
            Directives { max_age: Some(7), s_maxage: Some(8), ..Directives::default() }
        );
    }

    #[test]
    fn quotes_without_an_end_hide_nothing() {
        for text in [
            "a=\"b, no-store",
            "private=\"x-a, no-store",
            "a=\"b\\\", no-store",
            "a=b\"c, no-store, d=\"e\"",
            "\", no-store, \"",
        ] {
            assert!(answer(&[text]).no_store, "{text}");
        }
        assert!(!answer(&["a=\"b, no-store\""]).no_store);
        assert_eq!(answer(&["private=\"x-a, no-store"]).private, Extent::All);
        assert_eq!(answer(&["private=\"x-a\\\""]).private, Extent::All);
    }

    proptest! {
        #[test]
        fn what_stands_in_a_line_of_its_own_is_found_whatever_stands_before(junk in "[ -~]{0,30}|[a=\"\\\\, ]{0,30}") {
            let found = answer(&[&junk, "no-store, max-age=60"]);
            prop_assert!(found.no_store && found.max_age.is_some());
        }

        #[test]
        fn any_bytes_are_read(lines in vec(vec(any::<u8>(), 0..40), 0..4)) {
            for name in [header::CACHE_CONTROL, CDN_CACHE_CONTROL, header::PRAGMA] {
                let mut headers = HeaderMap::new();
                headers.extend(lines.iter().filter_map(|line| Some((name.clone(), HeaderValue::from_bytes(line).ok()?))));
                let found = Directives::of(&headers);
                prop_assert!(found.max_age.is_none_or(|age| age <= MOST_SECONDS));
                let _ = Wishes::of(&headers);
            }
        }
    }

    #[test]
    fn directives_with_fields_apply_to_these_only() {
        let name = HeaderName::from_static;
        assert_eq!(
            answer(&["no-cache=\"Set-Cookie, x-a\""]).no_cache,
            Extent::Fields(vec![name("set-cookie"), name("x-a")])
        );
        assert_eq!(answer(&["private=x-a, private=x-b"]).private, Extent::Fields(vec![name("x-a"), name("x-b")]));
        for all in ["private", "private=\"\"", "private=\"a b\"", "private=x-a, private", "private=\"x-a"] {
            assert_eq!(answer(&[all]).private, Extent::All, "{all}");
        }
    }

    #[test]
    fn the_field_for_cdns_replaces_the_general_one_where_it_can_be_read() {
        let both = |targeted: &str| {
            let mut headers = field("cache-control", &["max-age=1, no-store"]);
            headers.append(CDN_CACHE_CONTROL, HeaderValue::from_str(targeted).unwrap());
            Directives::of(&headers)
        };
        assert_eq!(
            both("max-age=60, private=?0"),
            Directives { max_age: Some(60), targeted: true, ..Directives::default() }
        );
        assert!(both("no-store").no_store && both("no-store").targeted);
        assert_eq!(both("max-age=-5").max_age, Some(0));
        assert_eq!(both("max-age=1.5").max_age, Some(0));
        assert_eq!(both("max-age=60;a=1").max_age, Some(60));
        for all in ["private", "private=all", "private=(x-a)", "private=1.5", "private=:eA==:"] {
            assert_eq!(both(all).private, Extent::All, "{all}");
        }
        assert_eq!(both("private=\"x-a\"").private, Extent::Fields(vec![HeaderName::from_static("x-a")]));
        for unreadable in ["", "max-age=", "Max-Age=60", "\"a\""] {
            assert_eq!(both(unreadable).max_age, Some(1), "{unreadable}");
        }
    }

    #[test]
    fn clients_wish() {
        let wishes = |lines: &[&str]| Wishes::of(&field("cache-control", lines));
        assert_eq!(
            wishes(&["max-age=0, min-fresh=5", "max-stale, only-if-cached, no-cache, no-store, x"]),
            Wishes {
                no_cache: true,
                no_store: true,
                only_if_cached: true,
                max_age: Some(0),
                min_fresh: Some(5),
                max_stale: Some(MOST_SECONDS)
            }
        );
        assert_eq!(
            wishes(&["max-stale=9, max-age=x"]),
            Wishes { max_stale: Some(9), max_age: Some(0), ..Wishes::default() }
        );
        assert!(Wishes::of(&field("pragma", &["a, No-Cache"])).no_cache);
        let mut both = field("pragma", &["no-cache"]);
        both.append("cache-control", HeaderValue::from_static("max-age=5"));
        assert!(!Wishes::of(&both).no_cache);
    }
}
