//! Timestamps and durations, in milliseconds.

/// 0001-01-01T00:00:00Z and the last millisecond of 9999: what CEL's timestamps span.
const SPAN: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;
const DAY: i64 = 86_400_000;

/// A timestamp, if CEL has it.
pub(super) fn timestamp(milliseconds: i64) -> Option<i64> {
    SPAN.contains(&milliseconds).then_some(milliseconds)
}

/// RFC 3339: `2026-11-23T10:00:00Z`, `2026-11-23T10:00:00.250+01:00`. What is finer than a millisecond is not taken.
pub(super) fn parse_timestamp(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't'])?;
    let (clock, rest) = rest.split_at_checked(8)?;
    let [year, month, day] = triple(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = triple(clock, ':', [2, 2, 2])?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        None => (0, rest),
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (fraction, zone) = rest.split_at_checked(digits)?;
            (milliseconds(fraction)?, zone)
        }
    };
    let in_month = (1..=12).contains(&month) && (1..=month_length(year, month)).contains(&day);
    if !in_month || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days_before(year, month) + day - 1;
    let clock = (hour * 60 + minute) * 60 + second;
    timestamp(days * DAY + clock * 1000 + fraction - offset(zone)?)
}

/// The offset of a zone: `Z`, `+01:00`.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes) * 60_000)
}

fn triple(text: &str, separator: char, lengths: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(separator);
    let [first, second, third] = lengths;
    let numbers = [digits(parts.next()?, first)?, digits(parts.next()?, second)?, digits(parts.next()?, third)?];
    parts.next().is_none().then_some(numbers)
}

fn digits(text: &str, length: usize) -> Option<i64> {
    (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// The digits behind a dot as thousandths; zeros may follow.
fn milliseconds(fraction: &str) -> Option<i64> {
    let trimmed = fraction.trim_end_matches('0');
    if fraction.is_empty() || trimmed.len() > 3 || !trimmed.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{trimmed:0<3}").parse().ok()
}

/// `1h30m`, `-1.5s`, `250ms`: a sign, then numbers with `h`, `m`, `s` or `ms`.
pub(super) fn parse_duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total: i64 = 0;
    while total == 0 || !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let (number, behind) = rest.split_at_checked(end)?;
        let length = behind.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, behind) = behind.split_at_checked(length)?;
        let factor = match unit {
            "h" => 3_600_000,
            "m" => 60_000,
            "s" => 1000,
            "ms" => 1,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let whole = whole.parse::<i64>().ok()?.checked_mul(factor)?;
        let part = if fraction.is_empty() { 0 } else { milliseconds(fraction)?.checked_mul(factor)? };
        if part % 1000 != 0 {
            return None;
        }
        total = total.checked_add(whole)?.checked_add(part / 1000)?;
        rest = behind;
        if rest.is_empty() {
            break;
        }
    }
    Some(if negative { -total } else { total })
}

/// A part of a timestamp (in UTC) or of a duration (as a whole).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    FullYear,
    Month,
    Date,
    DayOfMonth,
    DayOfWeek,
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

/// A part of a timestamp, counted as CEL does: months and days of the month (`getDayOfMonth`), week (from Sunday) and year from 0.
pub(super) fn of_timestamp(part: Part, timestamp: i64) -> i64 {
    let (days, clock) = (timestamp.div_euclid(DAY), timestamp.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    match part {
        Part::FullYear => year,
        Part::Month => month - 1,
        Part::Date => day,
        Part::DayOfMonth => day - 1,
        // 1970 began on a Thursday.
        Part::DayOfWeek => (days + 4).rem_euclid(7),
        Part::DayOfYear => days - days_before(year, 1),
        Part::Hours => clock / 3_600_000,
        Part::Minutes => clock / 60_000 % 60,
        Part::Seconds => clock / 1000 % 60,
        Part::Milliseconds => clock % 1000,
    }
}

/// A part of a duration: the whole of it in hours, minutes or seconds; the milliseconds beside whole seconds.
pub(super) fn of_duration(part: Part, duration: i64) -> Option<i64> {
    match part {
        Part::Hours => Some(duration / 3_600_000),
        Part::Minutes => Some(duration / 60_000),
        Part::Seconds => Some(duration / 1000),
        Part::Milliseconds => Some(duration % 1000),
        _ => None,
    }
}

/// `2026-11-23T10:00:00Z`.
pub(super) fn write_timestamp(timestamp: i64) -> String {
    let part = |part| of_timestamp(part, timestamp);
    let fraction = match part(Part::Milliseconds) {
        0 => String::new(),
        milliseconds => format!(".{milliseconds:03}"),
    };
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{fraction}Z",
        part(Part::FullYear),
        part(Part::Month) + 1,
        part(Part::Date),
        part(Part::Hours),
        part(Part::Minutes),
        part(Part::Seconds)
    )
}

fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to the first of a month, by counting years from March, so that a leap day is the last.
fn days_before(year: i64, month: i64) -> i64 {
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day so many days after 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (0, month + 3) } else { (1, month - 9) };
    (year_of_era + era * 400 + year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_read_as_they_are_written() {
        for (text, milliseconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:34:56Z", 951_827_696_000),
            ("0001-01-01T00:00:00Z", *SPAN.start()),
            ("9999-12-31T23:59:59.999Z", *SPAN.end()),
            ("2026-11-23T10:00:00.250Z", 1_795_428_000_250),
        ] {
            assert_eq!(parse_timestamp(text), Some(milliseconds), "{text}");
            assert_eq!(write_timestamp(milliseconds), text);
        }
        assert_eq!(parse_timestamp("1970-01-01T01:00:00+01:00"), Some(0));
        for bad in [
            "",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01 00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.0001Z",
            "0000-01-01T00:00:00Z",
            "é026-01-01T00:00:00Z",
        ] {
            assert_eq!(parse_timestamp(bad), None, "{bad}");
        }
    }

    #[test]
    fn durations_add_their_parts() {
        for (text, milliseconds) in [
            ("1h30m", 5_400_000),
            ("-1.5s", -1500),
            ("250ms", 250),
            ("0", 0),
            ("0s", 0),
            ("0s1s", 1000),
            ("1.25m", 75_000),
        ] {
            assert_eq!(parse_duration(text), Some(milliseconds), "{text}");
        }
        for bad in ["", "-", "1", "1d", "1.0005s", "s", "1s2", "99999999999999999h", "1..5s", "é"] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_parts_of_a_day_count_as_cel_says() {
        // 2026-11-23 is a Monday.
        let day = parse_timestamp("2026-11-23T10:20:30.040Z").unwrap();
        let parts = [Part::FullYear, Part::Month, Part::Date, Part::DayOfMonth, Part::DayOfWeek, Part::DayOfYear];
        assert_eq!(parts.map(|part| of_timestamp(part, day)), [2026, 10, 23, 22, 1, 326]);
        let parts = [Part::Hours, Part::Minutes, Part::Seconds, Part::Milliseconds];
        assert_eq!(parts.map(|part| of_timestamp(part, day)), [10, 20, 30, 40]);
    }
}
