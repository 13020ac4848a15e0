//! `signature:`.

use crate::authenticate::signature::Rules;
use crate::config::compile::context::Context;
use crate::config::diagnostic::Place;
use crate::config::raw::authenticate as raw;

pub(super) fn rules(_raw: &raw::Signature, path: &Place<'_>, context: &mut Context) -> Option<Rules> {
    context.error("not-built", *path, "`signature` cannot be configured yet");
    None
}
