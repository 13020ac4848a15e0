//! Text with a grammar of its own: durations and sizes.

use std::time::Duration;

/// The longest duration that is accepted: 366 days. Longer ones are slips of the pen, and would overflow timers.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

/// Parses `250ms`, `5s`, `2m`, `1h`, `7d`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let number: u64 = number.parse().map_err(|_| expected_duration(text))?;
    let milliseconds = match unit {
        "ms" => Some(number),
        "s" => number.checked_mul(1000),
        "m" => number.checked_mul(60_000),
        "h" => number.checked_mul(3_600_000),
        "d" => number.checked_mul(86_400_000),
        _ => return Err(expected_duration(text)),
    };
    milliseconds
        .map(Duration::from_millis)
        .filter(|duration| *duration <= LONGEST)
        .ok_or_else(|| format!("`{text}` is longer than the longest duration, `366d`"))
}

fn expected_duration(text: &str) -> String {
    format!("expected a duration such as `250ms`, `5s`, `2m`, `1h` or `7d`, found `{}`", shorten(text))
}

/// Parses `512B`, `16KiB`, `16KB`, `10MiB`, `10MB`, `1GiB`, `1GB`.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text);
    let expected = || format!("expected a size such as `512B`, `16KiB`, `10MiB` or `1GiB`, found `{}`", shorten(text));
    let number: u64 = number.parse().map_err(|_| expected())?;
    let factor: u64 = match unit {
        "B" => 1,
        "KB" => 1000,
        "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "GiB" => 1 << 30,
        _ => return Err(expected()),
    };
    number.checked_mul(factor).ok_or_else(|| format!("`{text}` is too large"))
}

/// Splits digits from the unit behind them.
fn split(text: &str) -> (&str, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at_checked(digits).map_or((text, ""), |(number, unit)| (number, unit.trim_start()))
}

/// At most 40 characters of a value, for messages.
pub(super) fn shorten(text: &str) -> String {
    if text.chars().count() <= 40 {
        text.to_owned()
    } else {
        text.chars().take(39).chain(std::iter::once('…')).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("5 s"), Ok(Duration::from_secs(5)));
        assert_eq!(duration("0s"), Ok(Duration::ZERO));
        assert_eq!(duration("7d"), Ok(Duration::from_secs(604_800)));
        for bad in ["", "5", "s", "-1s", "1.5s", "5sec", "367d", "99999999999999999999s", "18446744073709551615h"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("16KiB"), Ok(16_384));
        assert_eq!(size("16 KB"), Ok(16_000));
        assert_eq!(size("1GiB"), Ok(1 << 30));
        for bad in ["", "5", "5K", "5kb", "-1B", "99999999999GiB"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
