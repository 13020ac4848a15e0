//! `resource:`.

use crate::authenticate::resource::Rules;
use crate::config::compile::context::Context;
use crate::config::diagnostic::Place;
use crate::config::raw::authenticate as raw;

pub(super) fn rules(
    _raw: &raw::ProtectedResource,
    _section: &raw::Authenticate,
    path: &Place<'_>,
    context: &mut Context,
) -> Option<Rules> {
    context.error("not-built", *path, "`resource` cannot be configured yet");
    None
}
