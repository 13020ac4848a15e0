//! `allow:` a condition in CEL.

use super::context::Context;
use crate::authenticate::authorize::Condition;
use crate::config::diagnostic::Place;

pub(super) fn condition(raw: Option<&str>, path: &Place<'_>, context: &mut Context) -> Option<Condition> {
    if raw.is_some() {
        context.error("not-built", *path, "`allow` cannot be configured yet");
    }
    None
}
