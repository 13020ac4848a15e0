//! Moments as text: RFC 3339, the profile of ISO 8601 for the Internet.
//!
//! Own code rather than `jiff` or `time`: one strict form is read and one is written, which is a page, while either crate brings a calendar, formats and
//! error tables of tens of kilobytes into every wasm build.

use std::fmt;

const DAY_MS: u64 = 86_400_000;
/// 9999-12-31T23:59:59.999Z, the last moment that RFC 3339 can write.
pub const LAST_MS: u64 = 253_402_300_799_999;

/// Why a text is no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidTime {
    /// Not of the form `2026-01-31T12:00:00Z`.
    Form,
    /// A month, day, hour, minute, second or offset that does not exist. The leap second `:60` is one: the clocks of hosts do not show it.
    Range,
    /// Before 1970, or after 9999.
    TooFar,
}

impl fmt::Display for InvalidTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "expected an RFC 3339 time such as `2026-01-31T12:00:00Z` or `2026-01-31T12:00:00+02:00`",
            Self::Range => "there is no such day, time of day or offset",
            Self::TooFar => "expected a time from 1970 to 9999",
        })
    }
}

impl std::error::Error for InvalidTime {}

/// The moment that `text` names, in milliseconds since 1970; what is finer is cut off. `T` and `Z` may be lower case (RFC 3339 section 5.6).
///
/// # Errors
/// See [`InvalidTime`].
pub fn parse(text: &str) -> Result<u64, InvalidTime> {
    let mut rest = Rest(text.as_bytes());
    let year = rest.digits(4)?;
    rest.one_of(b"-")?;
    let month = rest.digits(2)?;
    rest.one_of(b"-")?;
    let day = rest.digits(2)?;
    rest.one_of(b"Tt")?;
    let hour = rest.digits(2)?;
    rest.one_of(b":")?;
    let minute = rest.digits(2)?;
    rest.one_of(b":")?;
    let second = rest.digits(2)?;
    let fraction_ms = rest.fraction_ms()?;
    let offset_minutes = rest.offset_minutes()?;
    if !rest.0.is_empty() {
        return Err(InvalidTime::Form);
    }
    if !(1..=12).contains(&month) || day < 1 || day > days_of(year, month) || hour > 23 || minute > 59 || second > 59 {
        return Err(InvalidTime::Range);
    }
    let seconds = day_number(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset_minutes * 60;
    let ms = u64::try_from(seconds * 1000 + fraction_ms).map_err(|_| InvalidTime::TooFar)?;
    if ms > LAST_MS { Err(InvalidTime::TooFar) } else { Ok(ms) }
}

/// `2026-01-31T12:00:00Z`: whole seconds, what is finer is cut off. Moments after 9999 are shown as its end.
#[must_use]
pub fn format(ms: u64) -> String {
    let ms = ms.min(LAST_MS);
    let (year, month, day) = civil(i64::try_from(ms / DAY_MS).unwrap_or(0));
    let second = ms % DAY_MS / 1000;
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

struct Rest<'t>(&'t [u8]);

impl Rest<'_> {
    fn digits(&mut self, count: usize) -> Result<i64, InvalidTime> {
        let (digits, rest) = self.0.split_at_checked(count).ok_or(InvalidTime::Form)?;
        self.0 = rest;
        digits.iter().try_fold(0, |number, byte| match byte {
            b'0'..=b'9' => Ok(number * 10 + i64::from(byte - b'0')),
            _ => Err(InvalidTime::Form),
        })
    }

    fn one_of(&mut self, expected: &[u8]) -> Result<u8, InvalidTime> {
        match self.0.split_first() {
            Some((byte, rest)) if expected.contains(byte) => {
                self.0 = rest;
                Ok(*byte)
            }
            _ => Err(InvalidTime::Form),
        }
    }

    fn fraction_ms(&mut self) -> Result<i64, InvalidTime> {
        if self.one_of(b".").is_err() {
            return Ok(0);
        }
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        // Nanoseconds are the finest that anybody writes.
        if !(1..=9).contains(&count) {
            return Err(InvalidTime::Form);
        }
        let number = self.digits(count)?;
        Ok(match u32::try_from(count).unwrap_or(3) {
            count @ 0..=3 => number * 10_i64.pow(3 - count),
            count => number / 10_i64.pow(count - 3),
        })
    }

    fn offset_minutes(&mut self) -> Result<i64, InvalidTime> {
        let sign = match self.one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Ok(0),
        };
        let hours = self.digits(2)?;
        self.one_of(b":")?;
        let minutes = self.digits(2)?;
        if hours > 23 || minutes > 59 {
            return Err(InvalidTime::Range);
        }
        Ok(sign * (hours * 60 + minutes))
    }
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar, by years that begin in March (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`day_number`].
fn civil(day_number: i64) -> (i64, i64, i64) {
    let day = day_number + 719_468;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day_of_year - (153 * from_march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_examples_of_the_rfc() {
        // RFC 3339 section 5.8, but for its leap seconds.
        assert_eq!(parse("1985-04-12T23:20:50.52Z"), Ok(482_196_050_520));
        assert_eq!(parse("1996-12-19T16:39:57-08:00"), Ok(851_042_397_000));
        assert_eq!(parse("1996-12-20T00:39:57Z"), Ok(851_042_397_000));
        assert_eq!(parse("1990-12-31T23:59:60Z"), Err(InvalidTime::Range));
        assert_eq!(parse("1970-01-01t00:00:00z"), Ok(0));
        assert_eq!(parse("1970-01-01T00:30:00+00:30"), Ok(0));
        assert_eq!(parse("2000-02-29T00:00:00-00:00"), Ok(951_782_400_000));
        assert_eq!(parse("9999-12-31T23:59:59.999999999Z"), Ok(LAST_MS));
    }

    #[test]
    fn refuses_what_is_not_quite_a_time() {
        for text in [
            "",
            "now",
            "2026-01-31",
            "2026-01-31T12:00Z",
            "2026-01-31T12:00:00",
            "2026-01-31 12:00:00Z",
            "2026-1-31T12:00:00Z",
            "2026-01-31T12:00:00.Z",
            "2026-01-31T12:00:00.1234567890Z",
            "2026-01-31T12:00:00Z ",
            " 2026-01-31T12:00:00Z",
            "+026-01-31T12:00:00Z",
            "2026-01-31T12:00:00+0200",
            "2026-01-31T12:00:00+02",
            "20260131T120000Z",
            "２026-01-31T12:00:00Z",
        ] {
            assert_eq!(parse(text), Err(InvalidTime::Form), "{text}");
        }
        for text in [
            "2026-00-01T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:61Z",
            "2026-01-01T00:00:00+24:00",
        ] {
            assert_eq!(parse(text), Err(InvalidTime::Range), "{text}");
        }
        for text in
            ["1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-00:01"]
        {
            assert_eq!(parse(text), Err(InvalidTime::TooFar), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(ms in 0..=LAST_MS) {
            prop_assert_eq!(parse(&format(ms)), Ok(ms / 1000 * 1000));
        }

        #[test]
        fn no_text_is_a_panic(text in "\\PC{0,40}", near in "[0-9TZ:.+-]{18,30}") {
            let _ = (parse(&text), parse(&near));
        }
    }
}
