//! Reading `CET-1CEST,M3.5.0,M10.5.0/3`.

use std::ops::RangeInclusive;

use super::{Day, Daylight, Rule, When};

/// POSIX lets an offset be a day long.
const OFFSET_HOURS: RangeInclusive<i64> = 0..=24;
/// RFC 9636 section 3.3.1: a week, less an hour.
const TIME_HOURS: RangeInclusive<i64> = 0..=167;
/// When clocks are changed where no time is given.
const TWO_O_CLOCK_S: i64 = 2 * 3600;

pub(super) fn rule(text: &str) -> Option<Rule> {
    let mut rest = Rest(text.as_bytes());
    rest.abbreviation()?;
    let standard_s = rest.offset()?;
    if rest.0.is_empty() {
        return Some(Rule::fixed(standard_s));
    }
    rest.abbreviation()?;
    let offset_s = if rest.next_is(b',') { standard_s + 3600 } else { rest.offset()? };
    rest.take(b',')?;
    let begins = rest.when()?;
    rest.take(b',')?;
    let ends = rest.when()?;
    let daylight = Some(Daylight { offset_s, begins, ends });
    rest.0.is_empty().then_some(Rule { standard_s, daylight })
}

struct Rest<'t>(&'t [u8]);

impl Rest<'_> {
    /// Three letters or more, or what is quoted: nobody here is shown it.
    fn abbreviation(&mut self) -> Option<()> {
        let quoted = self.take(b'<').is_some();
        let of_it =
            |byte: &&u8| byte.is_ascii_alphabetic() || quoted && (byte.is_ascii_digit() || b"+-".contains(byte));
        let length = self.0.iter().take_while(of_it).count();
        self.0 = self.0.get(length..)?;
        if quoted {
            self.take(b'>')?;
        }
        (length >= 3).then_some(())
    }

    /// Seconds east of UTC, where POSIX counts west.
    fn offset(&mut self) -> Option<i64> {
        self.time(OFFSET_HOURS).map(|west_s| -west_s)
    }

    fn when(&mut self) -> Option<When> {
        let day = self.day()?;
        let time_s = if self.take(b'/').is_some() { self.time(TIME_HOURS)? } else { TWO_O_CLOCK_S };
        Some(When { day, time_s })
    }

    fn day(&mut self) -> Option<Day> {
        if self.take(b'J').is_some() {
            return self.number(1..=365).map(Day::Julian);
        }
        if self.take(b'M').is_none() {
            return self.number(0..=365).map(Day::FromZero);
        }
        let month = self.number(1..=12)?;
        self.take(b'.')?;
        let week = self.number(1..=5)?;
        self.take(b'.')?;
        let weekday = self.number(0..=6)?;
        Some(Day::Weekday { month, week, weekday })
    }

    /// `-3:30`: hours, and if need be minutes and seconds.
    fn time(&mut self, hours: RangeInclusive<i64>) -> Option<i64> {
        let sign = match self.take(b'-') {
            Some(()) => -1,
            None => {
                let _ = self.take(b'+');
                1
            }
        };
        let mut time_s = self.number(hours)? * 3600;
        for unit_s in [60, 1] {
            if self.take(b':').is_none() {
                break;
            }
            time_s += self.number(0..=59)? * unit_s;
        }
        Some(sign * time_s)
    }

    fn number(&mut self, range: RangeInclusive<i64>) -> Option<i64> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = self.0.split_at_checked(digits)?;
        if !(1..=3).contains(&digits) {
            return None;
        }
        self.0 = rest;
        let number = number.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
        range.contains(&number).then_some(number)
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[byte])?;
        Some(())
    }

    fn next_is(&self, byte: u8) -> bool {
        self.0.first() == Some(&byte)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn weekday(month: i64, week: i64, weekday: i64, time_s: i64) -> When {
        When { day: Day::Weekday { month, week, weekday }, time_s }
    }

    fn changing(standard_s: i64, offset_s: i64, begins: When, ends: When) -> Option<Rule> {
        Some(Rule { standard_s, daylight: Some(Daylight { offset_s, begins, ends }) })
    }

    #[test]
    fn reads_every_form_that_the_rfc_has() {
        const H: i64 = 3600;
        assert_eq!(rule("UTC0"), Some(Rule::fixed(0)));
        assert_eq!(rule("EST5"), Some(Rule::fixed(-5 * H)));
        assert_eq!(rule("XXX+24"), Some(Rule::fixed(-24 * H)));
        assert_eq!(rule("<+0330>-3:30"), Some(Rule::fixed(3 * H + 1800)));
        assert_eq!(rule("LMT0:53:28"), Some(Rule::fixed(-3208)));
        assert_eq!(
            rule("CET-1CEST,M3.5.0,M10.5.0/3"),
            changing(H, 2 * H, weekday(3, 5, 0, 2 * H), weekday(10, 5, 0, 3 * H))
        );
        assert_eq!(
            rule("<-02>2<-01>,M3.5.0/-1,M10.5.0/0"),
            changing(-2 * H, -H, weekday(3, 5, 0, -H), weekday(10, 5, 0, 0))
        );
        assert_eq!(rule("IST-1GMT0,M10.5.0,M3.5.0/1"), changing(H, 0, weekday(10, 5, 0, 2 * H), weekday(3, 5, 0, H)));
        assert_eq!(
            rule("<+1030>-10:30<+11>-11,J60/167:59:59,365/-167"),
            changing(
                10 * H + 1800,
                11 * H,
                When { day: Day::Julian(60), time_s: 168 * H - 1 },
                When { day: Day::FromZero(365), time_s: -167 * H },
            )
        );
    }

    #[test]
    fn refuses_what_is_not_quite_a_rule() {
        for text in [
            "",
            "CET",
            "CE-1",
            "CET-1 ",
            "CET-25",
            "CET-1:60",
            "CET-1:",
            "CET--1",
            "CET-0001",
            "CÉT-1",
            "<CET-1",
            "<>-1",
            "<+1>-1",
            "CET-1CEST",
            "CET-1CEST,",
            "CET-1CEST,M3.5.0",
            "CET-1CEST,M3.5.0,",
            "CET-1CEST,M3.5.0,M10.5.0/",
            "CET-1CEST,M3.5.0,M10.5.0/168",
            "CET-1CEST,M3.5.0,M10.5.0,",
            "CET-1CEST,M0.5.0,M10.5.0",
            "CET-1CEST,M13.5.0,M10.5.0",
            "CET-1CEST,M3.0.0,M10.5.0",
            "CET-1CEST,M3.6.0,M10.5.0",
            "CET-1CEST,M3.5.7,M10.5.0",
            "CET-1CEST,M3.5,M10.5.0",
            "CET-1CEST,J0,J365",
            "CET-1CEST,J366,J365",
            "CET-1CEST,366,1",
        ] {
            assert_eq!(rule(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_a_panic(text in "\\PC{0,40}", near in "[A-Z<>]{0,5}[-+0-9:]{0,6}[A-Z<>]{0,5}(,[MJ0-9./-]{0,12}){0,3}") {
            for text in [text, near] {
                if let Some(rule) = rule(&text) {
                    let _ = (rule.offset_s(0), rule.first_s(0));
                }
            }
        }
    }
}
