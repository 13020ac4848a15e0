//! Windows of a calendar: so many a day, by the clocks of Berlin.
//!
//! [`Zone`] knows how far the clocks of a place are from UTC, and [`Calendar`] where its days, weeks, months and years begin: at the first
//! instant at which those clocks show midnight or later. A day on which they are put forward or back is thus 23 or 25 hours long, one whose
//! midnight is skipped begins where the gap ends, and one whose midnight comes twice begins with the first.
//!
//! Hours and minutes are all of one length, as if clocks were never changed: they begin with those of the zone's standard time, in Nepal
//! at a quarter past those of UTC. A change by whole hours does not show; only on Lord Howe Island, where clocks change by half an hour,
//! the hours of summer begin at half past. Otherwise a quota would be let out twice within an hour, or had to last for two.

mod rule;
mod table;
#[cfg(test)]
mod tests;
mod zone;

pub use zone::{InvalidZone, Zone};

use crate::time::{LAST_MS, civil, day_number};

const DAY_S: i64 = 86_400;

/// How long a window is, by the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// From 00 to 59 seconds.
    Minute,
    /// From 00 to 59 minutes.
    Hour,
    /// From midnight to midnight.
    Day,
    /// From Monday to Sunday (ISO 8601).
    Week,
    /// From the first day of a month to its last.
    Month,
    /// From the first of January to the last of December.
    Year,
}

impl Period {
    /// The period that a configuration calls `word`: `minute`, `hour`, `day`, `week`, `month` or `year`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year]
            .into_iter()
            .find(|period| period.as_str() == word)
    }

    /// Its word in a configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The number of the period that holds a day, both counted from 1970.
    fn index_of_day(self, day: i64) -> i64 {
        let (year, month, _) = civil(day);
        match self {
            Self::Minute | Self::Hour | Self::Day => day,
            // 1970 began on a Thursday.
            Self::Week => (day + 3).div_euclid(7),
            Self::Month => (year - 1970) * 12 + month - 1,
            Self::Year => year - 1970,
        }
    }

    /// The first day of the period with this number.
    fn first_day(self, index: i64) -> i64 {
        match self {
            Self::Minute | Self::Hour | Self::Day => index,
            Self::Week => index * 7 - 3,
            Self::Month => day_number(1970 + index.div_euclid(12), index.rem_euclid(12) + 1, 1),
            Self::Year => day_number(1970 + index, 1, 1),
        }
    }
}

/// The windows of a period, by the clocks of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Calendar {
    period: Period,
    zone: Zone,
}

impl Calendar {
    /// The windows of `period` in `zone`.
    #[must_use]
    pub fn new(period: Period, zone: Zone) -> Self {
        Self { period, zone }
    }

    /// Where the window before that of `now_ms`, that window, and the one after it begin, and where that one ends, all in milliseconds
    /// since 1970.
    ///
    /// They ascend, the second is at or before `now_ms`, and the third after it. What is before 1970 is told as 0, so that the first two
    /// may both be 0. Moments after the year 9999 are told the windows around its last.
    #[must_use]
    pub fn bounds(&self, now_ms: u64) -> [u64; 4] {
        let now_s = i64::try_from(now_ms.min(LAST_MS) / 1000).unwrap_or(0);
        let shown = self.index_shown(now_s);
        let [before, start, end, after] = [shown - 1, shown, shown + 1, shown + 2].map(|index| self.start_s(index));
        // Clocks that were put back over midnight show the end of a day again, but its window is over.
        let bounds =
            if end <= now_s { [start, end, after, self.start_s(shown + 3)] } else { [before, start, end, after] };
        bounds.map(|at_s| at_s.max(0).unsigned_abs() * 1000)
    }

    /// The nominal length of a window in seconds, which is what `w` says in `RateLimit-Policy`: the longest for months (31 days) and years
    /// (366), and 24 hours for days, whatever clocks do.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        match self.period {
            Period::Minute => 60,
            Period::Hour => 3600,
            Period::Day => 86_400,
            Period::Week => 604_800,
            Period::Month => 2_678_400,
            Period::Year => 31_622_400,
        }
    }

    /// The length of what is all of one length.
    fn even_s(&self) -> Option<i64> {
        match self.period {
            Period::Minute => Some(60),
            Period::Hour => Some(3600),
            Period::Day | Period::Week | Period::Month | Period::Year => None,
        }
    }

    /// The number of the window that clocks show.
    fn index_shown(&self, now_s: i64) -> i64 {
        let Zone(rule) = self.zone;
        match self.even_s() {
            Some(length_s) => (now_s + rule.standard_s()).div_euclid(length_s),
            None => self.period.index_of_day((now_s + rule.offset_s(now_s)).div_euclid(DAY_S)),
        }
    }

    /// Where the window with this number begins, in seconds since 1970.
    fn start_s(&self, index: i64) -> i64 {
        let Zone(rule) = self.zone;
        match self.even_s() {
            Some(length_s) => index * length_s - rule.standard_s(),
            None => rule.first_s(self.period.first_day(index) * DAY_S),
        }
    }
}
