use super::super::examples::{AT_ONCE, NOW_MS, date, fields, rule};
use super::super::rule::{Heuristic, StatusRange};
use super::*;

const MINUTE: Duration = Duration::from_secs(60);

fn lifetime_s(rule: &Rule, status: u16, lines: &[&str]) -> Option<u64> {
    let headers = fields(lines);
    let status = StatusCode::from_u16(status).unwrap();
    lifetime_ms(rule, status, &headers, &Directives::of(&headers), AT_ONCE).map(|ms| ms / 1000)
}

#[test]
fn what_the_upstream_says_counts_in_its_order() {
    let rule = rule();
    let expires = |from_now_s| format!("expires: {}", date(from_now_s));
    let dated = |from_now_s| format!("date: {}", date(from_now_s));
    let cases: [(&[&str], Option<u64>); 12] = [
        (&[], None),
        (&["cache-control: max-age=5"], Some(5)),
        (&["cache-control: max-age=5, s-maxage=7"], Some(7)),
        (&["cache-control: s-maxage=x, max-age=5"], Some(0)),
        (&["cache-control: max-age=5", &expires(100)], Some(5)),
        (&["cache-control: public", &expires(100)], Some(100)),
        (&[&expires(100), &dated(40)], Some(60)),
        (&[&expires(100), &dated(140)], Some(0)),
        (&[&expires(100), "date: yesterday"], Some(100)),
        (&["expires: 0"], Some(0)),
        (&[&expires(100), &expires(100)], Some(0)),
        (&["cdn-cache-control: must-revalidate", "cache-control: max-age=5", &expires(100)], None),
    ];
    for (lines, expected) in cases {
        assert_eq!(lifetime_s(&rule, 200, lines), expected, "{lines:?}");
    }
}

#[test]
fn the_rule_speaks_where_the_upstream_says_nothing_or_where_it_is_to_be_overruled() {
    let mut rule = Rule {
        ttl: Some(MINUTE),
        ttl_by_status: vec![(StatusRange { first: 500, last: 599 }, Duration::from_secs(1))],
        ..rule()
    };
    for (status, expected) in [(200, Some(60)), (404, Some(60)), (302, None), (503, Some(1))] {
        assert_eq!(lifetime_s(&rule, status, &[]), expected, "{status}");
        assert_eq!(lifetime_s(&rule, status, &["cache-control: max-age=5"]), Some(5), "{status}");
    }
    rule.freshness = Freshness::Override;
    for (status, expected) in [(200, Some(60)), (302, Some(5)), (503, Some(1))] {
        assert_eq!(lifetime_s(&rule, status, &["cache-control: max-age=5"]), expected, "{status}");
    }
}

#[test]
fn nothing_is_fresh_for_longer_than_the_rule_allows_or_for_years() {
    let year = LONGEST_MS / 1000;
    assert_eq!(lifetime_s(&rule(), 200, &["cache-control: max-age=99999999999999999999"]), Some(year));
    let brief = Rule { max_ttl: Some(MINUTE), ..rule() };
    assert_eq!(lifetime_s(&brief, 200, &["cache-control: max-age=61"]), Some(60));
}

#[test]
fn freshness_is_guessed_only_where_the_rule_wants_it_and_nobody_says_it() {
    let changed = format!("last-modified: {}", date(-1000));
    let dated = format!("date: {}", date(-500));
    assert_eq!(lifetime_s(&rule(), 200, &[&changed]), None);
    let rule = Rule { heuristic: Some(Heuristic { percent: 10, most: MINUTE }), ..rule() };
    let cases: [(u16, &[&str], Option<u64>); 8] = [
        (200, &[&changed, &dated], Some(50)),
        (200, &[&changed], Some(60)),
        (302, &[&changed, &dated], None),
        (302, &["cache-control: public", &changed, &dated], Some(50)),
        (200, &["cache-control: max-age=1", &changed, &dated], Some(1)),
        (200, &["expires: 0", &changed], Some(0)),
        (200, &["last-modified: once"], None),
        (200, &[&format!("last-modified: {}", date(1000))], None),
    ];
    for (status, lines, expected) in cases {
        assert_eq!(lifetime_s(&rule, status, lines), expected, "{status} {lines:?}");
    }
}

#[test]
fn an_age_is_the_larger_of_what_is_told_and_what_dates_show() {
    let age_s = |lines: &[&str], asked_ms| initial_age_ms(&fields(lines), Times { asked_ms, came_ms: NOW_MS }) / 1000;
    let dated = |from_now_s| format!("date: {}", date(from_now_s));
    let before = NOW_MS - 3000;
    assert_eq!(age_s(&[], NOW_MS), 0);
    assert_eq!(age_s(&[], before), 3, "the answer may have been made as soon as it was asked for");
    assert_eq!(age_s(&["age: 10"], before), 13);
    assert_eq!(age_s(&["age: 10", &dated(-20)], before), 20);
    assert_eq!(age_s(&["age: 10", &dated(-5)], NOW_MS), 10);
    assert_eq!(age_s(&["age: 10", "date: when"], NOW_MS), 10);
    assert_eq!(age_s(&[&dated(1000)], NOW_MS), 0, "the upstream's clock is ahead");
    assert_eq!(age_s(&["age: 10"], NOW_MS + 5000), 10, "the clock was set back in the meantime");
}

#[test]
fn of_several_ages_the_first_counts_and_one_that_is_none_counts_for_nothing() {
    for lines in
        [&["age: x"][..], &["age: -1"], &["age: 1.5"], &["age: 0, 7"], &["age: 0", "age: 7"], &["age:"], &["age: , 7"]]
    {
        assert_eq!(initial_age_ms(&fields(lines), AT_ONCE), 0, "{lines:?}");
    }
    for lines in [&["age: 7, 0"][..], &["age: 7", "age: 0"], &["age: 7;a=b"], &["age: 7 "]] {
        assert_eq!(initial_age_ms(&fields(lines), AT_ONCE), 7000, "{lines:?}");
    }
    assert_eq!(initial_age_ms(&fields(&["age: 99999999999999999999"]), AT_ONCE) / 1000, u64::from(u32::MAX));
}

#[test]
fn dates_are_read_in_all_three_forms() {
    for text in ["Mon, 23 Nov 2026 10:00:00 GMT", "Monday, 23-Nov-26 10:00:00 GMT", "Mon Nov 23 10:00:00 2026"] {
        assert_eq!(parse_date_ms(text), Some(NOW_MS), "{text}");
    }
    for text in ["", "0", "-1", "Mon, 23 Nov 2026 10:00:00", "Mon, 23 Nov 2026 25:00:00 GMT", "2026-11-23T10:00:00Z"] {
        assert_eq!(parse_date_ms(text), None, "{text}");
    }
}
