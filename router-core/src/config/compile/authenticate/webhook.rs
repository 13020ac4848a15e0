//! `webhook:`.

use crate::authenticate::webhook::Rules;
use crate::config::compile::context::Context;
use crate::config::diagnostic::Place;
use crate::config::raw::authenticate as raw;

pub(super) fn rules(_raw: &raw::Webhook, _name: &str, path: &Place<'_>, context: &mut Context) -> Option<Rules> {
    context.error("not-built", *path, "`webhook` cannot be configured yet");
    None
}
