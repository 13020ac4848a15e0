//! What only tests may ask for. Compiled with the feature `test-routes`, which no deployed worker has.

use router_core::RequestHead;

/// Panics if the request says so in `x-test-panic`.
#[allow(clippy::panic)]
pub(crate) async fn visit(head: &RequestHead) {
    if head.headers.contains_key("x-test-panic") {
        panic!("a test asked for a panic");
    }
}
