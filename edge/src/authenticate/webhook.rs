//! TODO

use router_core::authenticate::Attempt;
use router_core::authenticate::webhook::Rules;

use super::Asking;
use crate::platform::Platform;

pub(super) async fn attempt<P: Platform>(_asking: &Asking<'_, P>, _name: &str, _rules: &Rules) -> Attempt {
    Attempt::Absent
}
