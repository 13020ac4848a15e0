//! Time zones by their names, and by their distance from UTC.

use std::fmt;

use super::rule::Rule;
use super::table;
use crate::config::nearest;

/// The furthest from UTC that any clocks are.
const MOST_HOURS: i64 = 14;
/// More of a value than so many characters is not repeated.
const MOST_SHOWN: usize = 40;
/// The longest abbreviations that are in use, such as `CHADT`.
const LONGEST_ABBREVIATION: usize = 5;

/// Whose clocks are meant.
///
/// It is known by the rule that holds now and from now on, the footer of the zone in the tz database: quotas are not counted in the past. Where
/// clocks do not follow one rule, windows begin when they would if clocks did. In the tz database 2026f these are Cuba, which skips the
/// winter time of 2026 (until 2027-03-14 clocks are an hour ahead), and Gaza and Hebron, where Ramadan ends daylight time early from 2036 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Zone(pub(super) Rule);

impl Zone {
    /// `UTC`; an offset from `-14:00` to `+14:00`, in hours and minutes east of UTC; or a name of the IANA time zone database such as
    /// `Europe/Berlin`, older names included, upper and lower case as there.
    ///
    /// # Errors
    /// Anything else. The name that was probably meant is in the message.
    pub fn parse(text: &str) -> Result<Self, InvalidZone> {
        let rule = match offset_s(text) {
            Some(offset_s) => Some(Rule::fixed(offset_s)),
            None => table::rule_of(text).and_then(Rule::parse),
        };
        rule.map(Self).ok_or_else(|| InvalidZone::new(text))
    }
}

/// What is no time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidZone {
    /// The beginning of what was found.
    found: String,
    meant: Option<String>,
}

impl InvalidZone {
    fn new(text: &str) -> Self {
        Self { found: text.chars().take(MOST_SHOWN).collect(), meant: meant(text) }
    }
}

impl fmt::Display for InvalidZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { found, meant } = self;
        write!(
            f,
            "expected `UTC`, a name such as `Europe/Berlin` or an offset such as `+02:00` (at most 14 hours), found `{found}`"
        )?;
        meant.as_ref().map_or(Ok(()), |meant| write!(f, "; did you mean `{meant}`?"))
    }
}

impl std::error::Error for InvalidZone {}

/// Seconds east of UTC.
fn offset_s(text: &str) -> Option<i64> {
    let [sign, rest @ ..] = text.as_bytes() else { return None };
    let sign = match sign {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let [tens, hours, b':', ten_minutes, minutes] = rest else { return None };
    let number = |tens: &u8, ones: &u8| {
        let both = tens.is_ascii_digit() && ones.is_ascii_digit();
        both.then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
    };
    let minutes = number(ten_minutes, minutes).filter(|minutes| *minutes < 60)? + number(tens, hours)? * 60;
    (minutes <= MOST_HOURS * 60).then_some(sign * minutes * 60)
}

/// The name that was probably meant: `Europe/Berlin` for `Europe/Berln` and for `berlin`.
fn meant(found: &str) -> Option<String> {
    let names: Vec<String> = table::entries().map(|entry| entry.name()).collect();
    let compared = if found.contains('/') { whole } else { city };
    let offered = || names.iter().map(String::as_str).filter(|name| is_offered(name, found));
    let near = nearest(found, offered().map(compared))?;
    offered().find(|name| compared(name) == near).map(str::to_owned)
}

/// By letters alone `PST` is near `EST` and `IST` near Istanbul; and `Etc/GMT+2`, for somebody who wrote `GMT+2`, is two hours behind UTC.
fn is_offered(name: &str, found: &str) -> bool {
    let is_abbreviation = found.len() <= LONGEST_ABBREVIATION && found.bytes().all(|byte| byte.is_ascii_uppercase());
    name.eq_ignore_ascii_case(found) || !is_abbreviation && name.contains('/') && !name.starts_with("Etc/")
}

fn whole(name: &str) -> &str {
    name
}

fn city(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, city)| city)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offset_of(text: &str) -> i64 {
        Zone::parse(text).unwrap().0.standard_s()
    }

    #[test]
    fn reads_names_old_names_and_offsets() {
        assert_eq!(offset_of("UTC"), 0);
        assert_eq!(offset_of("Europe/Berlin"), 3600);
        assert_eq!(offset_of("Asia/Kolkata"), 19_800);
        assert_eq!(offset_of("America/Argentina/Buenos_Aires"), -10_800);
        assert_eq!(Zone::parse("Asia/Calcutta"), Zone::parse("Asia/Kolkata"));
        assert_eq!(Zone::parse("US/Eastern"), Zone::parse("America/New_York"));
        assert_eq!(offset_of("Etc/GMT+5"), -18_000);
        assert_eq!(offset_of("+02:00"), 7200);
        assert_eq!(offset_of("-03:30"), -12_600);
        assert_eq!(offset_of("+14:00"), 50_400);
        assert_eq!(offset_of("-14:00"), -50_400);
        assert_eq!(offset_of("-00:00"), 0);
    }

    #[test]
    fn refuses_what_is_no_zone() {
        for text in [
            "",
            " ",
            "+",
            "-",
            "Z",
            "CEST",
            "local",
            "Factory",
            "Europe",
            "Europe/",
            "/Berlin",
            "Berlin",
            "europe/berlin",
            "Europe/Berlin ",
            "UTC0",
            "CET-1",
            "+2",
            "+02",
            "+0200",
            "02:00",
            "+2:00",
            "+02:0",
            "+02:60",
            "+14:01",
            "-14:01",
            "+15:00",
            "+02:00:00",
            "\u{2212}02:00",
            "UTC+2",
            "#",
        ] {
            assert!(Zone::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_message_says_what_was_found_and_expected_and_perhaps_meant() {
        assert_eq!(
            Zone::parse("Europe/Berln").unwrap_err().to_string(),
            "expected `UTC`, a name such as `Europe/Berlin` or an offset such as `+02:00` (at most 14 hours), found `Europe/Berln`; \
             did you mean `Europe/Berlin`?"
        );
        let long = Zone::parse(&"Europe/".repeat(1000)).unwrap_err().to_string();
        assert!(long.len() < 200 && !long.contains("did you mean"), "{long}");
    }

    #[test]
    fn offers_the_name_that_was_probably_meant() {
        for (found, offered) in [
            ("europe/berlin", "Europe/Berlin"),
            ("Europe/Kiew", "Europe/Kiev"),
            ("Berlin", "Europe/Berlin"),
            ("new york", "America/New_York"),
            ("Kolkatta", "Asia/Kolkata"),
            ("utc", "UTC"),
            ("est5edt", "EST5EDT"),
        ] {
            assert_eq!(meant(found).as_deref(), Some(offered), "{found}");
        }
        for found in ["", "PST", "IST", "CEST", "WEST", "GMT+2", "UTC+2", "+15:00", "+0200", "local", "Mars/Olympus"] {
            assert_eq!(meant(found), None, "{found}");
        }
    }
}
