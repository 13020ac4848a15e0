//! Quotas and windows.

use serde_json::json;

use super::{found, limit, of_limit};

#[test]
fn quotas_that_cannot_be_kept_are_refused() {
    let zero = "quota quota: expected at least 1: a quota of 0 would refuse everything";
    for algorithm in ["gcra", "token_bucket", "leaky_bucket", "fixed_window", "sliding_window", "sliding_log"] {
        of_limit(json!({"algorithm": algorithm, "quota": 0}), &[zero]);
    }
    of_limit(json!({"algorithm": "concurrency", "window": null, "quota": 0}), &[zero]);
    for (algorithm, most) in [
        ("gcra", "1099511627776"),
        ("token_bucket", "1099511627776"),
        ("leaky_bucket", "1099511627776"),
        ("fixed_window", "1099511627776"),
        ("sliding_window", "150119987579"),
        ("sliding_log", "4096"),
    ] {
        let wrong = format!("quota quota: expected at most {most}");
        for quota in [1_u64 << 41, u64::MAX] {
            of_limit(json!({"algorithm": algorithm, "quota": quota}), &[&wrong]);
        }
    }
    of_limit(
        json!({"algorithm": "concurrency", "window": null, "quota": 4097}),
        &["quota quota: expected at most 4096"],
    );
    of_limit(json!({"burst": 0}), &["quota burst: expected at least 1: a quota of 0 would refuse everything"]);
    of_limit(json!({"burst": u64::MAX}), &["quota burst: expected at most 1099511627776"]);
    of_limit(
        json!({"quota": 1, "window": "366d", "burst": 1_u64 << 40}),
        &["quota burst: the burst is too large for so low a rate"],
    );
    of_limit(
        json!({"quota": "10MiB"}),
        &["quota quota: expected a number, found `10MiB`\n  help: for a size write `unit: bytes` as well"],
    );
    of_limit(
        json!({"unit": "bytes", "quota": "10 megs"}),
        &["size quota: expected a size such as `512B`, `16KiB`, `10MiB` or `1GiB`, found `10 megs`"],
    );
    of_limit(
        json!({"unit": "bytes", "quota": "18446744073709551615GiB"}),
        &["size quota: `18446744073709551615GiB` is too large"],
    );
    of_limit(json!({"unit": "bytes", "quota": "0B"}), &[zero]);
}

#[test]
fn windows_that_make_no_sense_are_refused() {
    let no_time = "window window: expected a window longer than 0: in no time there is no quota";
    for algorithm in ["gcra", "leaky_bucket", "fixed_window", "sliding_window", "sliding_log"] {
        of_limit(json!({"algorithm": algorithm, "window": "0s"}), &[no_time]);
        of_limit(
            json!({"algorithm": algorithm, "window": null}),
            &["window .: expected `window`: in which time is the quota meant?"],
        );
    }
    of_limit(
        json!({"window": "soon"}),
        &["window window: expected a duration such as `250ms`, `5s`, `2m`, `1h` or `7d`, found `soon`"],
    );
    of_limit(json!({"window": "367d"}), &["window window: `367d` is longer than the longest duration, `366d`"]);
    of_limit(
        json!({"algorithm": "fixed_window", "window": "fortnight"}),
        &["window window: expected a duration such as `250ms`, `5s`, `2m`, `1h` or `7d`, found `fortnight`; \
           or `minute`, `hour`, `day`, `week`, `month` or `year`"],
    );
    of_limit(
        json!({"algorithm": "concurrency"}),
        &["window window: `concurrency` has no window: it counts what is under way"],
    );
    of_limit(
        json!({"time_zone": "Europe/Berlin"}),
        &[
            "time-zone time_zone: only a window of a calendar has one\n  help: write `window: day`, or leave the time zone out",
        ],
    );
}

#[test]
fn windows_of_a_calendar_are_for_fixed_windows_in_a_time_zone_that_exists() {
    for word in ["minute", "hour", "day", "week", "month", "year"] {
        of_limit(json!({"algorithm": "fixed_window", "window": word}), &[]);
        of_limit(
            json!({"window": word}),
            &[&format!(
                "window window: `{word}` is a window of a calendar\n  help: write `algorithm: fixed_window`, or a duration such as `24h`"
            )],
        );
    }
    for zone in ["UTC", "Europe/Berlin", "+02:00"] {
        of_limit(json!({"algorithm": "fixed_window", "window": "day", "time_zone": zone}), &[]);
    }
    for zone in ["Europe/Atlantis", "", "+25:00", "CEST-2"] {
        let section =
            json!({"limits": {"l": limit(&json!({"algorithm": "fixed_window", "window": "day", "time_zone": zone}))}});
        let found = found(section);
        assert_eq!(found.len(), 1, "{zone}: {found:?}");
        assert!(found[0].starts_with("error[time-zone] at limit.limits.l.time_zone: "), "{found:?}");
    }
}
