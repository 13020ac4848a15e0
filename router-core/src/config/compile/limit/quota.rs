//! The quota of a limit, or of a plan: an algorithm with its numbers.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::config::compile::context::Context;
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::grammar;
use crate::config::raw::limit as raw;
use crate::limit::algorithm::{
    Concurrency, InvalidQuota, LARGEST_QUOTA, LONGEST_WINDOW_MS, LeakyBucket, Meter, SlidingLog, SlidingWindow,
};
use crate::limit::calendar::{Calendar, Period, Zone};
use crate::limit::owner::OnOver;
use crate::limit::quota::{Counting, Quota, Windows};

/// How long a request waits in line where nothing is said.
const MAX_WAIT_MS: u64 = 1_000;
/// How long a place is held where nothing is said: longer than nearly all answers take.
const HOLD_MS: u64 = 60_000;

/// Where the parts of a quota stand: those of a plan elsewhere than the others.
#[derive(Clone, Copy)]
pub(super) struct Places<'p> {
    pub(super) limit: Place<'p>,
    pub(super) quota: Place<'p>,
    pub(super) burst: Place<'p>,
}

/// What the quota is made of.
pub(super) struct Parts<'r> {
    pub(super) name: &'r str,
    pub(super) limit: &'r raw::Limit,
    pub(super) quota: &'r raw::Quantity,
    pub(super) burst: Option<&'r raw::Quantity>,
    pub(super) over: raw::Over,
    /// In percent, while the limit is lowered.
    pub(super) capacity: Option<u8>,
}

pub(super) fn quota(parts: &Parts<'_>, at: &Places<'_>, context: &mut Context) -> Option<Quota> {
    let limit = parts.limit;
    let full = units(parts.quota, limit.unit, &at.quota, context)?;
    let lowered = |units: u64| match parts.capacity {
        Some(percent) if units > 0 => (units.min(LARGEST_QUOTA) * u64::from(percent) / 100).max(1),
        _ => units,
    };
    let quota = lowered(full);
    let burst = match parts.burst {
        Some(burst) => lowered(units(burst, limit.unit, &at.burst, context)?),
        None => quota,
    };
    let on_over = match parts.over {
        raw::Over::Refuse => OnOver::Refuse,
        raw::Over::Meter => OnOver::Meter,
    };
    let windows = windows(limit, &at.limit, context)?;
    let length_ms = windows.as_ref().map(Windows::length_ms);
    let counted = counting(parts, quota, burst, windows, at, context)?;
    let (units, window_ms) = match (&counted, length_ms) {
        (Counting::Meter(_), Some(length_ms)) => (burst, Some(time_for(burst, quota, length_ms))),
        (_, length_ms) => (quota, length_ms),
    };
    let window_s = window_ms.map(|ms| ms.div_ceil(1000).max(1));
    let mark = mark(parts.name, &counted, on_over);
    Some(Quota { counting: counted, units, window_s, on_over, mark })
}

/// In which time so many units come back.
fn time_for(units: u64, quota: u64, length_ms: u64) -> u64 {
    let time = (u128::from(units) * u128::from(length_ms)).div_ceil(u128::from(quota.max(1)));
    u64::try_from(time).unwrap_or(u64::MAX)
}

fn counting(
    parts: &Parts<'_>,
    quota: u64,
    burst: u64,
    windows: Option<Windows>,
    at: &Places<'_>,
    context: &mut Context,
) -> Option<Counting> {
    let limit = parts.limit;
    let length_ms = windows.as_ref().map_or(0, Windows::length_ms);
    match limit.algorithm {
        raw::Algorithm::Gcra | raw::Algorithm::TokenBucket => {
            let place = if parts.burst.is_some() { &at.burst } else { &at.quota };
            context.ok("quota", place, Meter::new(quota, length_ms, burst)).map(Counting::Meter)
        }
        raw::Algorithm::LeakyBucket => {
            let wait = at.limit.key("max_wait");
            let most = context.duration(limit.max_wait.as_deref(), &wait).map_or(MAX_WAIT_MS, milliseconds);
            if most > 60_000 {
                context.error("duration", wait, "expected at most `60s`: whoever waits holds a connection");
                return None;
            }
            context.ok("quota", &at.quota, LeakyBucket::new(quota, length_ms, most)).map(Counting::LeakyBucket)
        }
        raw::Algorithm::FixedWindow => {
            if quota == 0 || quota > LARGEST_QUOTA {
                let invalid =
                    if quota == 0 { InvalidQuota::Zero } else { InvalidQuota::TooLarge { most: LARGEST_QUOTA } };
                context.error("quota", at.quota, invalid.to_string());
                return None;
            }
            Some(Counting::FixedWindow { quota, windows: windows? })
        }
        raw::Algorithm::SlidingWindow => {
            context.ok("quota", &at.quota, SlidingWindow::new(quota, length_ms)).map(Counting::SlidingWindow)
        }
        raw::Algorithm::SlidingLog => {
            context.ok("quota", &at.quota, SlidingLog::new(quota, length_ms)).map(Counting::SlidingLog)
        }
        raw::Algorithm::Concurrency => {
            let place = at.limit.key("hold");
            let hold = context.duration(limit.hold.as_deref(), &place).map_or(HOLD_MS, milliseconds);
            if hold == 0 {
                context.error("duration", place, "expected more than `0s`: in no time nothing is under way");
                return None;
            }
            context.ok("quota", &at.quota, Concurrency::new(quota, hold)).map(Counting::Concurrency)
        }
    }
}

fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Where windows begin. `Some(None)` for concurrency, which has none.
#[allow(clippy::option_option)]
fn windows(limit: &raw::Limit, path: &Place<'_>, context: &mut Context) -> Option<Option<Windows>> {
    let at = path.key("window");
    let fixed = limit.algorithm == raw::Algorithm::FixedWindow;
    let zone = limit.time_zone.as_deref();
    let Some(text) = limit.window.as_deref() else {
        if limit.algorithm == raw::Algorithm::Concurrency {
            return Some(None);
        }
        context.error("window", *path, "expected `window`: in which time is the quota meant?");
        return None;
    };
    if limit.algorithm == raw::Algorithm::Concurrency {
        context.error("window", at, "`concurrency` has no window: it counts what is under way");
        return None;
    }
    if let Some(period) = Period::from_word(text) {
        if !fixed {
            let found = Diagnostic::error("window", at.path(), format!("`{text}` is a window of a calendar"));
            context.found.push(found.with_help("write `algorithm: fixed_window`, or a duration such as `24h`"));
            return None;
        }
        let zone = context.ok("time-zone", &path.key("time_zone"), Zone::parse(zone.unwrap_or("UTC")))?;
        return Some(Some(Windows::Calendar(Calendar::new(period, zone))));
    }
    if zone.is_some() {
        let found = Diagnostic::error("time-zone", path.key("time_zone").path(), "only a window of a calendar has one");
        context.found.push(found.with_help("write `window: day`, or leave the time zone out"));
    }
    let length = match grammar::duration(text) {
        Ok(length) => length,
        Err(why) if fixed => {
            let why = format!("{why}; or `minute`, `hour`, `day`, `week`, `month` or `year`");
            context.error("window", at, why);
            return None;
        }
        Err(why) => {
            context.error("window", at, why);
            return None;
        }
    };
    let length_ms = milliseconds(length);
    if length_ms == 0 || length_ms > LONGEST_WINDOW_MS {
        let invalid = if length_ms == 0 { InvalidQuota::NoWindow } else { InvalidQuota::WindowTooLong };
        context.error("window", at, invalid.to_string());
        return None;
    }
    Some(Some(Windows::Every(length_ms)))
}

/// A number of units, or a size where bytes are counted.
fn units(raw: &raw::Quantity, unit: raw::Unit, path: &Place<'_>, context: &mut Context) -> Option<u64> {
    match (raw, unit) {
        (raw::Quantity::Number(number), _) => Some(*number),
        (raw::Quantity::Size(text), raw::Unit::Bytes) => context.ok("size", path, grammar::size(text)),
        (raw::Quantity::Size(text), raw::Unit::Requests) => {
            let found = format!("expected a number, found `{}`", grammar::shorten(text));
            let error = Diagnostic::error("quota", path.path(), found);
            context.found.push(error.with_help("for a size write `unit: bytes` as well"));
            None
        }
    }
}

/// Another one for another count, the same on every instance: std's hasher has fixed keys, and what is hashed comes from a checked configuration.
fn mark(name: &str, counting: &Counting, on_over: OnOver) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(name.as_bytes());
    hasher.write(&[0xFF, u8::from(on_over == OnOver::Meter)]);
    format!("{counting:?}").as_bytes().hash(&mut hasher);
    hasher.finish()
}
