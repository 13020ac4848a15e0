//! What windows promise, for every zone of the table.

mod database;

use proptest::prelude::*;

use super::*;
use crate::limit::calendar::rule::Rule;
use crate::time;

const PERIODS: [Period; 6] = [Period::Minute, Period::Hour, Period::Day, Period::Week, Period::Month, Period::Year];

fn ms(text: &str) -> u64 {
    time::parse(text).unwrap()
}

fn calendar(period: Period, zone: &str) -> Calendar {
    Calendar::new(period, Zone::parse(zone).unwrap())
}

/// Where the window of a moment begins and ends.
#[track_caller]
fn window(period: Period, zone: &str, now: &str) -> [String; 2] {
    let [_, start, end, _] = calendar(period, zone).bounds(ms(now));
    [start, end].map(time::format)
}

fn zones() -> Vec<Zone> {
    table::entries().map(|entry| Zone::parse(&entry.name()).unwrap()).collect()
}

#[test]
fn a_period_has_one_word() {
    for period in PERIODS {
        assert_eq!(Period::from_word(period.as_str()), Some(period));
    }
    for word in ["", "Day", "days", "1d", "fortnight"] {
        assert_eq!(Period::from_word(word), None, "{word}");
    }
}

#[test]
fn a_day_lasts_from_local_midnight_to_local_midnight() {
    let usual = window(Period::Day, "Europe/Berlin", "2026-06-01T21:59:59Z");
    assert_eq!(usual, ["2026-05-31T22:00:00Z", "2026-06-01T22:00:00Z"]);
    let of_23_hours = window(Period::Day, "Europe/Berlin", "2026-03-29T12:00:00Z");
    assert_eq!(of_23_hours, ["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"]);
    let of_25_hours = window(Period::Day, "Europe/Berlin", "2026-10-25T12:00:00Z");
    assert_eq!(of_25_hours, ["2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"]);
    let south = window(Period::Day, "Australia/Sydney", "2026-04-05T00:00:00Z");
    assert_eq!(south, ["2026-04-04T13:00:00Z", "2026-04-05T14:00:00Z"]);
    let fixed = window(Period::Day, "-03:30", "2026-06-01T03:29:59Z");
    assert_eq!(fixed, ["2026-05-31T03:30:00Z", "2026-06-01T03:30:00Z"]);
}

#[test]
fn a_day_whose_midnight_is_skipped_begins_after_the_gap() {
    // In Santiago 23:59:59 is followed by 01:00:00.
    let skipped = window(Period::Day, "America/Santiago", "2026-09-06T12:00:00Z");
    assert_eq!(skipped, ["2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"]);
    // No zone has it now: 23:30 is followed by 00:30.
    let zone = Zone(Rule::parse("AAA0BBB,M3.5.0/-0:30,M10.5.0/2").unwrap());
    let [_, start, ..] = Calendar::new(Period::Day, zone).bounds(ms("2026-03-29T12:00:00Z"));
    assert_eq!(time::format(start), "2026-03-28T23:30:00Z");
}

#[test]
fn a_day_whose_midnight_comes_twice_begins_with_the_first() {
    // In the Azores 00:59:59 is followed by 00:00:00.
    let twice = window(Period::Day, "Atlantic/Azores", "2026-10-25T00:30:00Z");
    assert_eq!(twice, ["2026-10-25T00:00:00Z", "2026-10-26T01:00:00Z"]);
    assert_eq!(window(Period::Day, "Atlantic/Azores", "2026-10-25T01:30:00Z"), twice);
    // No zone has it now: 00:29:59 is followed by 23:30:00 of the day before.
    let zone = Zone(Rule::parse("AAA0BBB,M3.5.0,M10.5.0/0:30").unwrap());
    for now in ["2026-10-24T23:00:00Z", "2026-10-24T23:29:59Z", "2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z"] {
        let bounds = Calendar::new(Period::Day, zone).bounds(ms(now)).map(time::format);
        let ends = ["2026-10-23T23:00:00Z", "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z", "2026-10-27T00:00:00Z"];
        assert_eq!(bounds, ends, "{now}");
    }
}

#[test]
fn weeks_months_and_years_begin_with_their_first_day() {
    let week = window(Period::Week, "Asia/Tokyo", "2026-02-01T14:59:59Z");
    assert_eq!(week, ["2026-01-25T15:00:00Z", "2026-02-01T15:00:00Z"]);
    let month = window(Period::Month, "America/New_York", "2028-03-01T04:59:59Z");
    assert_eq!(month, ["2028-02-01T05:00:00Z", "2028-03-01T05:00:00Z"]);
    let year = window(Period::Year, "Asia/Kolkata", "2026-12-31T18:30:00Z");
    assert_eq!(year, ["2026-12-31T18:30:00Z", "2027-12-31T18:30:00Z"]);
    let before = calendar(Period::Month, "UTC").bounds(ms("2027-01-31T00:00:00Z")).map(time::format);
    assert_eq!(
        before,
        ["2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z", "2027-03-01T00:00:00Z"]
    );
}

#[test]
fn hours_begin_with_those_of_standard_time() {
    let nepal = window(Period::Hour, "Asia/Kathmandu", "2026-06-01T12:14:59Z");
    assert_eq!(nepal, ["2026-06-01T11:15:00Z", "2026-06-01T12:15:00Z"]);
    // Where the hour from two to three is skipped, and where it comes twice.
    let skipped = window(Period::Hour, "Europe/Berlin", "2026-03-29T00:30:00Z");
    assert_eq!(skipped, ["2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"]);
    let twice = window(Period::Hour, "Europe/Berlin", "2026-10-25T00:30:00Z");
    assert_eq!(twice, ["2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"]);
    // 10:30 ahead, and in summer 11.
    for (now, start) in
        [("2026-06-01T12:15:00Z", "2026-06-01T11:30:00Z"), ("2026-12-01T12:15:00Z", "2026-12-01T11:30:00Z")]
    {
        assert_eq!(window(Period::Hour, "Australia/Lord_Howe", now)[0], start);
    }
    assert_eq!(window(Period::Minute, "Asia/Kathmandu", "2026-06-01T12:14:59Z")[0], "2026-06-01T12:14:00Z");
}

#[test]
fn only_on_lord_howe_island_clocks_change_by_part_of_an_hour() {
    let by_part = |entry: &table::Entry| {
        let rule = Rule::parse(entry.rule).unwrap();
        ["2026-01-15T00:00:00Z", "2026-07-15T00:00:00Z"]
            .into_iter()
            .any(|at| (rule.offset_s(ms(at) as i64 / 1000) - rule.standard_s()) % 3600 != 0)
    };
    let names: Vec<String> = table::entries().filter(by_part).map(|entry| entry.name()).collect();
    assert_eq!(names, ["Australia/LHI", "Australia/Lord_Howe"]);
}

#[test]
fn what_is_before_1970_is_told_as_zero() {
    assert_eq!(calendar(Period::Day, "UTC").bounds(0), [0, 0, 86_400_000, 172_800_000]);
    assert_eq!(calendar(Period::Day, "+01:00").bounds(0), [0, 0, 82_800_000, 169_200_000]);
    assert_eq!(calendar(Period::Day, "+01:00").bounds(82_800_000), [0, 82_800_000, 169_200_000, 255_600_000]);
    assert_eq!(calendar(Period::Year, "-01:00").bounds(0)[..3], [0, 0, 3_600_000]);
}

#[test]
fn moments_after_the_year_9999_are_told_its_last_windows() {
    for period in PERIODS {
        let last = calendar(period, "Europe/Berlin").bounds(LAST_MS);
        assert!(last[1] <= LAST_MS && LAST_MS < last[2], "{period:?}");
        for now_ms in [LAST_MS + 1, u64::MAX] {
            assert_eq!(calendar(period, "Europe/Berlin").bounds(now_ms), last, "{period:?}");
        }
    }
}

#[test]
fn no_window_is_longer_than_it_is_said_to_be_but_for_a_change_of_clocks() {
    for zone in zones() {
        for period in PERIODS {
            let calendar = Calendar::new(period, zone);
            let mut now_ms = ms("2026-01-01T00:00:00Z");
            let mut longest = 0;
            for _ in 0..70 {
                let [_, start, end, _] = calendar.bounds(now_ms);
                longest = longest.max(end - start);
                now_ms = end;
            }
            let nominal = calendar.seconds() * 1000;
            // Troll Station in Antarctica changes by two hours.
            assert!((nominal..=nominal + 7_200_000).contains(&longest), "{period:?} {zone:?} {longest}");
        }
    }
}

/// The window of a moment holds it, each moment in it has the same, and the one before it and the one after it lie next to it.
fn follows(calendar: &Calendar, now_ms: u64) -> Result<(), TestCaseError> {
    let [before, start, end, after] = calendar.bounds(now_ms);
    prop_assert!(before < start && start <= now_ms && now_ms < end && end < after);
    for inside in [start, end - 1] {
        prop_assert_eq!(calendar.bounds(inside), [before, start, end, after]);
    }
    let ([of_before @ .., _], [_, of_after @ ..]) = ([before, start, end, after], [before, start, end, after]);
    prop_assert_eq!(&calendar.bounds(start - 1)[1..], of_before);
    prop_assert_eq!(&calendar.bounds(end)[..3], of_after);
    Ok(())
}

proptest! {
    #[test]
    fn windows_follow_one_another_without_gap_or_overlap(
        zone in proptest::sample::select(zones()),
        period in proptest::sample::select(&PERIODS[..]),
        // Two years on, what is before is after 1970.
        now_ms in prop_oneof![63_072_000_000..LAST_MS, ms("2026-01-01T00:00:00Z")..ms("2038-01-01T00:00:00Z")],
    ) {
        follows(&Calendar::new(period, zone), now_ms)?;
    }

    #[test]
    fn around_a_change_of_clocks_too(
        zone in proptest::sample::select(zones()),
        // Each second Sunday of a year is one somewhere.
        week in 2922..3548_u64,
        off_s in 0..86_400_u64 * 3,
    ) {
        let now_ms = (week * 7 + 2) * 86_400_000 + off_s * 1000;
        follows(&Calendar::new(Period::Day, zone), now_ms)?;
    }

    #[test]
    fn bounds_ascend_whatever_the_moment(
        zone in proptest::sample::select(zones()),
        period in proptest::sample::select(&PERIODS[..]),
        now_ms in prop_oneof![any::<u64>(), 0..100_000_000_000_u64, (LAST_MS - 100_000_000_000)..=LAST_MS],
    ) {
        let [before, start, end, after] = Calendar::new(period, zone).bounds(now_ms);
        let now_ms = now_ms.min(LAST_MS);
        prop_assert!((before < start || start == 0 && before == 0) && start <= now_ms && now_ms < end && end < after);
    }
}
