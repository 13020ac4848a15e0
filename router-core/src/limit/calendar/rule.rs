//! How far clocks are from UTC, and when they are changed: a POSIX TZ string as in the footer of TZif (RFC 9636 section 3.3.1).

mod parse;

use super::DAY_S;
use crate::time::{civil, day_number};

/// Not the fifth such day of a month, which some have not, but its last.
const LAST_WEEK: i64 = 5;

/// One offset all year, or two that take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Rule {
    /// Seconds east of UTC.
    standard_s: i64,
    daylight: Option<Daylight>,
}

/// The other offset. Mostly that of summer, but some call the time of summer standard and put clocks back in winter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Daylight {
    /// Seconds east of UTC.
    offset_s: i64,
    /// By standard time.
    begins: When,
    /// By this time.
    ends: When,
}

/// When clocks are changed, each year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct When {
    day: Day,
    /// From midnight of that day: may be before it, and days after it.
    time_s: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Day {
    /// From 1 to 365, as if there were no 29th of February.
    Julian(i64),
    /// From 0 to 365, the 29th of February included.
    FromZero(i64),
    /// The first to fourth such day of a month, or its last ([`LAST_WEEK`]). Months from 1, weekdays from 0 for Sunday.
    Weekday { month: i64, week: i64, weekday: i64 },
}

/// From `at_s` on this offset holds, both in seconds.
#[derive(Clone, Copy)]
struct Change {
    at_s: i64,
    offset_s: i64,
}

impl Rule {
    /// The rule of a text such as `CET-1CEST,M3.5.0,M10.5.0/3`, with the extension of RFC 9636 (hours from -167 to 167); `None` for what is
    /// none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        parse::rule(text)
    }

    /// One offset all year, in seconds east of UTC.
    pub(super) fn fixed(standard_s: i64) -> Self {
        Self { standard_s, daylight: None }
    }

    /// The offset of standard time, in seconds east of UTC.
    pub(super) fn standard_s(&self) -> i64 {
        self.standard_s
    }

    /// The offset at `at_s`, in seconds since 1970.
    pub(super) fn offset_s(&self, at_s: i64) -> i64 {
        let Some(daylight) = self.daylight else { return self.standard_s };
        let (year, month, day) = civil(at_s.div_euclid(DAY_S));
        // A time of -167 to 167 hours puts a change into another year than its day; with an offset, up to eight days earlier.
        let newest = if month == 12 && day >= 24 { year + 1 } else { year };
        let latest = (year - 2..=newest).rev().find_map(|year| {
            let changes = self.changes(daylight, year).into_iter();
            changes.filter(|change| change.at_s <= at_s).max_by_key(|change| change.at_s)
        });
        latest.map_or(self.standard_s, |change| change.offset_s)
    }

    /// The first instant, in seconds since 1970, at which clocks show `shown_s` or later, in seconds since 1970-01-01T00:00 as they show it.
    pub(super) fn first_s(&self, shown_s: i64) -> i64 {
        let Some(daylight) = self.daylight else { return shown_s - self.standard_s };
        let ahead_s = self.standard_s.max(daylight.offset_s);
        // Not before this one, whichever offset holds, and not after the other.
        let (earliest, latest) = (shown_s - ahead_s, shown_s - self.standard_s.min(daylight.offset_s));
        if self.offset_s(earliest) == ahead_s {
            return earliest;
        }
        if self.offset_s(latest) != ahead_s {
            return latest;
        }
        // In between clocks are put forward, and from then on show it or what is later.
        let (year, _, _) = civil(latest.div_euclid(DAY_S));
        let put_forward = (year - 1..=year + 1)
            .flat_map(|year| self.changes(daylight, year))
            .filter(|change| change.offset_s == ahead_s && (earliest..latest).contains(&change.at_s));
        put_forward.map(|change| change.at_s).min().unwrap_or(latest)
    }

    /// The changes of a year.
    fn changes(&self, daylight: Daylight, year: i64) -> [Change; 2] {
        [
            Change { at_s: daylight.begins.shown_s(year) - self.standard_s, offset_s: daylight.offset_s },
            Change { at_s: daylight.ends.shown_s(year) - daylight.offset_s, offset_s: self.standard_s },
        ]
    }
}

impl When {
    /// What clocks show just then, in seconds since 1970-01-01T00:00.
    fn shown_s(self, year: i64) -> i64 {
        self.day.number(year) * DAY_S + self.time_s
    }
}

impl Day {
    /// In days since 1970-01-01.
    fn number(self, year: i64) -> i64 {
        match self {
            Self::Julian(day) if day < 60 => day_number(year, 1, 1) + day - 1,
            Self::Julian(day) => day_number(year, 3, 1) + day - 60,
            Self::FromZero(day) => day_number(year, 1, 1) + day,
            // 1970 began on a Thursday, which is 4.
            Self::Weekday { month, week: LAST_WEEK, weekday } => {
                let last = if month == 12 { day_number(year + 1, 1, 1) } else { day_number(year, month + 1, 1) } - 1;
                last - (last + 4 - weekday).rem_euclid(7)
            }
            Self::Weekday { month, week, weekday } => {
                let first = day_number(year, month, 1);
                first + (weekday - first - 4).rem_euclid(7) + (week - 1) * 7
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time;

    fn offset_h(rule: &str, at: &str) -> i64 {
        let at_s = i64::try_from(time::parse(at).unwrap() / 1000).unwrap();
        Rule::parse(rule).unwrap().offset_s(at_s) / 3600
    }

    #[test]
    fn changes_at_the_second_that_a_rule_names() {
        let berlin = "CET-1CEST,M3.5.0,M10.5.0/3";
        assert_eq!(offset_h(berlin, "2026-03-29T00:59:59Z"), 1);
        assert_eq!(offset_h(berlin, "2026-03-29T01:00:00Z"), 2);
        assert_eq!(offset_h(berlin, "2026-10-25T00:59:59Z"), 2);
        assert_eq!(offset_h(berlin, "2026-10-25T01:00:00Z"), 1);
        // In the south summer holds over the end of a year.
        let sydney = "AEST-10AEDT,M10.1.0,M4.1.0/3";
        assert_eq!(offset_h(sydney, "2026-12-31T23:59:59Z"), 11);
        assert_eq!(offset_h(sydney, "2026-07-01T00:00:00Z"), 10);
        // Saturday evening, as an hour before Sunday, and Sunday at two, as 26 hours after Friday.
        assert_eq!(offset_h("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z"), -2);
        assert_eq!(offset_h("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z"), -1);
        assert_eq!(offset_h("IST-2IDT,M3.4.4/26,M10.5.0", "2026-03-26T23:59:59Z"), 2);
        assert_eq!(offset_h("IST-2IDT,M3.4.4/26,M10.5.0", "2026-03-27T00:00:00Z"), 3);
    }

    #[test]
    fn counts_days_with_and_without_the_29th_of_february() {
        for (rule, leap, common) in [("J60", "2028-03-01", "2027-03-01"), ("59", "2028-02-29", "2027-03-01")] {
            for day in [leap, common] {
                let rule = format!("AAA0BBB,{rule}/0,J300");
                assert_eq!(offset_h(&rule, &format!("{day}T00:00:00Z")), 1, "{rule} {day}");
                let before = time::parse(&format!("{day}T00:00:00Z")).unwrap() - 1000;
                assert_eq!(offset_h(&rule, &time::format(before)), 0, "{rule} {day}");
            }
        }
    }

    #[test]
    fn daylight_time_may_hold_all_year() {
        // The example of RFC 9636 section 3.3.1.
        for at in ["2026-01-01T04:59:59Z", "2026-01-01T05:00:00Z", "2026-07-01T00:00:00Z", "2027-12-31T23:59:59Z"] {
            assert_eq!(offset_h("EST5EDT,0/0,J365/25", at), -4, "{at}");
        }
    }

    #[test]
    fn a_time_may_lead_into_another_year() {
        // 167 hours before the first of January, and after the last of December.
        assert_eq!(offset_h("AAA0BBB,J1/-167,J100", "2026-12-25T00:59:59Z"), 0);
        assert_eq!(offset_h("AAA0BBB,J1/-167,J100", "2026-12-25T01:00:00Z"), 1);
        assert_eq!(offset_h("AAA-14BBB,J1/-167,J100", "2026-12-24T11:00:00Z"), 15);
        assert_eq!(offset_h("AAA0BBB,J364/167,J365/167", "2026-01-05T22:59:59Z"), 0);
        assert_eq!(offset_h("AAA0BBB,J364/167,J365/167", "2026-01-05T23:00:00Z"), 1);
        assert_eq!(offset_h("AAA0BBB,J364/167,J365/167", "2026-01-06T22:00:00Z"), 0);
        // Since the begin of 2025, for what is of the days of that year comes later still.
        assert_eq!(offset_h("AAA0BBB,J365/167,J364/167", "2026-01-05T00:00:00Z"), 1);
    }
}
