//! Which limits would hold. How they stand is not asked: that would take their counts.

use router_core::config::{Gateway, Route};
use router_core::filter::Mode;
use router_core::limit::limits::{Accuracy, Limit};
use router_core::limit::quota::Counting;

/// One line for each limit of the route.
pub(super) fn limits(gateway: &Gateway, route: &Route) -> Vec<String> {
    route.limits.iter().filter_map(|index| gateway.limits.limits.get(*index)).map(described).collect()
}

fn described(limit: &Limit) -> String {
    let quota = &limit.quota;
    let (algorithm, window) = match (&quota.counting, quota.window_s) {
        (Counting::Meter(_), Some(window_s)) => ("evenly", format!(" in {window_s} s")),
        (Counting::LeakyBucket(_), Some(window_s)) => ("one after the other", format!(" in {window_s} s")),
        (Counting::FixedWindow { .. }, Some(window_s)) => ("in fixed windows", format!(" in {window_s} s")),
        (Counting::SlidingWindow(_) | Counting::SlidingLog(_), Some(window_s)) => {
            ("in a sliding window", format!(" in {window_s} s"))
        }
        _ => ("at the same time", String::new()),
    };
    let whose = match limit.key.as_slice() {
        [] => "all requests together".to_owned(),
        parts => format!("each {}", parts.iter().map(|part| part.name()).collect::<Vec<_>>().join(" and ")),
    };
    let accuracy = match &limit.accuracy {
        Accuracy::Exact => "exact",
        Accuracy::Leased(_) => "leased",
        Accuracy::Local => "local",
        Accuracy::LocalKv => "local_kv",
        Accuracy::Binding(_) => "binding",
    };
    let mode = if limit.mode == Mode::Shadow { "; only recorded (mode: shadow)" } else { "" };
    format!(
        "`{}`: {}{window} {algorithm} for {whose}, {accuracy}; counts are not asked here{mode}",
        limit.name, quota.units
    )
}
