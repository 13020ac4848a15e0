//! Promise: normalising is a fixed point, and what comes out cannot climb, whatever came in and whatever the rules are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use router_core::filter::path::{Encoded, NormalPath, Normalised, PathRules, join_base};

fuzz_target!(|data: &[u8]| {
    let [rules, raw @ ..] = data else { return };
    let Ok(raw) = std::str::from_utf8(raw) else { return };
    let encoded = |bits: u8| match bits & 7 {
        0 | 5 => Encoded::Keep,
        1 | 6 => Encoded::Reject,
        2 | 7 => Encoded::Unescape,
        3 => Encoded::Redirect,
        _ => Encoded::Auto,
    };
    let rules = PathRules {
        encoded_slash: encoded(*rules),
        encoded_backslash: encoded(rules >> 3),
        merge_slashes: rules & 64 == 0,
    };
    let Ok(Normalised::Path(path) | Normalised::Redirect(path)) = NormalPath::parse(raw, &rules) else { return };
    assert!(path.as_str().starts_with('/'));
    assert!(path.segments().all(|segment| segment != "." && segment != ".."), "{raw:?} became {path}");
    assert!(!path.as_str().contains(['\\', '?', '#', ' ']));
    assert!(join_base("/base", &path).starts_with("/base/"));
    match NormalPath::parse(path.as_str(), &rules) {
        Ok(Normalised::Path(again)) => assert_eq!(again, path),
        other => panic!("{path} is no fixed point: {other:?}"),
    }
});
