//! Promise: no text breaks the reader, every diagnostic can be shown, and a gateway comes only from a document without errors.
#![no_main]

use libfuzzer_sys::fuzz_target;
use router_core::config::source::{Style, load, render};
use router_core::config::{NoVariables, Purpose};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let loaded = load("tidegate.yaml", text, &NoVariables, Purpose::Run);
    let shown = render(&loaded.source, &loaded.checked.diagnostics, Style::PLAIN);
    let errors = loaded.checked.diagnostics.has_errors();
    assert!(!(errors && loaded.checked.gateway.is_some()), "a gateway in spite of: {shown}");
    assert!(errors || loaded.checked.gateway.is_some());
});
