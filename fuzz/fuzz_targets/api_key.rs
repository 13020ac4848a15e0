//! Promise: a key has one form, a record that is read says whose key it is and for how long, and a moment is written back as it was read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use router_core::authenticate::api_key::{KeyHash, Prefix, Record, from_store_key, parse, store_key};
use router_core::time;

fuzz_target!(|data: &[u8]| {
    let hash = KeyHash::from_hex(&"0f".repeat(32)).expect("64 digits");
    if let Ok(record) = Record::from_json(data, &hash) {
        assert!(record.hash == hash && !record.consumer.is_empty());
        assert_eq!(record.is_live(u64::MAX), record.expires_ms.is_none());
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let prefix = Prefix::new("tide").expect("letters");
    if parse(text, &prefix).is_some() {
        assert!(text.len() == 44 && text.is_ascii());
    }
    if let Some((name, hash)) = from_store_key(text) {
        assert_eq!(store_key(name, &hash), text);
    }
    if let Ok(ms) = time::parse(text) {
        assert_eq!(time::parse(&time::format(ms)), Ok(ms / 1000 * 1000));
    }
});
